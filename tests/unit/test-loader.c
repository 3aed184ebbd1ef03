/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-loader: the order of the search, in made-up trees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "pack/loader.h"
#include "pack/root.h"
#include "tests/unit/pack-tree.h"

static struct loader loader;
static struct object program, library;

static int set_up(void **state)
{
	struct err e;

	if (make_folder(state) < 0)
		return -1;
	loader = (struct loader){.root = root_fd(folder, &e)};
	program = (struct object){.path = xstrdup("/opt/p/bin/p"), .elf = {.bits = 64, .machine = EM_X86_64}};
	library = (struct object){.path = xstrdup("/opt/l/libl.so"), .elf = program.elf, .by = &program};
	return loader.root < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)close(loader.root);
	loader_done(&loader);
	free(program.path);
	free(library.path);
	return remove_folder(state);
}

static void at(const struct object *who, const char *name, const char *expected, const char *how)
{
	struct library found;

	if (!loader_find(&loader, who, name, NULL, &found)) {
		if (expected)
			fail_msg("%s is not found, but should be at %s", name, expected);
		return;
	}
	if (!expected)
		fail_msg("%s is found at %s", name, found.path);
	assert_string_equal(found.path, expected);
	assert_string_equal(found.how, how);
	library_done(&found);
}

/* libx is everywhere; what is taken away one by one is the next in the order. */
static void test_order(void **state)
{
	static char rpath[] = "/rpath", program_rpath[] = "/up", runpath[] = "/none:$ORIGIN/run";
	static const char *const places[] = {
		"/rpath/libx.so",   "/up/libx.so",    "/conf/libx.so",     "/lib/x86_64-linux-gnu/libx.so",
		"/usr/lib/libx.so", "/opt/l/libx.so", "/opt/l/run/libx.so"};
	static const char *const hows[] = {"RPATH", "RPATH", "ld.so.conf",
					   "",      "",      "in the same folder, by no rule of the loader"};

	(void)state;
	make_file("/etc/ld.so.conf", "include ld.so.conf.d/*.conf\n");
	make_file("/etc/ld.so.conf.d/a.conf", "# a comment\n\n  /conf/  # another\n");
	make_file("/etc/ld.so.conf.d/b.other", "/not-read\n");
	make_library("/not-read/libonly.so");
	for (size_t i = 0; i < countof(places); i++)
		make_library(places[i]);
	program.elf.rpath = program_rpath;
	library.elf.rpath = rpath;
	at(&library, "libonly.so", NULL, NULL);
	for (size_t i = 0; i < countof(hows); i++) {
		autofree char *whole = below(places[i] + 1);

		at(&library, "libx.so", places[i], hows[i]);
		assert_int_equal(unlink(whole), 0);
	}
	at(&library, "libx.so", NULL, NULL);
	library.elf.runpath = runpath;
	at(&library, "libx.so", "/opt/l/run/libx.so", "RUNPATH");
}

/* DT_RUNPATH puts out the object's DT_RPATH and those of who asked for it, and is not inherited. */
static void test_runpath(void **state)
{
	static char a[] = "/a", b[] = "/b";

	(void)state;
	make_library("/a/libx.so");
	make_library("/b/libx.so");
	make_library("/b/liby.so");
	library.elf.rpath = library.elf.runpath = a;
	program.elf.rpath = b;
	at(&library, "libx.so", "/a/libx.so", "RUNPATH");
	at(&library, "liby.so", NULL, NULL);
	library.elf.runpath = NULL;
	at(&library, "liby.so", "/b/liby.so", "RPATH");
	program.elf.runpath = b;
	at(&library, "liby.so", NULL, NULL);
	at(&program, "liby.so", "/b/liby.so", "RUNPATH");
}

static void test_defaults(void **state)
{
	struct library found;

	(void)state;
	make_library("/usr/local/lib/liblocal.so");
	make_library("/usr/lib/libusr.so");
	make_file("/etc/ld.so.conf", "/usr/local/lib\n/usr/lib\ninclude /etc/ld.so.conf\n");
	assert_true(loader_find(&loader, &program, "liblocal.so", NULL, &found));
	assert_true(found.needs_cache);
	library_done(&found);
	assert_true(loader_find(&loader, &program, "libusr.so", NULL, &found));
	assert_false(found.needs_cache); /* it is found without */
	library_done(&found);
	assert_int_equal(loader.config.count, 2);
	program.elf.no_default = true;
	at(&program, "libusr.so", NULL, NULL);
	at(&program, "", NULL, NULL);
}

