/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-tree: host_resolve, on the fake tree and on a real one, where realpath has the last word. */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "host/tree.h"
#include "tests/plan/fake-host.h"

static void leads(const struct host *host, const char *path, const char *expected)
{
	autofree char *real = NULL;
	struct err e = {0};
	struct node node;

	if (host_resolve(host, path, &real, &node, &e) < 0)
		fail_msg("%s", e.text);
	assert_string_equal(real, expected);
	assert_true(node.type != NODE_NONE && node.type != NODE_LINK);
}

static void fails(const struct host *host, const char *path, int code)
{
	char untouched[] = "", *real = untouched;
	struct err e = {0};

	assert_int_equal(host_resolve(host, path, &real, NULL, &e), -code);
	assert_ptr_equal(real, untouched);
	assert_non_null(strstr(e.text, path[0] ? "'/" : "''"));
}

static void test_fake(void **state)
{
	struct fake_host fake;
	autofree char *loop = NULL;

	(void)state;
	fake_host_debian(&fake);
	leads(&fake.host, "/", "/");
	leads(&fake.host, "//bin//true", "/usr/bin/true");
	leads(&fake.host, "/bin/../share/./sbx", "/usr/share/sbx"); /* ".." of where the link leads */
	leads(&fake.host, "/../../etc", "/etc");
	leads(&fake.host, "/home/alice/work/docs", "/home/alice/Documents");
	leads(&fake.host, "/home/alice/link/docs/../link/sub/file", "/home/alice/work/sub/file");
	leads(&fake.host, "/etc/resolv.conf", "/run/systemd/resolve/stub-resolv.conf");
	fails(&fake.host, "/none", ENOENT);
	fails(&fake.host, "/none/..", ENOENT);
	fails(&fake.host, "/srv/notes.txt/x", ENOTDIR);
	fails(&fake.host, "/srv/notes.txt/..", ENOTDIR);
	fails(&fake.host, "/srv/notes.txt/", ENOTDIR);
	fails(&fake.host, "/etc/resolv.conf/", ENOTDIR);
	fails(&fake.host, "/home/bob/diary", ENOENT); /* may not be seen */
	for (int i = 0; i < 41; i++) {
		loop = xasprintf("l /srv/l%d %s%d", i, i == 40 ? "/srv/notes.txt#" : "l", i + 1);
		loop[strcspn(loop, "#")] = '\0';
		fake_host_add(&fake, loop);
		mem_free_ptr(&loop);
		loop = NULL;
	}
	leads(&fake.host, "/srv/l1", "/srv/notes.txt"); /* 40 links */
	fails(&fake.host, "/srv/l0", ELOOP);            /* 41 */
	fake_host_add(&fake, "l /srv/self self");
	fails(&fake.host, "/srv/self", ELOOP);
	fake_host_done(&fake);
}

static void test_long_names(void **state)
{
	struct fake_host fake;
	char name[NAME_MAX + 2];
	autofree char *good = NULL, *line = NULL, *bad = NULL;
	autostr struct str deep = {0};

	(void)state;
	memset(name, 'n', sizeof name);
	name[NAME_MAX] = '\0';
	good = xasprintf("/srv/%s", name);
	line = xasprintf("d %s 755 0", good);
	bad = xasprintf("%sn", good);
	fake_host_debian(&fake);
	fake_host_add(&fake, line);
	leads(&fake.host, good, good);
	fails(&fake.host, bad, ENAMETOOLONG);
	while (deep.len < PATH_MAX) {
		str_add(&deep, good);
		str_add(&deep, "/../..");
	}
	leads(&fake.host, deep.s, "/"); /* what counts is the path that is reached */
	fake_host_done(&fake);
}

/* The real tree, against libc. */
static void test_real(void **state)
{
	static const char *const paths[] = {"a/b/c", "a/up/b", "a/./b/../b/c/", "abs/c", "a/b/c/../../up/b/c"};
	struct host host = {.look = tree_look, .list = tree_list};
	char folder[] = "/tmp/sbx-tree.XXXXXX", text[PATH_MAX];
	autostrv struct strv names = {0}, links = {0};
	struct node node;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(mkdir("a", 0755) | mkdir("a/b", 0755) | mkdir("a/b/c", 0710), 0);
	(void)snprintf(text, sizeof text, "%s/a/b", folder);
	assert_int_equal(symlink("../a", "a/up") | symlink(text, "abs"), 0);
	for (size_t i = 0; i < countof(paths); i++) {
		autofree char *path = xasprintf("%s/%s", folder, paths[i]), *real = realpath(path, NULL);

		assert_non_null(real);
		leads(&host, path, real);
	}
	(void)snprintf(text, sizeof text, "%s/abs/../up/b/none/x", folder);
	host_links(&host, text, &links);
	assert_int_equal(links.count, 2);
	(void)snprintf(text, sizeof text, "%s/abs", folder);
	assert_string_equal(links.v[0], text);
	(void)snprintf(text, sizeof text, "%s/a/up", folder);
	assert_string_equal(links.v[1], text);
	tree_list(&host, "a", &names);
	assert_int_equal(names.count, 2);
	assert_string_equal(names.v[0], "b");
	assert_string_equal(names.v[1], "up");
	tree_look(&host, "a/b/c", &node);
	assert_int_equal(node.type, NODE_FOLDER);
	assert_int_equal(node.mode, 0710);
	tree_look(&host, "a/up", &node);
	assert_int_equal(node.type, NODE_LINK);
	assert_string_equal(node.link, "../a");
	tree_look(&host, "/dev/null", &node);
	assert_int_equal(node.type, NODE_CHAR);
	assert_int_equal(unlink("abs") | unlink("a/up") | rmdir("a/b/c") | rmdir("a/b") | rmdir("a") | rmdir(folder),
			 0);
}

/* What is made of the host meanwhile is not seen until all is forgotten. */
static void test_remembered(void **state)
{
	struct host host = {.look = tree_look};
	char folder[] = "/tmp/sbx-tree.XXXXXX";
	struct node node;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder) | symlink("x", "link"), 0);
	host_remember(&host);
	for (int i = 0; i < 2; i++) {
		host.look(&host, "link", &node);
		assert_int_equal(node.type, NODE_LINK);
		assert_string_equal(node.link, "x");
		host.look(&host, "x", &node);
		assert_int_equal(node.type, NODE_NONE);
		assert_int_equal(i == 0 ? unlink("link") | mkdir("x", 0700) : 0, 0);
	}
	host_forget(&host);
	host.look(&host, "link", &node);
	assert_int_equal(node.type, NODE_NONE);
	host.look(&host, "x", &node);
	assert_int_equal(node.type, NODE_FOLDER);
	assert_int_equal(rmdir("x") | rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fake),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_real),
		cmocka_unit_test(test_remembered),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
