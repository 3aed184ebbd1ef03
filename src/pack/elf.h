/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* elf: what an ELF file says about what it needs; little endian, 32 and 64 bits. The file may be anybody's. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* All texts are owned; NULL where the file has none. Zero-initialise; elf_done frees. */
struct elf {
	unsigned bits;      /* 32 or 64 */
	unsigned machine;   /* EM_X86_64 ... */
	unsigned type;      /* ET_EXEC, ET_DYN, ET_REL ... */
	bool is_pie;        /* DF_1_PIE */
	bool no_default;    /* DF_1_NODEFLIB: not from the default folders */
	char *interpreter;  /* PT_INTERP */
	char *soname;       /* DT_SONAME */
	char *rpath;        /* DT_RPATH, as it is in the file */
	char *runpath;      /* DT_RUNPATH */
	struct strv needed; /* DT_NEEDED, in order */
};

/* A file that is open, or, where `bytes` are not NULL, `size` bytes. */
struct elf_source {
	int fd;
	const void *bytes;
	size_t size;
};

/* -ENOEXEC: it is no ELF file at all; -ENOTSUP: big endian, or a class that is unknown; -EINVAL: it is broken, and the
 * error says where; or what pread(2) says. Reads at most some hundred KiB, wherever the file points to. */
int elf_read(const struct elf_source *source, struct elf *ret, struct err *e) __attribute__((nonnull));
void elf_done(struct elf *elf);
#define autoelf __attribute__((cleanup(elf_done)))
