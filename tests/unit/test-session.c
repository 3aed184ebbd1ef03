/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-session: upper folders, made by hand as an overlayfs makes them and as it never does, are read and committed. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

#include "session/beneath.h"
#include "session/commit.h"
#include "tests/unit/own-folder.h"

struct fixture {
	struct session session;
	struct session_overlay overlay;
	int lower;
	struct changes changes;
	struct err e;
};

static void make(const char *name)
{
	autofree char *path = below(name);

	assert_int_equal(mkdir(path, 0755), 0);
}

static void opened(struct fixture *f)
{
	autofree char *session = below("session"), *lower = below("lower");

	*f = (struct fixture){.session = SESSION_NONE, .overlay = SESSION_OVERLAY_NONE, .lower = -1};
	make("lower");
	put("lower/kept", "kept");
	assert_int_equal(session_open(session, SESSION_MAKE, &f->session, &f->e), 0);
	assert_int_equal(session_overlay_make(&f->session, "id", lower, &f->e), 0);
	assert_int_equal(session_overlay_open(&f->session, "id", &f->overlay, &f->e), 0);
	assert_string_equal(f->overlay.lower, lower);
	f->lower = session_lower(&f->overlay, &f->e);
	assert_true(f->lower >= 0);
}

static void closed(struct fixture *f)
{
	changes_done(&f->changes);
	mem_close_ptr(&f->lower);
	session_overlay_done(&f->overlay);
	session_close(&f->session);
}

/* All changes, as KIND:WHAT:PATH, each ended by a blank; of what is refused, its reason is WHAT. */
static void reads(struct fixture *f, const char *wanted)
{
	autostr struct str found = {0};

	changes_done(&f->changes);
	if (session_read(&f->overlay, &f->lower, 1, &f->changes, &f->e) < 0)
		fail_msg("%s", f->e.text);
	str_add(&found, "");
	for (size_t i = 0; i < f->changes.count; i++)
		if (f->changes.v[i].kind != CHANGE_SAME)
			str_addf(&found, "%s:%s:%s ", change_word[f->changes.v[i].kind], f->changes.v[i].what,
				 f->changes.v[i].path);
	assert_string_equal(found.s, wanted);
}

static void special(const char *name, mode_t mode)
{
	autofree char *path = below(name);

	assert_int_equal(mknod(path, mode, 0), 0);
}

static void attribute(const char *name, const char *attr)
{
	autofree char *path = below(name);

	if (setxattr(path, attr, "y", 1, 0) < 0) {
		assert_int_equal(errno, ENOTSUP); /* a tmpfs of an older kernel */
		skip();
	}
}

static void test_kinds(void **state)
{
	struct fixture f;

	(void)state;
	opened(&f);
	reads(&f, "");
	make("lower/folder");
	put("lower/folder/gone", "x");
	put("lower/gone", "x");
	put("session/id/upper/kept", "other");
	put("session/id/upper/new", "x");
	special("session/id/upper/gone", S_IFCHR);
	special("session/id/upper/absent", S_IFCHR);
	make("session/id/upper/folder");
	special("session/id/upper/folder/gone", S_IFCHR);
	reads(&f, "removed:file:folder/gone removed:file:gone changed:file:kept added:file:new ");
	closed(&f);
}

static void test_opaque(void **state)
{
	struct fixture f;

	(void)state;
	opened(&f);
	make("lower/a");
	put("lower/a/x", "x");
	put("lower/b", "x");
	make("session/id/upper/a");
	put("session/id/upper/a/x", "x");
	attribute("session/id/upper/a", "user.overlay.opaque");
	put("session/id/upper/b", "");
	attribute("session/id/upper/b", "user.overlay.whiteout");
	put("session/id/upper/kept", "y");
	attribute("session/id/upper/kept", "user.overlay.overlay.whiteout"); /* of a program's own */
	reads(&f, "opaque:folder:a added:file:a/x removed:file:b changed:file:kept ");
	closed(&f);
}

static void test_refused(void **state)
{
	autofree char *key = NULL;
	const char *own = "";
	struct fixture f;

	(void)state;
	opened(&f);
	special("session/id/upper/1", S_IFIFO | 0644);
	special("session/id/upper/2", S_IFSOCK | 0644);
	put("session/id/upper/3", "x");
	attribute("session/id/upper/3", "user.overlay.redirect");
	put("session/id/upper/4", "x");
	attribute("session/id/upper/4", "user.overlay.metacopy");
	reads(&f, "refused:fifo:1 refused:socket:2 refused:attribute that no sandbox makes:3 "
		  "refused:attribute that no sandbox makes:4 ");
	assert_true(f.changes.v[1].lost && f.changes.v[2].lost && !f.changes.v[3].lost);
	key = xasprintf("session/id/upper/%s", f.overlay.key);
	put(key, "x");
	changes_done(&f.changes);
	assert_int_equal(session_read(&f.overlay, &f.lower, 1, &f.changes, &f.e), 0);
	for (size_t i = 0; i < f.changes.count; i++) /* by chance before the others, or after them */
		if (str_eq(f.changes.v[i].path, f.overlay.key))
			own = f.changes.v[i].what;
	assert_string_equal(own, "name of sbx's own");
	closed(&f);
}

