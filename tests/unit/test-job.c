/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-job: a line of a batch means what the same words mean on the command line, or is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "batch/batch.h"

static int read_line(const char *text, const struct request *base, struct job *ret, struct err *e)
{
	autostr struct str line = {0};

	str_add(&line, text);
	return job_read(&line, base, ret, e);
}

static void test_input(void **state)
{
	static const struct {
		const char *member, *bytes;
		size_t len;
	} rows[] = {
		{"\"input\": \"a\\u0000b\"", "a\0b", 3},
		{"\"input\": \"\"", "", 0},
		{"\"input_base64\": \"\"", "", 0},
		{"\"input_base64\": \"AA==\"", "\0", 1},
		{"\"input_base64\": \"Zv8=\"", "f\xff", 2},
		{"\"input_base64\": \"++++ABCD\"", "\xfb\xef\xbe\0\x10\x83", 6},
		{"\"input_base64\": \"Zm9v/w==\"", "foo\xff", 4},
	};
	const struct request base = {0};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *text = xasprintf("{\"command\": [\"x\"], %s}", rows[i].member);
		struct job job;
		struct err e = {0};

		if (read_line(text, &base, &job, &e) < 0)
			fail_msg("%s: %s", text, e.text);
		assert_non_null(job.input.s);
		assert_int_equal(job.input.len, rows[i].len);
		assert_memory_equal(job.input.s, rows[i].bytes, rows[i].len);
		job_done(&job);
	}
}

static void test_good(void **state)
{
	const struct request base = {0};
	struct job job;
	struct err e = {0};

	(void)state;
	assert_int_equal(
		read_line("{\"id\": 7, \"command\": [\"cc\", \"-o\", \"\\u00fc\", \"--\", \"\"], \"input\": \"a\\nb\","
			  " \"profile\": [\"one\", \"two\"], \"name\": \"n\", \"set\": {\"limits.memory\": \"64M\","
			  " \"limits.processes\": 3, \"environment.set\": [\"A=B\", \"C=\"], \"process.aslr\": false}}",
			  &base, &job, &e),
		0);
	assert_string_equal(json_text(job.id), "7");
	assert_string_equal(job.input.s, "a\nb");
	assert_string_equal(job.request.command[0], "cc");
	assert_string_equal(job.request.command[1], "-o");
	assert_string_equal(job.request.command[2], "\xc3\xbc");
	assert_string_equal(job.request.command[3], "--");
	assert_string_equal(job.request.command[4], "");
	assert_null(job.request.command[5]);
	assert_string_equal(job.request.name, "n");
	assert_int_equal(job.request.profiles.count, 2);
	assert_string_equal(job.request.profiles.v[1], "two");
	assert_int_equal(job.request.set_count, 5);
	assert_int_equal(job.request.set[0].id, SET_limits_memory);
	assert_string_equal(job.request.set[0].text, "64M");
	assert_string_equal(job.request.set[1].text, "3");
	assert_string_equal(job.request.set[3].text, "C=");
	assert_string_equal(job.request.set[4].text, "no");
	job_done(&job);
	/* options are options only before the command */
	assert_int_equal(read_line("{\"command\": [\"--version\"]}", &base, &job, &e), 0);
	assert_int_equal(job.request.action, ACTION_RUN);
	assert_string_equal(job.request.command[0], "--version");
	assert_null(job.id);
	assert_null(job.input.s);
	job_done(&job);
	assert_int_equal(read_line(" {\"command\": [1, true], \"profile\": \"one\", \"id\": null} ", &base, &job, &e),
			 0);
	assert_string_equal(job.request.command[1], "true");
	assert_int_equal(job.request.profiles.count, 1);
	job_done(&job);
}

/* What comes from a job is a value, whatever it looks like: no second option, no other key. */
static void test_values_stay_values(void **state)
{
	const struct request base = {0};
	struct job job;
	struct err e = {0};

	(void)state;
	assert_int_equal(read_line("{\"command\": [\"x\"], \"profile\": \"--batch\", \"set\": {\"environment.set\":"
				   " \"A=--set=limits.memory=1G\"}}",
				   &base, &job, &e),
			 0);
	assert_int_equal(job.request.action, ACTION_RUN);
	assert_string_equal(job.request.profiles.v[0], "--batch");
	assert_int_equal(job.request.set_count, 1);
	assert_string_equal(job.request.set[0].text, "A=--set=limits.memory=1G");
	job_done(&job);
	assert_true(read_line("{\"command\": [\"x\"], \"set\": {\"limits.memory=1G --set=limits.cpu\": \"1\"}}", &base,
			      &job, &e) == 0);
	assert_string_equal(job.request.set[0].text, "1G --set=limits.cpu=1"); /* which is no size: refused when laid */
	job_done(&job);
}

