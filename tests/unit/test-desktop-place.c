/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-desktop-place: overrides on their way to the disk and back, and what opens which type. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/time.h>

#include "desktop/associations.h"
#include "desktop/place.h"
#include "tests/unit/own-folder.h"

static struct str text_of(const char *text)
{
	struct str str = {0};

	str_add(&str, text);
	return str;
}

/* --- what opens which type --- */

static void check_associations(const char *own, const char *first, const char *second, const char *wanted)
{
	struct str caches[] = {text_of(own), text_of(first), text_of(second)};
	autostrv struct strv ids = {0};
	autostr struct str out = {0};

	strv_add(&ids, "b.desktop");
	strv_add(&ids, "c.desktop");
	associations_make(caches, countof(caches), &ids, &out);
	if (!wanted) {
		assert_null(out.s);
	} else {
		assert_true(associations_are_made(&out));
		assert_string_equal(strchr(out.s, '\n') + 1, wanted);
	}
	for (size_t i = 0; i < countof(caches); i++)
		str_done(&caches[i]);
}

static void test_associations(void **state)
{
	struct str none = {0};

	(void)state;
	assert_false(associations_are_made(&none));
	check_associations("", "", "", NULL);
	check_associations("[MIME Cache]\nt/b=b.desktop;\n", "[MIME Cache]\nt/a=a.desktop;\n", "", NULL);
	/* the default, and the order, stay as they were */
	check_associations("", "[MIME Cache]\nt/a=a.desktop;\nt/b=a.desktop;b.desktop;d.desktop;\n",
			   "[MIME Cache]\nt/b=e.desktop;b.desktop;\nt/c=c.desktop\n",
			   "[MIME Cache]\nt/b=a.desktop;b.desktop;d.desktop;e.desktop;\nt/c=c.desktop;\n");
	/* the user's own comes first, and what only that has stays */
	check_associations("[MIME Cache]\nt/x=x.desktop;\nt/b=x.desktop;;\n", "[MIME Cache]\nt/b=b.desktop;\n",
			   "[Other]\nt/c=c.desktop;\n", "[MIME Cache]\nt/x=x.desktop;\nt/b=x.desktop;b.desktop;\n");
}

/* --- the disk --- */

/* Content, mode, time and inode of a file, as a text. Owned by the caller; "-": there is none. */
static char *state_of(const char *name)
{
	autofree char *path = below(name);
	char content[256] = "";
	struct stat st;
	ssize_t n;

	if (lstat(path, &st) < 0)
		return xstrdup("-");
	n = fd_read_file(AT_FDCWD, path, content, sizeof content);
	return xasprintf("%s %o %lld.%09ld %llu", n < 0 ? "?" : content, st.st_mode, (long long)st.st_mtim.tv_sec,
			 st.st_mtim.tv_nsec, (unsigned long long)st.st_ino);
}

static void check_state(const char *name, const char *wanted)
{
	autofree char *now = state_of(name);

	assert_string_equal(now, wanted);
}

static void test_own(void **state)
{
	autofree char *path = below("a/k/x.desktop"), *above = below("a"), *deep = below("a/k"), *was = NULL;
	autostr struct str first = text_of("first"), second = text_of("second"), read = {0};
	struct timeval times[2] = {{1000, 7}, {2000, 9}};
	struct err e = {0};

	(void)state;
	assert_int_equal(mkdir(above, 0700) || mkdir(deep, 0700), 0);
	put("a/k/x.desktop", "own");
	assert_int_equal(chmod(path, 0640) || utimes(path, times), 0);
	was = state_of("a/k/x.desktop");
	assert_int_equal(place_put(above, "k/x.desktop", &first, 0644, true, &e), 0);
	check_state("a/k/x.desktop.sbx-orig", was);
	assert_true(place_has_kept(above, "k/x.desktop"));
	assert_int_equal(place_put(above, "k/x.desktop", &second, 0644, false, &e), 0);
	check_state("a/k/x.desktop.sbx-orig", was);
	assert_int_equal(place_read(above, "k/x.desktop", &read, &e), 0);
	assert_string_equal(read.s, "second");
	assert_int_equal(place_restore(above, "k/x.desktop", &e), 0);
	check_state("a/k/x.desktop", was);
	check_state("a/k/x.desktop.sbx-orig", "-");
	check_state("a/k/x.desktop.sbx-new", "-");
}

