/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-pack: what comes into a closure, and why, in made-up trees. */
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

static int set_up(void **state)
{
	if (make_folder(state) < 0)
		return -1;
	options = (struct pack_options){.root = folder, .bare = true};
	closure = (struct closure){0};
	e = (struct err){0};
	make_library("/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", .soname = "ld-linux-x86-64.so.2");
	make_link("/lib", "usr/lib");
	make_link("/lib64", "usr/lib64");
	make_link("/bin", "usr/bin");
	make_link("/usr/lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2");
	return 0;
}

static void forget(void)
{
	closure_done(&closure);
	strv_done(&options.programs);
	strv_done(&options.packages);
	strv_done(&options.paths);
	strv_done(&options.without);
}

static int tear_down(void **state)
{
	forget();
	return remove_folder(state);
}

static void collect(void)
{
	if (pack_collect(&options, &closure, &e) < 0)
		fail_msg("%s", e.text);
}

static void has(const char *path, enum entry_type type, const char *why)
{
	const struct closure_entry *entry = closure_find(&closure, path);

	if (!entry)
		fail_msg("there is no %s", path);
	assert_int_equal(entry->type, type);
	assert_string_equal(entry->why, why);
}

static void lacks(const char *path)
{
	if (closure_find(&closure, path))
		fail_msg("there is %s", path);
}

static void notes(const char *text)
{
	for (size_t i = 0; i < closure.notes.count; i++)
		if (strstr(closure.notes.v[i], text))
			return;
	fail_msg("no note says '%s'", text);
}

static void refuses(int code, const char *text)
{
	assert_int_equal(pack_collect(&options, &closure, &e), -code);
	if (!strstr(e.text, text))
		fail_msg("'%s' does not say '%s'", e.text, text);
	assert_int_equal(closure.count, 0);
}

static void test_program(void **state)
{
	(void)state;
	make_program("/usr/bin/p", .needed = {"liba.so.1", "ld-linux-x86-64.so.2"});
	make_link("/usr/lib/x86_64-linux-gnu/liba.so.1", "liba.so.1.2");
	make_library("/usr/lib/x86_64-linux-gnu/liba.so.1.2", .soname = "liba.so.1", .needed = {"libb.so"});
	make_library("/usr/lib/libb.so", .needed = {"liba.so.1"});
	make_library("/usr/lib/libother.so");
	strv_add(&options.programs, "/bin/p");
	collect();
	has("/bin", ENTRY_LINK, "on the way to /bin/p");
	has("/usr/bin/p", ENTRY_FILE, "given");
	has("/lib64", ENTRY_LINK, "on the way to /lib64/ld-linux-x86-64.so.2");
	has("/usr/lib64/ld-linux-x86-64.so.2", ENTRY_LINK, "interpreter of /usr/bin/p");
	has("/lib", ENTRY_LINK, "on the way to /lib64/ld-linux-x86-64.so.2");
	has("/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", ENTRY_FILE, "interpreter of /usr/bin/p");
	has("/usr/lib/x86_64-linux-gnu/liba.so.1", ENTRY_LINK, "NEEDED of /usr/bin/p");
	has("/usr/lib/x86_64-linux-gnu/liba.so.1.2", ENTRY_FILE, "NEEDED of /usr/bin/p");
	has("/usr/lib/libb.so", ENTRY_FILE, "NEEDED of /lib/x86_64-linux-gnu/liba.so.1");
	lacks("/usr/lib/libother.so");
	assert_int_equal(closure.count, 14);
	assert_int_equal(closure.notes.count, 0);
}

/* An object relies on what another one has loaded, as it does when the program runs. */
static void test_loaded_before(void **state)
{
	(void)state;
	make_program("/opt/p/p", .needed = {"liba.so", "libb.so"}, .runpath = "$ORIGIN/x:$ORIGIN/y");
	make_library("/opt/p/x/liba.so", .needed = {"libb.so.2"});
	make_library("/opt/p/y/libb.so", .soname = "libb.so.2");
	strv_add(&options.programs, "/opt/p/p");
	collect();
	has("/opt/p/y/libb.so", ENTRY_FILE, "NEEDED of /opt/p/p (RUNPATH)");
}

