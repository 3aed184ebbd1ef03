/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-session: the input is a row of entries, a line each, of what an overlay has written, and in capitals of the
 * host's folder below it:
 *
 *   d PATH        a folder                   f PATH TEXT   a file, and its content
 *   o PATH        an opaque folder           l PATH TEXT   a symbolic link
 *   w PATH        a whiteout                 p PATH        a pipe
 *
 * What the overlay shows is written down by a simple reading of both; a commit must make just that of the host's
 * folder, twice, and never change what is beside. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "box/clear.h"
#include "box/place.h"
#include "session/beneath.h"
#include "session/commit.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_LINES = 48, MAX_DEPTH = 12 };

static int top = -1;
static char *top_path;

static void end(void)
{
	struct err e;

	(void)clear_tree(top, "lower", &e);
	(void)clear_tree(top, "session", &e);
	(void)clear_tree(top, "outside", &e);
	(void)rmdir(top_path);
	free(top_path);
}

static void begin(void)
{
	const char *below = getenv("TMPDIR");

	if (top >= 0)
		return;
	top_path = xasprintf("%s/fuzz-session-XXXXXX", below ? below : "/tmp");
	FUZZ_CHECK(mkdtemp(top_path));
	top = open(top_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	FUZZ_CHECK(top >= 0 && mkdirat(top, "outside", 0755) == 0);
	(void)atexit(end);
}

static bool is_good(const char *path)
{
	size_t depth = 1;

	for (const char *p = path; *p; p++)
		depth += *p == '/';
	for (const char *p = path;; p++) {
		size_t len = strcspn(p, "/");

		if (!len || len > 64 || (len == 1 && *p == '.') || (len == 2 && p[0] == '.' && p[1] == '.'))
			return false;
		p += len;
		if (!*p)
			return depth <= MAX_DEPTH;
	}
}

static void make(int tree, char kind, const char *path, const char *text)
{
	const char *name;
	autoclose int above = beneath_parent(tree, path, &name), fd = -1;

	if (above < 0)
		return;
	switch (kind) {
	case 'd':
	case 'o':
		(void)mkdirat(above, name, 0755);
		fd = kind == 'o' ? place_open_name(above, name, O_RDONLY | O_DIRECTORY) : -1;
		if (fd >= 0)
			(void)fsetxattr(fd, "user.overlay.opaque", "y", 1, 0);
		break;
	case 'f':
		fd = openat(above, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
		if (fd >= 0)
			FUZZ_CHECK(fd_write(fd, text, strlen(text)) == 0);
		break;
	case 'l':
		FUZZ_CHECK(symlinkat(*text ? text : "x", above, name) == 0 || errno == EEXIST);
		break;
	case 'w':
		(void)mknodat(above, name, S_IFCHR, makedev(0, 0));
		break;
	case 'p':
		(void)mkfifoat(above, name, 0644);
		break;
	default:
		break;
	}
}

static void make_all(char *text, int upper, int lower)
{
	char *state = NULL;
	int lines = 0;

	for (char *line = strtok_r(text, "\n", &state); line && lines++ < MAX_LINES;
	     line = strtok_r(NULL, "\n", &state)) {
		char kind = line[0], *path = line + 2, *more;

		if (!kind || line[1] != ' ')
			continue;
		more = strchr(path, ' ');
		if (more)
			*more++ = '\0';
		if (!is_good(path))
			continue;
		if (kind >= 'A' && kind <= 'Z' && kind != 'W' && kind != 'O')
			make(lower, (char)(kind - 'A' + 'a'), path, more ? more : "");
		else
			make(upper, kind, path, more ? more : "");
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void names_of(int folder, struct strv *ret)
{
	autolist DIR *list = folder >= 0 ? fd_list(folder) : NULL;
	const struct dirent *entry;

	while (list && (entry = readdir(list)))
		if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, "..") && !strv_has(ret, entry->d_name))
			strv_add(ret, entry->d_name);
}

static bool look(int folder, const char *name, struct stat *ret)
{
	return folder >= 0 && fstatat(folder, name, ret, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool is_opaque(int folder)
{
	char value;

	return !fuzz_wrong && fgetxattr(folder, "user.overlay.opaque", &value, 1) == 1 && value == 'y';
}

static void show(int folder, const char *path, const char *name, const struct stat *st, struct str *out)
{
	char text[PATH_MAX];
	ssize_t n = 0;

	if (S_ISREG(st->st_mode))
		n = fd_read_file(folder, name, text, sizeof text);
	else if (S_ISLNK(st->st_mode))
		n = readlinkat(folder, name, text, sizeof text - 1);
	FUZZ_CHECK(n >= 0);
	text[n] = '\0';
	str_addf(out, "%o %s/%s %s\n", st->st_mode & S_IFMT, path, name, text);
}

/* What an overlay of two folders shows; either may be -1. A pipe that was written is as if it was not. */
static void view(int upper, int lower, const char *path, struct str *out)
{
	autostrv struct strv names = {0};

	names_of(upper, &names);
	names_of(lower, &names);
	if (names.count)
		qsort(names.v, names.count, sizeof *names.v, by_name);
	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.v[i];
		struct stat above, below;
		bool is_above = look(upper, name, &above), is_below = look(lower, name, &below);
		autoclose int in_upper = -1, in_lower = -1;
		autofree char *inside = xasprintf("%s/%s", path, name);

		if (is_above && S_ISCHR(above.st_mode))
			continue;
		if (is_above && S_ISFIFO(above.st_mode))
			is_above = false;
		if (!is_above && !is_below)
			continue;
		show(is_above ? upper : lower, path, name, is_above ? &above : &below, out);
		if (is_above && S_ISDIR(above.st_mode))
			in_upper = place_open_name(upper, name, O_RDONLY | O_DIRECTORY);
		if (is_below && S_ISDIR(below.st_mode) && (!is_above || (in_upper >= 0 && !is_opaque(in_upper))))
			in_lower = place_open_name(lower, name, O_RDONLY | O_DIRECTORY);
		view(in_upper, in_lower, inside, out);
	}
}

static void commit(struct session_overlay *overlay, int lower)
{
	static const char *const never[] = {NULL};
	struct changes changes = {0};
	struct commit commit = {.overlay = overlay, .lower = lower, .changes = &changes, .never = never, .force = true};
	struct err e = {0};

	FUZZ_CHECK(session_read(overlay, &lower, 1, &changes, &e) == 0);
	FUZZ_CHECK(commit_check(&commit, &e) == 0);
	FUZZ_CHECK(commit_apply(&commit, &e) == 0);
	changes_done(&changes);
}

static void check(struct session_overlay *overlay, int lower)
{
	autostr struct str expected = {0}, found = {0}, again = {0}, outside = {0};
	autoclose int beside = openat(top, "outside", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	str_add(&expected, "");
	str_add(&found, "");
	str_add(&again, "");
	view(overlay->upper, lower, "", &expected);
	commit(overlay, lower);
	view(-1, lower, "", &found);
	FUZZ_CHECK(str_eq(expected.s, found.s));
	commit(overlay, lower);
	view(-1, lower, "", &again);
	FUZZ_CHECK(str_eq(expected.s, again.s));
	view(-1, beside, "", &outside);
	FUZZ_CHECK(!outside.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = xstrndup((const char *)data, size), *path = NULL, *below = NULL;
	struct session_overlay overlay = SESSION_OVERLAY_NONE;
	struct session session = SESSION_NONE;
	autoclose int lower = -1;
	struct err e = {0};

	begin();
	FUZZ_CHECK(clear_tree(top, "lower", &e) == 0 && clear_tree(top, "session", &e) == 0);
	FUZZ_CHECK(mkdirat(top, "lower", 0755) == 0);
	path = xasprintf("%s/session", top_path);
	below = xasprintf("%s/lower", top_path);
	FUZZ_CHECK(session_open(path, SESSION_MAKE, &session, &e) == 0);
	FUZZ_CHECK(session_overlay_make(&session, "id", below, &e) == 0);
	FUZZ_CHECK(session_overlay_open(&session, "id", &overlay, &e) == 0);
	lower = session_lower(&overlay, &e);
	FUZZ_CHECK(lower >= 0);
	make_all(text, overlay.upper, lower);
	check(&overlay, lower);
	session_overlay_done(&overlay);
	session_close(&session);
	return 0;
}
