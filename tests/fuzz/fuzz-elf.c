/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-elf: the whole input is a file. What is taken is checked against the bytes: each text is in them, with its NUL.
 * A second reading finds the tags of a 64-bit file by looking at every place where a dynamic section may be. */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pack/elf.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_FILE = 65536 };

static void check_text(const uint8_t *data, size_t size, const char *text)
{
	if (text)
		FUZZ_CHECK(memmem(data, size, text, strlen(text) + 1) != NULL);
}

/* How often the tag is in the section, up to its end; a second reading, without the first one's limits. */
static size_t count_tags(const uint8_t *data, size_t size, int64_t tag)
{
	Elf64_Ehdr header;
	size_t count = 0;

	memcpy(&header, data, sizeof header);
	for (size_t i = 0; i < header.e_phnum; i++) {
		Elf64_Phdr segment;
		Elf64_Dyn one;

		uint64_t place = header.e_phoff + i * sizeof segment; /* as the reader: it may begin anew at 2^64 */

		memcpy(&segment, data + place, sizeof segment);
		if (segment.p_type != PT_DYNAMIC)
			continue;
		for (uint64_t at = 0; at + sizeof one <= segment.p_filesz; at += sizeof one) {
			FUZZ_CHECK(segment.p_offset + at + sizeof one <= size);
			memcpy(&one, data + segment.p_offset + at, sizeof one);
			if (one.d_tag == DT_NULL)
				break;
			count += one.d_tag == tag;
		}
		break;
	}
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree uint8_t *exact = NULL;
	struct elf_source source = {.fd = -1};
	struct elf elf = {.bits = 7};
	struct err e = {0};
	int r;

	if (size > MAX_FILE)
		return 0;
	exact = xmalloc(size + 1); /* a place for no byte is no place */
	memcpy(exact, data, size);
	source.bytes = exact;
	source.size = size;
	r = elf_read(&source, &elf, &e);
	if (r < 0) {
		FUZZ_CHECK(e.code == -r && e.text[0] && elf.bits == 7);
		FUZZ_CHECK(r == -ENOEXEC || r == -EINVAL || r == -ENOTSUP);
		return 0;
	}
	FUZZ_CHECK(size >= sizeof(Elf32_Ehdr) && memcmp(data, ELFMAG, SELFMAG) == 0);
	FUZZ_CHECK(elf.bits == 32 || elf.bits == 64);
	check_text(data, size, elf.interpreter);
	check_text(data, size, elf.soname);
	check_text(data, size, elf.rpath);
	check_text(data, size, elf.runpath);
	for (size_t i = 0; i < elf.needed.count; i++)
		check_text(data, size, elf.needed.v[i]);
	if (elf.bits == 64) {
		FUZZ_CHECK(count_tags(data, size, DT_NEEDED) == elf.needed.count + fuzz_wrong);
		FUZZ_CHECK((count_tags(data, size, DT_SONAME) > 0) == (elf.soname != NULL));
		FUZZ_CHECK((count_tags(data, size, DT_RUNPATH) > 0) == (elf.runpath != NULL));
	}
	elf_done(&elf);
	return 0;
}