static void test_lacking(void **state)
{
	(void)state;
	make_program("/usr/bin/p", .needed = {"liba.so"});
	make_library("/usr/lib/liba.so", .needed = {"libgone.so.3"});
	strv_add(&options.programs, "p");
	refuses(ENOENT, "'/lib/liba.so' needs libgone.so.3");
	forget();
	strv_add(&options.paths, "/usr/lib"); /* what only lies there may lack something */
	collect();
	notes("'/usr/lib/liba.so' needs libgone.so.3");
	forget();
	make_library("/opt/libgone.so.3"); /* its program will have loaded it */
	strv_add(&options.paths, "/usr/lib");
	strv_add(&options.paths, "/opt");
	collect();
	assert_int_equal(closure.notes.count, 0);
	forget();
	strv_add(&options.programs, "/none");
	refuses(ENOENT, "given: '/none'");
	forget();
	strv_add(&options.programs, "none");
	refuses(ENOENT, "there is no program 'none'");
}

static void test_script(void **state)
{
	(void)state;
	make_program("/usr/bin/sh");
	make_program("/usr/bin/env");
	make_program("/usr/local/bin/tool");
	make_file("/usr/bin/tool", "#!/bin/sh\n"); /* comes later in the search */
	make_file("/usr/bin/a", "#! /bin/sh -e\n");
	make_file("/usr/bin/b", "#!/usr/bin/env -S A=b tool -x\n");
	make_file("/usr/bin/c", "#!/usr/bin/env none\n");
	make_file("/usr/bin/plain", "#!/none\n");
	for (const char *p = "abc"; *p; p++) {
		autofree char *path = xasprintf("/usr/bin/%c", *p);

		set_mode(path, 0755);
	}
	strv_add(&options.programs, "a");
	strv_add(&options.programs, "b");
	strv_add(&options.paths, "/usr/bin/plain"); /* nobody executes it */
	collect();
	has("/usr/bin/sh", ENTRY_FILE, "shebang of /usr/bin/a");
	has("/usr/bin/env", ENTRY_FILE, "shebang of /usr/bin/b");
	has("/usr/local/bin/tool", ENTRY_FILE, "shebang of /usr/bin/b");
	lacks("/usr/bin/tool");
	forget();
	strv_add(&options.programs, "c");
	refuses(ENOENT, "shebang of /usr/bin/c: there is no program 'none'");
	forget();
	for (int i = 0; i < 7; i++) {
		autofree char *path = xasprintf("/usr/bin/n%d", i), *text = xasprintf("#!/usr/bin/n%d\n", i + 1);

		make_file(path, i < 6 ? text : "#!bin/sh\n");
		set_mode(path, 0755);
	}
	strv_add(&options.programs, "n0");
	refuses(ELOOP, "more than 5 times");
	forget();
	strv_add(&options.programs, "n6");
	refuses(EINVAL, "'bin/sh' is no absolute path");
}

static void test_folder(void **state)
{
	autofree char *pipe = NULL;

	(void)state;
	make_file("/srv/a/file", "1");
	make_file("/srv/a/deep/er/file", "1");
	make_file("/srv/a/left/out", "1");
	make_link("/srv/a/up", "..");
	make_link("/srv/a/gone", "/srv/none/at/all");
	make_link("/srv/a/etc", "/etc");
	make_link("/srv/a/other", "../../usr/share/other");
	make_file("/etc/secret", "1");
	make_file("/usr/share/other/x/file", "1");
	make_file("/srv/b", "1");
	pipe = below("srv/a/pipe");
	assert_int_equal(mkfifo(pipe, 0644), 0);
	strv_add(&options.paths, "/srv/a");
	strv_add(&options.without, "/srv/a/left");
	collect();
	has("/srv/a", ENTRY_FOLDER, "given");
	has("/srv/a/deep/er/file", ENTRY_FILE, "in /srv/a (given)");
	has("/srv/a/up", ENTRY_LINK, "in /srv/a (given)");
	has("/srv/a/gone", ENTRY_LINK, "in /srv/a (given)");
	has("/usr/share/other/x/file", ENTRY_FILE, "in /srv/a (given)");
	has("/etc", ENTRY_FOLDER, "in /srv/a (given)");
	lacks("/etc/secret"); /* of a folder at the top, not all only since a link leads there */
	lacks("/srv/b");
	lacks("/srv/a/left");
	lacks("/srv/a/pipe");
	notes("'/srv/a/gone': No such file");
	notes("'/srv/a/pipe' is a device, a socket or a pipe");
	forget();
	strv_add(&options.paths, "/srv/a/pipe");
	refuses(EINVAL, "is a device");
	forget();
	strv_add(&options.paths, "/");
	refuses(EINVAL, "as a whole");
	forget();
	strv_add(&options.paths, "srv");
	refuses(EINVAL, "not absolute");
}

