/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* names: the files of the folder. */
#pragma once

#include "base/err.h"
#include "base/str.h"

enum { LIVE_NAME_MAX = 128 };
#define LIVE_LOCK ".lock"
#define LIVE_RECORD ".json"
#define LIVE_PLAN ".plan"
#define LIVE_CHANGES ".changes"

/* An fd. ENOENT, without an error: it is not there; EPERM: it is another's. */
int live_open_folder(const char *path, struct err *e) __attribute__((nonnull));
/* ENOENT, without an error: the file is not there. */
int live_read_file(int folder, const char *name, const char *suffix, struct str *ret, struct err *e)
	__attribute__((nonnull));
/* As a whole, or not at all. */
int live_write_file(int folder, const char *name, const char *suffix, const struct str *text, struct err *e)
	__attribute__((nonnull));
/* All files of a name whose lock the caller has. */
void live_remove(int folder, const char *name) __attribute__((nonnull));
/* Of entries, for qsort(3). */
int live_by_name(const void *a, const void *b);
