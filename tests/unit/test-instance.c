/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-instance: one is the first, others know it, wait for its word and for its end; and words of files as URIs. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compile/compile.h"
#include "live/instance.h"
#include "own-folder.h"

static int begin(struct live_instance *in, const char *key)
{
	struct err e = {0};
	int r = live_instance_begin(folder, key, in, &e);

	assert_true(r >= 0);
	return r;
}

static bool is_there(const char *file)
{
	autofree char *path = xasprintf("%s/%s", folder, file);

	return access(path, F_OK) == 0;
}

static void one_is_the_first(void **state)
{
	struct live_instance first = LIVE_INSTANCE_NONE, other = LIVE_INSTANCE_NONE, second = LIVE_INSTANCE_NONE;
	struct err e = {0};

	(void)state;
	assert_int_equal(begin(&first, "a"), 1);
	assert_int_equal(begin(&other, "b"), 1);
	assert_true(is_there("a.start"));
	live_instance_say(&first, INSTANCE_RUNS);
	assert_false(is_there("a.start"));
	assert_int_equal(begin(&second, "a"), 0);
	assert_int_equal(live_instance_said(&second), INSTANCE_RUNS);
	assert_true(live_instance_age(&second) < INT64_C(60) * NS_PER_SECOND);
	live_instance_say(&second, INSTANCE_UNKNOWN); /* it has no say */
	assert_int_equal(live_instance_said(&second), INSTANCE_RUNS);
	live_instance_say(&first, INSTANCE_ENDED);
	live_instance_done(&first);
	assert_false(is_there("a.one"));
	assert_int_equal(live_instance_follow(&second, &e), 1);
	assert_int_equal(second.before, INSTANCE_ENDED);
	assert_int_equal(live_instance_said(&second), 0);
	live_instance_done(&second);
	live_instance_done(&other);
	assert_false(is_there("a.one") || is_there("a.start") || is_there("b.one") || is_there("b.start"));
}

/* Of many processes each is the first at some time, and never two are; the lock of one that is killed is free. */
static void many_take_turns(void **state)
{
	enum { PROCESSES = 12 };
	autofree char *file = xasprintf("%s/in", folder);
	int good = 0;

	(void)state;
	for (int i = 0; i < PROCESSES; i++) {
		struct live_instance in = LIVE_INSTANCE_NONE;
		struct err e = {0};
		pid_t pid = fork();
		int r;

		assert_true(pid >= 0);
		if (pid > 0)
			continue;
		r = live_instance_begin(folder, "a", &in, &e);
		live_instance_say(&in, INSTANCE_RUNS);
		while (r == 0)
			r = live_instance_follow(&in, &e);
		live_instance_say(&in, INSTANCE_RUNS);
		r = r == 1 ? open(file, O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
		(void)usleep(1000);
		if (r < 0 || unlink(file) < 0)
			_exit(1);
		if (i % 3)
			live_instance_done(&in);
		_exit(0);
	}
	for (int i = 0, status; i < PROCESSES; i++)
		good += wait(&status) > 0 && status == 0;
	assert_int_equal(good, PROCESSES);
}

static void another_folder_is_refused(void **state)
{
	struct live_instance in = LIVE_INSTANCE_NONE;
	struct err e = {0};

	(void)state;
	assert_int_equal(chmod(folder, 0777), 0);
	assert_int_equal(live_instance_begin(folder, "a", &in, &e), -EPERM);
	assert_int_equal(in.folder, -1);
}

static void uris(void **state)
{
	static const char path[] = "/a b/100% \xc3\xa4?#&=;+'\"~._-\x7f\n";
	autofree char *uri = compile_argument_uri(path), *back = NULL;
	struct host host = {0};

	(void)state;
	assert_string_equal(uri, "file:///a%20b/100%25%20%C3%A4%3F%23%26%3D%3B%2B%27%22~._-%7F%0A");
	assert_true(compile_argument_is_uri(uri) && compile_argument_is_uri("file://localhost/a"));
	assert_false(compile_argument_is_uri("/a") || compile_argument_is_uri("file://elsewhere/a") ||
		     compile_argument_is_uri("http://localhost/a") || compile_argument_is_uri("file:///%0"));
	back = compile_argument_path(&host, uri);
	assert_string_equal(back, path);
	assert_null(compile_argument_path(&host, "-a"));
	assert_null(compile_argument_path(&host, "a")); /* no working directory is known */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_is_the_first, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(many_take_turns, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(another_folder_is_refused, make_folder, remove_folder),
		cmocka_unit_test(uris),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
