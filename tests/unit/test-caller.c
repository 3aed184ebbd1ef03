/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-caller: ids, home, working folder, standard fds of the caller; what the kernel tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "host/host.h"
#include "tests/unit/own-folder.h"

enum { STRANGER = 54321 }; /* an id that /etc/passwd does not know */

static void read_host(struct host *host, char **variables)
{
	struct err e = {0};

	if (host_read(host, variables, &e) < 0)
		fail_msg("%s", e.text);
}

static void same(const char *text, const char *wanted)
{
	if (!wanted) {
		assert_null(text);
		return;
	}
	assert_non_null(text);
	assert_string_equal(text, wanted);
}

static void test_ids(void **state)
{
	struct host host;
	struct rlimit files;
	gid_t groups[256];
	int count = getgroups(countof(groups), groups);

	(void)state;
	assert_true(count >= 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
	read_host(&host, (char *[]){NULL});
	assert_int_equal(host.uid, getuid());
	assert_int_equal(host.euid, geteuid());
	assert_int_equal(host.gid, getgid());
	assert_int_equal(host.group_count, count);
	assert_memory_equal(host.groups, groups, (size_t)count * sizeof *groups);
	assert_int_equal(host.nofile, files.rlim_max);
	assert_int_equal(host.x11_display, -1);
	host_done(&host);
	assert_null(host.groups);
	assert_null(host.user);
}

/* The environment does not overrule /etc/passwd. */
static void test_home_of_passwd(void **state)
{
	char *variables[] = {(char[]){"HOME=/tmp"}, (char[]){"USER=mallory"}, NULL};
	FILE *file = fopen("/etc/passwd", "re");
	struct passwd *entry = NULL;
	struct host host;

	(void)state;
	while (file && (entry = fgetpwent(file)) && entry->pw_uid != getuid())
		;
	if (!entry) {
		if (file)
			(void)fclose(file);
		skip();
	}
	read_host(&host, variables);
	same(host.user, entry->pw_name);
	same(host.home, entry->pw_dir);
	(void)fclose(file);
	host_done(&host);
}

/* What a child of an id that nobody knows finds as its home; "" for none. Asserts about its user. */
static char *home_of_stranger(const char *value)
{
	autofree char *variable = xasprintf("HOME=%s", value);
	int ends[2], status = -1;
	char text[512] = "";
	size_t len = 0;
	ssize_t n;
	pid_t child;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		struct host host;
		struct err e = {0};

		if (setgroups(0, NULL) < 0 || setresgid(STRANGER, STRANGER, STRANGER) < 0 ||
		    setresuid(STRANGER, STRANGER, STRANGER) < 0 || host_read(&host, (char *[]){variable, NULL}, &e) < 0)
			_exit(1);
		if (!str_eq(host.user, "54321") || host.maps_ids || host.group_count != 0)
			_exit(2);
		_exit(fd_write(ends[1], host.home ? host.home : "", host.home ? strlen(host.home) : 0) < 0);
	}
	assert_int_equal(close(ends[1]), 0);
	while ((n = read(ends[0], text + len, sizeof text - 1 - len)) > 0)
		len += (size_t)n;
	assert_int_equal(close(ends[0]), 0);
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	text[len] = '\0';
	return xstrdup(text);
}

static void test_home_of_stranger(void **state)
{
	autofree char *own = below("own"), *other = below("other"), *dots = below("own/../own"), *none = below("none");
	const char *const refused[] = {other, dots, none, "own", ""};

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdir(own, 0700), 0);
	assert_int_equal(chown(own, STRANGER, STRANGER), 0);
	assert_int_equal(mkdir(other, 0755), 0);
	{
		autofree char *home = home_of_stranger(own);

		assert_string_equal(home, own);
	}
	for (size_t i = 0; i < countof(refused); i++) {
		autofree char *home = home_of_stranger(refused[i]);

		assert_string_equal(home, "");
	}
}

static void test_working_folder(void **state)
{
	autofree char *path = below("gone");
	struct host host;
	int back = open(".", O_PATH | O_CLOEXEC);

	(void)state;
	assert_true(back >= 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chdir(path), 0);
	read_host(&host, (char *[]){NULL});
	same(host.cwd, path);
	host_done(&host);
	assert_int_equal(rmdir(path), 0);
	read_host(&host, (char *[]){NULL});
	same(host.cwd, NULL);
	host_done(&host);
	assert_int_equal(fchdir(back), 0);
	assert_int_equal(close(back), 0);
}

