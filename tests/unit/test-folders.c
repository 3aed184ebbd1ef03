/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-folders: the XDG folders, the runtime folder and user-dirs.dirs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "host/host.h"
#include "tests/unit/own-folder.h"

enum { STRANGER = 54321 }; /* another id than the caller's */

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

static void test_xdg(void **state)
{
	static const struct {
		const char *value;
		bool taken;
	} rows[] = {{"/srv/x", true}, {"srv/x", false}, {"", false}, {"/srv/../x", false}, {"/srv//x", false}};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *config = xasprintf("XDG_CONFIG_HOME=%s", rows[i].value);
		autofree char *state_home = xasprintf("XDG_STATE_HOME=%s", rows[i].value), *wanted = NULL,
			      *profiles = NULL;
		struct host host;

		read_host(&host, (char *[]){config, state_home, NULL});
		if (rows[i].taken)
			wanted = xstrdup(rows[i].value);
		else if (host.home)
			wanted = xasprintf("%s/.config", host.home);
		same(host.config, wanted);
		if (wanted)
			profiles = xasprintf("%s/sbx/profiles", wanted);
		same(host.profile_folder[0], profiles);
		assert_true(!host.state || str_eq(host.state, "/srv/x") == rows[i].taken);
		host_done(&host);
	}
}

static void test_runtime(void **state)
{
	autofree char *good = below("good"), *open_one = below("open"), *link = below("link"), *file = below("file");
	const char *const values[] = {good, open_one, link, file, "good", "", "/nonexistent"};

	(void)state;
	assert_int_equal(mkdir(good, 0700), 0);
	assert_int_equal(mkdir(open_one, 0750), 0);
	assert_int_equal(symlink(good, link), 0);
	put("file", "");
	assert_int_equal(chmod(file, 0600), 0);
	for (size_t i = 0; i < countof(values); i++) {
		autofree char *variable = xasprintf("XDG_RUNTIME_DIR=%s", values[i]);
		struct host host;

		read_host(&host, (char *[]){variable, NULL});
		same(host.runtime, i == 0 ? good : NULL);
		host_done(&host);
	}
}

/* A runtime folder of somebody else, as sudo and su leave it in the environment. */
static void test_runtime_of_other(void **state)
{
	autofree char *path = below("theirs"), *variable = xasprintf("XDG_RUNTIME_DIR=%s", path);
	struct host host;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chown(path, STRANGER, STRANGER), 0);
	read_host(&host, (char *[]){variable, NULL});
	assert_null(host.runtime);
	host_done(&host);
}

/* The downloads folder of a user-dirs.dirs with this text; `wanted` without a slash in front is below the home. */
static void check_downloads(const char *text, const char *wanted)
{
	autofree char *variable = xasprintf("XDG_CONFIG_HOME=%s", folder), *path = NULL;
	struct host host;

	put("user-dirs.dirs", text);
	read_host(&host, (char *[]){variable, NULL});
	if (host.home)
		path = wanted[0] == '/' ? xstrdup(wanted) : xasprintf("%s/%s", host.home, wanted);
	same(host.downloads, path);
	host_done(&host);
}

static void test_user_folders(void **state)
{
	(void)state;
	check_downloads("", "Downloads");
	check_downloads("XDG_DOWNLOAD_DIR=\"$HOME/Geladen\"\n", "Geladen");
	check_downloads("# one\nXDG_MUSIC_DIR=\"$HOME/m\"\nXDG_DOWNLOAD_DIR=\"$HOME/a/b\"\n", "a/b");
	check_downloads("XDG_DOWNLOAD_DIR=\"/srv/in\"\n", "/srv/in");
	check_downloads("XDG_DOWNLOAD_DIR=\"relative\"\n", "Downloads");
	check_downloads("XDG_DOWNLOAD_DIR=\"$OTHER/x\"\n", "Downloads");
	check_downloads("XDG_DOWNLOAD_DIR=\"$HOME/cut", "Downloads");
	check_downloads("XDG_DOWNLOAD_DIR=$HOME/bare\n", "Downloads");
	check_downloads("MY_XDG_DOWNLOAD_DIR=\"$HOME/no\"\n", "Downloads");
}

/* xdg-user-dirs writes "$HOME/" for a folder that is gone: no profile may get the whole home for that. */
static void test_user_folder_is_never_the_home(void **state)
{
	(void)state;
	check_downloads("XDG_DOWNLOAD_DIR=\"$HOME/\"\n", "Downloads");
	check_downloads("XDG_DOWNLOAD_DIR=\"$HOME//\"\n", "Downloads");
	check_downloads("XDG_DOWNLOAD_DIR=\"$HOME/.\"\n", "Downloads");
	check_downloads("XDG_DOWNLOAD_DIR=\"$HOME/..\"\n", "Downloads");
	check_downloads("XDG_DOWNLOAD_DIR=\"$HOME/x/../..\"\n", "Downloads");
	check_downloads("XDG_DOWNLOAD_DIR=\"/\"\n", "Downloads");
}

static void test_user_folder_of_a_comment(void **state)
{
	(void)state;
	check_downloads("#XDG_DOWNLOAD_DIR=\"$HOME/old\"\nXDG_DOWNLOAD_DIR=\"$HOME/new\"\n", "new");
	check_downloads("XDG_DOWNLOAD_DIR=\"$HOME/one\"\n  XDG_DOWNLOAD_DIR=\"$HOME/two/\"\n", "two");
	check_downloads("XDG_DOWNLOAD_DIR=\"$HOME/a\\\\b\"\n", "Downloads");
}

/* Profile folders are compared with the paths of a profile: one spelling only. */
static void test_xdg_slashes(void **state)
{
	static const char *const values[] = {"/srv/x/", "/srv/x//"}, *const refused[] = {"/srv/./x", "/srv/x/.",
											 "//srv/x"};
	struct host host;

	(void)state;
	for (size_t i = 0; i < countof(values); i++) {
		autofree char *variable = xasprintf("XDG_CONFIG_HOME=%s", values[i]);

		read_host(&host, (char *[]){variable, NULL});
		same(host.config, "/srv/x");
		same(host.profile_folder[0], "/srv/x/sbx/profiles");
		host_done(&host);
	}
	for (size_t i = 0; i < countof(refused); i++) {
		autofree char *variable = xasprintf("XDG_CONFIG_HOME=%s", refused[i]);

		read_host(&host, (char *[]){variable, NULL});
		assert_false(host.config && str_starts(host.config, "/srv"));
		host_done(&host);
	}
}

#define T(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_xdg),
		T(test_runtime),
		T(test_runtime_of_other),
		T(test_user_folders),
		T(test_user_folder_is_never_the_home),
		T(test_user_folder_of_a_comment),
		T(test_xdg_slashes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("folders", tests, NULL, NULL);
}
