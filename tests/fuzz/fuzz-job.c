/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-job: the input is a line of a batch. What is taken as a job is what its JSON says, word for word; whatever it
 * is, its answer is one line of JSON, with its id as it came. */
#include <string.h>

#include "base/mem.h"
#include "batch/batch.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 4096 };

/* The sextets of the bytes, counted from the front, and as much padding as makes fours. */
static char digit_at(const struct str *bytes, size_t at)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned value = 0;

	if (at * 6 >= bytes->len * 8)
		return '=';
	for (size_t bit = at * 6; bit < at * 6 + 6; bit++)
		value = value << 1 | (bit < bytes->len * 8 && (unsigned char)bytes->s[bit / 8] >> (7 - bit % 8) & 1);
	return digits[value];
}

static void check_input(const struct job *job)
{
	const char *base64 = json_text(json_member(job->json, "input_base64"));
	autostr struct str text = {0};

	if (json_bytes(json_member(job->json, "input"), &text)) {
		FUZZ_CHECK(!base64 && job->input.len == text.len && !memcmp(job->input.s, text.s, text.len));
		return;
	}
	FUZZ_CHECK(!base64 == !job->input.s);
	if (!base64)
		return;
	FUZZ_CHECK(strlen(base64) == (job->input.len + 2) / 3 * 4);
	for (size_t i = 0; base64[i]; i++)
		FUZZ_CHECK(base64[i] == digit_at(&job->input, i));
}

/* As long as it is of one level, what is taken are its words in order. */
static void check_words(const struct job *job)
{
	const struct json *command = json_member(job->json, "command"), *set = json_member(job->json, "set");
	size_t count = 0, values = 0;
	autostrv struct strv keys = {0};

	FUZZ_CHECK(json_kind(command) == JSON_ARRAY);
	while (job->request.command[count])
		count++;
	FUZZ_CHECK(count > 0 && count == json_count(command));
	for (size_t i = 0; i < count; i++)
		FUZZ_CHECK(str_eq(job->request.command[i], json_text(json_at(command, i))));
	check_input(job);
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
