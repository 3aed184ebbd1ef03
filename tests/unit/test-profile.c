/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-profile: folders, includes, drop-ins, and files that are no profiles. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
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

#include "base/fd.h"
#include "base/mem.h"
#include "policy/profile.h"
#include "tests/unit/variables-of-u.h"

static const struct variables vars = {VARIABLES_OF_U, .desktop = "/home/u/Desktop"};

/* Three folders, "user", "admin" and "installed", below a folder of the test's own, which is the working directory. */
struct fixture {
	char root[64];
	char *path[3];
	struct profile_folders folders;
	struct policy policy;
	struct errlist errors;
	int old_cwd;
};

static const char *const folder_names[] = {"user", "admin", "installed"};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	*state = f;
	f->old_cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	(void)snprintf(f->root, sizeof f->root, "/tmp/sbx-test-profile-XXXXXX");
	if (f->old_cwd < 0 || !mkdtemp(f->root) || chdir(f->root) < 0)
		return -1;
	for (size_t i = 0; i < 3; i++) {
		f->path[i] = xasprintf("%s/%s", f->root, folder_names[i]);
		f->folders.folder[i] = f->path[i];
		if (mkdir(f->path[i], 0700) < 0)
			return -1;
	}
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	int r = fchdir(f->old_cwd) | nftw(f->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);

	mem_close_ptr(&f->old_cwd);
	for (size_t i = 0; i < 3; i++)
		mem_free_ptr(&f->path[i]);
	policy_done(&f->policy);
	errlist_done(&f->errors);
	mem_free_ptr(state);
	return r;
}

/* Makes a file relative to the fixture's folder, and the folder before its last '/'. */
static void make(const char *path, const char *text)
{
	autofree char *parent = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	autoclose int fd = -1;

	assert_true(mkdir(parent, 0700) == 0 || errno == EEXIST);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(fd_write(fd, text, strlen(text)), 0);
}

static void lay(struct fixture *f, const char *name)
{
	if (profile_lay(&f->policy, name, &f->folders, &vars, &f->errors) < 0)
		fail_msg("%s", f->errors.v[0].text);
}

/* Exactly one error, with all of `part` in its text or hint. */
static void refuse(struct fixture *f, const char *name, const char *part)
{
	assert_true(profile_lay(&f->policy, name, &f->folders, &vars, &f->errors) < 0);
	assert_int_equal(f->errors.count, 1);
	if (!strstr(f->errors.v[0].text, part) && !strstr(f->errors.v[0].hint, part))
		fail_msg("'%s' and '%s' lack '%s'", f->errors.v[0].text, f->errors.v[0].hint, part);
	f->errors.count = 0;
}

static void test_folders(void **state)
{
	struct fixture *f = *state;
	char where[128];

	make("installed/a.ini", "[limits]\nmemory = 1G\n");
	make("admin/a.ini", "[limits]\nmemory = 2G\n");
	lay(f, "a");
	assert_string_equal(policy_text(&f->policy, SET_limits_memory), "2G");
	make("user/a.ini", "[limits]\n\nmemory = 3G\n");
	lay(f, "a");
	assert_string_equal(policy_text(&f->policy, SET_limits_memory), "3G");
	assert_non_null(strstr(origin_text(policy_value(&f->policy, SET_limits_memory)->origin, where, sizeof where),
			       "/user/a.ini:3"));
	assert_string_equal(f->policy.name, "a");
	assert_int_equal(f->policy.profiles.count, 2);
}

static void test_missing_folders(void **state)
{
	struct fixture *f = *state;

	f->folders.folder[0] = NULL;
	f->folders.folder[1] = "/nonexistent/profiles";
	make("installed/a.ini", "");
	lay(f, "a");
	refuse(f, "b", "there is no profile 'b'");
}

static void test_names(void **state)
{
	struct fixture *f = *state;

	make("user/browser.ini", "");
	make("./bare.ini", "");
	make("./x", "");
	refuse(f, "brwoser", "did you mean 'browser'?");
	refuse(f, "bare", "there is no profile 'bare'"); /* not of the working directory */
	refuse(f, "x", "there is no profile 'x'");
	refuse(f, "", "is empty");
	refuse(f, ".hidden", "starts with '.'");
	refuse(f, "-a", "starts with '-'");
	refuse(f, "a\nb", "control byte");
	refuse(f, "./..", "starts with '.'");
	refuse(f, "user/", "is empty");
}

static void test_paths(void **state)
{
	struct fixture *f = *state;

	make("user/inc.ini", "[limits]\nswap = 0\n");
	make("./own.ini", "[profile]\ninclude = inc\n[limits]\nmemory = 1G\n");
	lay(f, "./own.ini");
	assert_string_equal(f->policy.name, "own");
	assert_string_equal(f->policy.profiles.v[0], "./own.ini");
	assert_true(f->policy.entry[SET_limits_swap].count == 1);
}

