/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-carry: a tree that a stranger made is copied within bounds, and removed; a box changes as a whole. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <sys/file.h>
#include <sys/resource.h>

#include "base/str.h"
#include "box/carry.h"
#include "box/clear.h"
#include "box/store.h"
#include "tests/unit/own-folder.h"

static int from, to;
static struct carried done;
static struct carry rules;
static struct err e;

static int set_up(void **state)
{
	autofree char *a = NULL, *b = NULL;

	if (make_folder(state) < 0)
		return -1;
	a = below("from");
	b = below("to");
	if (mkdir(a, 0755) < 0 || mkdir(b, 0755) < 0)
		return -1;
	from = open(a, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	to = open(b, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	done = (struct carried){0};
	rules = (struct carry){.file_size = UINT64_MAX, .bytes = UINT64_MAX, .owner = ""};
	e = (struct err){0};
	return from < 0 || to < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)close(from);
	(void)close(to);
	return remove_folder(state);
}

static void carry(void)
{
	if (carry_tree(from, to, &rules, &done, &e) < 0)
		fail_msg("%s", e.text);
}

static void stat_of(const char *name, struct stat *st)
{
	if (fstatat(to, name, st, AT_SYMLINK_NOFOLLOW) < 0)
		fail_msg("there is no '%s'", name);
}

static bool is_there(const char *name)
{
	return faccessat(to, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void drops(const char *name, enum carry_why why)
{
	for (size_t i = 0; i < done.dropped && i < CARRY_LISTED; i++) {
		if (!str_eq(done.list[i].name, name))
			continue;
		assert_int_equal(done.list[i].why, why);
		return;
	}
	fail_msg("'%s' was not dropped", name);
}

static void test_plain(void **state)
{
	const struct timespec times[] = {{0}, {.tv_sec = 1234567890, .tv_nsec = 5}};
	char text[16];
	struct stat st;

	(void)state;
	put("from/run", "hello");
	assert_int_equal(fchmodat(from, "run", 04755, 0), 0);
	assert_int_equal(utimensat(from, "run", times, 0), 0);
	put("from/empty", "");
	assert_int_equal(mkdirat(from, "a", 0750), 0);
	assert_int_equal(mkdirat(from, "a/b", 0711), 0);
	put("from/a/b/c", "x");
	put("from/\xff\n-rf", "odd");
	carry();
	stat_of("run", &st);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(st.st_mtim.tv_sec, 1234567890);
	assert_int_equal(fd_read_file(to, "run", text, sizeof text), 5);
	assert_string_equal(text, "hello");
	stat_of("a/b", &st);
	assert_int_equal(st.st_mode & 07777, 0711);
	stat_of("a/b/c", &st);
	stat_of("\xff\n-rf", &st);
	assert_int_equal(done.files, 4);
	assert_int_equal(done.folders, 2);
	assert_int_equal(done.bytes, 9);
	assert_int_equal(done.dropped, 0);
}

static void make_kinds(void)
{
	assert_int_equal(symlinkat("/etc/passwd", from, "link"), 0);
	assert_int_equal(symlinkat("..", from, "up"), 0);
	assert_int_equal(mkfifoat(from, "fifo", 0666), 0);
	assert_int_equal(mknodat(from, "socket", S_IFSOCK | 0666, 0), 0);
}

static void test_kinds(void **state)
{
	(void)state;
	make_kinds();
	carry();
	drops("link", CARRY_LINK);
	drops("up", CARRY_LINK);
	drops("fifo", CARRY_FIFO);
	drops("socket", CARRY_SOCKET);
	assert_int_equal(done.files + done.folders, 0);
	assert_int_equal(done.dropped, 4);
	assert_false(is_there("link") || is_there("fifo") || is_there("socket"));
}

static void test_strict(void **state)
{
	(void)state;
	make_kinds();
	rules.strict = true;
	assert_int_equal(carry_tree(from, to, &rules, &done, &e), -EINVAL);
	assert_int_equal(done.dropped, 0);
}

static void test_holes(void **state)
{
	const off_t size = (off_t)1 << 40;
	struct stat st;
	char byte;
	int fd;

	(void)state;
	put("from/sparse", "");
	fd = openat(from, "sparse", O_RDWR | O_CLOEXEC);
	assert_int_equal(pwrite(fd, "m", 1, 300 << 20), 1);
	if (ftruncate(fd, size) < 0) { /* the largest file is smaller here */
		(void)close(fd);
		skip();
	}
	(void)close(fd);
	carry();
	stat_of("sparse", &st);
	assert_true(st.st_size == size);
	assert_true(st.st_blocks < 1024);
	assert_true(done.bytes <= 65536 && done.bytes > 0);
	fd = openat(to, "sparse", O_RDONLY | O_CLOEXEC);
	assert_int_equal(pread(fd, &byte, 1, 300 << 20), 1);
	assert_int_equal(byte, 'm');
	(void)close(fd);
}

/* Zeros that were written become holes, so that what a disk without holes has expanded fits again. */
static void test_zeros(void **state)
{
	autofree char *zeros = xcalloc(1, 1 << 20), *file = below("from/zeros");
	struct stat st;
	int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	(void)state;
	zeros[(1 << 20) - 1] = 1;
	zeros[5000] = 1;
	assert_int_equal(fd_write(fd, zeros, 1 << 20), 0);
	(void)close(fd);
	carry();
	stat_of("zeros", &st);
	assert_int_equal(st.st_size, 1 << 20);
	assert_int_equal(done.bytes, 8192);
}

static void test_sizes(void **state)
{
	(void)state;
	put("from/small", "12345");
	put("from/large", "123456");
	assert_int_equal(linkat(from, "small", from, "twin", 0), 0);
	rules.file_size = 5;
	rules.bytes = 9;
	carry();
	drops("large", CARRY_TOO_BIG);
	assert_int_equal(done.dropped, 2); /* and one of the names of the other */
	assert_int_equal(done.files, 1);
	assert_int_equal(done.bytes, 5);
	assert_true(is_there("small") != is_there("twin"));
}

static void test_patterns(void **state)
{
	static const char *const patterns[] = {"out*.txt", "keep", "no", "deep/*/x", "fifo"};

	(void)state;
	put("from/out1.txt", "1");
	put("from/other", "1");
	make_kinds();
	assert_int_equal(mkdirat(from, "keep", 0755), 0);
	assert_int_equal(mkdirat(from, "keep/empty", 0755), 0);
	assert_int_equal(mkdirat(from, "unasked", 0755), 0);
	assert_int_equal(mkdirat(from, "unasked/below", 0755), 0);
	put("from/unasked/below/f", "1");
	assert_int_equal(mkdirat(from, "deep", 0755), 0);
	assert_int_equal(mkdirat(from, "deep/er", 0755), 0);
	put("from/deep/er/x", "1");
	put("from/deep/er/y", "1");
	rules.patterns = patterns;
	rules.pattern_count = countof(patterns);
	carry();
	assert_true(is_there("out1.txt") && is_there("keep/empty") && is_there("deep/er/x"));
	assert_false(is_there("other") || is_there("unasked") || is_there("deep/er/y"));
	assert_true(done.found[0] && done.found[1] && !done.found[2] && done.found[3] && !done.found[4]);
	assert_int_equal(done.dropped, 1); /* only what was asked for */
	drops("fifo", CARRY_FIFO);
}

/* Makes a chain of folders below `top`. */
static void deepen(int top, size_t depth)
{
	int fd = dup(top);

	for (size_t i = 0; i < depth; i++) {
		int next;

		assert_int_equal(mkdirat(fd, "d", 0755), 0);
		next = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(next >= 0);
		(void)close(fd);
		fd = next;
	}
	(void)close(fd);
}

static void test_deep(void **state)
{
	struct rlimit before;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &(struct rlimit){24, before.rlim_max}), 0);
	deepen(from, 5000);
	carry();
	assert_int_equal(done.folders, CARRY_DEPTH);
	assert_int_equal(done.dropped, 1);
	assert_int_equal(done.list[0].why, CARRY_TOO_DEEP);
	assert_int_equal(clear_tree(from, "d", &e), 0);
	assert_int_equal(faccessat(from, "d", F_OK, 0), -1);
	assert_int_equal(clear_tree(from, "d", &e), 0); /* nothing is there */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

static void test_many(void **state)
{
	char name[32];

	(void)state;
	for (int i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof name, "link-%d", i);
		assert_int_equal(symlinkat("x", from, name), 0);
		(void)snprintf(name, sizeof name, "folder-%d", i);
		assert_int_equal(mkdirat(from, name, 0755), 0);
	}
	carry();
	assert_int_equal(done.folders, 300);
	assert_int_equal(done.dropped, 300);
	assert_true(done.list[CARRY_LISTED - 1].name[0]);
}

static void test_clear_follows_nothing(void **state)
{
	autofree char *out = below("outside");

	(void)state;
	assert_int_equal(mkdir(out, 0755), 0);
	put("outside/file", "x");
	assert_int_equal(mkdirat(from, "tree", 0755), 0);
	assert_int_equal(symlinkat(out, from, "tree/link"), 0);
	assert_int_equal(symlinkat(out, from, "top"), 0);
	assert_int_equal(clear_tree(from, "tree", &e), 0);
	assert_int_equal(clear_tree(from, "top", &e), 0);
	assert_int_equal(faccessat(from, "../outside/file", F_OK, 0), 0);
	assert_int_equal(faccessat(from, "tree", F_OK, 0), -1);
}

static void test_store(void **state)
{
	autofree char *path = below("from"), *none = below("none");
	struct store store = STORE_NONE, second = STORE_NONE;
	int fd;

	(void)state;
	assert_int_equal(store_open(none, &store, &e), -ENOENT);
	assert_int_equal(mkdirat(from, "files", 0755), 0);
	assert_int_equal(mkdirat(from, "files.new", 0755), 0); /* of one that was killed */
	put("from/files.new/half", "x");
	put("from/files/old", "x");
	assert_int_equal(store_open(path, &store, &e), 0);
	assert_int_equal(store_open(path, &second, &e), -EBUSY);
	fd = store_begin(&store, &e);
	assert_true(fd >= 0);
	assert_int_equal(faccessat(from, "files.new/half", F_OK, 0), -1);
	assert_int_equal(mkdirat(fd, "new", 0755), 0);
	(void)close(fd);
	assert_int_equal(faccessat(from, "files/old", F_OK, 0), 0);
	assert_int_equal(store_commit(&store, &e), 0);
	assert_int_equal(faccessat(from, "files/new", F_OK, 0), 0);
	assert_int_equal(faccessat(from, "files/old", F_OK, 0), -1);
	assert_int_equal(faccessat(from, "files.new", F_OK, 0), -1);
	store_close(&store);
	assert_int_equal(store_open(path, &second, &e), 0);
	store_close(&second);
}

static void test_names(void **state)
{
	static const char *const good[] = {"a", "A-1_b.c", "0"}, *const bad[] = {"",    ".",   "..",       ".a", "-a",
										 "a/b", "a b", "\xc3\xa4", "a\n"};
	char name[STORE_NAME_MAX + 2];

	(void)state;
	for (size_t i = 0; i < countof(good); i++)
		assert_true(store_is_name(good[i]));
	for (size_t i = 0; i < countof(bad); i++)
		assert_false(store_is_name(bad[i]));
	memset(name, 'a', sizeof name);
	name[STORE_NAME_MAX + 1] = '\0';
	assert_false(store_is_name(name));
	assert_true(store_is_name(name + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_plain, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_kinds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_strict, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_holes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_zeros, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_sizes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_patterns, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_deep, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_clear_follows_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_store, set_up, tear_down),
		cmocka_unit_test(test_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
