/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-argv: the command line, taken apart and laid. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "policy/argv.h"

#define WORDS(...) ((char *[]){(char[]){"sbx"}, __VA_ARGS__, NULL})
#define W(text) ((char[]){text})

static int parse(char **argv, struct request *ret, struct err *e)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	return argv_parse(argc, argv, ret, e);
}

static struct request accept(char **argv)
{
	struct request request = {0};
	struct err e = {0};

	if (parse(argv, &request, &e) < 0)
		fail_msg("%s", e.text);
	return request;
}

static void refuse(char **argv, const char *text, const char *hint)
{
	struct request request = {0};
	struct err e = {0};

	assert_int_equal(parse(argv, &request, &e), -EINVAL);
	assert_memory_equal(e.text, text, strlen(text) + 1);
	assert_string_equal(e.hint, hint);
	assert_null(request.command);
}

static void test_command(void **state)
{
	char **argv = WORDS(W("ls"), W("--help"), W("-p"));
	struct request request = accept(argv);

	(void)state;
	assert_int_equal(request.action, ACTION_RUN);
	assert_ptr_equal(request.command, argv + 1);
	assert_int_equal(request.profiles.count, 0);
	request_done(&request);
	argv = WORDS(W("-q"), W("--"), W("--help"), W("--"));
	request = accept(argv);
	assert_ptr_equal(request.command, argv + 3);
	assert_int_equal(request.verbosity, -1);
	request_done(&request);
	argv = WORDS(W("-"), W("x"));
	request = accept(argv);
	assert_ptr_equal(request.command, argv + 1);
	request_done(&request);
}

static void test_options(void **state)
{
	struct request request = accept(WORDS(
		W("-p"), W("a"), W("-pb"), W("--profile=c"), W("--profile"), W("d"), W("-v"), W("--name=n"),
		W("--explain"), W("-s"), W("limits.memory=1G"), W("-sprocess.umask=0"), W("--memory=2G"), W("--ro"),
		W("/a=b"), W("--env=A=B"), W("--best-effort=landlock,limits"), W("--set=limits.cpu="), W("x")));

	(void)state;
	assert_int_equal(request.profiles.count, 4);
	assert_string_equal(request.profiles.v[1], "b");
	assert_string_equal(request.profiles.v[3], "d");
	assert_int_equal(request.action, ACTION_EXPLAIN);
	assert_int_equal(request.verbosity, 1);
	assert_string_equal(request.name, "n");
	assert_int_equal(request.set_count, 7);
	assert_int_equal(request.set[0].id, SET_limits_memory);
	assert_string_equal(request.set[0].text, "1G");
	assert_int_equal(request.set[1].id, SET_process_umask);
	assert_string_equal(request.set[2].text, "2G");
	assert_int_equal(request.set[3].id, SET_filesystem_read_only);
	assert_string_equal(request.set[3].text, "/a=b");
	assert_string_equal(request.set[4].text, "A=B");
	assert_int_equal(request.set[5].id, SET_profile_best_effort);
	assert_string_equal(request.set[6].text, "");
	request_done(&request);
}

static void test_actions(void **state)
{
	struct request request = accept(WORDS(W("--explain=json"), W("--detach=forget"), W("x")));

	(void)state;
	assert_int_equal(request.action, ACTION_EXPLAIN_JSON);
	assert_true(request.detach && request.forget);
	request = accept(WORDS(W("--help")));
	assert_int_equal(request.action, ACTION_HELP);
	request = accept(WORDS(W("--version"), W("--nonsense")));
	assert_int_equal(request.action, ACTION_VERSION);
}

