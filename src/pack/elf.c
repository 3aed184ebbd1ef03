/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pack/elf.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/* Real files stay far below these. */
enum { MAX_SEGMENTS = 512, MAX_DYNAMIC = 8192, MAX_NEEDED = 2048, MAX_TEXT = 4096 };

/* What both classes have, in 64 bits. */
struct segment {
	uint32_t type;
	uint64_t offset, address, size; /* size: in the file */
};

struct reader {
	const struct elf_source *source;
	uint64_t size; /* of the file */
	struct segment *segment;
	size_t segment_count;
	uint64_t texts, texts_size; /* where in the file the names are */
	struct elf *elf;
	struct err *e;
};

/* As much as there is of `size` bytes at that place. Their number, negative errno. */
static ssize_t get_some(struct reader *r, uint64_t at, void *into, size_t size)
{
	size_t done = 0;

	if (at >= r->size)
		return 0;
	if (size > r->size - at)
		size = (size_t)(r->size - at);
	if (r->source->bytes) {
		memcpy(into, (const char *)r->source->bytes + at, size);
		return (ssize_t)size;
	}
	while (done < size) {
		ssize_t n = pread(r->source->fd, (char *)into + done, size - done, (off_t)(at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(r->e, errno, "read");
		if (n == 0)
			break; /* it has become shorter */
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static int get(struct reader *r, uint64_t at, void *into, size_t size, const char *what)
{
	ssize_t n = get_some(r, at, into, size);

	if (n < 0)
		return (int)n;
	return (size_t)n < size ? err_set(r->e, EINVAL, "its %s is behind the end of the file", what) : 0;
}

static int read_segments64(struct reader *r, const Elf64_Ehdr *header)
{
	for (size_t i = 0; i < r->segment_count; i++) {
		Elf64_Phdr one;
		int n = get(r, header->e_phoff + i * sizeof one, &one, sizeof one, "table of segments");

		if (n < 0)
			return n;
		r->segment[i] = (struct segment){one.p_type, one.p_offset, one.p_vaddr, one.p_filesz};
	}
	return 0;
}

static int read_segments32(struct reader *r, const Elf32_Ehdr *header)
{
	for (size_t i = 0; i < r->segment_count; i++) {
		Elf32_Phdr one;
		int n = get(r, header->e_phoff + i * sizeof one, &one, sizeof one, "table of segments");

		if (n < 0)
			return n;
		r->segment[i] = (struct segment){one.p_type, one.p_offset, one.p_vaddr, one.p_filesz};
	}
	return 0;
}

static int make_segments(struct reader *r, unsigned count, unsigned size, size_t wanted)
{
	if (count > MAX_SEGMENTS)
		return err_set(r->e, EINVAL, "it has %u segments", count);
	if (count && size != wanted)
		return err_set(r->e, EINVAL, "its segments are described by %u bytes each, not %zu", size, wanted);
	r->segment = xcalloc(count ? count : 1, sizeof *r->segment);
	r->segment_count = count;
	return 0;
}

/* A sum with `e_phoff` may be too large for 64 bits: then other bytes of the file are read, never others of memory. */
static int read_header(struct reader *r)
{
	union {
		unsigned char ident[EI_NIDENT];
		Elf64_Ehdr wide;
		Elf32_Ehdr narrow;
	} h = {0};
	ssize_t n = get_some(r, 0, &h, sizeof h);
	int result;

	if (n < 0)
		return (int)n;
	if (n < EI_NIDENT || memcmp(h.ident, ELFMAG, SELFMAG) != 0)
		return err_set(r->e, ENOEXEC, "it is no ELF file");
	if (h.ident[EI_DATA] != ELFDATA2LSB || (h.ident[EI_CLASS] != ELFCLASS64 && h.ident[EI_CLASS] != ELFCLASS32))
		return err_set(r->e, ENOTSUP, "it is an ELF file of class %d and byte order %d", h.ident[EI_CLASS],
			       h.ident[EI_DATA]);
	r->elf->bits = h.ident[EI_CLASS] == ELFCLASS64 ? 64 : 32;
	if ((size_t)n < (r->elf->bits == 64 ? sizeof h.wide : sizeof h.narrow))
		return err_set(r->e, EINVAL, "it ends in its header");
	r->elf->type = h.wide.e_type; /* at the same place in both */
	r->elf->machine = h.wide.e_machine;
	if (r->elf->bits == 64)
		result = make_segments(r, h.wide.e_phnum, h.wide.e_phentsize, sizeof(Elf64_Phdr));
	else
		result = make_segments(r, h.narrow.e_phnum, h.narrow.e_phentsize, sizeof(Elf32_Phdr));
	if (result < 0)
		return result;
	return r->elf->bits == 64 ? read_segments64(r, &h.wide) : read_segments32(r, &h.narrow);
}

/* One text of at most MAX_TEXT bytes at a place of the file, with its NUL in `limit` bytes. */
static int get_text(struct reader *r, uint64_t at, uint64_t limit, char **ret)
{
	char text[MAX_TEXT];
	ssize_t n = get_some(r, at, text, limit < sizeof text ? (size_t)limit : sizeof text);

	if (n < 0)
		return (int)n;
	if (!n || !memchr(text, '\0', (size_t)n))
		return err_set(r->e, EINVAL, "a name in it has no end");
	free(*ret); /* of a file that says it twice, the last one counts */
	*ret = xstrdup(text);
	return 0;
}

static const struct segment *segment_of_type(const struct reader *r, uint32_t type)
{
	for (size_t i = 0; i < r->segment_count; i++)
		if (r->segment[i].type == type)
			return &r->segment[i];
	return NULL;
}

/* Sets where the names are, by the address that they have in memory. */
static int find_texts(struct reader *r, uint64_t address, uint64_t size)
{
	for (size_t i = 0; i < r->segment_count; i++) {
		const struct segment *s = &r->segment[i];

		if (s->type != PT_LOAD || address < s->address || address - s->address >= s->size)
			continue;
		if (s->offset > r->size || address - s->address > r->size - s->offset)
			break;
		r->texts = s->offset + (address - s->address);
		r->texts_size = size < r->size - r->texts ? size : r->size - r->texts;
		return 0;
	}
	return err_set(r->e, EINVAL, "its table of names is nowhere in the file");
}

struct dynamic {
	uint64_t tag, value;
};

static int get_name(struct reader *r, uint64_t at, char **ret)
{
	if (at >= r->texts_size)
		return err_set(r->e, EINVAL, "a name in it is outside of the table of names");
	return get_text(r, r->texts + at, r->texts_size - at, ret);
}

static int take_needed(struct reader *r, uint64_t at)
{
	char *name = NULL;
	int n = get_name(r, at, &name);

	if (n < 0)
		return n;
	if (r->elf->needed.count >= MAX_NEEDED) {
		free(name);
		return err_set(r->e, EINVAL, "it needs more than %d libraries", MAX_NEEDED);
	}
	strv_take(&r->elf->needed, name);
	return 0;
}

static int take_dynamic(struct reader *r, const struct dynamic *one)
{
	switch (one->tag) {
	case DT_NEEDED:
		return take_needed(r, one->value);
	case DT_SONAME:
		return get_name(r, one->value, &r->elf->soname);
	case DT_RPATH:
		return get_name(r, one->value, &r->elf->rpath);
	case DT_RUNPATH:
		return get_name(r, one->value, &r->elf->runpath);
	case DT_FLAGS_1:
		r->elf->is_pie = one->value & DF_1_PIE;
		r->elf->no_default = one->value & DF_1_NODEFLIB;
		return 0;
	default:
		return 0;
	}
}

/* The table up to its DT_NULL, in 64 bits; owned by the caller. */
static int get_dynamic(struct reader *r, const struct segment *s, struct dynamic **ret, size_t *ret_count)
{
	size_t one = r->elf->bits == 64 ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn), count;
	autofree unsigned char *bytes = NULL;
	struct dynamic *table;
	int n;

	count = s->size / one < MAX_DYNAMIC ? (size_t)(s->size / one) : MAX_DYNAMIC;
	bytes = xmalloc(count * one + 1);
	n = get(r, s->offset, bytes, count * one, "dynamic section");
	if (n < 0)
		return n;
	table = xcalloc(count + 1, sizeof *table);
	*ret_count = 0;
	for (size_t i = 0; i < count; i++) {
		if (one == sizeof(Elf64_Dyn)) {
			Elf64_Dyn wide;

			memcpy(&wide, bytes + i * one, one);
			table[i] = (struct dynamic){(uint64_t)wide.d_tag, wide.d_un.d_val};
		} else {
			Elf32_Dyn narrow;

			memcpy(&narrow, bytes + i * one, one);
			table[i] = (struct dynamic){(uint32_t)narrow.d_tag, narrow.d_un.d_val};
		}
		if (table[i].tag == DT_NULL)
			break;
		*ret_count = i + 1;
	}
	*ret = table;
	return 0;
}

static int read_dynamic(struct reader *r)
{
	const struct segment *s = segment_of_type(r, PT_DYNAMIC);
	autofree struct dynamic *table = NULL;
	uint64_t address = 0, size = 0;
	size_t count;
	int n;

	if (!s)
		return 0;
	n = get_dynamic(r, s, &table, &count);
	for (size_t i = 0; n == 0 && i < count; i++) {
		address = table[i].tag == DT_STRTAB ? table[i].value : address;
		size = table[i].tag == DT_STRSZ ? table[i].value : size;
	}
	if (n == 0 && size)
		n = find_texts(r, address, size);
	for (size_t i = 0; n == 0 && i < count; i++)
		n = take_dynamic(r, &table[i]);
	return n;
}

static int read_all(struct reader *r)
{
	const struct segment *s;
	int n = read_header(r);

	s = n < 0 ? NULL : segment_of_type(r, PT_INTERP);
	if (s)
		n = get_text(r, s->offset, s->size, &r->elf->interpreter);
	return n < 0 ? n : read_dynamic(r);
}

int elf_read(const struct elf_source *source, struct elf *ret, struct err *e)
{
	struct elf elf = {0};
	struct reader r = {.source = source, .size = source->size, .elf = &elf, .e = e};
	struct stat st;
	int n;

	if (!source->bytes) {
		if (fstat(source->fd, &st) < 0)
			return err_errno(e, errno, "look at it");
		r.size = st.st_size > 0 ? (uint64_t)st.st_size : 0;
	}
	n = read_all(&r);
	free(r.segment);
	if (n < 0)
		elf_done(&elf);
	else
		*ret = elf;
	return n;
}

void elf_done(struct elf *elf)
{
	free(elf->interpreter);
	free(elf->soname);
	free(elf->rpath);
	free(elf->runpath);
	strv_done(&elf->needed);
	*elf = (struct elf){0};
}