static void test_package(void **state)
{
	(void)state;
	make_program("/usr/bin/p", .needed = {"libgone.so"});
	make_file("/usr/share/doc/p/copyright", "1");
	make_file("/usr/share/p/data", "1");
	make_file("/usr/share/p/not-of-it", "1");
	make_folder_at("/var/lib/p", 0755);
	make_file("/var/lib/dpkg/info/p:amd64.list", "/.\n/usr\n/bin/p\n/usr/share/p\n/usr/share/p/data\n/usr/share/"
						     "doc/p/copyright\n/var/lib/p\n/usr/gone\n");
	make_file("/var/lib/dpkg/info/q:i386.list", "/.\n");
	make_file("/var/lib/dpkg/info/q:amd64.list", "/.\n");
	strv_add(&options.packages, "p");
	collect();
	has("/usr/bin/p", ENTRY_FILE, "package p");
	has("/usr/share/p/data", ENTRY_FILE, "package p");
	has("/var/lib/p", ENTRY_FOLDER, "package p");
	has("/usr/lib64/ld-linux-x86-64.so.2", ENTRY_LINK, "interpreter of /usr/bin/p");
	lacks("/usr/share/p/not-of-it");
	lacks("/usr/share/doc");
	notes("libgone.so");
	notes("'/usr/gone'");
	forget();
	strv_add(&options.packages, "q");
	refuses(EINVAL, "several machines");
	forget();
	strv_add(&options.packages, "q:amd64");
	collect();
	forget();
	strv_add(&options.packages, "../p");
	refuses(EINVAL, "no name of a package");
	forget();
	strv_add(&options.packages, "none");
	refuses(ENOENT, "'none' is not installed");
}

/* The first alternative that is installed, one that only provides the name, and of two machines the right one. */
static void test_depends(void **state)
{
	static const char *const lists[] = {"p", "q", "r:i386", "r:amd64", "s", "not", "t"};

	(void)state;
	make_file("/var/lib/dpkg/status", "Package: p\nStatus: install ok installed\nArchitecture: amd64\n"
					  "Depends: gone (>= 1) | q:any (<< 3), virtual\nPre-Depends: r\n\n"
					  "Package: q\nStatus: install ok installed\nArchitecture: all\nDepends: p, "
					  "none, unlisted\n\nPackage: unlisted\nStatus: install ok installed\n\n"
					  "Package: r\nStatus: install ok installed\nArchitecture: i386\nDepends: t\n\n"
					  "Package: r\nStatus: install ok installed\nArchitecture: amd64\n\n"
					  "Package: gone\nStatus: deinstall ok config-files\nDepends: not\n\n"
					  "Package: not\nStatus: install ok installed\n\n"
					  "Package: t\nStatus: install ok installed\n\n"
					  "Package: s\nStatus: install ok installed\nDescription: x\n Depends: not\n"
					  "Provides: other, virtual (= 1)");
	for (size_t i = 0; i < countof(lists); i++) {
		autofree char *list = xasprintf("/var/lib/dpkg/info/%s.list", lists[i]);
		autofree char *file = xasprintf("/usr/share/%s", lists[i]), *text = xasprintf("/.\n%s\n", file);

		make_file(list, text);
		make_file(file, "1");
	}
	strv_add(&options.packages, "p");
	options.depends = true;
	collect();
	has("/usr/share/p", ENTRY_FILE, "package p");
	has("/usr/share/q", ENTRY_FILE, "package q");
	has("/usr/share/r:amd64", ENTRY_FILE, "package r:amd64");
	has("/usr/share/s", ENTRY_FILE, "package s");
	lacks("/usr/share/r:i386");
	notes("'unlisted' is not installed");
	lacks("/usr/share/not");
	lacks("/usr/share/t");
}