static void test_refused(void **state)
{
	const char *list = "sbx --help lists the options";
	char longer[] = "--name=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	struct request request = {0};
	struct err e = {0};

	(void)state;
	refuse(WORDS(W("--memroy=1G"), W("x")), "unknown option '--memroy=1G'", "did you mean '--memory'?");
	refuse(WORDS(W("--profil"), W("a"), W("x")), "unknown option '--profil'", "did you mean '--profile'?");
	refuse(WORDS(W("-x"), W("x")), "unknown option '-x'", list);
	refuse(WORDS(W("-qv"), W("x")), "unknown option '-qv'", list);
	refuse(WORDS(W("--=x"), W("x")), "unknown option '--=x'", list);
	refuse(WORDS(W("--quiet=1"), W("x")), "option '--quiet' takes no value", "");
	refuse(WORDS(W("--memory")), "option '--memory' needs a value", "");
	refuse(WORDS(W("-p")), "option '-p' needs a value", "");
	refuse(WORDS(W("--profile="), W("x")), "--profile: the name is empty", "");
	refuse(WORDS(W("--detach=x"), W("x")), "--detach: 'x' is no way to do that, only 'forget' is", "");
	refuse(WORDS(W("--explain=xml"), W("x")), "--explain: 'xml' is no form of the plan, only 'json' is", "");
	refuse(WORDS(W("-s"), W("memory=1"), W("x")), "--set: 'memory=1' is not SECTION.KEY=VALUE", "");
	refuse(WORDS(W("-s"), W("limits.memory"), W("x")), "--set: 'limits.memory' is not SECTION.KEY=VALUE", "");
	refuse(WORDS(W("-s"), W("limit.memory=1"), W("x")), "--set: unknown key 'limit.memory'",
	       "did you mean 'limits.memory'?");
	refuse(WORDS(W("-s"), W("profile.include=a"), W("x")), "--set: profile.include counts in profiles only",
	       "-p may be given more than once");
	refuse(WORDS(W("--name=a/b"), W("x")), "--name: 'a/b' has a '/', a blank or a control byte in it", "");
	refuse(WORDS(W("")), "the command is an empty word", "");
	assert_int_equal(parse(WORDS(W("--name=.."), W("x")), &request, &e), -EINVAL);
	assert_int_equal(parse(WORDS(longer, W("x")), &request, &e), -EINVAL);
	assert_int_equal(parse(WORDS(W("-q")), &request, &e), -EINVAL);
	assert_string_equal(e.text, "no command was given");
	assert_int_equal(parse(WORDS(W("--explain"), W("--")), &request, &e), -EINVAL);
}

static void test_no_arguments(void **state)
{
	char *none[] = {NULL};
	struct request request = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(argv_parse(0, none, &request, &e), -EINVAL);
	assert_int_equal(argv_parse(1, none, &request, &e), -EINVAL);
}

static void test_many(void **state)
{
	enum { COUNT = 10000 };
	autofree char **argv = xcalloc(COUNT + 3, sizeof *argv);
	char name[] = "sbx", option[] = "--memory=1G", command[] = "x";
	struct request request;

	(void)state;
	argv[0] = name;
	for (size_t i = 1; i <= COUNT; i++)
		argv[i] = option;
	argv[COUNT + 1] = command;
	request = accept(argv);
	assert_int_equal(request.set_count, COUNT);
	request_done(&request);
}

static void test_lay(void **state)
{
	static const struct variables vars = {.cwd = "/w"};
	struct request request = accept(WORDS(W("--memory=1G"), W("--memory"), W("2G"), W("--ro=a"), W("--cpu=x"),
					      W("-slimits.swap=z"), W("x")));
	struct policy p = {0};
	struct errlist errors = {0};
	char buf[64];

	(void)state;
	assert_int_equal(argv_lay(&request, &p, &vars, &errors), -EINVAL);
	assert_int_equal(errors.count, 2);
	assert_string_equal(errors.v[0].text, "--cpu: limits.cpu: 'x' is not a number (digits only)");
	assert_memory_equal(errors.v[1].text, "--set: limits.swap: ", 20);
	assert_true(policy_number(&p, SET_limits_memory, 0) == INT64_C(2) << 30);
	assert_string_equal(policy_text(&p, SET_filesystem_read_only), "/w/a");
	assert_string_equal(origin_text(policy_value(&p, SET_limits_memory)->origin, buf, sizeof buf), "--memory");
	assert_int_equal(policy_value(&p, SET_limits_memory)->layer, 1);
	errlist_done(&errors);
	policy_done(&p);
	request_done(&request);
}

