/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* job: one line of JSON becomes the words that sbx would have been started with, so that they mean the same. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "batch/batch.h"

static int wrong(const char *name, const char *wanted, struct err *e)
{
	return err_set(e, EINVAL, "job: '%s' is not %s", name, wanted);
}

static int add_word(struct job *job, const char *option, const struct json *value, const char *name, struct err *e)
{
	const char *text = json_text(value);

	if (!text)
		return wrong(name, "a text, or a list of such", e);
	strv_take(&job->words, xasprintf("%s%s", option, text));
	return 0;
}

/* One text or a list of them; each makes a word. */
static int add_words(struct job *job, const char *option, const struct json *value, const char *name, struct err *e)
{
	if (json_kind(value) != JSON_ARRAY)
		return add_word(job, option, value, name, e);
	for (size_t i = 0; i < json_count(value); i++)
		if (add_word(job, option, json_at(value, i), name, e) < 0)
			return -e->code;
	return 0;
}

static int add_profiles(struct job *job, const struct json *value, struct err *e)
{
	return add_words(job, "--profile=", value, "profile", e);
}

static int add_name(struct job *job, const struct json *value, struct err *e)
{
	return json_kind(value) == JSON_STRING && *json_text(value) ? add_word(job, "--name=", value, "name", e)
								    : wrong("name", "a text", e);
}

/* {"limits.memory": "64M", "process.keep-fd": ["3", "4"], "process.aslr": false} */
static int add_settings(struct job *job, const struct json *value, struct err *e)
{
	autostrv struct strv names = {0};

	if (json_kind(value) != JSON_OBJECT)
		return wrong("set", "an object of SECTION.KEY: VALUE", e);
	json_names(value, &names);
	for (size_t i = 0; i < names.count; i++) {
		const struct json *setting = json_member(value, names.v[i]);
		const char *text = json_kind(setting) == JSON_BOOL ? json_text(setting) : NULL;
		autofree char *option = xasprintf("--set=%s=", names.v[i]);

		if (text)
			strv_take(&job->words, xasprintf("%s%s", option, str_eq(text, "true") ? "yes" : "no"));
		else if (add_words(job, option, setting, names.v[i], e) < 0)
			return -e->code;
	}
	return 0;
}

static int keep_id(struct job *job, const struct json *value, struct err *e)
{
	(void)e;
	job->id = value;
	return 0;
}

static int keep_input(struct job *job, const struct json *value, struct err *e)
{
	if (job->input.s)
		return wrong("input", "the only one", e);
	return json_bytes(value, &job->input) ? 0 : wrong("input", "a text", e);
}

static int keep_input_base64(struct job *job, const struct json *value, struct err *e)
{
	if (job->input.s)
		return wrong("input_base64", "the only one", e);
	return json_base64(value, &job->input) ? 0 : wrong("input_base64", "a text in base64", e);
}

static int no_words(struct job *job, const struct json *value, struct err *e)
{
	(void)job; /* read at the end: it comes last on a command line */
	return json_kind(value) == JSON_ARRAY && json_count(value) ? 0 : wrong("command", "a list of texts", e);
}

static const struct member {
	const char *name;
	int (*read)(struct job *job, const struct json *value, struct err *e);
} members[] = {
	{"id", keep_id},       {"profile", add_profiles},           {"set", add_settings}, {"name", add_name},
	{"input", keep_input}, {"input_base64", keep_input_base64}, {"command", no_words},
};

static int read_member(struct job *job, const char *name, struct err *e)
{
	for (size_t i = 0; i < countof(members); i++)
		if (str_eq(members[i].name, name))
			return members[i].read(job, json_member(job->json, name), e);
	(void)err_set(e, EINVAL, "job: unknown member '%s'", name);
	return err_hint(
		e, "a job has id, command, profile, set, name, and input or input_base64; all else is said by 'set'");
}

static int read_members(struct job *job, struct err *e)
{
	autostrv struct strv names = {0};
	int r = 0;

	if (json_kind(job->json) != JSON_OBJECT)
		return err_set(e, EINVAL, "job: the line is not a JSON object");
	job->id = json_member(job->json, "id"); /* known also if another member is wrong */
	json_names(job->json, &names);
	strv_add(&job->words, "sbx");
	for (size_t i = 0; r == 0 && i < names.count; i++)
		r = read_member(job, names.v[i], e);
	if (r == 0 && !strv_has(&names, "command"))
		r = err_set(e, EINVAL, "job: it has no command");
	if (r < 0)
		return r;
	strv_add(&job->words, "--");
	return add_words(job, "", json_member(job->json, "command"), "command", e);
}

/* What the batch was started with lies under what the job says. */
static void lay_under(struct request *request, const struct request *base)
{
	struct request all = *request;

	all.profiles = (struct strv){0};
	strv_add_all(&all.profiles, &base->profiles);
	strv_add_all(&all.profiles, &request->profiles);
	all.set_count = base->set_count + request->set_count;
	all.set_cap = all.set_count;
	all.set = all.set_count ? xcalloc(all.set_count, sizeof *all.set) : NULL;
	if (base->set_count)
		memcpy(all.set, base->set, base->set_count * sizeof *all.set);
	if (request->set_count)
		memcpy(all.set + base->set_count, request->set, request->set_count * sizeof *all.set);
	request_done(request);
	*request = all;
}

int job_read(const struct str *line, const struct request *base, struct job *ret, struct err *e)
{
	*ret = (struct job){0};
	if (json_parse(line, &ret->json, e) < 0 || read_members(ret, e) < 0 ||
	    argv_parse((int)ret->words.count, ret->words.v, &ret->request, e) < 0)
		return -e->code;
	lay_under(&ret->request, base);
	return 0;
}

void job_done(struct job *job)
{
	request_done(&job->request);
	strv_done(&job->words);
	str_done(&job->input);
	json_done(job->json);
	*job = (struct job){0};
}
