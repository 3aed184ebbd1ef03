/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-pack-copy: what a copy keeps, and what it leaves out. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "pack/pack.h"
#include "tests/unit/pack-tree.h"

static struct pack_options options;
static struct closure closure;
static struct err e;
static char *root;
static int target;

static int set_up(void **state)
{
	autofree char *to = NULL;

	if (make_folder(state) < 0)
		return -1;
	root = below("root");
	to = below("to");
	if (mkdir(root, 0755) < 0 || mkdir(to, 0755) < 0)
		return -1;
	target = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	options = (struct pack_options){.root = root, .bare = true};
	closure = (struct closure){0};
	return 0;
}

static int tear_down(void **state)
{
	closure_done(&closure);
	strv_done(&options.paths);
	(void)close(target);
	free(root);
	return remove_folder(state);
}

static void copy(struct pack_copied *ret)
{
	strv_add(&options.paths, "/srv");
	if (pack_collect(&options, &closure, &e) < 0 || pack_copy(&closure, root, target, ret, &e) < 0)
		fail_msg("%s", e.text);
}

static void look(const char *name, struct stat *st)
{
	if (fstatat(target, name, st, AT_SYMLINK_NOFOLLOW) < 0)
		fail_msg("there is no copy of '%s'", name);
}

static void set_time(const char *path, time_t seconds)
{
	autofree char *whole = below(path + 1);
	const struct timespec times[2] = {{.tv_sec = seconds, .tv_nsec = 7}, {.tv_sec = seconds, .tv_nsec = 7}};

	assert_int_equal(utimensat(AT_FDCWD, whole, times, AT_SYMLINK_NOFOLLOW), 0);
}

static void test_copy(void **state)
{
	autofree char *a = below("root/srv/a"), *b = below("root/srv/sub/b");
	struct pack_copied copied;
	struct stat st, other;
	char text[16];

	(void)state;
	make_file("/root/srv/a", "content");
	make_file("/root/srv/empty", "");
	make_folder_at("/root/srv/sub", 0755);
	make_link("/root/srv/link", "../srv/a");
	assert_int_equal(link(a, b), 0);
	set_mode("/root/srv/a", 06751);
	set_mode("/root/srv/sub", 0555);
	set_time("/root/srv/a", 1000000000);
	set_time("/root/srv/link", 1000000001);
	set_time("/root/srv/sub", 1000000002);
	copy(&copied);
	assert_int_equal(copied.bytes, 7);
	assert_int_equal(copied.linked, 1);
	look("srv/a", &st);
	look("srv/sub/b", &other);
	assert_int_equal(st.st_ino, other.st_ino);
	assert_int_equal(st.st_mode & 07777, 0751);
	assert_true(st.st_mtim.tv_sec == 1000000000 && st.st_mtim.tv_nsec == 7);
	look("srv/link", &st);
	assert_true(S_ISLNK(st.st_mode) && st.st_mtim.tv_sec == 1000000001);
	look("srv/sub", &st);
	assert_true((st.st_mode & 07777) == 0555 && st.st_mtim.tv_sec == 1000000002);
	look("srv/empty", &st);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(fd_read_file(target, "srv/link", text, sizeof text), 7);
	assert_string_equal(text, "content");
	assert_int_equal(closure.notes.count, 2); /* both names are setuid */
	assert_non_null(strstr(closure.notes.v[0], "'/srv/a' has mode 6751"));
	set_mode("/root/srv/sub", 0755);
	assert_int_equal(fchmodat(target, "srv/sub", 0755, 0), 0); /* so that they can be removed */
}

static void test_not_empty(void **state)
{
	struct pack_copied copied;

	(void)state;
	make_file("/root/srv/a", "content");
	make_file("/to/stranger", "");
	strv_add(&options.paths, "/srv");
	assert_int_equal(pack_collect(&options, &closure, &e), 0);
	assert_int_equal(pack_copy(&closure, root, target, &copied, &e), -ENOTEMPTY);
	assert_non_null(strstr(e.text, "'stranger'"));
}

/* What has become a link meanwhile is not followed. */
static void test_changed(void **state)
{
	autofree char *a = below("root/srv/a");
	struct pack_copied copied;

	(void)state;
	make_file("/root/srv/a", "content");
	strv_add(&options.paths, "/srv");
	assert_int_equal(pack_collect(&options, &closure, &e), 0);
	assert_int_equal(unlink(a), 0);
	make_link("/root/srv/a", "/etc/passwd");
	assert_int_equal(pack_copy(&closure, root, target, &copied, &e), -ELOOP);
	assert_non_null(strstr(e.text, "open '/srv/a'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_copy, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_not_empty, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_changed, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
