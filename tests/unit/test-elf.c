/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-elf: what files say, and files that are cut or changed at each byte. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pack/elf.h"
#include "tests/unit/elf-make.h"
#include "tests/unit/own-folder.h"

static const struct made_elf full = {.interpreter = "/lib64/ld-linux-x86-64.so.2",
				     .soname = "libfull.so.1",
				     .rpath = "/old",
				     .runpath = "$ORIGIN/../lib",
				     .needed = {"liba.so.1", "libb.so", "libc.so.6"},
				     .flags = DF_1_PIE | DF_1_NODEFLIB};

/* Reads from memory of exactly that size, so that a byte behind it is an error of the sanitizer. */
static int read_bytes(const char *bytes, size_t size, struct elf *ret, struct err *e)
{
	autofree char *exact = xmalloc(size ? size : 1);
	struct elf_source source = {.fd = -1, .bytes = exact, .size = size};

	if (size)
		memcpy(exact, bytes, size);
	return elf_read(&source, ret, e);
}

static void check_full(const struct elf *elf, unsigned bits)
{
	assert_int_equal(elf->bits, bits);
	assert_int_equal(elf->machine, EM_X86_64);
	assert_int_equal(elf->type, ET_DYN);
	assert_true(elf->is_pie && elf->no_default);
	assert_string_equal(elf->interpreter, full.interpreter);
	assert_string_equal(elf->soname, full.soname);
	assert_string_equal(elf->rpath, full.rpath);
	assert_string_equal(elf->runpath, full.runpath);
	assert_int_equal(elf->needed.count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(elf->needed.v[i], full.needed[i]);
}

static void make_bits(unsigned bits, struct str *out)
{
	struct made_elf made = full;

	made.bits = bits;
	make_elf(&made, out);
}

static void test_full(void **state)
{
	(void)state;
	for (unsigned bits = 32; bits <= 64; bits += 32) {
		autostr struct str file = {0};
		autoelf struct elf elf = {0};
		struct err e = {0};

		make_bits(bits, &file);
		if (read_bytes(file.s, file.len, &elf, &e) < 0)
			fail_msg("%s", e.text);
		check_full(&elf, bits);
	}
}

static void test_from_file(void **state)
{
	autoclose int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct elf_source source = {.fd = fd};
	autoelf struct elf elf = {0};
	struct err e;

	(void)state;
	assert_int_equal(elf_read(&source, &elf, &e), 0);
	assert_int_equal(elf.bits, 8 * sizeof(void *));
	assert_true(strv_has(&elf.needed, "libc.so.6"));
	assert_non_null(elf.interpreter);
}

static void test_static(void **state)
{
	const struct made_elf made = {.type = ET_EXEC};
	autostr struct str file = {0};
	autoelf struct elf elf = {0};
	struct err e;

	(void)state;
	make_elf(&made, &file);
	assert_int_equal(read_bytes(file.s, file.len, &elf, &e), 0);
	assert_int_equal(elf.type, ET_EXEC);
	assert_true(!elf.interpreter && !elf.needed.count && !elf.soname);
}

/* The dynamic section is at the end, so no shorter file is whole; and what fails changes nothing. */
static void test_cut(void **state)
{
	(void)state;
	for (unsigned bits = 32; bits <= 64; bits += 32) {
		autostr struct str file = {0};

		make_bits(bits, &file);
		for (size_t size = 0; size < file.len; size++) {
			struct elf elf = {.bits = 7};
			struct err e = {0};

			assert_true(read_bytes(file.s, size, &elf, &e) < 0);
			assert_true(e.text[0] && elf.bits == 7 && !elf.needed.v);
		}
	}
}

static void test_changed(void **state)
{
	static const char values[] = {0, 1, 0x7f, (char)0x80, (char)0xff};

	(void)state;
	for (unsigned bits = 32; bits <= 64; bits += 32) {
		autostr struct str file = {0};

		make_bits(bits, &file);
		for (size_t i = 0; i < file.len * sizeof values; i++) {
			char *byte = &file.s[i / sizeof values], was = *byte;
			autoelf struct elf elf = {0};
			struct err e = {0};

			*byte = values[i % sizeof values];
			assert_true(read_bytes(file.s, file.len, &elf, &e) == 0 || e.text[0]);
			*byte = was;
		}
	}
}

static void fails(const struct str *file, int code, const char *text)
{
	struct elf elf = {0};
	struct err e = {0};

	assert_int_equal(read_bytes(file->s, file->len, &elf, &e), -code);
	if (!strstr(e.text, text))
		fail_msg("'%s' does not say '%s'", e.text, text);
}

static void test_refused(void **state)
{
	autostr struct str file = {0}, script = {0};
	Elf64_Ehdr *header;

	(void)state;
	str_add(&script, "#!/bin/sh\nexit 0\n");
	fails(&script, ENOEXEC, "no ELF file");
	make_bits(64, &file);
	header = (Elf64_Ehdr *)(void *)file.s;
	header->e_ident[EI_DATA] = ELFDATA2MSB;
	fails(&file, ENOTSUP, "byte order");
	header->e_ident[EI_DATA] = ELFDATA2LSB;
	header->e_ident[EI_CLASS] = 3;
	fails(&file, ENOTSUP, "class 3");
	header->e_ident[EI_CLASS] = ELFCLASS64;
	header->e_phnum = 600;
	fails(&file, EINVAL, "600 segments");
	header->e_phnum = 3;
	header->e_phentsize = 55;
	fails(&file, EINVAL, "55 bytes each");
	header->e_phentsize = sizeof(Elf64_Phdr);
	header->e_phoff = UINT64_MAX - 60;
	fails(&file, EINVAL, "behind the end");
}

static void test_names(void **state)
{
	autostr struct str file = {0};
	Elf64_Phdr *segment;
	uint64_t size;

	(void)state;
	make_bits(64, &file);
	segment = (Elf64_Phdr *)(void *)(file.s + sizeof(Elf64_Ehdr));
	size = segment[1].p_filesz;
	segment[1].p_filesz = 3; /* PT_INTERP */
	fails(&file, EINVAL, "has no end");
	segment[1].p_filesz = size;
	segment[0].p_vaddr += MADE_AT; /* PT_LOAD */
	fails(&file, EINVAL, "nowhere in the file");
	segment[0].p_vaddr -= MADE_AT;
	segment[0].p_offset = UINT64_MAX - 4;
	fails(&file, EINVAL, "nowhere in the file");
	segment[0].p_offset = 0;
	memcpy(file.s + segment[2].p_offset + offsetof(Elf64_Dyn, d_un), &(uint64_t){1 << 20}, 8); /* first DT_NEEDED */
	fails(&file, EINVAL, "outside of the table");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),  cmocka_unit_test(test_from_file), cmocka_unit_test(test_static),
		cmocka_unit_test(test_cut),   cmocka_unit_test(test_changed),   cmocka_unit_test(test_refused),
		cmocka_unit_test(test_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