static void test_help(void **state)
{
	autostr struct str help = {0};
	unsigned lines = 0;

	(void)state;
	argv_help(&help);
	for (const char *p = help.s; *p; lines++) {
		size_t len = strcspn(p, "\n");

		assert_true(len <= 80);
		assert_true(len == 0 || p[len - 1] != ' ');
		p += len + 1;
	}
	assert_true(lines <= 50);
	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		autofree char *option = settings[i].shorthand ? xasprintf("\n  --%s=", settings[i].shorthand) : NULL;

		if (option && !(settings[i].later && !*settings[i].later))
			assert_non_null(strstr(help.s, option));
	}
	assert_non_null(strstr(help.s, "--explain[=json]"));
}

static void test_batch(void **state)
{
	struct request request = accept(WORDS(W("--batch")));

	(void)state;
	assert_int_equal(request.action, ACTION_BATCH);
	assert_int_equal(request.slots, 0);
	assert_int_equal(request.slot_cpus.count, 0);
	assert_true(request.grace_ns == INT64_C(10000000000));
	request = accept(WORDS(W("--batch"), W("--slots=3"), W("--slot-cpus"), W("2,0,65535"), W("--grace=1500ms"),
			       W("-p"), W("a"), W("--memory=1G")));
	assert_int_equal(request.slots, 3);
	assert_int_equal(request.slot_cpus.count, 3);
	assert_int_equal(request.slot_cpus.v[0], 2);
	assert_int_equal(request.slot_cpus.v[1], 0);
	assert_int_equal(request.slot_cpus.v[2], 65535);
	assert_true(request.grace_ns == INT64_C(1500000000));
	assert_int_equal(request.profiles.count, 1);
	assert_int_equal(request.set_count, 1);
	request_done(&request);
	request = accept(WORDS(W("--batch"), W("--grace=0")));
	assert_true(request.grace_ns == 0);
	refuse(WORDS(W("--batch"), W("true")), "'true': the commands of a batch come on standard input", "");
	refuse(WORDS(W("--batch"), W("--name=x")), "--name: a batch is many sandboxes", "each job can have a name");
	refuse(WORDS(W("--batch=1")), "option '--batch' takes no value", "");
	refuse(WORDS(W("--batch"), W("--slots=0")), "--slots: at least one is needed", "");
	refuse(WORDS(W("--batch"), W("--slot-cpus=")), "--slot-cpus: the list is empty", "");
	refuse(WORDS(W("--slots=2"), W("x")), "--slots is of use with --batch only", "");
	refuse(WORDS(W("--slot-cpus=0"), W("x")), "--slot-cpus is of use with --batch only", "");
	refuse(WORDS(W("--grace=1s"), W("x")), "--grace is of use with --batch only", "");
}

/* A word that is wrong is shown to be that option's. */
static void test_batch_values(void **state)
{
	static const char *const bad[] = {"--slots=",          "--slots=x",       "--slots=-1",
					  "--slots=4097",      "--slots=1.5",     "--slots=99999999999999999999",
					  "--slot-cpus=a",     "--slot-cpus=0,x", "--slot-cpus=-1",
					  "--slot-cpus=65536", "--slot-cpus=0-1", "--grace=",
					  "--grace=x",         "--grace=-1s",     "--grace=1y"};

	(void)state;
	for (size_t i = 0; i < countof(bad); i++) {
		autofree char *word = xstrdup(bad[i]);
		struct request request = {0};
		struct err e = {0};

		if (parse(WORDS(W("--batch"), word), &request, &e) >= 0)
			fail_msg("%s was taken, or fails by %d", bad[i], e.code);
		if (strncmp(e.text, bad[i], strcspn(bad[i], "=")) != 0)
			fail_msg("%s: %s", bad[i], e.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_command),      cmocka_unit_test(test_options),
		cmocka_unit_test(test_actions),      cmocka_unit_test(test_refused),
		cmocka_unit_test(test_batch),        cmocka_unit_test(test_batch_values),
		cmocka_unit_test(test_no_arguments), cmocka_unit_test(test_many),
		cmocka_unit_test(test_lay),          cmocka_unit_test(test_help),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
