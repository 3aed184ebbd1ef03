/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-kept: files that are kept without their folders, and a home of which a copy is written. */
#include "tests/unit/plan-of.h"

static void test_persist_file(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_filesystem_persist_file, "/home/alice/.config/app/new.conf");
	compile(f);
	sees(f, "keep-file file=/home/alice/.config/app/new.conf copy=/home/alice/.local/share/sbx/files/test/");
	sees(f, "/files/new.conf most=256M cleared=1 lock=/home/alice/.local/share/sbx/files/test/");
	sees(f, "/files target=/home/alice/.config/app flags=nosuid,nodev expect=folder # test.ini:7");
	sees_not(f, "source=/home/alice/.config/app");
	again(f); /* in a folder that is sbx's own already, or the host's */
	want(f, SET_filesystem_home, "private");
	want(f, SET_filesystem_persist_file, "/home/alice/.history");
	compile(f);
	sees(f, "copy=/home/alice/.local/share/sbx/homes/test/.history most=256M lock=");
	sees_not(f, "/files target=");
	again(f);
	want(f, SET_filesystem_home, "host");
	want(f, SET_filesystem_persist_file, "/home/alice/.history");
	compile(f);
	sees_not(f, "keep-file");
	again(f); /* where more of the folder is shown */
	want(f, SET_filesystem_persist_file, "/etc/hosts");
	compile(f);
	sees(f, "bind source=/etc/hosts target=/etc/hosts flags=nosuid,nodev expect=no folder");
	again(f);
	want(f, SET_filesystem_persist_file, "/etc/none");
	refused(f, "'/etc/none' is not there, and can't be made");
	again(f);
	want(f, SET_filesystem_persist_file, "/home/alice/link");
	refused(f, "'/home/alice/link' is a symbolic link");
	again(f);
	want(f, SET_filesystem_persist_file, "/home/alice/.config/sbx/profiles/web.ini");
	refused(f, "never writable");
	again(f);
	want(f, SET_filesystem_persist_file, "/home/alice/.config");
	refused(f, "is no regular file");
}

static void test_home_overlay(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_filesystem_home, "overlay");
	compile(f);
	sees(f, "open-session folder=/home/alice/.local/state/sbx/sessions/test # test.ini:7, named after the profile");
	sees(f, "overlay source=/home/alice target=/home/alice flags=nosuid,nodev "
		"written=/home/alice/.local/state/sbx/sessions/test/");
	sees(f, "hide target=/home/alice/.gnupg/S.gpg-agent ");
	again(f);
	want(f, SET_filesystem_home, "overlay");
	want(f, SET_filesystem_session, "mine");
	compile(f);
	sees(f, "open-session folder=/home/alice/.local/state/sbx/sessions/mine # test.ini:7");
	sees_not(f, "named after");
	again(f);
	want(f, SET_filesystem_home, "overlay");
	f->fake.host.gated = true;
	refused(f, "the setuid sbx has no overlays");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_persist_file, plan_of_setup, plan_of_teardown),
		cmocka_unit_test_setup_teardown(test_home_overlay, plan_of_setup, plan_of_teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
