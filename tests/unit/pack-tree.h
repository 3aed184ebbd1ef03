/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pack-tree: a made-up root for the tests of src/pack, in the folder of a test (own-folder.h). */
#pragma once

#include "tests/unit/elf-make.h"
#include "tests/unit/own-folder.h"

/* The folders above a file. */
static inline void make_above(const char *path)
{
	autofree char *whole = below(path + 1);

	for (char *p = whole + strlen(folder) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		(void)mkdir(whole, 0755); /* it may be there */
		*p = '/';
	}
}

static inline void make_file(const char *path, const char *text)
{
	make_above(path);
	put(path + 1, text);
}

static inline void make_folder_at(const char *path, mode_t mode)
{
	autofree char *whole = below(path + 1);

	make_above(path);
	assert_int_equal(mkdir(whole, mode), 0);
}

static inline void make_link(const char *path, const char *text)
{
	autofree char *whole = below(path + 1);

	make_above(path);
	assert_int_equal(symlink(text, whole), 0);
}

static inline void set_mode(const char *path, mode_t mode)
{
	autofree char *whole = below(path + 1);

	assert_int_equal(chmod(whole, mode), 0);
}

/* An object, which may be executed. */
static inline void make_object(const char *path, const struct made_elf *made)
{
	autofree char *whole = below(path + 1);
	autostr struct str file = {0};
	int fd;

	make_above(path);
	make_elf(made, &file);
	fd = open(whole, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	assert_true(fd >= 0);
	assert_int_equal(fd_write(fd, file.s, file.len), 0);
	assert_int_equal(fchmod(fd, 0755), 0);
	assert_int_equal(close(fd), 0);
}

#define make_library(path, ...) make_object(path, &(struct made_elf){.flags = 8, __VA_ARGS__})
#define make_program(path, ...)                                                                                        \
	make_object(path, &(struct made_elf){.interpreter = "/lib64/ld-linux-x86-64.so.2", .flags = 8, __VA_ARGS__})
