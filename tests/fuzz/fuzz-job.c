/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-job: the input is a line of a batch. What is taken as a job is what its JSON says, word for word; whatever it
 * is, its answer is one line of JSON, with its id as it came. */
#include <string.h>

#include "base/mem.h"
#include "batch/batch.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 4096 };

/* As long as it is of one level, what is taken are its words in order. */
static void check_words(const struct job *job)
{
	const struct json *command = json_member(job->json, "command"), *set = json_member(job->json, "set");
	const char *input = json_text(json_member(job->json, "input"));
	size_t count = 0, values = 0;
	autostrv struct strv keys = {0};

	FUZZ_CHECK(json_kind(command) == JSON_ARRAY);
	while (job->request.command[count])
		count++;
	FUZZ_CHECK(count > 0 && count == json_count(command));
	for (size_t i = 0; i < count; i++)
		FUZZ_CHECK(str_eq(job->request.command[i], json_text(json_at(command, i))));
	FUZZ_CHECK(job->input == input || (input && str_eq(job->input, input)));
	if (set)
		json_names(set, &keys);
	for (size_t i = 0; i < keys.count; i++) {
		const struct json *value = json_member(set, keys.v[i]);

		values += json_kind(value) == JSON_ARRAY ? json_count(value) : 1;
	}
	FUZZ_CHECK(job->request.set_count == values + fuzz_wrong);
}

static void check_answer(const struct job *job, const struct err *e)
{
	autostr struct str out = {0}, first = {0}, second = {0};
	struct json *answer = NULL;
	struct err none = {0};

	answer_print(answer_error(e, true), job->id, &out);
	FUZZ_CHECK(out.len && memchr(out.s, '\n', out.len) == out.s + out.len - 1);
	out.len--;
	out.s[out.len] = '\0';
	FUZZ_CHECK(json_parse(&out, &answer, &none) == 0 && json_kind(answer) == JSON_OBJECT);
	json_print_line(job->id, &first);
	json_print_line(json_member(answer, "id"), &second);
	FUZZ_CHECK(str_eq(first.s, second.s));
	json_done(answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct request base = {0};
	autostr struct str line = {0};
	struct err e = {0};
	struct job job;
	int r;

	if (size > MAX_BYTES)
		return 0;
	str_add_bytes(&line, (const char *)data, size);
	r = job_read(&line, &base, &job, &e);
	if (r < 0) {
		FUZZ_CHECK(e.code == -r && e.text[0]);
	} else {
		FUZZ_CHECK(job.request.action == ACTION_RUN && !job.request.of_batch);
		check_words(&job);
		(void)err_set(&e, 1, "something");
	}
	check_answer(&job, &e);
	job_done(&job);
	return 0;
}
