/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-image-user: who a command of an image is, by made-up layers that hide and link. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <cmocka.h>

#include "base/mem.h"
#include "image/user.h"
#include "tests/unit/own-folder.h"

/* --- layers: "top" and "low", in each a folder etc --- */

static struct strv layers;

static int make_layers(void **state)
{
	static const char *const names[] = {"top", "top/etc", "low", "low/etc", "low/usr"};
	int r = make_folder(state);

	for (size_t i = 0; r == 0 && i < countof(names); i++) {
		autofree char *path = below(names[i]);

		r = mkdir(path, 0755);
		if (r == 0 && !strchr(names[i], '/'))
			strv_add(&layers, path);
	}
	return r;
}

static int remove_layers(void **state)
{
	strv_done(&layers);
	return remove_folder(state);
}

static void link_to(const char *name, const char *text)
{
	autofree char *path = below(name);

	assert_int_equal(symlink(text, path), 0);
}

static void whiteout(const char *name)
{
	autofree char *path = below(name);

	if (mknod(path, S_IFCHR, makedev(0, 0)) < 0)
		skip();
}

static void make_opaque(const char *name)
{
	autofree char *path = below(name);

	if (setxattr(path, "user.overlay.opaque", "y", 1, 0) < 0)
		skip();
}

/* The user "app" has that number; 0: there is none. */
static void app_is(uid_t uid)
{
	struct image_user user = {0};
	struct err e = {0};
	int r = image_user_find(&layers, "app", &user, &e);

	assert_int_equal(r, uid ? 0 : -ENOENT);
	if (uid)
		assert_int_equal(user.uid, uid);
	else
		assert_string_equal(e.text, "the image has no user 'app'");
	image_user_done(&user);
}

static void test_user_of_layers(void **state)
{
	(void)state;
	app_is(0);
	put("low/etc/passwd", "app:x:5:6::/low:/bin/sh\n");
	app_is(5);
	put("top/etc/passwd", "root:x:0:0::/root:/bin/sh\napp:x:7:8::/top:/bin/sh\n");
	app_is(7);
}

static void test_user_hidden(void **state)
{
	(void)state;
	put("low/etc/passwd", "app:x:5:6::/low:/bin/sh\n");
	whiteout("top/etc/passwd");
	app_is(0);
}

static void test_user_hidden_folder(void **state)
{
	autofree char *etc = below("top/etc");

	(void)state;
	put("low/etc/passwd", "app:x:5:6::/low:/bin/sh\n");
	assert_int_equal(rmdir(etc), 0);
	whiteout("top/etc");
	app_is(0);
	assert_int_equal(unlink(etc), 0);
	put("top/etc", "a file");
	app_is(0);
}

static void test_user_opaque(void **state)
{
	(void)state;
	put("low/etc/passwd", "app:x:5:6::/low:/bin/sh\n");
	make_opaque("top/etc");
	app_is(0);
	put("top/etc/passwd", "app:x:7:8::/top:/bin/sh\n");
	app_is(7);
}

static void test_user_links(void **state)
{
	autofree char *link = below("top/etc/passwd");

	(void)state;
	put("low/usr/users", "app:x:5:6::/low:/bin/sh\n");
	link_to("top/etc/passwd", "/usr/users");
	app_is(5);
	assert_int_equal(unlink(link), 0);
	link_to("top/etc/passwd", "../../../../usr/./users");
	app_is(5);
	assert_int_equal(unlink(link), 0);
	link_to("top/etc/passwd", "passwd");
	{
		struct image_user user = {0};
		struct err e = {0};

		assert_int_equal(image_user_find(&layers, "app", &user, &e), -ELOOP);
	}
}

/* The host has these; the image has not. */
static void test_user_not_of_host(void **state)
{
	struct image_user user = {0};
	struct err e = {0};

	(void)state;
	link_to("top/etc/group", "/proc/self/root/etc/group");
	assert_int_equal(image_user_find(&layers, "5:root", &user, &e), -ENOENT);
	link_to("top/etc/passwd", "../../../../../../../../../../../../etc/passwd");
	assert_int_equal(image_user_find(&layers, "root", &user, &e), -ELOOP);
}

static void test_user_words(void **state)
{
	static const struct {
		const char *text;
		long uid, gid; /* negative: an error */
	} rows[] = {{NULL, 0, 0},    {"", 0, 0},           {"app", 5, 6},         {"5", 5, 6},           {"9", 9, 0},
		    {"9:4", 9, 4},   {"app:staff", 5, 50}, {"app:none", -1, 0},   {"none", -1, 0},       {"-1", -1, 0},
		    {"app:", -1, 0}, {"odd", -1, 0},       {"4294967295", -1, 0}, {"short:staff", -1, 0}};

	(void)state;
	put("low/etc/passwd", "root:x:0:0::/root:/bin/sh\napp:x:5:6::/app:/bin/sh\nodd:x:minus:6\nshort\n\n:::\n");
	put("low/etc/group", "staff:x:50:\nbad\n");
	for (size_t i = 0; i < countof(rows); i++) {
		struct image_user user = {0};
		struct err e = {0};
		int r = image_user_find(&layers, rows[i].text, &user, &e);

		if ((r < 0) != (rows[i].uid < 0) || (r == 0 && (user.uid != rows[i].uid || user.gid != rows[i].gid)))
			fail_msg("'%s': %d, %u:%u %s", rows[i].text, r, user.uid, user.gid, e.text);
		image_user_done(&user);
	}
}

int main(void)
{
#define OF_LAYERS(test) cmocka_unit_test_setup_teardown(test, make_layers, remove_layers)
	const struct CMUnitTest tests[] = {
		OF_LAYERS(test_user_of_layers), OF_LAYERS(test_user_hidden), OF_LAYERS(test_user_hidden_folder),
		OF_LAYERS(test_user_opaque),    OF_LAYERS(test_user_links),  OF_LAYERS(test_user_not_of_host),
		OF_LAYERS(test_user_words),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
