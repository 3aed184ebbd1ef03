/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-compile: the decisions beside the view: where each step comes from, what is never shown, what a poor kernel
 * means. */
#include "tests/unit/plan-of.h"

static void test_origins(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_process_hostname, "box");
	want(f, SET_limits_open_files, "64");
	compile(f);
	sees(f, "hostname name=box # test.ini:7");
	sees(f, "umask mask=0022 # default");
	sees(f, "exec search=/usr/local/bin:/usr/bin:/bin command=true # command");
	for (size_t i = 0; i < f->plan.count; i++)
		assert_true(plan_text(&f->plan, f->plan.step[i].why)[0] != '\0');
}

static void from(struct plan_of *f, const char *cwd)
{
	again(f);
	free(f->fake.host.cwd);
	f->vars.cwd = f->fake.host.cwd = cwd ? xstrdup(cwd) : NULL;
}

static void test_working_directory(void **state)
{
	struct plan_of *f = *state;
	static const char *const too_wide[] = {
		"/", "/home", "/home/alice", "/home/alice/.ssh", "/home/alice/.config", "/etc/sbx", NULL};

	compile(f);
	sees(f, "bind source=/home/alice/work target=/home/alice/work flags=ro,nosuid,nodev expect=folder # working "
		"directory");
	sees(f, "chdir path=/home/alice/work");
	for (size_t i = 0; i < countof(too_wide); i++) {
		from(f, too_wide[i]);
		compile(f);
		sees_not(f, "# working directory");
		sees_not(f, "source=/home");
	}
	sees(f, "chdir path=/home/alice # default"); /* of the deleted one */
	from(f, "/usr/share");
	compile(f);
	sees_not(f, "# working directory");
	sees(f, "chdir path=/usr/share");
	from(f, "/srv");
	want(f, SET_filesystem_working_directory, "/usr/share");
	compile(f);
	sees_not(f, "source=/srv");
	sees(f, "chdir path=/usr/share # test.ini:7");
}

/* A profile that writes the folder it is started in does not get the home. */
static void test_wide_cwd(void **state)
{
	struct plan_of *f = *state;
	static const char *const too_wide[] = {"/", "/home/alice", "/home/alice/.ssh"};

	for (size_t i = 0; i < countof(too_wide); i++) {
		from(f, too_wide[i]);
		want(f, SET_filesystem_read_write, "${CWD}");
		refused(f, "which is too much to show");
	}
	from(f, "/home/alice/work");
	want(f, SET_filesystem_read_write, "${CWD}");
	compile(f);
	sees(f, "bind source=/home/alice/work target=/home/alice/work flags=nosuid");
}

static void test_open_arguments(void **state)
{
	struct plan_of *f = *state;
	static const char *const words[] = {"notes.txt",
					    "/srv/notes.txt",
					    "file:///srv/notes.txt",
					    "file://localhost/srv/notes.txt",
					    "file:///srv/%6eotes.txt",
					    "/usr/../srv/./notes.txt"};
	static const char *const others[] = {"-o",
					     "http://srv/notes.txt",
					     "file://elsewhere/srv/notes.txt",
					     "file:///srv/notes%2",
					     "file:///srv/%00notes.txt",
					     "no-such-file",
					     "/dev/null",
					     "/home/bob/diary",
					     "/etc/sbx/profiles",
					     "/etc/sbx"};

	for (size_t i = 0; i < countof(words); i++) {
		from(f, "/srv");
		want(f, SET_filesystem_open_arguments, "read-write");
		compile_with(f, "true", words[i]);
		sees(f, "bind source=/srv/notes.txt target=/srv/notes.txt flags=nosuid,nodev expect=no folder # "
			"test.ini:7");
	}
	for (size_t i = 0; i < countof(others); i++) {
		from(f, "/");
		want(f, SET_filesystem_open_arguments, "read-only");
		compile_with(f, "true", others[i]);
		sees_not(f, "# test.ini:7\n init bind");
		sees_not(f, "expect=no folder # test.ini:7");
		sees_not(f, "expect=folder # test.ini:7");
	}
	from(f, "/");
	compile_with(f, "true", "/srv/notes.txt"); /* not asked for */
	sees_not(f, "/srv/notes.txt target");
}

