/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pack: from programs to the smallest set of files that they need, each with its reason, and a folder with copies of
 * them.
 *
 *                           ┌ object.c   ELF: interpreter, DT_NEEDED    elf.c, loader.c, loader-path.c
 *   struct pack_options ──> │ script.c   #! of scripts
 *   {programs, packages,    │ folder.c   all of a folder; package.c, depends.c: of packages of dpkg
 *    paths, root ...}       │ rules.c    what programs open without saying so: a table
 *                           └ made.c     files that no host has: passwd, hosts, ld.so.cache (cache.c)
 *                                │
 *                                v
 *                      struct closure: entries in order, ──> closure_print, closure_json
 *                      each with its reason; notes       ──> pack_copy ──> a folder
 *
 * No program is run to find out. What is read may be hostile; whoever writes below the root meanwhile may make the
 * result wrong, but not lead out of the root or out of the target.
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "pack/closure.h"

/* Nothing is owned. Zero-initialise; no field has to be set. */
struct pack_options {
	const char *root;     /* the folder that is taken for "/"; NULL: "/" */
	const char *search;   /* where programs without a slash are looked for, as PATH; NULL: the usual folders */
	struct strv programs; /* absolute paths, or names to be searched */
	struct strv packages; /* of dpkg: all their files, but for documentation and translations */
	struct strv paths;    /* absolute; of a folder, all that is in it */
	struct strv opened; /* absolute; that a test run has opened: they may be missing, and of folders nothing else */
	struct strv without; /* absolute; left out of folders and packages */
	bool depends;        /* also the packages that those depend on, directly or not */
	bool gconv;          /* also the tables of iconv */
	bool locales;        /* also the locales that are installed */
	bool bare;           /* nothing is made up, no passwd, no /tmp ..., but for what the loader needs */
};

/* Fills `ret`, which is empty. An error names what is missing and who needs it; what only lies in a folder or a package
 * may lack something, which is a note. */
int pack_collect(const struct pack_options *options, struct closure *ret, struct err *e) __attribute__((nonnull));

/* What a copy came to. */
struct pack_copied {
	uint64_t bytes; /* of files, each hard link once */
	size_t linked;  /* files that are hard links to others */
};

/* Copies all of it below the empty folder `target`: contents, links as they are, hard links as such, permissions
 * without setuid and setgid, times. Owner is the caller; no extended attributes. `root` as in the options. Two copies
 * of the same files are the same. What was copied when it fails stays. */
int pack_copy(const struct closure *closure, const char *root, int target, struct pack_copied *ret, struct err *e)
	__attribute__((nonnull(1, 4, 5)));
