/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ctl: what the subcommands of sbxctl share. Each returns the exit status: 0, 1 (a finding), 2 (wrong use). */
#pragma once

#include "host/host.h"
#include "policy/profile.h"

struct ctl {
	struct host host;
	struct variables variables;
	struct profile_folders folders;
	char uid[16];
	bool json; /* --json was among the words of `box`, `image`, `session` or `profile` */
};

/* A line of --help; a command with words of its own, as `image list`, has one for each: its args begin with that word.
 */
struct command {
	const char *name, *args, *help;
	int (*run)(struct ctl *ctl, int argc, char **argv);
};

int ctl_profile(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int ctl_box(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull)); /* run: as sbx */
int ctl_image(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
/* Of sandboxes that run: live-show.c, live-end.c, live-wait.c, live-top.c. */
int ctl_list(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int ctl_inspect(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int ctl_stop(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int ctl_kill(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int ctl_wait(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int ctl_logs(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int ctl_forget(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int ctl_freeze(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int ctl_thaw(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int ctl_exec(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int ctl_grant(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull)); /* grant.c, and the next two */
int ctl_revoke(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int ctl_limit(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int ctl_stats(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int ctl_top(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int ctl_events(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int ctl_generate(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int ctl_session(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int ctl_home(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int ctl_desktop(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int ctl_doctor(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int ctl_pair(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));   /* else the first one's; 125 */
int ctl_verify(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull)); /* 125: nothing was found out */

/* Writes to standard output; returns 0, or 1 if that fails. */
int ctl_print(const struct str *text) __attribute__((nonnull));
/* Prints an error as sbx does; returns `status`. */
int ctl_fail(const struct err *e, int status) __attribute__((nonnull));
int ctl_usage(const char *text) __attribute__((nonnull));

/* keys.c: the settings table, as text, json, man, bash, zsh or fish. Returns false for another format. */
bool keys_format(const char *format, struct str *out) __attribute__((nonnull));
/* complete.c */
void complete_bash(struct str *out) __attribute__((nonnull));
void complete_zsh(struct str *out) __attribute__((nonnull));
void complete_fish(struct str *out) __attribute__((nonnull));
/* complete-words.c: what the last of the words of a line of sbxctl may be, a line each with a tab before its help; "/":
 * any path may, too. */
void complete_words(const struct ctl *ctl, const struct command *commands, size_t count, int argc, char **argv,
		    struct str *out) __attribute__((nonnull));
