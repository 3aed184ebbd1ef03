/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-judge: what `sbxctl verify` calls dangerous, and what the answers of the probe come to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "ctl/verify.h"
#include "tests/unit/plan-of.h"

static char *environment[] = {(char[]){"PATH=/usr/bin:/home/alice/go/bin"}, NULL};

static int setup(void **state)
{
	int r = plan_of_setup(state);
	struct plan_of *f = *state;

	f->fake.host.environ = environment;
	return r;
}

static void test_reading(void **state)
{
	static const char *const bad[] = {"/",
					  "/home",
					  "/home/alice",
					  "/home/alice/.ssh",
					  "/home/alice/.ssh/id_rsa",
					  "/home/alice/.config/gh",
					  "/home/alice/.local/share/sbx/homes",
					  "/home/bob",
					  "/root",
					  "/etc",
					  "/var",
					  "/etc/shadow",
					  "/etc/ssh/ssh_host_rsa_key"};
	static const char *const fine[] = {"/home/alice/Documents",
					   "/home/alice/.sshd",
					   "/home/alice/.config/ghost",
					   "/opt",
					   "/etc/hosts",
					   "/var/log",
					   "/home/bob/shared"};
	const struct plan_of *f = *state;

	for (size_t i = 0; i < countof(bad); i++)
		if (!danger_of_reading(&f->fake.host, bad[i]))
			fail_msg("reading %s is fine", bad[i]);
	for (size_t i = 0; i < countof(fine); i++)
		if (danger_of_reading(&f->fake.host, fine[i]))
			fail_msg("reading %s is dangerous", fine[i]);
}

static void test_writing(void **state)
{
	static const char *const bad[] = {"/home/alice",
					  "/home/alice/.bashrc",
					  "/home/alice/.config/autostart",
					  "/home/alice/.config/autostart/x.desktop",
					  "/home/alice/.config/sbx/profiles",
					  "/home/alice/.local/bin",
					  "/home/alice/go/bin",
					  "/home/alice/.gnupg",
					  "/etc/cron.d",
					  "/usr/local/bin",
					  "/var/spool/cron"};
	static const char *const fine[] = {"/home/alice/.local/share/sbx/homes/game",
					   "/home/alice/Documents",
					   "/home/alice/.cache",
					   "/home/alice/go",
					   "/tmp",
					   "/srv"};
	const struct plan_of *f = *state;

	for (size_t i = 0; i < countof(bad); i++)
		if (!danger_of_writing(&f->fake.host, bad[i]))
			fail_msg("writing %s is fine", bad[i]);
	for (size_t i = 0; i < countof(fine); i++)
		if (danger_of_writing(&f->fake.host, fine[i]))
			fail_msg("writing %s is dangerous", fine[i]);
}

static void test_sockets_and_devices(void **state)
{
	(void)state;
	assert_non_null(danger_of_socket("/run/docker.sock"));
	assert_non_null(danger_of_socket("/run/user/1000/bus"));
	assert_non_null(danger_of_socket("/tmp/.X11-unix/X0"));
	assert_non_null(danger_of_socket("@/tmp/.X11-unix/X0"));
	assert_non_null(danger_of_socket("/tmp/ssh-abc/agent.12"));
	assert_null(danger_of_socket("/run/user/1000/wayland-0"));
	assert_null(danger_of_socket("/home/alice/chat.sock"));
	assert_non_null(danger_of_device("/dev/input/event0"));
	assert_non_null(danger_of_device("/dev/sda1"));
	assert_non_null(danger_of_device("/dev/mem"));
	assert_null(danger_of_device("/dev/dri/card0"));
	assert_null(danger_of_device("/dev/snd/pcmC0D0p"));
}

static void test_variables(void **state)
{
	(void)state;
	assert_true(is_secret_variable("GITHUB_TOKEN"));
	assert_true(is_secret_variable("AWS_SECRET_ACCESS_KEY"));
	assert_true(is_secret_variable("db_password"));
	assert_false(is_secret_variable("HOME"));
	assert_false(is_secret_variable("KEYBOARD"));
	assert_false(is_secret_variable("PATH"));
}

/* One item, with the answers of outside and of two ways inside. */
static enum verify_state state_of(bool outside, bool first, bool second, const char *danger, const char *why)
{
	struct items items = {0};
	struct item *item = items_add(&items, GROUP_FILES_READ, "read", "/a");
	enum verify_state state;

	item->danger = danger;
	item->identity = outside ? xstrdup("1:2") : NULL;
	items_way(item, "/a", NULL, 0);
	items_way(item, "/b", why, 3);
	item->way[0].open = first;
	item->way[1].open = second;
	judge(item);
	state = item->state;
	items_done(&items);
	return state;
}

static void test_judge(void **state)
{
	(void)state;
	assert_int_equal(state_of(false, false, false, NULL, "x:1"), STATE_NOTHING);
	assert_int_equal(state_of(false, true, true, "bad", "x:1"), STATE_NOTHING);
	assert_int_equal(state_of(true, false, false, "bad", "x:1"), STATE_CLOSED);
	assert_int_equal(state_of(true, false, true, NULL, "x:1"), STATE_GRANTED);
	assert_int_equal(state_of(true, false, true, "bad", "x:1"), STATE_HOLE);
	assert_int_equal(state_of(true, false, true, NULL, NULL), STATE_HOLE);
	assert_int_equal(state_of(true, true, false, NULL, "x:1"), STATE_HOLE);
	assert_int_equal(state_of(true, true, true, NULL, "x:1"), STATE_GRANTED);
}

static void test_group(void **state)
{
	static const enum verify_state given[] = {STATE_NOTHING, STATE_CLOSED, STATE_GRANTED, STATE_CLOSED};
	struct items items = {0};
	size_t tried, closed;

	(void)state;
	for (size_t i = 0; i < countof(given); i++)
		items_add(&items, GROUP_SOCKETS, "connect", "/a")->state = given[i];
	items_add(&items, GROUP_DEVICES, "device", "/dev/a")->state = STATE_HOLE;
	assert_int_equal(judge_group(&items, GROUP_SOCKETS, &tried, &closed), STATE_GRANTED);
	assert_int_equal(tried, 3);
	assert_int_equal(closed, 2);
	assert_int_equal(judge_group(&items, GROUP_NETWORK, &tried, &closed), STATE_NOTHING);
	assert_int_equal(tried, 0);
	assert_int_equal(verify_worst(&items), STATE_HOLE);
	items_done(&items);
}

/* Of one place, the rule that is nearest to it is the reason; a reason is better than none. */
static void test_ways(void **state)
{
	struct items items = {0};
	struct item *item = items_add(&items, GROUP_FILES_READ, "read", "/a");

	(void)state;
	items_way(item, "/a", NULL, 0);
	items_way(item, "/a", "near:2", 9);
	items_way(item, "/a", "far:1", 4);
	items_way(item, "/a", NULL, 0);
	assert_int_equal(item->ways, 1);
	assert_string_equal(item->way[0].why, "near:2");
	assert_true(items_have(&items, GROUP_FILES_READ, "/a"));
	assert_false(items_have(&items, GROUP_FILES_WRITTEN, "/a"));
	items_done(&items);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_reading, setup, plan_of_teardown),
		cmocka_unit_test_setup_teardown(test_writing, setup, plan_of_teardown),
		cmocka_unit_test(test_sockets_and_devices),
		cmocka_unit_test(test_variables),
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_group),
		cmocka_unit_test(test_ways),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