/* Only what can stand beside the object counts: others are passed over. */
static void test_fits(void **state)
{
	(void)state;
	make_library("/lib/x86_64-linux-gnu/libx.so", .bits = 32, .machine = EM_386);
	make_library("/usr/lib/x86_64-linux-gnu/libx.so", .machine = EM_AARCH64);
	make_file("/lib64/libx.so", "GROUP ( /lib/libx.so.1 )\n");
	make_folder_at("/usr/lib64/libx.so", 0755);
	make_link("/usr/lib/libx.so", "libx.so.1");
	make_library("/usr/lib/libx.so.1");
	at(&program, "libx.so", "/usr/lib/libx.so", "");
	program.elf = (struct elf){.bits = 32, .machine = EM_386};
	make_library("/usr/lib/i386-linux-gnu/libx.so", .bits = 32, .machine = EM_386);
	at(&program, "libx.so", "/usr/lib/i386-linux-gnu/libx.so", "");
}

static void test_variants(void **state)
{
	struct library found;

	(void)state;
	make_library("/usr/lib/x86_64-linux-gnu/libx.so");
	make_library("/usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libx.so");
	make_library("/usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v2/libx.so");
	make_file("/usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v4/libx.so", "no object");
	assert_true(loader_find(&loader, &program, "libx.so", NULL, &found));
	assert_string_equal(found.path, "/usr/lib/x86_64-linux-gnu/libx.so");
	assert_int_equal(found.variants.count, 2);
	assert_non_null(strstr(found.variants.v[0], "x86-64-v3"));
	library_done(&found);
}

static void expands(const char *text, const char *expected)
{
	autostrv struct strv folders = {0};
	autostr struct str all = {0};

	loader_expand(text, &program, &folders);
	str_add(&all, "");
	for (size_t i = 0; i < folders.count; i++)
		str_addf(&all, "%s%s", i ? ":" : "", folders.v[i]);
	assert_string_equal(all.s, expected);
}

static void test_variables(void **state)
{
	(void)state;
	expands("", "");
	expands("/a:/b::/a", "/a:/b");
	expands("$ORIGIN", "/opt/p/bin");
	expands("${ORIGIN}/../lib", "/opt/p/bin/../lib");
	expands("/x/$LIB/y", "/x/lib/x86_64-linux-gnu/y:/x/lib64/y:/x/lib/y");
	expands("/x/${PLATFORM}:/$PLATFORM.d", "/x/x86_64:/x86_64.d");
	expands("relative:$ORIGINAL/x:${HOME}/x:$:/${ORIGIN:/$", "");
}

static void test_musl(void **state)
{
	static const char musl[] = "ld-musl-x86_64.so.1";
	static char up[] = "/up";
	struct library found;

	(void)state;
	make_library("/lib/libx.so");
	make_library("/lib/x86_64-linux-gnu/libglibc.so");
	make_library("/up/liby.so");
	program.elf.runpath = up; /* musl inherits it */
	assert_true(loader_find(&loader, &library, "libx.so", musl, &found));
	assert_string_equal(found.path, "/lib/libx.so");
	library_done(&found);
	assert_true(loader_find(&loader, &library, "liby.so", musl, &found));
	library_done(&found);
	assert_false(loader_find(&loader, &library, "libglibc.so", musl, &found));
	make_file("/etc/ld-musl-x86_64.path", "/lib/x86_64-linux-gnu\n/other");
	assert_true(loader_find(&loader, &library, "libglibc.so", musl, &found));
	library_done(&found);
	assert_false(loader_find(&loader, &library, "libx.so", musl, &found));
	assert_true(strv_has(&loader.files, "/etc/ld-musl-x86_64.path"));
}

/* A link that goes up, or is absolute, ends in the root of the test. */
static void test_root(void **state)
{
	(void)state;
	make_link("/usr/lib/libx.so", "/../../../../hidden/libx.so");
	make_link("/usr/lib/libc.so.6", "/usr/lib/x86_64-linux-gnu/libc.so.6"); /* of the host, if it led out */
	make_library("/hidden/libx.so");
	at(&program, "libx.so", "/usr/lib/libx.so", "");
	at(&program, "libc.so.6", NULL, NULL);
	at(&program, "/hidden/libx.so", "/hidden/libx.so", "by its path");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_runpath, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_defaults, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_fits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_variants, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_variables, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_musl, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_root, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