static void test_command_file(void **state)
{
	struct plan_of *f = *state;

	from(f, "/");
	fake_host_add(&f->fake, "f /srv/tool 755 0");
	compile_with(f, "/srv/tool", NULL);
	sees(f, "bind source=/srv/tool target=/srv/tool flags=ro,nosuid,nodev expect=no folder # command");
	again(f);
	compile_with(f, "/usr/bin/true", NULL);
	sees_not(f, "source=/usr/bin/true");
}

static void test_etc(void **state)
{
	struct plan_of *f = *state;
	static const char *const never[] = {"shadow", "gshadow",        "sudoers", "sudoers.d",
					    "ssh",    "ssh/ssh_config", "-shadow"};

	for (size_t i = 0; i < countof(never); i++) {
		again(f);
		want(f, SET_filesystem_etc, never[i]);
		refused(f, "is never shown");
	}
	again(f);
	want(f, SET_filesystem_etc, "../home/alice/.ssh");
	refused(f, "is no name below /etc");
	again(f);
	want(f, SET_filesystem_etc, "@nothing");
	refused(f, "@nothing");
	again(f);
	want(f, SET_filesystem_etc, "none");
	refused(f, "test.ini:7: filesystem.etc: '/etc/none' does not exist");
	again(f);
	want(f, SET_filesystem_etc, "-none");
	want(f, SET_filesystem_etc, "vim");
	want(f, SET_filesystem_etc, "@java");
	compile(f);
	sees(f, "source=/etc/vim target=/etc/vim flags=ro");
	sees(f, "target=/etc/java-17-openjdk flags=ro");
	sees(f, "source=/usr/share/zoneinfo/Europe/Berlin target=/etc/localtime"); /* of @base, which stays */
	sees_not(f, "source=/etc/passwd");
	sees_not(f, "source=/etc/machine-id");
}

static void test_profiles_are_never_writable(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_filesystem_home, "host");
	compile(f);
	sees(f, "host-mkdir path=/home/alice/.config/sbx/profiles mode=0700 # profiles are never writable");
	sees(f, "target=/home/alice/.config/sbx/profiles flags=ro,nosuid,nodev expect=folder # profiles are never "
		"writable");
	again(f);
	want(f, SET_filesystem_read_write, "/home/alice/.config:/srv/inside"); /* under another name */
	compile(f);
	sees(f, "source=/home/alice/.config/sbx/profiles target=/srv/inside/sbx/profiles flags=ro");
	fake_host_add(&f->fake, "d /home/alice/.config/sbx 700 1000");
	fake_host_add(&f->fake, "d /home/alice/.config/sbx/profiles 700 1000");
	fake_host_add(&f->fake, "d /home/alice/.config/sbx/profiles/x.d 700 1000");
	again(f);
	want(f, SET_filesystem_read_write, "/home/alice/.config/sbx/profiles/x.d:/srv/inside"); /* a part of them */
	compile(f);
	sees(f, "target=/srv/inside flags=ro,nosuid,nodev expect=folder # profiles are never writable");
	sees_not(f, "host-mkdir");
	fake_host_remove(&f->fake, "/home/alice/.config");
	fake_host_add(&f->fake, "l /home/alice/.config Documents");
	again(f);
	want(f, SET_filesystem_read_write, "/home/alice/Documents"); /* behind a link */
	compile(f);
	sees(f, "target=/home/alice/Documents/sbx/profiles flags=ro");
}

