/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* loader: where ld.so finds the libraries of an object; those of glibc and of musl. Nothing is run, no cache is read.
 */
#pragma once

#include "base/str.h"
#include "pack/elf.h"

/* An object of a program: the program itself, or a library of it. */
struct object {
	char *path;              /* by which it is opened; owned */
	char *name;              /* by which it was asked for; owned */
	const struct object *by; /* which asked for it; NULL for the program; borrowed */
	struct elf elf;
};

struct loader {
	int root;           /* borrowed */
	bool is_read;       /* the two lists are there */
	struct strv config; /* folders of /etc/ld.so.conf */
	struct strv musl;   /* those of /etc/ld-musl-ARCH.path; of the last program */
	struct strv files;  /* files that say so */
};

/* What was found. */
struct library {
	char *path;           /* owned */
	const char *how;      /* which rule found it; empty for the plain ones */
	bool needs_cache;     /* glibc finds it only by an ld.so.cache */
	struct strv variants; /* of it for newer processors: glibc-hwcaps */
};

/* The search of ld.so(8) for a name of DT_NEEDED of `who`. `musl`: its program's loader, ld-musl-ARCH.so.1, or NULL for
 * glibc. Only an object for the same machine counts. False: there is none. */
bool loader_find(struct loader *loader, const struct object *who, const char *name, const char *musl,
		 struct library *ret) __attribute__((nonnull(1, 2, 3, 5)));
/* The default folders of glibc for such an object, the most special first; NULL-terminated. */
const char *const *loader_defaults(const struct elf *elf) __attribute__((nonnull));
/* Is that an object that can stand beside this one? False also where there is no file. */
bool loader_fits(int root, const char *path, const struct elf *beside) __attribute__((nonnull));
void loader_done(struct loader *loader);
void library_done(struct library *library);
/* The folder that a path is in; owned by the caller. */
char *loader_folder_of(const char *path) __attribute__((nonnull));
/* Adds the folders of a text as DT_RUNPATH: parts between ':', with $ORIGIN, $LIB and $PLATFORM (each also in {}) put
 * in; $LIB may stand for several. A part that is relative, or that has another variable, is left out. */
void loader_expand(const char *text, const struct object *who, struct strv *ret) __attribute__((nonnull));
/* Adds the folders that a file like /etc/ld.so.conf names, and to `files` itself and those that it includes. */
void loader_read_config(int root, const char *path, struct strv *ret, struct strv *files) __attribute__((nonnull));
