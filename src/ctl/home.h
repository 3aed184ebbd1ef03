/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* home: what the words of `sbxctl home` share. All in a home is a stranger's. */
#pragma once

#include "ctl/ctl.h"
#include "ctl/rows.h"

/* home.c */
/* The real path of the folder of all private homes, owned by the caller; NULL: the caller has no home. */
char *home_folder(const struct ctl *ctl);
/* Of which profiles there is one, sorted. */
int home_names(const struct ctl *ctl, struct strv *ret, struct err *e) __attribute__((nonnull));
/* Opens that of a profile, to be read. */
int home_open(const struct ctl *ctl, const char *name, struct err *e) __attribute__((nonnull));
/* The names of the sandboxes that have it as their home. */
int home_users(const struct ctl *ctl, const char *name, struct strv *ret, struct err *e) __attribute__((nonnull));
/* home-show.c */
int home_list(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int home_show(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