/* The kind of standard input when it is `fd`, -1 for closed. */
static enum stdio_kind kind_of_input(int fd)
{
	int kept = fcntl(0, F_DUPFD_CLOEXEC, 10);
	struct host host;
	enum stdio_kind kind;

	if (fd < 0)
		(void)close(0);
	else
		assert_int_equal(dup2(fd, 0), 0);
	read_host(&host, (char *[]){NULL});
	kind = host.stdio[0];
	host_done(&host);
	if (kept >= 0) {
		assert_int_equal(dup2(kept, 0), 0);
		assert_int_equal(close(kept), 0);
	} else {
		(void)close(0);
	}
	return kind;
}

static void test_stdio(void **state)
{
	autoclose int null = open("/dev/null", O_RDWR | O_CLOEXEC), zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	autoclose int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	int ends[2];

	(void)state;
	assert_true(null >= 0 && zero >= 0);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(kind_of_input(null), STDIO_NULL);
	assert_int_equal(kind_of_input(zero), STDIO_OTHER);
	assert_int_equal(kind_of_input(ends[0]), STDIO_OTHER);
	assert_int_equal(kind_of_input(ends[1]), STDIO_CLOSED); /* it can't be read */
	assert_int_equal(kind_of_input(-1), STDIO_CLOSED);
	if (terminal >= 0)
		assert_int_equal(kind_of_input(terminal), STDIO_TERMINAL);
	assert_int_equal(close(ends[0]), 0);
	assert_int_equal(close(ends[1]), 0);
}

/* In a user namespace of one id. */
static int ranges_inside(void)
{
	struct host host;
	struct err e = {0};
	autofree char *map = xasprintf("7 %u 1\n", geteuid());

	if (unshare(CLONE_NEWUSER) < 0)
		return 77;
	if (fd_write_file(AT_FDCWD, "/proc/self/uid_map", map) < 0 || host_read(&host, (char *[]){NULL}, &e) < 0)
		return 1;
	if (host.uid != 7 || host.uid_range[0].first != 7 || host.uid_range[0].count != 1 ||
	    host.uid_range[1].count != 0)
		return 2;
	/* no gid is mapped: the own one, that it is seen as, is all there is */
	return host.gid_range[0].first == host.gid && host.gid_range[0].count == 1 && host.gid_range[1].count == 0 ? 0
														   : 3;
}

static void test_ranges(void **state)
{
	struct host host;
	unsigned first, outside, count;
	char text[256];
	int status = -1;
	pid_t child;

	(void)state;
	assert_true(fd_read_file(AT_FDCWD, "/proc/self/uid_map", text, sizeof text) > 0);
	assert_int_equal(sscanf(text, "%u %u %u", &first, &outside, &count), 3);
	read_host(&host, (char *[]){NULL});
	assert_int_equal(host.uid_range[0].first, first);
	assert_int_equal(host.uid_range[0].count, count);
	assert_int_equal(host.uid_range[7].count, 0);
	host_done(&host);
	child = fork();
	if (child == 0)
		_exit(ranges_inside());
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_kernel(void **state)
{
	struct utsname name;
	struct host host;
	cpu_set_t before, one;
	unsigned major, minor;
	int cpu = 0;

	(void)state;
	assert_int_equal(uname(&name), 0);
	assert_int_equal(sscanf(name.release, "%u.%u", &major, &minor), 2);
	assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
	while (!CPU_ISSET(cpu, &before))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
	read_host(&host, (char *[]){NULL});
	assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
	assert_int_equal(host.kernel[0], major);
	assert_int_equal(host.kernel[1], minor);
	assert_string_equal(host.machine, name.machine);
	assert_int_equal(host.cpus, 1);
	host_done(&host);
	read_host(&host, (char *[]){NULL});
	assert_int_equal(host.cpus, CPU_COUNT(&before));
	host_done(&host);
}

static void test_environment(void **state)
{
	char *variables[] = {(char[]){"PATHS=1"}, (char[]){"EMPTY="}, (char[]){"PATH=2"}, (char[]){"PATH=3"}, NULL};
	struct host host = {.environ = variables};

	(void)state;
	same(host_env(&host, "PATH"), "2");
	same(host_env(&host, "EMPTY"), "");
	same(host_env(&host, "PAT"), NULL);
	host.environ = NULL;
	same(host_env(&host, "PATH"), NULL);
}

#define T(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_ids),   T(test_home_of_passwd), T(test_home_of_stranger), T(test_working_folder),
		T(test_stdio), T(test_ranges),         T(test_kernel),           T(test_environment),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("caller", tests, NULL, NULL);
}
