/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* elf-make: ELF files for tests, as small as they can be: header, segments, names, dynamic section. */
#pragma once

#include <elf.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"

/* Zero and NULL: it has none. Without any of the texts it has no dynamic section. */
struct made_elf {
	unsigned bits, machine, type; /* 0: 64, EM_X86_64, ET_DYN */
	const char *interpreter, *soname, *rpath, *runpath;
	const char *needed[6];
	uint64_t flags; /* DT_FLAGS_1 */
};

enum { MADE_AT = 0x10000 }; /* where its first byte is in memory */

struct elf_making {
	unsigned bits;
	struct str names, dynamic;
};

static inline void add_tag(struct elf_making *m, int64_t tag, uint64_t value)
{
	Elf64_Dyn wide = {.d_tag = tag, .d_un.d_val = value};
	Elf32_Dyn narrow = {.d_tag = (Elf32_Sword)tag, .d_un.d_val = (Elf32_Word)value};

	if (m->bits == 64)
		str_add_bytes(&m->dynamic, &wide, sizeof wide);
	else
		str_add_bytes(&m->dynamic, &narrow, sizeof narrow);
}

static inline void add_name(struct elf_making *m, int64_t tag, const char *name)
{
	if (!name)
		return;
	add_tag(m, tag, m->names.len);
	str_add_bytes(&m->names, name, strlen(name) + 1);
}

static inline void add_segment(struct str *out, unsigned bits, uint32_t type, uint64_t at, uint64_t size)
{
	Elf64_Phdr wide = {.p_type = type, .p_offset = at, .p_vaddr = MADE_AT + at, .p_filesz = size, .p_memsz = size};
	Elf32_Phdr narrow = {.p_type = type,
			     .p_offset = (Elf32_Off)at,
			     .p_vaddr = (Elf32_Addr)(MADE_AT + at),
			     .p_filesz = (Elf32_Word)size,
			     .p_memsz = (Elf32_Word)size};

	if (bits == 64)
		str_add_bytes(out, &wide, sizeof wide);
	else
		str_add_bytes(out, &narrow, sizeof narrow);
}

static inline void add_header(struct str *out, const struct made_elf *made, unsigned bits, unsigned segments)
{
	Elf64_Ehdr wide = {.e_phoff = sizeof wide, .e_phentsize = sizeof(Elf64_Phdr)};
	Elf32_Ehdr narrow = {.e_phoff = sizeof narrow, .e_phentsize = sizeof(Elf32_Phdr)};
	const unsigned char ident[] = {0x7f,        'E',       'L', 'F', bits == 64 ? ELFCLASS64 : ELFCLASS32,
				       ELFDATA2LSB, EV_CURRENT};

	memcpy(wide.e_ident, ident, sizeof ident);
	memcpy(narrow.e_ident, ident, sizeof ident);
	wide.e_type = narrow.e_type = (Elf64_Half)(made->type ? made->type : ET_DYN);
	wide.e_machine = narrow.e_machine = (Elf64_Half)(made->machine ? made->machine : EM_X86_64);
	wide.e_phnum = narrow.e_phnum = (Elf64_Half)segments;
	if (bits == 64)
		str_add_bytes(out, &wide, sizeof wide);
	else
		str_add_bytes(out, &narrow, sizeof narrow);
}

static inline void add_tags(struct elf_making *m, const struct made_elf *made, uint64_t names_at)
{
	str_add_bytes(&m->names, "", 1);
	for (size_t i = 0; i < sizeof made->needed / sizeof *made->needed && made->needed[i]; i++)
		add_name(m, DT_NEEDED, made->needed[i]);
	add_name(m, DT_SONAME, made->soname);
	add_name(m, DT_RPATH, made->rpath);
	add_name(m, DT_RUNPATH, made->runpath);
	if (made->flags)
		add_tag(m, DT_FLAGS_1, made->flags);
	add_tag(m, DT_STRTAB, MADE_AT + names_at);
	add_tag(m, DT_STRSZ, m->names.len);
	add_tag(m, DT_NULL, 0);
}

/* Adds the bytes of the file. */
static inline void make_elf(const struct made_elf *made, struct str *out)
{
	bool has_dynamic = made->needed[0] || made->soname || made->rpath || made->runpath || made->flags;
	unsigned bits = made->bits ? made->bits : 64, segments = 1 + (made->interpreter != NULL) + has_dynamic;
	size_t interpreter = made->interpreter ? strlen(made->interpreter) + 1 : 0;
	size_t at = bits == 64 ? sizeof(Elf64_Ehdr) + segments * sizeof(Elf64_Phdr)
			       : sizeof(Elf32_Ehdr) + segments * sizeof(Elf32_Phdr);
	struct elf_making m = {.bits = bits};

	if (has_dynamic)
		add_tags(&m, made, at + interpreter);
	add_header(out, made, bits, segments);
	add_segment(out, bits, PT_LOAD, 0, at + interpreter + m.names.len + m.dynamic.len);
	if (interpreter)
		add_segment(out, bits, PT_INTERP, at, interpreter);
	if (has_dynamic)
		add_segment(out, bits, PT_DYNAMIC, at + interpreter + m.names.len, m.dynamic.len);
	if (interpreter)
		str_add_bytes(out, made->interpreter, interpreter);
	if (has_dynamic) {
		str_add_bytes(out, m.names.s, m.names.len);
		str_add_bytes(out, m.dynamic.s, m.dynamic.len);
	}
	str_done(&m.names);
	str_done(&m.dynamic);
}
