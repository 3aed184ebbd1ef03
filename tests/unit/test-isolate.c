/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-isolate: isolate's options and rules, the words that they become, and the meta file. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "isolate/meta.h"
#include "isolate/words.h"

enum { MAX_WORDS = 40 };

/* A command line, cut at blanks; argv must be writable. */
struct line {
	char *copy, *argv[MAX_WORDS];
	struct options options;
	struct err e;
};

static int parse(struct line *line, const char *text)
{
	char *rest = NULL;
	int argc = 0;

	*line = (struct line){.copy = xasprintf("isolate %s", text)};
	for (char *word = strtok_r(line->copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		assert_true(argc < MAX_WORDS - 1);
		line->argv[argc++] = word;
	}
	return options_parse(argc, line->argv, &line->options, &line->e);
}

static void done(struct line *line)
{
	options_done(&line->options);
	free(line->copy);
}

static void accept(struct line *line, const char *text)
{
	if (parse(line, text) < 0)
		fail_msg("%s: %s", text, line->e.text);
}

static void refuse(const char *text, const char *part)
{
	struct line line;

	assert_true(parse(&line, text) < 0);
	if (!strstr(line.e.text, part))
		fail_msg("%s: %s", text, line.e.text);
	done(&line);
}

static void test_options(void **state)
{
	struct line line;
	const struct options *o = &line.options;

	(void)state;
	accept(&line,
	       "--run true -b7 -p60 -t 1.5 -x 0 -w 1e1 -k 64000 -f 1024 -n 64 -m 5 --core=1 -M m -i a -o b -r c -c d "
	       "-v --verbose -s --wait");
	assert_int_equal(o->mode, ISOLATE_RUN);
	assert_string_equal(o->command[0], "true"); /* words move behind the options */
	assert_int_equal(o->count, 1);
	assert_int_equal(o->box, 7);
	assert_int_equal(o->processes, 60);
	assert_int_equal(o->time_ms, 1500);
	assert_int_equal(o->extra_ms, 0);
	assert_int_equal(o->wall_ms, 10000);
	assert_int_equal(o->open_files, 64);
	assert_int_equal(o->core_kb, 1);
	assert_string_equal(o->stream[2], "c");
	assert_true(o->silent && o->wait && !o->cg);
	done(&line);
	accept(&line, "--run -- prog -p5 --init");
	assert_int_equal(o->processes, 1);
	assert_int_equal(o->open_files, 1024);
	assert_int_equal(o->count, 3);
	done(&line);
	accept(&line, "-p --run -- x");
	assert_int_equal(o->processes, 0);
	done(&line);
	accept(&line, "-t 0.0001 --cg-timing --no-cg-timing --syscalls=27 -b 2147483647 --run x");
	assert_int_equal(o->time_ms, 1); /* 0 would be no limit */
	done(&line);
}

static void test_refusals(void **state)
{
	(void)state;
	refuse("--init --run x", "only one");
	refuse("-b 1", "has to be said");
	refuse("--run", "no command");
	refuse("--init x", "only --run has a command");
	refuse("--what --run x", "unknown option '--what'");
	refuse("--run -M", "needs a value");
	refuse("--init -q 1,2", "--quota");
	refuse("--run --syscalls=4 x", "locks");
	refuse("--run --cg-mem=5 x", "needs --cg");
	refuse("--run --stderr-to-stdout -r x x", "exclude");
	refuse("--run --as-uid=4 x", "belong together");
	refuse("--run -t nan x", "not a time");
	refuse("--run -t -1 x", "not a time");
	refuse("--run -w 1s x", "not a time");
	refuse("--run -m -1 x", "-1");
	refuse("--run -b 2147483648 x", "2147483648");
	refuse("--run -E =x x", "names no variable");
}

/* What a wrong command line says still names the meta file, in which the error belongs. */
static void test_meta_of_refusal(void **state)
{
	struct line line;

	(void)state;
	assert_true(parse(&line, "--what -M here --run x") < 0);
	assert_string_equal(line.options.meta, "here");
	done(&line);
}

static const struct dir_rule *rule(const struct rules *rules, const char *path, const char *rest)
{
	const char *found = "";
	const struct dir_rule *r = rules_find(rules, path, &found);

	assert_string_equal(found, rest);
	return r;
}

static void test_rules(void **state)
{
	struct rules rules = {0};
	struct err e;

	(void)state;
	rules_default(&rules);
	assert_int_equal(rules.count, 9);
	assert_string_equal(rule(&rules, "/box/a//b", "a//b")->out, "/box");
	assert_int_equal(rule(&rules, "/dev/shm/x", "x")->kind, RULE_TMPFS);
	assert_int_equal(rule(&rules, "/dev/null", "null")->kind, RULE_DEV);
	assert_null(rule(&rules, "/etc/passwd", ""));
	assert_null(rule(&rules, "/usrx", ""));
	assert_int_equal(rules_add(&rules, "/tmp//=/srv/./home/:rw:noexec", &e), 0); /* in its place */
	assert_int_equal(rules.count, 9);
	assert_string_equal(rules.v[7].out, "/srv/home");
	assert_true(rules.v[7].writable && rules.v[7].no_exec && !rules.v[7].is_default);
	assert_int_equal(rules_add(&rules, "usr=", &e), 0);
	assert_null(rule(&rules, "/usr/bin", ""));
	rules_forget_default(&rules);
	assert_null(rule(&rules, "/box", ""));
	assert_int_equal(rule(&rules, "/tmp/x", "x")->kind, RULE_BIND);
	rules_done(&rules);
}

static void test_wrong_rules(void **state)
{
	static const char *const wrong[] = {"/x=y",        "/x=/y:what",  "/../x=/y",  "/x=/y/../z",
					    "/",           "/x=sysfs:fs", "/x=/y:dev", "dev=/other:dev",
					    "/x=tmpfs:fs", "/x=/:rw",     "/x=/y:tmp", "=/y"};
	struct rules rules = {0};
	struct err e;

	(void)state;
	for (size_t i = 0; i < countof(wrong); i++)
		if (rules_add(&rules, wrong[i], &e) == 0)
			fail_msg("%s", wrong[i]);
	assert_int_equal(rules.count, 0);
	rules_done(&rules);
}

/* The words of a line, one after the other, between blanks. */
static char *words_of(const char *text, bool writes_file)
{
	char home[] = "HOME=/home/u", a[] = "A=1", *environment[] = {home, a, NULL};
	const struct words_context context = {
		.box = "/s:x/5", .environment = environment, .nofile = 512, .writes_file = writes_file};
	struct line line;
	struct str out = {0};
	autostrv struct strv words = {0};

	accept(&line, text);
	if (words_make(&line.options, &context, &words, &line.e) < 0)
		fail_msg("%s: %s", text, line.e.text);
	for (size_t i = 0; i < words.count; i++)
		str_addf(&out, "%s ", words.v[i]);
	done(&line);
	return out.s;
}

static void has(const char *text, const char *wanted)
{
	autofree char *words = words_of(text, true);

	if (!strstr(words, wanted))
		fail_msg("%s: no '%s' in %s", text, wanted, words);
}

static void has_not(const char *text, const char *wrong)
{
	autofree char *words = words_of(text, false);

	if (strstr(words, wrong))
		fail_msg("%s: '%s' in %s", text, wrong, words);
}

static void test_words(void **state)
{
	(void)state;
	has("--run -- a b", "sbx --profile=isolate ");
	has("--run -- a b", " -- ./a b ");
	has("--run /a", "--set=filesystem.read-write=/s\\:x/5/box:/box ");
	has("--run /a", "--set=limits.processes=1 ");
	has("--run /a", "--set=limits.open-files=512 "); /* more is not there */
	has("--run /a", "--set=profile.best-effort=limits ");
	has_not("--run --cg /a", "best-effort");
	has_not("--run -p /a", "limits.processes");
	has("--run -t 0.3 -x 0.9 /a", "--set=limits.cpu-time=0.300s --set=limits.cpu-time-hard=0.900s ");
	has_not("--run -t 5 -x 1 /a", "hard"); /* of Judge0: it is no addition */
	has_not("--run -x 1 /a", "cpu-time");
	has("--run -w 2.5 /a", "--set=limits.wall-time=2.500s ");
	has("--run -f 10 /a", "--set=limits.file-size=10K --set=limits.output-size=10K ");
	has_not("--run -f 10 /a", "output-size"); /* a pipe holds any number of bytes */
	has("--run -m 5000 -k 6 --core=7 /a",
	    "--set=limits.address-space=5000K --set=limits.stack=6K --set=limits.core=7K ");
	has("--run --cg --cg-mem=5000 /a", "--set=limits.memory=5000K ");
	has("--run -c x /a", "--set=filesystem.working-directory=/box/x ");
	has("--run -d /e:noexec:maybe /a", "--set=filesystem.read-only=-/e:/e --set=filesystem.no-exec=/e ");
	has("--run -d tmp= /a", "--set=filesystem.hide=/tmp ");
	has("--run --share-net --stderr-to-stdout --tty-hack /a",
	    "--set=network.mode=host --set=process.terminal=auto --set=process.stderr-to-stdout=yes ");
}

static void test_environment(void **state)
{
	(void)state;
	has("--run /a", "--set=environment.unset=HOME ");
	has("--run -E HOME /a", "--set=environment.set=HOME=/home/u ");
	has("--run -E A /a", "--set=environment.pass=A ");
	has("--run -E A -E A=2 /a", "--set=environment.set=A=2 ");
	has_not("--run -E A -E A=2 /a", "pass=A");
	has("--run -e /a", "--set=environment.pass=* ");
	has("--run -e /a", "--set=environment.set=HOME=/home/u ");
	has("--run -e -E HOME= /a", "--set=environment.unset=HOME ");
	has_not("--run -e -E HOME= /a", "set=HOME=");
}

static void says(const struct ending *ending, const char *lines, const char *line, int status)
{
	autostr struct str meta = {0}, text = {0};

	meta_lines(ending, &meta);
	meta_status_line(ending, &text);
	assert_string_equal(meta.s, lines);
	assert_string_equal(text.s, line);
	assert_int_equal(meta_exit_status(ending), status);
}

#define USED "time:1.500\ntime-wall:2.000\nmax-rss:10\ncsw-voluntary:3\ncsw-forced:4\n"

static void test_meta(void **state)
{
	struct outcome out = {.verdict = VERDICT_OK,
			      .executed = true,
			      .cpu = 1500999999,
			      .wall = 2000000000,
			      .max_rss = 10240,
			      .voluntary_switches = 3,
			      .forced_switches = 4,
			      .memory_peak = 20480,
			      .memory_source = "cgroup2"};
	struct ending ending = {.outcome = &out, .ran = true};

	(void)state;
	says(&ending, USED "exitcode:0\n", "OK (1.500 sec real, 2.000 sec wall)", 0);
	out.verdict = VERDICT_EXIT;
	out.exit_code = 3;
	says(&ending, USED "exitcode:3\nstatus:RE\nmessage:Exited with error status 3\n", "Exited with error status 3",
	     1);
	out.verdict = VERDICT_PROCESSES;
	says(&ending, USED "exitcode:3\nstatus:RE\nmessage:Exited with error status 3\n", "Exited with error status 3",
	     1);
	out.verdict = VERDICT_CPU_TIME;
	says(&ending, USED "status:TO\nmessage:Time limit exceeded\n", "Time limit exceeded", 1);
	out.killed = true;
	out.verdict = VERDICT_WALL_TIME;
	says(&ending, USED "killed:1\nstatus:TO\nmessage:Time limit exceeded (wall clock)\n",
	     "Time limit exceeded (wall clock)", 1);
	out.verdict = VERDICT_OUTPUT;
	says(&ending, USED "exitsig:25\nstatus:SG\nmessage:Caught fatal signal 25\n", "Caught fatal signal 25", 1);
	out.verdict = VERDICT_MEMORY;
	out.oom_kills = 1;
	ending.cg = true;
	says(&ending, USED "cg-mem:20\ncg-oom-killed:1\nexitsig:9\nstatus:SG\nmessage:Caught fatal signal 9\n",
	     "Caught fatal signal 9", 1);
	ending.interrupted = 15;
	ending.ran = false;
	says(&ending, "exitsig:15\nkilled:1\nstatus:SG\nmessage:Interrupted\n", "Interrupted", 1);
	ending.error = "a\nb";
	says(&ending, "status:XX\nmessage:a\\x0ab\n", "a\\x0ab", 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),         cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_meta_of_refusal), cmocka_unit_test(test_rules),
		cmocka_unit_test(test_wrong_rules),     cmocka_unit_test(test_words),
		cmocka_unit_test(test_environment),     cmocka_unit_test(test_meta),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
