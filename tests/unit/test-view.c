/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-view: which of several rules says what is seen at a path. */
#include "tests/unit/plan-of.h"

static int setup(void **state)
{
	static const char *const lines[] = {"d /srv/a 755 1000",  "d /srv/a/b 755 1000",  "d /srv/a/b/c 755 1000",
					    "d /srv/z 755 1000",  "f /srv/file 644 1000", "l /srv/a/link b",
					    "f /srv/a/f 644 1000"};
	struct plan_of *f;

	if (plan_of_setup(state) != 0)
		return -1;
	f = *state;
	for (size_t i = 0; i < countof(lines); i++)
		fake_host_add(&f->fake, lines[i]);
	return 0;
}

static void test_most_specific(void **state)
{
	struct plan_of *f = *state;
	size_t first;

	want(f, SET_filesystem_read_only, "/srv/a/b");
	next_layer(f);
	want(f, SET_filesystem_read_write, "/srv/a");
	want(f, SET_filesystem_read_write, "/srv/a/b/c");
	compile(f);
	first = sees(f, "bind source=/srv/a target=/srv/a flags=nosuid,nodev expect=folder # test.ini:7");
	assert_true(first <
		    sees(f, "bind source=/srv/a/b target=/srv/a/b flags=ro,nosuid,nodev expect=folder # test.ini:7"));
	assert_true(sees(f, "target=/srv/a/b flags") <
		    sees(f, "bind source=/srv/a/b/c target=/srv/a/b/c flags=nosuid,nodev"));
}

/* A proc below a folder that is shown is covered, wherever the folder is shown; none is shown by itself. */
static void test_kernels(void **state)
{
	struct plan_of *f = *state;

	fake_host_add(&f->fake, "p /srv/a/b/proc");
	fake_host_add(&f->fake, "d /srv/a/b/proc/sys 755 0");
	want(f, SET_filesystem_read_only, "/srv/a:/x");
	want(f, SET_filesystem_read_write, "/srv/a/b");
	compile(f);
	sees(f, "hide target=/x/b/proc ");
	sees(f, "hide target=/srv/a/b/proc ");
	again(f);
	want(f, SET_filesystem_read_only, "/srv/a/b");
	want(f, SET_filesystem_tmpfs, "/srv/a/b/proc");
	compile(f);
	sees_not(f, "hide target=/srv/a/b/proc ");
	again(f);
	want(f, SET_filesystem_read_only, "/srv/a/b/c");
	compile(f);
	sees_not(f, "hide target=/srv");
	again(f);
	want(f, SET_filesystem_read_only, "/srv/a/b/proc:/y");
	refused(f, "'/srv/a/b/proc' is of the kernel's own");
	again(f);
	want(f, SET_filesystem_read_only, "/srv/a/b/proc/sys");
	refused(f, "'/srv/a/b/proc/sys' is of the kernel's own");
}

static void test_later_layer(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_filesystem_read_write, "/srv/a");
	next_layer(f);
	want(f, SET_filesystem_read_only, "/srv/a");
	compile(f);
	sees(f, "target=/srv/a flags=ro,nosuid,nodev");
	sees_not(f, "target=/srv/a flags=nosuid");
	again(f);
	want(f, SET_filesystem_read_only, "/srv/a");
	next_layer(f);
	want(f, SET_filesystem_read_write, "/srv/a");
	compile(f);
	sees(f, "target=/srv/a flags=nosuid,nodev");
	sees_not(f, "target=/srv/a flags=ro");
}