static void test_private_home(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_filesystem_home, "private");
	want(f, SET_filesystem_read_write, "/home/alice/Downloads");
	compile(f);
	sees(f, "host-mkdir path=/home/alice/.local/share/sbx/homes/test mode=0700 # test.ini:7");
	sees(f, "host-mkdir path=/home/alice/.local/share/sbx/homes/test/Downloads mode=0700 # test.ini:7");
	sees(f,
	     "bind source=/home/alice/.local/share/sbx/homes/test target=/home/alice flags=nosuid,nodev expect=folder");
	sees(f, "bind source=/home/alice/Downloads target=/home/alice/Downloads flags=nosuid,nodev");
	sees_not(f, "profiles are never writable");
}

/* The payload of an earlier run must not choose where sbx makes a folder: its link leads where it leads inside. */
static void test_link_in_private_home(void **state)
{
	struct plan_of *f = *state;

	fake_host_add(&f->fake, "d /home/alice/.local/share/sbx 700 1000");
	fake_host_add(&f->fake, "d /home/alice/.local/share/sbx/homes 700 1000");
	fake_host_add(&f->fake, "d /home/alice/.local/share/sbx/homes/test 700 1000");
	fake_host_add(&f->fake, "l /home/alice/.local/share/sbx/homes/test/a /home/alice/.ssh");
	want(f, SET_filesystem_home, "private");
	want(f, SET_filesystem_read_only, "/srv:/home/alice/a/b");
	compile(f);
	sees(f, "host-mkdir path=/home/alice/.local/share/sbx/homes/test/.ssh/b mode=0700");
	sees(f, "bind source=/srv target=/home/alice/.ssh/b flags=ro");
	sees_not(f, "path=/home/alice/.ssh");
	fake_host_add(&f->fake, "f /home/alice/.local/share/sbx/homes/test/.ssh 600 1000");
	again(f);
	want(f, SET_filesystem_home, "private");
	want(f, SET_filesystem_read_only, "/srv:/home/alice/a/b");
	refused(f, "can't be a mount point");
}

static void test_persist(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_filesystem_persist, "/home/alice/.cache/new");
	compile(f);
	sees(f, "host-mkdir path=/home/alice/.cache/new mode=0700 # test.ini:7");
	sees(f, "bind source=/home/alice/.cache/new target=/home/alice/.cache/new flags=nosuid,nodev");
	again(f);
	want(f, SET_filesystem_persist, "/home/alice/link");
	refused(f, "'/home/alice/link' is a symbolic link");
}

static void test_session_is_covered(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_filesystem_home, "host");
	want(f, SET_filesystem_read_only, "/run");
	compile(f);
	sees(f, "hide target=/home/alice/.gnupg/S.gpg-agent ");
	sees(f, "hide target=/run/docker.sock ");
	sees(f, "hide target=/run/dbus/system_bus_socket ");
	again(f);
	want(f, SET_filesystem_read_only, "/tmp");
	compile(f);
	sees(f, "hide target=/tmp/.X11-unix ");
}

static void test_session_is_covered_by_any_name(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_filesystem_read_only, "/run:/mnt/run");
	want(f, SET_filesystem_read_only, "/home/alice/.gnupg:/mnt/keys");
	compile(f);
	sees(f, "hide target=/mnt/run/docker.sock ");
	sees(f, "hide target=/mnt/run/user/1000/wayland-0 ");
	sees(f, "hide target=/mnt/run/dbus/system_bus_socket ");
	sees(f, "hide target=/mnt/run/user/1000/bus ");
	sees(f, "hide target=/mnt/keys/S.gpg-agent ");
	sees_not(f, "hide target=/run/docker.sock ");
	again(f);
	want(f, SET_filesystem_read_only, "/run:/mnt/run");
	want(f, SET_filesystem_read_only, "/run/docker.sock:/mnt/run/docker.sock");
	compile(f);
	sees(f, "hide target=/mnt/run/dbus/system_bus_socket ");
	sees_not(f, "hide target=/mnt/run/docker.sock ");
}

static void test_capabilities(void **state)
{
	struct plan_of *f = *state;

	compile(f);
	sees(f, "capabilities kept=0 # default");
	sees_not(f, "inner-namespaces");
	again(f);
	want(f, SET_process_capabilities, "net_raw CAP_CHOWN");
	compile(f);
	sees(f, "capabilities kept=8193 # test.ini:7");
	sees(f, "inner-namespaces new=ipc,uts,net");
	again(f);
	want(f, SET_process_capabilities, "fly");
	refused(f, "test.ini:7: process.capabilities: there is no capability 'fly'");
}

