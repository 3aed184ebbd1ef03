/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-pack: the parts of the input, divided by NUL, are /etc/ld.so.conf, a script, the list of a package, the status
 * of dpkg, and the text of a link in a root of our own; what is behind the fifth NUL is an object. All of that is
 * packed as folders, so whatever they say is at most a note; and the closure is what its header says. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "pack/pack.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/elf-make.h"

enum { MAX_BYTES = 16384 };

static const char *const folders[] = {"etc",      "etc/conf.d", "usr",          "usr/bin",           "usr/lib",
				      "var",      "var/lib",    "var/lib/dpkg", "var/lib/dpkg/info", "opt",
				      "opt/deep", "srv"};
static const char *const files[] = {"etc/ld.so.conf", "usr/bin/s", "var/lib/dpkg/info/p.list", "var/lib/dpkg/status"};
static const char link_name[] = "opt/deep/link", object_name[] = "usr/lib/object";
static const char *const libraries[] = {"usr/lib/liba.so", "srv/libb.so", "usr/bin/env",
					"usr/lib/ld-linux-x86-64.so.2"};
static const char *const links[][2] = {{"lib", "usr/lib"},
				       {"lib64", "/lib"},
				       {"usr/bin/loop", "loop"},
				       {"usr/lib/up", "../.."},
				       {"opt/dots", "deep/../../srv"}};
static char *top; /* owned */
static int root = -1;

static void write_file(const char *name, const void *bytes, size_t size)
{
	autoclose int fd = -1;

	(void)unlinkat(root, name, 0); /* to empty it would have ext4 wait for the disk */
	fd = openat(root, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	FUZZ_CHECK(fd >= 0 && fd_write(fd, bytes, size) == 0);
}

static void remove_own(void)
{
	for (size_t i = 0; i < countof(files); i++)
		(void)unlinkat(root, files[i], 0);
	for (size_t i = 0; i < countof(libraries); i++)
		(void)unlinkat(root, libraries[i], 0);
	for (size_t i = 0; i < countof(links); i++)
		(void)unlinkat(root, links[i][0], 0);
	(void)unlinkat(root, link_name, 0);
	(void)unlinkat(root, object_name, 0);
	for (size_t i = countof(folders); i > 0; i--)
		(void)unlinkat(root, folders[i - 1], AT_REMOVEDIR);
	(void)rmdir(top);
	free(top);
}

static void make_own(void)
{
	const struct made_elf library = {.soname = "lib.so", .needed = {"liba.so"}};
	const char *below = getenv("TMPDIR");
	autostr struct str bytes = {0};

	top = xasprintf("%s/sbx-fuzz-XXXXXX", below ? below : "/tmp");
	FUZZ_CHECK(mkdtemp(top));
	root = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	FUZZ_CHECK(root >= 0);
	FUZZ_CHECK(atexit(remove_own) == 0);
	for (size_t i = 0; i < countof(folders); i++)
		FUZZ_CHECK(mkdirat(root, folders[i], 0755) == 0);
	for (size_t i = 0; i < countof(links); i++)
		FUZZ_CHECK(symlinkat(links[i][1], root, links[i][0]) == 0);
	make_elf(&library, &bytes);
	for (size_t i = 0; i < countof(libraries); i++)
		write_file(libraries[i], bytes.s, bytes.len);
}

static void write_all(const uint8_t *data, size_t size)
{
	struct fuzz_bytes in = {data, data + size};
	struct fuzz_part part;

	for (size_t i = 0; i < countof(files); i++) {
		part = (struct fuzz_part){"", 0};
		(void)fuzz_next_part(&in, &part);
		write_file(files[i], part.text, part.size);
	}
	(void)unlinkat(root, link_name, 0);
	part = (struct fuzz_part){"", 0};
	if (fuzz_next_part(&in, &part) && part.size) {
		autofree char *text = xstrndup(part.text, part.size);

		if (symlinkat(text, root, link_name) < 0)
			FUZZ_CHECK(errno == ENAMETOOLONG);
	}
	write_file(object_name, in.next, (size_t)(in.end - in.next));
}

/* What the header says, and that it is what there is. */
static void check_entry(const struct closure *closure, size_t at)
{
	const struct closure_entry *entry = closure->entry[at];
	const char *slash = strrchr(entry->path, '/');
	struct stat st;

	FUZZ_CHECK(fuzz_is_normal(entry->path, false) && entry->why[0]);
	FUZZ_CHECK(at == 0 || (strcmp(closure->entry[at - 1]->path, entry->path) < 0) != fuzz_wrong);
	FUZZ_CHECK((entry->type == ENTRY_LINK) == (entry->link != NULL));
	if (slash > entry->path) {
		autofree char *above = xstrndup(entry->path, (size_t)(slash - entry->path));
		const struct closure_entry *folder = closure_find(closure, above);

		FUZZ_CHECK(folder && folder->type == ENTRY_FOLDER);
	}
	if (entry->made)
		return;
	FUZZ_CHECK(fstatat(root, entry->path + 1, &st, AT_SYMLINK_NOFOLLOW) == 0);
	FUZZ_CHECK(S_ISREG(st.st_mode) == (entry->type == ENTRY_FILE));
	FUZZ_CHECK(S_ISLNK(st.st_mode) == (entry->type == ENTRY_LINK));
}

static void collect(struct str *printed)
{
	static char *packages[] = {(char *)(uintptr_t) "p"};
	static char *paths[] = {(char *)(uintptr_t) "/usr/lib", (char *)(uintptr_t) "/usr/bin",
				(char *)(uintptr_t) "/opt"};
	struct pack_options options = {
		.root = top, .packages = {packages, 1, 1}, .paths = {paths, 3, 3}, .depends = true};
	struct closure closure = {0};
	struct err e = {0};
	int r = pack_collect(&options, &closure, &e);

	if (r < 0)
		(void)fprintf(stderr, "%s\n", e.text);
	FUZZ_CHECK(r == 0);
	for (size_t i = 0; i < closure.count; i++)
		check_entry(&closure, i);
	FUZZ_CHECK(closure_find(&closure, "/usr/lib/liba.so"));
	closure_print(&closure, printed);
	closure_done(&closure);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autostr struct str one = {0}, two = {0};

	if (size > MAX_BYTES)
		return 0;
	if (!top)
		make_own();
	write_all(data, size);
	collect(&one);
	collect(&two);
	FUZZ_CHECK(str_eq(one.s, two.s));
	return 0;
}