static void test_same_path_same_layer(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_filesystem_tmpfs, "/srv/a");
	want(f, SET_filesystem_read_only, "/srv/a");
	compile(f);
	sees(f, "target=/srv/a flags=ro,nosuid,nodev");
	sees_not(f, "scratch-dir target=/srv/a");
	again(f);
	want(f, SET_filesystem_read_write, "/srv/a");
	want(f, SET_filesystem_read_only, "/srv/a");
	want(f, SET_filesystem_tmpfs, "/srv/a");
	compile(f);
	sees(f, "target=/srv/a flags=nosuid,nodev");
	again(f);
	want(f, SET_filesystem_read_write, "/srv/a");
	next_layer(f);
	want(f, SET_filesystem_tmpfs, "/srv/a");
	compile(f);
	sees(f, "scratch-dir target=/srv/a mode=0755 flags=nosuid,nodev");
	sees_not(f, "source=/srv/a ");
}

static void test_hide_wins(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_filesystem_hide, "/srv/a/b");
	next_layer(f);
	want(f, SET_filesystem_read_write, "/srv/a");
	want(f, SET_filesystem_read_write, "/srv/a/b");
	compile(f);
	assert_true(sees(f, "bind source=/srv/a target=/srv/a") <
		    sees(f, "hide target=/srv/a/b expect=folder # test.ini:7"));
	sees_not(f, "source=/srv/a/b ");
	again(f);
	want(f, SET_filesystem_read_write, "/srv/a");
	want(f, SET_filesystem_hide, "/srv/a/f");
	compile(f);
	sees(f, "hide target=/srv/a/f expect=no folder");
}

static void test_hide_in_system(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_filesystem_read_only, "/srv/a");
	want(f, SET_filesystem_hide, "/usr/share");
	compile(f);
	sees(f, "hide target=/usr/share expect=folder");
	sees(f, "landlock-path path=/usr rights=execute,read,list");
	sees_not(f, "landlock-path path=/usr/share");
}

static void test_exec(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_filesystem_read_write, "/srv/a");
	want(f, SET_filesystem_no_exec, "/srv/a");
	want(f, SET_filesystem_exec, "/srv/a/b");
	want(f, SET_filesystem_no_exec, "/tmp");
	compile(f);
	sees(f, "source=/srv/a target=/srv/a flags=nosuid,nodev,noexec");
	sees(f, "source=/srv/a/b target=/srv/a/b flags=nosuid,nodev expect");
	sees(f, "scratch-dir target=/tmp mode=1777 flags=nosuid,nodev,noexec");
	sees(f, "scratch-dir target=/var/tmp mode=1777 flags=nosuid,nodev #");
	sees(f, "landlock-path path=/srv/a rights=write,read,list");
	sees(f, "landlock-path path=/srv/a/b rights=execute,write");
}

/* A rule far up reaches every mount below it, but for the nearest that says otherwise. */
static void test_exec_nearest(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_filesystem_read_only, "/srv/a");
	want(f, SET_filesystem_read_only, "/srv/a/b/c");
	want(f, SET_filesystem_no_exec, "/srv");
	want(f, SET_filesystem_exec, "/srv/a");
	want(f, SET_filesystem_no_exec, "/srv/a/b");
	compile(f);
	sees(f, "target=/srv/a flags=ro,nosuid,nodev expect");
	sees(f, "target=/srv/a/b flags=ro,nosuid,nodev,noexec");
	sees(f, "target=/srv/a/b/c flags=ro,nosuid,nodev,noexec");
}

static void test_links_in_targets(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_filesystem_read_only, "/srv/file:/bin/true");
	want(f, SET_filesystem_read_only, "/srv/a");
	want(f, SET_filesystem_read_only, "/srv/z:/srv/a/link");
	compile(f);
	sees(f, "bind source=/srv/file target=/usr/bin/true flags=ro,nosuid,nodev expect=no folder");
	sees(f, "bind source=/srv/z target=/srv/a/b flags=ro,nosuid,nodev expect=folder");
	sees_not(f, "target=/srv/a/link");
	sees(f, "symlink path=/bin to=usr/bin");
}

static void test_links_in_sources(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_filesystem_read_only, "/srv/a/link:/srv/inside");
	compile(f);
	sees(f, "bind source=/srv/a/b target=/srv/inside");
}

