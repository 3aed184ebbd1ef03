/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "second.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/fd.h"
#include "base/mem.h"
#include "compile/compile.h"
#include "instance.h"
#include "joining.h"

enum { STATUS_KILLED = 128 + SIGKILL, HEAD_START_NS = NS_PER_SECOND / 2 };

/* Does the record tell of the sandbox of this key? */
static bool has_key(const struct live_entry *entry, const char *key)
{
	const struct json *instance = json_member(entry->record, "instance");
	const char *text = json_kind(instance) == JSON_OBJECT ? json_text(json_member(instance, "key")) : NULL;

	return text && str_eq(text, key);
}

/* What one start can ask for by itself, and a command in a sandbox that runs can't have. */
static int check_own(const struct planned *planned, const struct live_entry *entry, struct err *e)
{
	static const enum setting_id never[] = {SET_process_stdin, SET_process_stdout, SET_process_stderr,
						SET_report_file, SET_report_opened};
	size_t first = planned->request.forget ? 3 : 0; /* by that it has none of the streams */
	static const enum setting_id off[] = {SET_process_stderr_to_stdout, SET_process_die_with_caller,
					      SET_process_end_on_signal, SET_limits_output_size};

	if (planned->request.detach && !planned->request.forget)
		return err_set(e, ENOTSUP, "a command in it can't be detached");
	if (planned->request.name && !str_eq(planned->request.name, entry->name))
		return err_set(e, ENOTSUP, "a command in it has no name of its own");
	for (size_t i = first; i < countof(never); i++)
		if (planned->policy.entry[never[i]].count)
			return err_set(e, ENOTSUP, "a command in it has no %s.%s", settings[never[i]].section,
				       settings[never[i]].key);
	for (size_t i = 0; i < countof(off); i++)
		if (policy_number(&planned->policy, off[i], 0))
			return err_set(e, ENOTSUP, "a command in it has no %s.%s", settings[off[i]].section,
				       settings[off[i]].key);
	return 0;
}

/* The plan of the same start without a file on its command line. */
static int bare_plan(const struct planned *planned, struct plan *ret, struct err *e)
{
	char *const command[] = {planned->request.command[0], NULL};

	return compile_plan(&planned->policy, &planned->host, command, ret, e);
}

static int join(const struct planned *planned, const struct joining *running, int *ret_status, struct err *e)
{
	struct joining joining = *running;
	autostrv struct strv words = {0};
	struct plan bare = {0};
	int r = check_own(planned, running->entry, e);

	if (r == 0)
		r = instance_compare(planned, json_member(running->entry->record, "instance"), e);
	if (r == 0)
		r = bare_plan(planned, &bare, e);
	if (r == 0)
		r = second_words(planned, running->entry, &bare, &words, e);
	joining.own = &bare;
	joining.command = words.v;
	joining.silent = planned->request.forget;
	if (r == 0)
		r = join_command(&joining, ret_status, e);
	plan_done(&bare);
	return r;
}

static int refused(const struct planned *planned, const char *name, struct err *e)
{
	autofree char *program = instance_program(planned);

	(void)err_prefix(e, "'%s' of the profile '%s' runs in one sandbox (process.instances), '%s'", program,
			 planned->policy.name, name);
	if (!e->hint[0])
		(void)err_hint(e,
			       "sbxctl stop %s ends it; --set=process.instances=many makes another beside it, with the "
			       "same home",
			       name);
	return -e->code;
}

/* The first has to take its locks before a second looks for them: the one that is the first by sbx would find the
 * other, and end, and with it the sandbox and that other. */
static void give_head_start(const struct live_instance *instance)
{
	int64_t age = live_instance_age(instance);
	struct timespec left = {.tv_nsec = HEAD_START_NS - age};

	if (age < HEAD_START_NS)
		(void)nanosleep(&left, NULL);
}

/* 1: the one that ran has ended meanwhile, and the command has not run, or was ended with it. */
static int try_running(const struct planned *planned, const struct live_instance *instance, int *ret_status,
		       struct err *e)
{
	struct joining joining = {.live = planned->host.live};
	struct live_list list = {0};
	int r = live_read(planned->host.live, &list, e);

	for (size_t i = 0; r == 0 && !joining.entry && i < list.count; i++)
		if (has_key(&list.v[i], instance->key))
			joining.entry = &list.v[i];
	if (r == 0 && !joining.entry) {
		live_list_done(&list);
		if (live_instance_said(instance) != INSTANCE_UNKNOWN)
			return 1;
		(void)err_set(e, ENOENT, "no record of it could be written");
		return refused(planned, "unknown", e);
	}
	if (r == 0)
		r = join(planned, &joining, ret_status, e);
	if (joining.entry && (r < 0 ? !*ret_status : *ret_status == STATUS_KILLED) &&
	    (r == -ESRCH || join_is_late(&joining)))
		r = 1;
	else if (joining.entry && r < 0 && !*ret_status)
		(void)refused(planned, joining.entry->name, e);
	live_list_done(&list);
	return r;
}

int second_start(const struct planned *planned, struct live_instance *instance, int *ret_status, struct err *e)
{
	autofree char *key = instance_key(planned);
	sigset_t before;
	int r;

	*ret_status = 0;
	(void)sigprocmask(SIG_SETMASK, NULL, &before);
	if (!planned->host.live)
		return err_set(e, ENOENT, "process.instances: the caller has no folder for the records of what runs");
	r = live_instance_begin(planned->host.live, key, instance, e);
	while (r == 0) {
		bool ran;

		*ret_status = 0;
		give_head_start(instance);
		r = try_running(planned, instance, ret_status, e);
		if (r <= 0)
			return r;
		err_clear(e);
		ran = *ret_status != 0;
		(void)sigprocmask(SIG_SETMASK, &before, NULL); /* who waits can be ended */
		r = live_instance_follow(instance, e);
		if (r >= 0 && ran &&
		    instance->before != INSTANCE_ENDED) /* someone has ended it, and the command with it */
			return 0;
	}
	return r < 0 ? err_prefix(e, "process.instances") : r;
}