static void kernel(struct plan_of *f, int abi)
{
	again(f);
	f->fake.host.landlock_abi = abi;
}

static void test_landlock(void **state)
{
	struct plan_of *f = *state;

	kernel(f, 0);
	refused(f, "this kernel has no Landlock (layer landlock)");
	assert_non_null(strstr(f->e.hint, "--best-effort=landlock"));
	kernel(f, 0);
	want(f, SET_profile_best_effort, "landlock");
	compile(f);
	sees(f, "skip layer=landlock reason=this kernel has no Landlock # test.ini:7");
	sees_not(f, "landlock-path");
	kernel(f, 3);
	compile(f); /* alone in its network: no abstract socket of the host is near */
	sees(f, "make-link,refer,truncate others=0 #");
	kernel(f, 1);
	compile(f);
	sees(f, "make-block,make-link others=0 #");
	sees_not(f, "truncate");
	kernel(f, 5);
	want(f, SET_network_mode, "host");
	refused(f, "ABI 6");
	kernel(f, 5);
	want(f, SET_network_mode, "host");
	want(f, SET_profile_best_effort, "landlock");
	want(f, SET_network_connect_tcp, "443");
	compile(f);
	sees(f, "skip layer=landlock reason=");
	sees(f, "truncate,ioctl others=connect-tcp #");
	sees(f, "landlock-port port=443 rights=connect-tcp # test.ini:7");
	kernel(f, 3);
	want(f, SET_network_mode, "host");
	want(f, SET_network_connect_tcp, "443");
	refused(f, "TCP ports need Landlock ABI 4, this kernel has 3");
}

static void test_no_user_namespaces(void **state)
{
	struct plan_of *f = *state;

	f->fake.host.user_namespaces = 0;
	refused(f, "this system allows no user namespaces");
	assert_non_null(strstr(f->e.hint, "user.max_user_namespaces"));
	f->fake.host.user_namespaces = 10000;
	f->fake.host.no_userns_clone = true;
	refused(f, "only with privilege");
	assert_non_null(strstr(f->e.hint, "kernel.unprivileged_userns_clone=1"));
}

static void test_root(void **state)
{
	struct plan_of *f = *state;

	again_as_root(f);
	compile(f);
	sees(f, "set-ids uid=65534 gid=65534");
	sees(f, "inner-user uids=65534 65534 1 gids=65534 65534 1");
	sees(f, "scratch-dir target=/home/nobody owner=65534:65534 mode=0700");
	again(f);
	want(f, SET_process_user, "keep");
	compile(f);
	sees(f, "inner-user uids=0 0 1 gids=0 0 1");
	sees(f, "hide target=/proc/kcore expect=no folder"); /* root inside may read what others may not */
}

static void test_environment(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_environment_set, "SECRET=known");
	want(f, SET_environment_unset, "LC_*");
	compile(f);
	sees(f, "names=PATH HOME USER LOGNAME LANG TERM XDG_RUNTIME_DIR SECRET #");
	again(f);
	want(f, SET_environment_set, "NONSENSE");
	refused(f, "'NONSENSE' is not NAME=VALUE");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, plan_of_setup, plan_of_teardown)
	const struct CMUnitTest tests[] = {
		T(test_origins),
		T(test_working_directory),
		T(test_wide_cwd),
		T(test_open_arguments),
		T(test_command_file),
		T(test_etc),
		T(test_profiles_are_never_writable),
		T(test_private_home),
		T(test_link_in_private_home),
		T(test_persist),
		T(test_session_is_covered),
		T(test_session_is_covered_by_any_name),
		T(test_capabilities),
		T(test_landlock),
		T(test_no_user_namespaces),
		T(test_root),
		T(test_environment),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
