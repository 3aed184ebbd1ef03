/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An /etc/ld.so.cache for libraries outside of the default folders, which glibc finds by nothing else. The format of
 * glibc 2.2 and later (sysdeps/generic/dl-cache.h): a header, entries from the greatest name to the least, texts. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pack/collect.h"
#include "pack/root.h"

struct cache_header {
	char magic[17], version[3];
	uint32_t count, texts_size;
	uint8_t flags, zero[3];
	uint32_t extension, unused[3];
};
struct cache_entry {
	int32_t flags;
	uint32_t name, path, os_version;
	uint64_t hwcap;
};
_Static_assert(sizeof(struct cache_header) == 48 && sizeof(struct cache_entry) == 24, "as in the file");
enum { LITTLE_ENDIAN_CACHE = 2, ELF_LIBC6 = 3, X8664_LIB64 = 0x300, AARCH64_LIB64 = 0xa00, X8664_LIBX32 = 0x800 };

static int flags_of(const struct elf *elf)
{
	if (elf->machine == EM_X86_64)
		return ELF_LIBC6 | (elf->bits == 64 ? X8664_LIB64 : X8664_LIBX32);
	return elf->machine == EM_AARCH64 ? ELF_LIBC6 | AARCH64_LIB64 : ELF_LIBC6;
}

static const char *name_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* _dl_cache_libcmp of glibc: digits are compared as numbers, and are more than other bytes. */
static int compare_names(const char *a, const char *b)
{
	while (*a) {
		bool a_digit = *a >= '0' && *a <= '9', b_digit = *b >= '0' && *b <= '9';

		if (a_digit && b_digit) {
			char *a_end, *b_end;
			unsigned long x = strtoul(a, &a_end, 10), y = strtoul(b, &b_end, 10);

			a = a_end;
			b = b_end;
			if (x != y)
				return x < y ? -1 : 1;
		} else if (a_digit != b_digit) {
			return a_digit ? 1 : -1;
		} else if (*a != *b) {
			return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
		} else {
			a++;
			b++;
		}
	}
	return *b ? -1 : 0;
}

static int greatest_first(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	int by_name = compare_names(name_of(y), name_of(x));

	return by_name ? by_name : strcmp(x, y);
}

static int read_elf(struct collect *c, const char *path, struct elf *ret, struct err *e)
{
	autoclose int fd = root_open(c->root, path, O_RDONLY);
	struct elf_source source = {.fd = fd};

	return fd < 0 ? err_errno(e, errno, "open '%s'", path) : elf_read(&source, ret, e);
}

int collect_cache(struct collect *c, struct err *e)
{
	struct cache_header header = {.magic = "glibc-ld.so.cache", .version = {'1', '.', '1'}};
	autostr struct str texts = {0}, file = {0};
	autofree struct cache_entry *entry = NULL;
	size_t count = c->cached.count, start = sizeof header + count * sizeof *entry;

	if (!count)
		return 0;
	qsort(c->cached.v, count, sizeof *c->cached.v, greatest_first);
	entry = xcalloc(count, sizeof *entry);
	for (size_t i = 0; i < count; i++) {
		const char *path = c->cached.v[i];
		autoelf struct elf elf = {0};
		int r = read_elf(c, path, &elf, e);

		if (r < 0)
			return r;
		entry[i].flags = flags_of(&elf);
		entry[i].path = (uint32_t)(start + texts.len);
		entry[i].name = (uint32_t)(entry[i].path + (name_of(path) - path));
		str_add_bytes(&texts, path, strlen(path) + 1);
	}
	header.count = (uint32_t)count;
	header.texts_size = (uint32_t)texts.len;
	header.flags = LITTLE_ENDIAN_CACHE;
	str_add_bytes(&file, &header, sizeof header);
	str_add_bytes(&file, entry, count * sizeof *entry);
	str_add_bytes(&file, texts.s, texts.len);
	return collect_made_up(c, "/etc/ld.so.cache", &file, 0644, e);
}