static void test_not_profiles(void **state)
{
	struct fixture *f = *state;
	autofree char *huge = xmalloc(PROFILE_MAX_BYTES + 2);

	memset(huge, '\n', PROFILE_MAX_BYTES + 1);
	huge[PROFILE_MAX_BYTES + 1] = '\0';
	make("./huge.ini", huge);
	huge[PROFILE_MAX_BYTES] = '\0';
	make("./large.ini", huge);
	make("./secret", "root:$6$verysecret:19000:0:99999:7:::\n");
	assert_int_equal(mkdir("folder.ini", 0700), 0);
	assert_int_equal(mkfifo("fifo.ini", 0600), 0);
	assert_int_equal(symlink("secret", "link.ini"), 0);
	refuse(f, "/dev/zero", "is not a regular file");
	refuse(f, "./fifo.ini", "is not a regular file"); /* and is not waited for */
	refuse(f, "./folder.ini", "is not a regular file");
	refuse(f, "./huge.ini", "too large, at most 64 KiB");
	refuse(f, "./none.ini", "No such file");
	lay(f, "./large.ini");
	assert_true(profile_lay(&f->policy, "./link.ini", &f->folders, &vars, &f->errors) < 0);
	for (size_t i = 0; i < f->errors.count; i++)
		assert_null(strstr(f->errors.v[i].text, "verysecret"));
}

static void test_includes(void **state)
{
	struct fixture *f = *state;

	make("user/top.ini", "[limits]\nmemory = 3G\n[profile]\ninclude = one two\ndescription = top\n");
	make("user/one.ini", "[profile]\ndescription = one\ncommand = one\n[limits]\nmemory = 1G\nswap = 1G\n"
			     "[environment]\npass =\npass = A\n");
	make("user/two.ini", "[profile]\ninclude = one\n[limits]\nswap = 2G\n[environment]\npass = B !A\n");
	lay(f, "top");
	assert_string_equal(policy_text(&f->policy, SET_limits_memory), "3G");
	assert_string_equal(policy_text(&f->policy, SET_limits_swap), "2G");
	assert_string_equal(policy_text(&f->policy, SET_profile_description), "top");
	assert_int_equal(f->policy.entry[SET_profile_command].count, 0);
	assert_int_equal(f->policy.entry[SET_environment_pass].count, 1);
	assert_true(policy_has(&f->policy, SET_environment_pass, "B"));
	assert_true(policy_value(&f->policy, SET_limits_swap)->layer <
		    policy_value(&f->policy, SET_limits_memory)->layer);
	assert_int_equal(f->policy.profiles.count, 1);
}

static void test_bad_includes(void **state)
{
	struct fixture *f = *state;

	make("user/a.ini", "[profile]\ninclude = b\n");
	make("user/b.ini", "[profile]\ninclude = c\n");
	make("user/c.ini", "[profile]\n\ninclude = a\n");
	make("user/self.ini", "[profile]\ninclude = self\n");
	make("user/path.ini", "[profile]\ninclude = ./x.ini\n");
	make("user/none.ini", "[profile]\ninclude = slef\n");
	refuse(f, "a", "/user/c.ini:3: profile.include: includes go in a circle: a -> b -> c -> a");
	refuse(f, "self", "self -> self");
	refuse(f, "path", "/user/path.ini:2: profile.include: './x.ini' is not a name");
	refuse(f, "none", "did you mean 'self'?");
}

static void test_depth(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 20; i++) {
		autofree char *path = xasprintf("user/d%d.ini", i);
		autofree char *text = xasprintf("[profile]\ninclude = d%d\n", i + 1);

		make(path, i < 19 ? text : "");
	}
	lay(f, "d11");
	refuse(f, "d10", "includes are deeper than 8: d10 -> d11 -> ");
	refuse(f, "d0", "/user/d8.ini:2: profile.include: includes are deeper than 8");
}

/* What the user can write must not become a part of what the system's profiles include. */
static void test_system_includes(void **state)
{
	struct fixture *f = *state;

	make("installed/a.ini", "[profile]\ninclude = b\n");
	make("installed/b.ini", "[limits]\nmemory = 1G\n");
	make("user/b.ini", "[limits]\nmemory = 2G\n");
	make("user/only.ini", "");
	make("admin/c.ini", "[profile]\ninclude = only\n");
	make("user/mine.ini", "[profile]\ninclude = b\n");
	lay(f, "a");
	assert_string_equal(policy_text(&f->policy, SET_limits_memory), "1G");
	lay(f, "mine");
	assert_string_equal(policy_text(&f->policy, SET_limits_memory), "2G");
	refuse(f, "c", "there is no profile 'only' of the system");
}

static void test_drop_ins(void **state)
{
	struct fixture *f = *state;

	make("installed/a.ini", "[limits]\nmemory = 1G\nswap = 1G\ncore = 1K\nstack = 1M\n");
	make("user/a.d/10.ini", "[limits]\nmemory = 2G\n");
	make("user/a.d/20.ini", "[limits]\nswap = 3G\n");
	make("user/a.d/note.txt", "not read\n");
	make("user/a.d/.hidden.ini", "not read\n");
	make("admin/a.d/90.ini", "[limits]\nmemory = 4G\nswap = 4G\ncore = 4K\n");
	make("installed/a.d/99.ini", "[limits]\nmemory = 5G\ncore = 5K\nstack = 5M\n");
	lay(f, "a");
	assert_string_equal(policy_text(&f->policy, SET_limits_memory), "2G");
	assert_string_equal(policy_text(&f->policy, SET_limits_swap), "3G");
	assert_string_equal(policy_text(&f->policy, SET_limits_core), "4K");
	assert_string_equal(policy_text(&f->policy, SET_limits_stack), "5M");
}

