/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* collect: what the parts share that fill a closure. */
#pragma once

#include "pack/closure.h"
#include "pack/loader.h"
#include "pack/pack.h"

struct collect {
	const struct pack_options *options; /* borrowed */
	int root;                           /* borrowed */
	struct closure *closure;            /* borrowed */
	struct loader loader;
	unsigned scripts;   /* that are run by scripts, down to this one */
	const char *skip;   /* pattern of names in folders that a rule has no use for; borrowed, or NULL */
	struct strv cached; /* libraries that glibc finds only by an ld.so.cache: paths */
	/* What was not found, by name, and a note that says so; is no note where a file of that name is here in the
	 * end. */
	struct strv lacked, lacked_notes;
};

/* Why something is taken. `may`: it, and what it needs, may be missing, which is a note. */
struct reason {
	const char *why; /* borrowed */
	bool may;
};

/* Adds a path, the links and folders on its way, where it leads to, and what the content of a file asks for. `ret_real`
 * (may be NULL): where it leads to, owned by the caller; NULL where it was noted that there is nothing. */
int collect_path(struct collect *c, const char *path, struct reason reason, char **ret_real, struct err *e)
	__attribute__((nonnull(1, 2, 5)));
/* The same, but no content is looked at. */
int collect_place(struct collect *c, const char *path, struct reason reason, char **ret_real, struct err *e)
	__attribute__((nonnull(1, 2, 5)));
/* What an open ELF file asks for; -ENOEXEC: it is none. */
int collect_object(struct collect *c, const char *path, int fd, bool may, struct err *e) __attribute__((nonnull));
/* What the first line of a script asks for; nothing if it is none. */
int collect_script(struct collect *c, const char *path, int fd, bool may, struct err *e) __attribute__((nonnull));
/* A program by its name, or by its path. */
int collect_program(struct collect *c, const char *name, struct reason reason, struct err *e) __attribute__((nonnull));
/* A path, and if that leads to a folder, all that is in it; what links in it lead to is taken the same way. */
int collect_whole(struct collect *c, const char *path, struct reason reason, struct err *e) __attribute__((nonnull));
/* All files of an installed package of dpkg, but for documentation and translations. `reason.why` NULL: it was given.
 */
int collect_package(struct collect *c, const char *name, struct reason reason, struct err *e) __attribute__((nonnull));
/* All files of the packages of the options. */
int collect_packages(struct collect *c, struct err *e) __attribute__((nonnull));
/* Adds to names of packages those of the installed packages that they depend on, and so on. */
int collect_depends(struct collect *c, struct strv *names, struct err *e) __attribute__((nonnull));
/* Is it left out of folders and packages? */
bool collect_is_left_out(const struct collect *c, const char *path) __attribute__((nonnull));
/* What the table of rules adds for what is here; and for what that adds. */
int collect_rules(struct collect *c, struct err *e) __attribute__((nonnull));
/* Would collect_made make up this path? */
bool collect_is_made_up(const char *path) __attribute__((nonnull));
/* The files and folders that are made up. */
int collect_made(struct collect *c, struct err *e) __attribute__((nonnull));
/* An ld.so.cache that has the libraries of `cached` and no others; added only if there are any. */
int collect_cache(struct collect *c, struct err *e) __attribute__((nonnull));
/* Adds a made-up file of these bytes; or a folder, where `content` is NULL. Nothing if there is one already. */
int collect_made_up(struct collect *c, const char *path, const struct str *content, mode_t mode, struct err *e)
	__attribute__((nonnull(1, 2, 5)));