static void test_missing_mount_point(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_filesystem_read_write, "/srv/a");
	want(f, SET_filesystem_read_only, "/srv/z:/srv/a/none");
	refused(f, "test.ini:7: '/srv/a/none' can't be a mount point");
	again(f);
	want(f, SET_filesystem_read_write, "/srv/a");
	want(f, SET_filesystem_read_only, "/srv/file:/srv/a/b"); /* a file on a folder */
	refused(f, "can't be a mount point");
	again(f);
	want(f, SET_filesystem_tmpfs, "/srv/a");
	want(f, SET_filesystem_read_only, "/srv/z:/srv/a/none/deep"); /* on our own ground it is made */
	compile(f);
	assert_true(sees(f, "scratch-dir target=/srv/a") < sees(f, "mkdir path=/srv/a/none mode=0755"));
	assert_true(sees(f, "mkdir path=/srv/a/none ") < sees(f, "bind source=/srv/z target=/srv/a/none/deep"));
}

static void test_missing_source(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_filesystem_read_only, "/srv/none");
	refused(f, "test.ini:7: filesystem.read-only: '/srv/none' does not exist");
	assert_string_equal(f->e.hint, "write -/srv/none to skip it where it does not exist");
	again(f);
	want(f, SET_filesystem_read_only, "-/srv/none");
	want(f, SET_filesystem_read_only, "-/srv/file/none");
	compile(f);
	sees_not(f, "/srv/none");
}

/* What lies below a mount is mounted after it, also where a plain sort of names would say otherwise ('-' is before
 * '/'). */
static void test_order(void **state)
{
	struct plan_of *f = *state;
	size_t above;

	fake_host_add(&f->fake, "d /srv/a-b 755 1000");
	want(f, SET_filesystem_read_only, "/srv/a-b");
	want(f, SET_filesystem_read_only, "/srv/a/b");
	want(f, SET_filesystem_read_only, "/srv/a");
	compile(f);
	above = sees(f, "bind source=/srv/a target=/srv/a ");
	assert_true(above < sees(f, "bind source=/srv/a/b target=/srv/a/b "));
	assert_true(sees(f, "target=/srv/a/b ") < sees(f, "target=/srv/a-b "));
	assert_true(sees(f, "proc target=/proc") < sees(f, "hide target=/proc/keys"));
}

/* Something is shown below what is hidden. */
static void test_below_hidden(void **state)
{
	struct plan_of *f = *state;
	size_t above;

	want(f, SET_filesystem_read_only, "/srv/a");
	want(f, SET_filesystem_hide, "/srv/a/b");
	want(f, SET_filesystem_read_write, "/srv/a/b/c");
	compile(f);
	above = sees(f, "scratch-dir target=/srv/a/b mode=0555 flags=nosuid,nodev,noexec");
	assert_true(above < sees(f, "mkdir path=/srv/a/b/c "));
	assert_true(above < sees(f, "bind source=/srv/a/b/c target=/srv/a/b/c flags=nosuid,nodev"));
	sees_not(f, "hide target=/srv/a/b");
	sees_not(f, "landlock-path path=/srv/a/b rights");
	again(f);
	want(f, SET_filesystem_hide, "/opt/a");
	want(f, SET_filesystem_read_only, "/srv/a/b:/opt/a/b");
	compile(f);
	sees(f, "bind source=/srv/a/b target=/opt/a/b flags=ro,nosuid,nodev");
}

