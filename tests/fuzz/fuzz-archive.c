/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-archive: the input is a row of entries, a line each, which archive_unpack gets in place of those of libarchive:
 *
 *   d PATH          a folder
 *   f PATH TEXT     a file, and its content
 *   l PATH TEXT     a symbolic link
 *   h PATH PATH     a hard link
 *   x PATH          a device
 *
 * They go into a real folder, beside one that must never change. What resolve_folder says of each path, the kernel must
 * say of it by openat2, which has such a look-up of its own; names are read a second time. An input that begins with
 * "t" is the raw headers of an entry, in blocks. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/archive.h"
#include "archive/headers.h"
#include "archive/names.h"
#include "archive/reader.h"
#include "archive/resolve.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/sys.h"
#include "box/clear.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_LINES = 64, MAX_DEPTH = 12 };

struct reader {
	char *next;  /* line; NULL: there is none */
	char *text;  /* of the entry; what is left of its content */
	size_t size; /* of it */
	uint64_t lines;
};

static struct reader lines;
static int top = -1, root = -1; /* the fuzzer's folder, and in it the one to unpack into */

static char *top_path;

static void end(void)
{
	struct err e;

	(void)clear_tree(top, "tree", &e);
	(void)clear_tree(top, "outside", &e);
	(void)rmdir(top_path);
	free(top_path);
}

static void begin(void)
{
	const char *below = getenv("TMPDIR");
	int file;

	if (top >= 0)
		return;
	top_path = xasprintf("%s/fuzz-archive-XXXXXX", below ? below : "/tmp");
	FUZZ_CHECK(mkdtemp(top_path));
	top = open(top_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	FUZZ_CHECK(top >= 0 && mkdirat(top, "outside", 0755) == 0);
	file = openat(top, "outside/canary", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	FUZZ_CHECK(file >= 0 && fd_write(file, "canary", 6) == 0 && close(file) == 0);
	(void)atexit(end);
}

static void check_outside(void)
{
	char text[16];
	struct stat st;
	autolist DIR *list = NULL;
	int names = 0;
	int folder = openat(top, "outside", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	FUZZ_CHECK(fd_read_file(folder, "canary", text, sizeof text) == 6 && str_eq(text, "canary"));
	FUZZ_CHECK(fstatat(folder, "canary", &st, 0) == 0 && st.st_nlink == 1 && (st.st_mode & 07777) == 0644);
	FUZZ_CHECK(fstat(folder, &st) == 0 && (st.st_mode & 07777) == 0755);
	list = fd_list(folder);
	while (list && readdir(list))
		names++;
	FUZZ_CHECK(names == 3);
	FUZZ_CHECK(close(folder) == 0);
}

/* The kernel's own reading, with the same root. */
static void check_resolve(const char *path)
{
	autoclose int expected =
		sys_openat2(root, *path ? path : ".", O_PATH | O_DIRECTORY, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
	int code = expected < 0 ? errno : 0;
	autoclose int fd = resolve_folder(root, path);
	struct stat st, other;

	if (code == ENOSYS || code == EAGAIN || fd == -ENAMETOOLONG)
		return;
	FUZZ_CHECK(fd >= 0 ? expected >= 0 : fd == -code);
	if (fd < 0)
		return;
	FUZZ_CHECK(fstat(fd, &st) == 0 && fstat(expected, &other) == 0);
	FUZZ_CHECK(st.st_ino == other.st_ino && st.st_dev == other.st_dev);
}

/* Name by name, with what is left out of it: the same path, or the same refusal. */
static void check_name(const char *raw)
{
	autofree char *copy = xstrdup(raw), *path = NULL;
	autostr struct str expected = {0};
	struct err e = {0};
	int count = 0, r = names_normal(raw, MAX_DEPTH, &path, &e);
	bool good = *raw && strlen(raw) <= PATH_MAX - 1;
	char *state = NULL;

	str_add(&expected, "");
	for (char *name = strtok_r(copy, "/", &state); name; name = strtok_r(NULL, "/", &state)) {
		if (str_eq(name, "."))
			continue;
		good &= !str_eq(name, "..") && strlen(name) <= NAME_MAX;
		str_addf(&expected, "%s%s", count++ ? "/" : "", name);
	}
	good &= count <= (fuzz_wrong ? 2 : MAX_DEPTH);
	FUZZ_CHECK(good == (r == 0));
	FUZZ_CHECK(r == 0 ? str_eq(path, expected.s) : e.code == -r && e.text[0]);
}

int reader_open(int fd, uint64_t max, struct reader **ret, struct err *e)
{
	(void)fd;
	(void)max;
	(void)e;
	*ret = &lines;
	return 0;
}

int reader_next(struct reader *reader, struct tar_entry *ret, struct err *e)
{
	static const char kinds[] = "fdlhx";
	char *line = reader->next, *end_of_line, *text;

	(void)e;
	if (!line || ++reader->lines > MAX_LINES)
		return 0;
	end_of_line = strchr(line, '\n');
	reader->next = end_of_line ? end_of_line + 1 : NULL;
	if (end_of_line)
		*end_of_line = '\0';
	if (!*line || line[1] != ' ' || !strchr(kinds, *line))
		return reader_next(reader, ret, e);
	text = strchr(line + 2, ' ');
	if (text)
		*text++ = '\0';
	check_name(line + 2);
	check_resolve(line + 2);
	*ret = (struct tar_entry){.path = line + 2, .link = text ? text : "", .mode = 07000};
	ret->kind = (enum tar_kind)(strchr(kinds, *line) - kinds);
	reader->text = text;
	reader->size = ret->kind == ENTRY_FILE && text ? strlen(text) : 0;
	ret->size = ret->content = reader->size;
	return 1;
}

int reader_data(struct reader *reader, struct piece *ret, struct err *e)
{
	(void)e;
	*ret = (struct piece){.bytes = reader->text, .size = reader->size};
	reader->size = 0;
	return ret->size > 0;
}

int reader_finish(struct reader *reader, char ret_digest[SHA256_TEXT], struct err *e)
{
	(void)reader;
	(void)e;
	memset(ret_digest, 0, SHA256_TEXT);
	return 0;
}

void reader_done(struct reader **reader)
{
	*reader = NULL;
}

static void check_headers(const char *bytes, size_t size)
{
	struct err e = {0};
	char type = 0;
	int r = headers_check(bytes, size, &type, &e);

	FUZZ_CHECK(r == 0 ? size >= HEADERS_BLOCK && !(type && strchr("xXgLKAV", type)) : r == -EINVAL && e.text[0]);
	r = headers_check_end(bytes, size, size & 1, &e);
	FUZZ_CHECK(r == 0 || r == -EINVAL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct unpack_limits limits = {.bytes = 1 << 16, .entries = 128, .depth = MAX_DEPTH};
	struct unpacked done = {0};
	struct err e = {0};
	autofree char *text = NULL;
	int r;

	if (size && data[0] == 't') {
		check_headers((const char *)data + 1, size - 1);
		return 0;
	}
	begin();
	FUZZ_CHECK(mkdirat(top, "tree", 0755) == 0);
	root = openat(top, "tree", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	text = xstrndup((const char *)data, size);
	lines = (struct reader){.next = text};
	r = archive_unpack(-1, root, &limits, &done, &e);
	FUZZ_CHECK(r == 0 || (r < 0 && e.code == -r && e.text[0]));
	for (const char *p = e.text; *p; p++)
		FUZZ_CHECK(*p >= ' ' && *p <= '~');
	check_outside();
	FUZZ_CHECK(close(root) == 0 && clear_tree(top, "tree", &e) == 0);
	return 0;
}
