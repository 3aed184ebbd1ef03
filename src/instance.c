/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "instance.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/sha256.h"

enum { DIGITS = 32 };

static void add_text(struct sha256 *sha, const char *text)
{
	sha256_add(sha, text ? text : "", strlen(text ? text : "") + 1);
}

static char *end(struct sha256 *sha)
{
	char digits[SHA256_TEXT];

	sha256_end(sha, digits);
	return xstrndup(digits, DIGITS);
}

bool instance_is_single(const struct policy *policy)
{
	return !policy_is(policy, SET_process_instances, "many");
}

/* The file that a command is, where the sandbox's PATH has it; the word itself if there is none. Owned by the caller.
 */
static char *file_of(const struct planned *planned, const char *word)
{
	const struct step *exec = plan_find(&planned->plan, STEP_EXEC);
	autofree char *folders = xstrdup(plan_text(&planned->plan, exec->a));
	char *rest = NULL;

	if (strchr(word, '/')) {
		autofree char *path = host_absolute_here(&planned->host, word);

		return host_real(&planned->host, path);
	}
	for (char *folder = strtok_r(folders, ":", &rest); folder; folder = strtok_r(NULL, ":", &rest)) {
		autofree char *path = xasprintf("%s/%s", folder, word);
		struct node node;

		planned->host.look(&planned->host, path, &node);
		if (*folder == '/' && node.type != NODE_NONE)
			return host_real(&planned->host, path);
	}
	return xstrdup(word);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Under one sandbox for the profile, all names that it gives are one program. */
char *instance_program(const struct planned *planned)
{
	const char *word = planned->request.command[0];
	const struct entry *known = &planned->policy.entry[SET_profile_command];
	autofree char *file = NULL;

	if (policy_is(&planned->policy, SET_process_instances, "profile") &&
	    policy_has(&planned->policy, SET_profile_command, base_name(word)))
		return xstrdup(known->v[0].text);
	file = file_of(planned, word);
	return xstrdup(base_name(file));
}

char *instance_key(const struct planned *planned)
{
	bool whole = policy_is(&planned->policy, SET_process_instances, "profile");
	autofree char *program = whole ? NULL : instance_program(planned);
	struct sha256 *sha = sha256_begin();

	add_text(sha, planned->host.data); /* where the private homes are */
	add_text(sha, planned->policy.name);
	add_text(sha, program);
	return end(sha);
}

/* What says nothing of what the program may reach. */
static bool is_of_one_start(enum setting_id id)
{
	static const enum setting_id ids[] = {
		SET_profile_description, SET_profile_command, SET_report_file,
		SET_report_opened,       SET_process_stdin,   SET_process_stdout,
		SET_report_instructions, SET_process_stderr,  SET_process_stderr_to_stdout};

	for (size_t i = 0; i < countof(ids); i++)
		if (ids[i] == id)
			return true;
	return false;
}

static bool is_given(const struct entry *entry)
{
	for (size_t i = 0; i < entry->count; i++)
		if (entry->v[i].layer)
			return true;
	return entry->set && !entry->count;
}

static char *digest_of(const struct entry *entry)
{
	struct sha256 *sha = sha256_begin();

	for (size_t i = 0; i < entry->count; i++) {
		add_text(sha, entry->v[i].text);
		add_text(sha, entry->v[i].target ? entry->v[i].target : entry->v[i].optional ? "-" : "");
	}
	return end(sha);
}

/* Where no rule shows the working directory, it is shown because of where sbx was started. */
static const char *shown_folder(const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->step[i].kind == STEP_BIND && str_eq(plan_text(plan, plan->step[i].why), "working directory"))
			return plan_text(plan, plan->step[i].b);
	return NULL;
}

static struct json *settings_json(const struct planned *planned)
{
	struct json *json = json_new_object();

	for (enum setting_id id = 0; id < SETTING_COUNT; id++) {
		const struct entry *entry = &planned->policy.entry[id];
		autofree char *name = xasprintf("%s.%s", settings[id].section, settings[id].key), *digest = NULL;

		if (is_of_one_start(id) || !is_given(entry))
			continue;
		digest = digest_of(entry);
		json_add_string(json, name, digest);
	}
	return json;
}

struct json *instance_json(const struct planned *planned)
{
	struct json *json = json_new_object();
	autofree char *key = instance_key(planned), *program = instance_program(planned);

	json_add_string(json, "key", key);
	json_add_string(json, "program", program);
	json_add_string(json, "image", planned->host.image ? planned->host.image->digest : "");
	json_add_string(json, "folder", shown_folder(&planned->plan) ? shown_folder(&planned->plan) : "");
	json_add(json, "settings", settings_json(planned));
	return json;
}

static bool is_same(const struct json *a, const struct json *b, const char *name)
{
	const char *one = json_text(json_member(a, name)), *other = json_text(json_member(b, name));

	return one && other && str_eq(one, other);
}

/* The first setting that only one of them has, or that is another; NULL: none. */
static char *first_difference(const struct json *a, const struct json *b)
{
	autostrv struct strv names = {0};

	json_names(a, &names);
	json_names(b, &names);
	for (size_t i = 0; i < names.count; i++)
		if (!is_same(a, b, names.v[i]))
			return xstrdup(names.v[i]);
	return NULL;
}

static int compare(const struct json *own, const struct json *running, struct err *e)
{
	const struct json *given = json_member(running, "settings");
	autofree char *name = NULL;

	if (json_kind(given) != JSON_OBJECT)
		return err_set(e, EBADMSG, "its record is damaged");
	name = first_difference(json_member(own, "settings"), given);
	if (name)
		return err_set(e, EPERM, "it was started with another %s", name);
	if (!is_same(own, running, "image"))
		return err_set(e, EPERM, "it has another image");
	if (!is_same(own, running, "folder"))
		return err_set(e, EPERM, "it was started in another folder, which it sees");
	if (!is_same(own, running, "program"))
		return err_set(e, EPERM, "it was started for another program, '%s'",
			       json_text(json_member(running, "program")) ? json_text(json_member(running, "program"))
									  : "");
	return 0;
}

int instance_compare(const struct planned *planned, const struct json *running, struct err *e)
{
	struct json *own = instance_json(planned);
	int r = json_kind(running) == JSON_OBJECT ? compare(own, running, e)
						  : err_set(e, EBADMSG, "its record is damaged");

	json_done(own);
	return r;
}