static void test_all_errors(void **state)
{
	static const char *const parts[] = {
		"/user/a.ini:2: limits.memroy: unknown key",
		"/user/a.ini:4: limits.swap: given twice in this file, first in line 3",
		"/user/a.ini:5: limits.umask: unknown key",
		"/user/a.ini:6: limits.core: 'x' is not a size",
		"/user/a.ini:8: filesystem.hide: '${X}' is",
		"/user/a.d/1.ini:1: unknown section [y]",
	};
	struct fixture *f = *state;

	make("user/a.ini", "[limits]\nmemroy = 1G\nswap = 1\nswap = 1\numask = 0\ncore = x\n[filesystem]\nhide = ${X}\n"
			   "hide = /a\nhide = /b\n");
	make("user/a.d/1.ini", "[y]\n");
	assert_true(profile_lay(&f->policy, "a", &f->folders, &vars, &f->errors) < 0);
	assert_int_equal(f->errors.count, countof(parts));
	for (size_t i = 0; i < countof(parts); i++)
		assert_non_null(strstr(f->errors.v[i].text, parts[i]));
	assert_string_equal(f->errors.v[0].hint, "did you mean 'memory'?");
	assert_string_equal(f->errors.v[2].hint, "'umask' is a key of [process]");
}

static void expect_profile(const struct fixture *f, const char *command, const char *expected)
{
	autofree char *name = NULL;
	struct err e = {0};

	if (profile_for_command(command, &f->folders, &name, &e) < 0)
		fail_msg("%s", e.text);
	assert_string_equal(name, expected);
}

static void test_for_command(void **state)
{
	struct fixture *f = *state;

	make("installed/browser.ini", "[profile]\ncommand = firefox chromium\n");
	make("installed/python.ini", "[profile]\ncommand = python3\n");
	make("installed/shadowed.ini", "[profile]\ncommand = vim\n");
	make("admin/shadowed.ini", "[limits]\nmemory = 1G\n");
	make("user/zed.ini", "[profile]\ncommand = firefox\n");
	make("user/browser.d/1.ini", "[profile]\ncommand = !chromium brave\n");
	expect_profile(f, "firefox", "zed");
	expect_profile(f, "/usr/bin/firefox", "zed");
	expect_profile(f, "brave", "browser");
	expect_profile(f, "chromium", "default");
	make("admin/python.d/1.ini", "[profile]\ncommand = pypy3\n");
	make("installed/python.d/1.ini", "[profile]\ncommand = ipython3\n");
	expect_profile(f, "pypy3", "python");
	expect_profile(f, "ipython3", "python");
	expect_profile(f, "python3", "python");
	expect_profile(f, "vim", "default"); /* the administrator's profile of that name says nothing of it */
}

static void test_for_command_unreadable(void **state)
{
	struct fixture *f = *state;
	autofree char *name = NULL;
	struct err e = {0};

	make("installed/broken.ini", "[profile]\nx\n");
	assert_int_equal(profile_for_command("ls", &f->folders, &name, &e), -EINVAL);
	assert_non_null(strstr(e.text, "/installed/broken.ini:2: "));
	assert_null(name);
}

static void test_names_and_find(void **state)
{
	struct fixture *f = *state;
	autostrv struct strv names = {0};
	autofree char *path = NULL;
	char *none = NULL;
	struct err e = {0};

	make("installed/b.ini", "");
	make("installed/a.ini", "");
	make("user/b.ini", "");
	make("user/.c.ini", "");
	make("user/d.txt", "");
	make("user/.ini", "");
	assert_int_equal(profile_names(&f->folders, &names, &e), 0);
	assert_int_equal(names.count, 2);
	assert_string_equal(names.v[0], "a");
	assert_string_equal(names.v[1], "b");
	assert_int_equal(profile_find("b", &f->folders, &path, &e), 0);
	assert_non_null(strstr(path, "/user/b.ini"));
	assert_int_equal(profile_find("c", &f->folders, &none, &e), -ENOENT);
	assert_int_equal(profile_find("./c", &f->folders, &none, &e), -ENOENT);
	assert_int_equal(profile_find("..", &f->folders, &none, &e), -EINVAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_folders),
		TEST(test_missing_folders),
		TEST(test_names),
		TEST(test_paths),
		TEST(test_not_profiles),
		TEST(test_includes),
		TEST(test_bad_includes),
		TEST(test_depth),
		TEST(test_system_includes),
		TEST(test_drop_ins),
		TEST(test_all_errors),
		TEST(test_for_command),
		TEST(test_for_command_unreadable),
		TEST(test_names_and_find),

	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