static void test_rules(void **state)
{
	(void)state;
	make_program("/usr/bin/python3.11", .needed = {"libc.so.6"});
	make_link("/usr/bin/python3", "python3.11");
	make_file("/usr/lib/python3.11/os.py", "1");
	make_file("/usr/lib/python3.11/config-3.11-x86_64-linux-gnu/libpython3.11.a", "1");
	make_library("/usr/lib/python3.11/lib-dynload/_ssl.so", .needed = {"libssl.so.3"});
	make_library("/usr/lib/x86_64-linux-gnu/libssl.so.3");
	make_library("/usr/lib/x86_64-linux-gnu/libc.so.6", .needed = {"GLIBC_2.34"}, .soname = "GLIBC_2.34");
	make_library("/usr/lib/x86_64-linux-gnu/libgcc_s.so.1");
	make_library("/usr/lib/x86_64-linux-gnu/libnss_files.so.2");
	make_file("/usr/lib/x86_64-linux-gnu/gconv/UTF-16.so", "1");
	make_file("/etc/ssl/certs/ca-certificates.crt", "1");
	make_file("/etc/ssl/certs/other.pem", "1");
	make_link("/usr/lib/ssl/certs", "/etc/ssl/certs");
	strv_add(&options.programs, "python3");
	collect();
	has("/usr/lib/python3.11/os.py", ENTRY_FILE, "in /usr/lib/python3.11 (rule python, of /usr/bin/python3.11)");
	lacks("/usr/lib/python3.11/config-3.11-x86_64-linux-gnu");
	has("/etc/ssl/certs/ca-certificates.crt", ENTRY_FILE,
	    "rule TLS roots, of /usr/lib/x86_64-linux-gnu/libssl.so.3");
	has("/usr/lib/ssl/certs", ENTRY_LINK, "rule TLS roots, of /usr/lib/x86_64-linux-gnu/libssl.so.3");
	lacks("/etc/ssl/certs/other.pem");
	has("/usr/lib/x86_64-linux-gnu/libgcc_s.so.1", ENTRY_FILE,
	    "rule unwinding, of /usr/lib/x86_64-linux-gnu/libc.so.6");
	lacks("/usr/lib/x86_64-linux-gnu/libnss_files.so.2"); /* it is in libc */
	lacks("/usr/lib/x86_64-linux-gnu/gconv");
	forget();
	make_library("/usr/lib/x86_64-linux-gnu/libc.so.6"); /* an old one */
	strv_add(&options.programs, "python3");
	options.gconv = true;
	collect();
	has("/usr/lib/x86_64-linux-gnu/libnss_files.so.2", ENTRY_FILE,
	    "rule NSS, service files of /usr/lib/x86_64-linux-gnu/libc.so.6");
	assert_non_null(closure_find(&closure, "/usr/lib/x86_64-linux-gnu/gconv/UTF-16.so"));
}

static void test_made(void **state)
{
	const struct closure_entry *entry;
	autostr struct str text = {0};
	struct json *json;

	(void)state;
	make_program("/usr/bin/p", .needed = {"libx.so"});
	make_library("/usr/local/lib/libx.so");
	make_file("/etc/ld.so.conf", "/usr/local/lib\n");
	make_file("/etc/hosts", "own\n");
	make_folder_at("/tmp", 0755);
	strv_add(&options.programs, "p");
	strv_add(&options.paths, "/etc/hosts");
	options.bare = false;
	collect();
	has("/etc/passwd", ENTRY_FILE, "made up");
	has("/etc/hosts", ENTRY_FILE, "given");
	has("/tmp", ENTRY_FOLDER, "made up");
	assert_int_equal(closure_find(&closure, "/tmp")->mode, 01777);
	has("/usr/local/lib/libx.so", ENTRY_FILE, "NEEDED of /usr/bin/p (ld.so.conf)");
	entry = closure_find(&closure, "/etc/ld.so.cache");
	assert_non_null(entry);
	assert_memory_equal(entry->content, "glibc-ld.so.cache1.1\1", 21);
	assert_non_null(memmem(entry->content, entry->bytes, "/usr/local/lib/libx.so", 23));
	closure_print(&closure, &text);
	assert_non_null(strstr(text.s, " /usr/bin/p  # given\n"));
	assert_non_null(strstr(text.s, "link - /lib64 -> usr/lib64  # on the way"));
	json = closure_json(&closure);
	assert_int_equal(json_count(json_member(json, "entries")), closure.count);
	json_done(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_program, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_loaded_before, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lacking, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_script, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_folder, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_package, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_depends, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_rules, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_made, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
