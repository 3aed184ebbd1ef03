/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "teller.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "instance.h"

char *teller_name(const struct request *request)
{
	const char *command = request->command && *request->command ? *request->command : "image";
	const char *slash = strrchr(command, '/');

	return request->name ? xstrdup(request->name) : xasprintf("%s-%d", slash ? slash + 1 : command, getpid());
}

int teller_claim(struct teller *teller, struct err *e)
{
	const struct planned *planned = teller->planned;
	const char *folder = planned->host.live;
	bool asked = planned->request.name || planned->request.detach || teller->instance.first;
	autofree char *other = NULL;
	int r;

	if (planned->request.unlisted && !asked)
		return 0;
	teller->since = time(NULL);
	if (!teller->name)
		teller->name = teller_name(&planned->request);
	r = folder ? live_claim(folder, teller->name, &teller->live, e)
		   : err_set(e, ENOENT, "the caller has no folder for the names of what runs");
	if (r == -EBUSY && !planned->request.detach) { /* whoever gives the same name to many has no use for it here */
		other = xasprintf("%s-%d", teller->name, getpid());
		r = live_claim(folder, other, &teller->live, e);
	}
	if (r == 0 || asked)
		return r;
	err_clear(e);
	return 0;
}

static struct json *texts_json(char *const *texts)
{
	struct json *list = json_new_array();

	for (; *texts; texts++)
		json_append_string(list, *texts);
	return list;
}

/* A word that JSON can't have as it is would start another sandbox: then none is told. */
static struct json *words_json(char *const *words)
{
	struct json *list = texts_json(words);

	for (size_t i = 0; i < json_count(list); i++) {
		const char *told = json_text(json_at(list, i));

		if (told && str_eq(told, words[i]))
			continue;
		json_done(list);
		return NULL;
	}
	return list;
}

static struct json *record(const struct teller *teller, pid_t init)
{
	const struct planned *planned = teller->planned;
	char *const none[] = {NULL};
	struct json *json = json_new_object();

	json_add_int(json, "sbx", 1);
	json_add_string(json, "name", teller->name);
	json_add_int(json, "monitor", getpid());
	json_add_uint(json, "monitor_start", live_start_time(getpid()));
	json_add_int(json, "init", init);
	json_add_uint(json, "init_start", live_start_time(init));
	json_add_int(json, "since", teller->since);
	json_add(json, "command", texts_json(planned->request.command));
	json_add(json, "profile", texts_json(planned->policy.profiles.count ? planned->policy.profiles.v : none));
	json_add_string(json, "image", planned->host.image ? planned->host.image->digest : NULL);
	json_add_bool(json, "detached", planned->request.detach && !planned->request.forget); /* it leaves something */
	json_add_string(json, "folder", planned->host.cwd);
	json_add(json, "words", words_json(teller->words));
	json_add(json, "instance", teller->instance.first ? instance_json(planned) : NULL);
	return json;
}

/* Whoever waits for the end of the caller's streams does not wait for what runs in the background. What it has to say
 * from now on is in the report; relays have fds of their own. */
static void let_go_of_caller(void)
{
	autoclose int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; null >= 0 && fd < 3; fd++)
		(void)dup2(null, fd);
}

/* What can't be told is no reason to end what runs: but whoever waits for a name hears of it. */
void teller_tell(void *arg, pid_t init)
{
	struct teller *teller = arg;
	autostr struct str plan = {0};
	struct err none = {0};
	int r = 0;

	if (teller->live.lock >= 0) {
		struct json *json = record(teller, init);

		plan_encode(&teller->planned->plan, &plan);
		r = live_tell(&teller->live, json, &plan, &none);
		if (r == 0 && teller->planned->request.detach && !teller->planned->request.forget)
			r = detach_keep(teller, json, &none);
		json_done(json);
	}
	live_instance_say(&teller->instance, r < 0 ? INSTANCE_UNKNOWN : INSTANCE_RUNS);
	if (teller->started >= 0)
		(void)!write(teller->started, r < 0 ? "!" : ".", 1);
	if (teller->planned->request.detach)
		let_go_of_caller();
	mem_close_ptr(&teller->started);
	teller->started = -1;
}

/* Who is second finds the record, or, when that is gone, waits for the other. */
void teller_let_go(struct teller *teller)
{
	live_let_go(&teller->live);
	live_instance_done(&teller->instance);
}

void teller_done(struct teller *teller)
{
	teller_let_go(teller);
	mem_close_ptr(&teller->started);
	free(teller->name);
}
