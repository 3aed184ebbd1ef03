/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* box: what the words of `sbxctl box` share. */
#pragma once

#include "box/store.h"
#include "ctl/ctl.h"
#include "ctl/rows.h"

/* box.c */
/* The real path of a box, whether or not it is there, owned by the caller; NULL, and an error, if that is no name. */
char *box_path(const struct ctl *ctl, const char *name, struct err *e) __attribute__((nonnull));
/* Opens and locks a box. */
int box_lock(const struct ctl *ctl, const char *name, struct store *ret, struct err *e) __attribute__((nonnull));

/* What was done with one box; `status`, where it is not 0, says that it could not be, as `e` says. */
int box_did(const struct ctl *ctl, const char *name, const char *what, int status, const struct err *e)
	__attribute__((nonnull));

/* Each is a word of `sbxctl box`, with what stands behind it; an exit status. */
int box_create(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int box_destroy(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
/* box-show.c */
int box_list(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int box_show(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
/* box-files.c */
int box_put(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int box_get(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int box_run(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