/* A word of the command is shown in a private home, where its mount point is made, and takes no right away. */
static void test_arguments(void **state)
{
	struct plan_of *f = *state;

	fake_host_add(&f->fake, "d /home/alice/Documents 700 1000");
	fake_host_add(&f->fake, "f /home/alice/Documents/letter.odt 600 1000");
	want(f, SET_filesystem_home, "private");
	want(f, SET_filesystem_open_arguments, "read-write");
	compile_with(f, "true", "/home/alice/Documents/letter.odt");
	sees(f, "keep-file file=/home/alice/Documents/letter.odt copy=/home/alice/.local/share/sbx/files/test/");
	sees(f, "/files target=/home/alice/Documents flags=nosuid,nodev");
	again(f);
	fake_host_add(&f->fake, "f /home/alice/Documents/letter.odt 600 0"); /* nobody else's file is replaced */
	want(f, SET_filesystem_home, "private");
	want(f, SET_filesystem_open_arguments, "read-write");
	compile_with(f, "true", "/home/alice/Documents/letter.odt");
	sees(f, "host-file path=/home/alice/.local/share/sbx/homes/test/Documents/letter.odt");
	sees(f,
	     "bind source=/home/alice/Documents/letter.odt target=/home/alice/Documents/letter.odt flags=nosuid,nodev");
	again(f);
	want(f, SET_filesystem_home, "empty");
	want(f, SET_filesystem_read_write, "/home/alice/Documents");
	want(f, SET_filesystem_open_arguments, "read-only");
	compile_with(f, "true", "/home/alice/Documents/letter.odt");
	sees_not(f, "target=/home/alice/Documents/letter.odt");
}

static void test_working_directory(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_filesystem_working_directory, "/srv/a");
	refused(f, "test.ini:7: filesystem.working-directory: the sandbox has no folder '/srv/a'");
	again(f);
	want(f, SET_filesystem_working_directory, "/srv/a");
	want(f, SET_filesystem_read_only, "/srv/a");
	compile(f);
	sees(f, "chdir path=/srv/a ");
	again(f);
	want(f, SET_filesystem_working_directory, "/srv/a");
	want(f, SET_filesystem_read_only, "/srv");
	want(f, SET_filesystem_hide, "/srv/a");
	refused(f, "the sandbox has no folder '/srv/a'");
}

static void test_kept_fds(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_process_keep_fd, "3");
	compile(f);
	sees(f, "keep-fd fd=3");
	again(f);
	want(f, SET_process_keep_fd, "5");
	refused(f, "fd 5 is not open");
}

/* The root and /proc are made by sbx itself; a rule for them is told so, by its line. */
static void test_own_places(void **state)
{
	static const char root[] = "test.ini:7: '/' is the sandbox's own",
			  proc[] = "test.ini:7: '/proc' is the sandbox's own";
	static const struct {
		enum setting_id id;
		const char *text, *error;
	} rows[] = {
		{SET_filesystem_read_only, "/", root},        {SET_filesystem_read_write, "/", root},
		{SET_filesystem_read_only, "/srv/a:/", root}, {SET_filesystem_tmpfs, "/", root},
		{SET_filesystem_persist, "/", root},          {SET_filesystem_tmpfs, "/proc", proc},
		{SET_filesystem_hide, "/proc", proc},         {SET_filesystem_read_only, "/srv/a:/proc", proc},
		{SET_filesystem_tmpfs, "/srv/top", root},
	};
	struct plan_of *f = *state;

	fake_host_add(&f->fake, "l /srv/top /");
	for (size_t i = 0; i < countof(rows); i++) {
		again(f);
		want(f, SET_filesystem_view, "host");
		want(f, rows[i].id, rows[i].text);
		refused(f, rows[i].error);
	}
	again(f);
	want(f, SET_filesystem_read_only, "/:/host");
	want(f, SET_filesystem_hide, "/");
	compile(f);
	sees(f, "source=/ target=/host");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, plan_of_teardown)
	const struct CMUnitTest tests[] = {
		T(test_most_specific),
		T(test_kernels),
		T(test_later_layer),
		T(test_same_path_same_layer),
		T(test_hide_wins),
		T(test_hide_in_system),
		T(test_exec),
		T(test_exec_nearest),
		T(test_links_in_targets),
		T(test_links_in_sources),
		T(test_missing_mount_point),
		T(test_missing_source),
		T(test_order),
		T(test_below_hidden),
		T(test_arguments),
		T(test_working_directory),
		T(test_kept_fds),
		T(test_own_places),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