static void test_bad(void **state)
{
	static const struct {
		const char *line, *text;
	} rows[] = {
		{"", "read JSON"},
		{"x", "read JSON"},
		{"{\"command\": [\"x\"]} {}", "read JSON"},
		{"[]", "the line is not a JSON object"},
		{"null", "the line is not a JSON object"},
		{"\"x\"", "the line is not a JSON object"},
		{"{}", "it has no command"},
		{"{\"command\": []}", "'command' is not a list of texts"},
		{"{\"command\": \"true\"}", "'command' is not a list of texts"},
		{"{\"command\": null}", "'command' is not a list of texts"},
		{"{\"command\": [null]}", "'command' is not a text"},
		{"{\"command\": [[\"x\"]]}", "'command' is not a text"},
		{"{\"command\": [\"a\\u0000b\"]}", "'command' is not a text"},
		{"{\"command\": [\"\"]}", "the command is an empty word"},
		{"{\"command\": [\"x\"], \"commands\": 1}", "unknown member 'commands'"},
		{"{\"command\": [\"x\"], \"slots\": 1}", "unknown member 'slots'"},
		{"{\"command\": [\"x\"], \"\": 1}", "unknown member ''"},
		{"{\"command\": [\"x\"], \"input\": 1}", "'input' is not a text"},
		{"{\"command\": [\"x\"], \"input_base64\": 1}", "'input_base64' is not a text in base64"},
		{"{\"command\": [\"x\"], \"input_base64\": \"AA=\"}", "'input_base64' is not a text in base64"},
		{"{\"command\": [\"x\"], \"input_base64\": \"A===\"}", "'input_base64' is not a text in base64"},
		{"{\"command\": [\"x\"], \"input_base64\": \"AB==\"}", "'input_base64' is not a text in base64"},
		{"{\"command\": [\"x\"], \"input_base64\": \"AAB=\"}", "'input_base64' is not a text in base64"},
		{"{\"command\": [\"x\"], \"input_base64\": \"AA==AAAA\"}", "'input_base64' is not a text in base64"},
		{"{\"command\": [\"x\"], \"input_base64\": \"AA-_\"}", "'input_base64' is not a text in base64"},
		{"{\"command\": [\"x\"], \"input\": \"a\", \"input_base64\": \"AAAA\"}", "is not the only one"},
		{"{\"command\": [\"x\"], \"name\": 1}", "'name' is not a text"},
		{"{\"command\": [\"x\"], \"name\": \"a/b\"}", "--name: 'a/b' has a '/'"},
		{"{\"command\": [\"x\"], \"name\": \"\"}", "'name' is not a text"},
		{"{\"command\": [\"x\"], \"profile\": {}}", "'profile' is not a text"},
		{"{\"command\": [\"x\"], \"profile\": \"\"}", "--profile: the name is empty"},
		{"{\"command\": [\"x\"], \"profile\": [\"a\", null]}", "'profile' is not a text"},
		{"{\"command\": [\"x\"], \"set\": []}", "'set' is not an object"},
		{"{\"command\": [\"x\"], \"set\": \"limits.memory=1G\"}", "'set' is not an object"},
		{"{\"command\": [\"x\"], \"set\": {\"limits.memory\": null}}", "'limits.memory' is not a text"},
		{"{\"command\": [\"x\"], \"set\": {\"limits.memroy\": \"1G\"}}", "unknown key 'limits.memroy'"},
		{"{\"command\": [\"x\"], \"set\": {\"memory\": \"1G\"}}", "is not SECTION.KEY=VALUE"},
		{"{\"command\": [\"x\"], \"set\": {\"profile.include\": \"a\"}}",
		 "profile.include counts in profiles only"},
		{"{\"command\": [\"x\xff\"]}", "read JSON"},
	};
	const struct request base = {0};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct job job;
		struct err e = {0};

		if (read_line(rows[i].line, &base, &job, &e) >= 0)
			fail_msg("'%s' was taken", rows[i].line);
		if (!strstr(e.text, rows[i].text))
			fail_msg("%s: '%s'", rows[i].line, e.text);
		job_done(&job);
	}
}

/* The answer to a job that is wrong says whose it is. */
static void test_id_of_bad(void **state)
{
	const struct request base = {0};
	struct job job;
	struct err e = {0};

	(void)state;
	assert_true(read_line("{\"wrong\": 1, \"command\": 5, \"id\": \"mine\"}", &base, &job, &e) < 0);
	assert_string_equal(json_text(job.id), "mine");
	job_done(&job);
}

static void test_laid_under(void **state)
{
	char *words[] = {(char[]){"sbx"},
			 (char[]){"--batch"},
			 (char[]){"-p"},
			 (char[]){"below"},
			 (char[]){"--memory=1G"},
			 (char[]){"--set=process.umask=0"},
			 NULL};
	struct request base = {0};
	struct job job;
	struct err e = {0};

	(void)state;
	assert_int_equal(argv_parse(countof(words) - 1, words, &base, &e), 0);
	for (int i = 0; i < 2; i++) { /* the base is as it was after a job */
		assert_int_equal(
			read_line(
				"{\"command\": [\"x\"], \"profile\": \"above\", \"set\": {\"limits.memory\": \"2G\"}}",
				&base, &job, &e),
			0);
		assert_int_equal(job.request.action, ACTION_RUN);
		assert_int_equal(job.request.profiles.count, 2);
		assert_string_equal(job.request.profiles.v[0], "below");
		assert_string_equal(job.request.profiles.v[1], "above");
		assert_int_equal(job.request.set_count, 3);
		assert_string_equal(job.request.set[0].text, "1G");
		assert_string_equal(job.request.set[0].option, "--memory=1G");
		assert_string_equal(job.request.set[2].text, "2G");
		job_done(&job);
	}
	request_done(&base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_input),
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_values_stay_values),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_id_of_bad),
		cmocka_unit_test(test_laid_under),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