static void test_deep(void **state)
{
	struct fixture f;
	size_t refused = 0;
	int at;

	(void)state;
	opened(&f);
	at = openat(f.overlay.folder, "upper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < 2 * CHANGE_DEPTH; i++) {
		int next;

		assert_int_equal(mkdirat(at, "d", 0700), 0);
		next = openat(at, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(next >= 0);
		(void)close(at);
		at = next;
	}
	(void)close(at);
	assert_int_equal(session_read(&f.overlay, &f.lower, 1, &f.changes, &f.e), 0);
	for (size_t i = 0; i < f.changes.count; i++)
		refused += f.changes.v[i].kind == CHANGE_REFUSED;
	assert_int_equal(refused, 1);
	assert_int_equal(f.changes.count, CHANGE_DEPTH + 1);
	assert_int_equal(session_remove(&f.session, &f.e), 0);
	closed(&f);
}

/* The host has a link where the session has a folder. */
static void test_link(void **state)
{
	autofree char *outside = below("outside"), *link = below("lower/a");
	static const char *const never[] = {NULL};
	struct commit commit;
	struct fixture f;
	struct stat st;

	(void)state;
	opened(&f);
	make("outside");
	make("lower/a");
	make("session/id/upper/a");
	put("session/id/upper/a/x", "x");
	reads(&f, "added:file:a/x ");
	assert_int_equal(rmdir(link), 0);
	assert_int_equal(symlink(outside, link), 0);
	commit = (struct commit){
		.overlay = &f.overlay, .lower = f.lower, .changes = &f.changes, .never = never, .force = true};
	assert_true(commit_apply(&commit, &f.e) < 0); /* what was read is no more */
	assert_int_equal(f.e.code, ESTALE);
	assert_int_equal(fstatat(f.lower, "../outside/x", &st, 0), -1);
	closed(&f);
}

static void test_beneath(void **state)
{
	const char *name;
	struct fixture f;
	int fd;

	(void)state;
	opened(&f);
	assert_int_equal(beneath_parent(f.lower, "../x", &name), -EXDEV);
	assert_true(beneath_parent(f.lower, "/x", &name) < 0);
	assert_int_equal(beneath_parent(f.lower, "kept/x", &name), -ENOTDIR);
	fd = beneath_parent(f.lower, "kept", &name);
	assert_true(fd >= 0);
	assert_string_equal(name, "kept");
	(void)close(fd);
	assert_true(beneath_is_in("a/b", "a") && beneath_is_in("a", "") && !beneath_is_in("ab", "a"));
	closed(&f);
}

/* A file of a layer is seen through the folders above it, up to a whiteout, something else or an opaque folder. */
static void test_layers(void **state)
{
	static const char digest[] = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	autofree char *session = below("session");
	struct fixture f = {.session = SESSION_NONE, .overlay = SESSION_OVERLAY_NONE, .lower = -1};
	char is[SESSION_DIGEST];
	int layer[2];

	(void)state;
	assert_int_equal(session_open(session, SESSION_MAKE, &f.session, &f.e), 0);
	assert_int_equal(session_overlay_make(&f.session, SESSION_IMAGE, digest, &f.e), 0);
	assert_int_equal(session_overlay_make(&f.session, SESSION_IMAGE, "sha256:0", &f.e), -EINVAL);
	assert_non_null(strstr(f.e.hint, digest));
	assert_int_equal(session_overlay_open(&f.session, SESSION_IMAGE, &f.overlay, &f.e), 0);
	assert_int_equal(session_image(AT_FDCWD, session, is), -EXDEV); /* a name is none with a way in it */
	make("top");
	make("low");
	for (const char *const *p =
		     (const char *const[]){"top/a", "low/a", "low/a/deep", "top/hidden", "low/hidden", NULL};
	     *p; p++)
		make(*p);
	put("low/a/of-low", "x");
	put("top/a/of-top", "x");
	put("low/a/deep/x", "x");
	put("low/gone", "x");
	put("low/hidden/x", "x");
	put("low/file", "x");
	make("top/file");
	{
		autofree char *gone = below("top/gone"), *hidden = below("top/hidden"), *top = below("top"),
			      *low = below("low");

		assert_int_equal(mknod(gone, S_IFCHR, 0), 0);
		assert_int_equal(setxattr(hidden, "user.overlay.opaque", "y", 1, 0), 0);
		layer[0] = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		layer[1] = open(low, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	for (const char *const *p = (const char *const[]){"a", "a/deep", "hidden", "file", NULL}; *p; p++) {
		autofree char *name = xasprintf("session/image/upper/%s", *p);

		make(name);
	}
	for (const char *const *p =
		     (const char *const[]){"a/of-low", "a/of-top", "a/deep/x", "gone", "hidden/x", "file/x", NULL};
	     *p; p++) {
		autofree char *name = xasprintf("session/image/upper/%s", *p);

		put(name, "changed");
	}
	assert_int_equal(session_read(&f.overlay, layer, 2, &f.changes, &f.e), 0);
	for (size_t i = 0; i < f.changes.count; i++) {
		const char *path = f.changes.v[i].path;
		bool added = str_eq(path, "gone") || str_eq(path, "hidden/x") || str_eq(path, "file/x");
		bool changed = str_starts(path, "a/of-") || str_eq(path, "a/deep/x");

		assert_int_equal(f.changes.v[i].kind, added ? CHANGE_ADDED : changed ? CHANGE_CHANGED : CHANGE_SAME);
	}
	assert_int_equal(f.changes.count, 11);
	(void)close(layer[0]);
	(void)close(layer[1]);
	closed(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kinds, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_opaque, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_refused, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_deep, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_link, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_beneath, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_layers, make_folder, remove_folder),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