/* An earlier call was ended between two steps. */
static void test_ended(void **state)
{
	autofree char *path = below("x.desktop"), *kept = below("x.desktop.sbx-orig"), *was = NULL;
	autostr struct str text = text_of("made");
	struct err e = {0};

	(void)state;
	put("x.desktop", "own");
	put("x.desktop.sbx-new", "half");
	was = state_of("x.desktop");
	assert_int_equal(link(path, kept), 0);
	assert_false(place_has_kept(folder, "x.desktop"));
	assert_int_equal(place_restore(folder, "x.desktop", &e), 0);
	check_state("x.desktop", was);
	check_state("x.desktop.sbx-orig", "-");
	check_state("x.desktop.sbx-new", "-");
	assert_int_equal(link(path, kept), 0);
	assert_int_equal(place_put(folder, "x.desktop", &text, 0644, true, &e), 0);
	check_state("x.desktop.sbx-orig", was);
	put("x.desktop.sbx-new", "x");
	put("y.desktop", "own");
	put("y.desktop.sbx-orig", "another's");
	assert_int_equal(place_put(folder, "y.desktop", &text, 0644, true, &e), -EEXIST);
	assert_non_null(strstr(e.hint, "y.desktop.sbx-orig"));
	was = (free(was), state_of("y.desktop.sbx-new"));
	assert_string_equal(was, "-");
}

static void test_new(void **state)
{
	autofree char *deep = below("no/folder"), *target = below("target"), *name = below("l.desktop");
	autostr struct str text = text_of("made"), read = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(place_read(deep, "x.desktop", &read, &e), -ENOENT);
	assert_int_equal(place_put(deep, "x.desktop", &text, 0644, true, &e), 0);
	assert_int_equal(place_restore(deep, "x.desktop", &e), 0);
	check_state("no/folder/x.desktop", "-");
	/* the user's own is a link: it is the link that comes back, and what it leads to is not written */
	put("target", "own");
	assert_int_equal(symlink(target, name), 0);
	assert_int_equal(place_put(folder, "l.desktop", &text, 0644, true, &e), 0);
	assert_int_equal(place_read(folder, "target", &read, &e), 0);
	assert_string_equal(read.s, "own");
	assert_int_equal(place_restore(folder, "l.desktop", &e), 0);
	assert_int_equal(readlink(name, read.s, 1), 1);
	/* never waits, never reads what is no file */
	autofree char *fifo = below("f.desktop");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(place_read(folder, "f.desktop", &read, &e), -EINVAL);
}

static void test_names(void **state)
{
	static const char *const folders[] = {"a", "a/b", "a/b/c", "a/b/c/d", "a/b/c/d/e"};
	autofree char *none = below("none"), *loop = below("a/loop");
	autostrv struct strv names = {0};

	(void)state;
	for (size_t i = 0; i < countof(folders); i++) {
		autofree char *path = below(folders[i]), *file = xasprintf("%s/x.desktop", folders[i]);

		assert_int_equal(mkdir(path, 0700), 0);
		put(file, "");
	}
	put("z.desktop", "");
	put("z.desktop.sbx-orig", "");
	put(".desktop", "");
	place_names(folder, ".desktop", &names);
	assert_int_equal(names.count, 5);
	assert_string_equal(names.v[0], "a/b/c/d/x.desktop");
	assert_string_equal(names.v[4], "z.desktop");
	assert_int_equal(symlink(".", loop), 0); /* ends all the same */
	place_names(folder, ".desktop", &names);
	place_names(none, ".desktop", &names);
	assert_true(names.count < 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_associations),
		cmocka_unit_test_setup_teardown(test_own, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_ended, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_new, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_names, make_folder, remove_folder),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
