/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "isolate/launch.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/mem.h"
#include "isolate/files.h"
#include "isolate/words.h"
#include "planned.h"

enum { NOBODY = 65534 };

struct id launch_payload(const struct host *host)
{
	return host->maps_ids && host->uid == 0 ? (struct id){NOBODY, NOBODY} : (struct id){host->uid, host->gid};
}

void launch_keep_umask(struct launch *launch)
{
	launch->umask = umask(077);
}

void launch_restore_umask(const struct launch *launch)
{
	(void)umask(launch->umask);
}

int launch_hold_signals(struct launch *launch, struct err *e)
{
	static const int held[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT};

	(void)sigemptyset(&launch->signals);
	for (size_t i = 0; i < countof(held); i++)
		(void)sigaddset(&launch->signals, held[i]);
	return sigprocmask(SIG_BLOCK, &launch->signals, NULL) < 0 ? err_errno(e, errno, "block signals") : 0;
}

/* All errors of the profiles are told, in order. */
static int plan(struct planned *planned, const struct strv *words, char **environment, struct err *e)
{
	struct errlist errors = {0};
	int r = argv_parse((int)words->count, words->v, &planned->request, e);

	if (r == 0)
		r = planned_make(planned, environment, &errors, e);
	for (size_t i = errors.count; r < 0 && i > 0; i--)
		(void)err_prefix(e, "%s", errors.v[i - 1].text);
	errlist_done(&errors);
	return r;
}

/* The box was given to who the program was thought to be. */
static int check_payload(const struct plan *plan, const struct id *payload, struct err *e)
{
	const struct step *ids = plan_find(plan, STEP_SET_IDS);

	if (!ids || (ids->n == payload->uid && ids->m == payload->gid))
		return 0;
	return err_set(e, EINVAL, "a profile makes the program user %llu, and the box is for user %u",
		       (unsigned long long)ids->n, payload->uid);
}

/* isolate's program says it itself, on its standard error. */
static void tell_no_exec(const struct launch_context *c, const struct outcome *outcome)
{
	autofree char *text = xasprintf("execve(\"%s\"): %s\n", c->options->command[0], strerror(outcome->exec_errno));

	(void)!fd_write(c->options->stderr_to_stdout ? 1 : 2, text, strlen(text)); /* it may be closed */
}

/* The disk of its output is full: a program can bring that about, so that it is no failure of the sandbox. */
static bool no_room(const struct outcome *outcome, const struct err *e)
{
	return outcome->executed && (e->code == ENOSPC || e->code == EDQUOT);
}

static int run(struct launch *launch, const struct launch_context *c, const struct words_context *words,
	       struct ending *ending, struct err *e)
{
	const struct id payload = launch_payload(c->host);
	struct planned planned = {.gated = false};
	autostrv struct strv list = {0};
	int r = words_make(c->options, words, &list, e);

	if (r == 0)
		r = plan(&planned, &list, c->environment, e);
	if (r == 0)
		r = check_payload(&planned.plan, &payload, e);
	if (r == 0)
		r = run_plan(&planned.plan, NULL, launch->outcome, e);
	ending->interrupted = launch->outcome->interrupted;
	ending->ran = r == 0 || launch->outcome->exec_errno;
	if (r < 0 && no_room(launch->outcome, e)) {
		launch->outcome->verdict = VERDICT_OUTPUT;
		ending->ran = true;
	}
	if (launch->outcome->exec_errno)
		tell_no_exec(c, launch->outcome);
	if (ending->ran || ending->interrupted) {
		r = 0;
		err_clear(e);
	}
	planned_done(&planned);
	return r;
}

int launch_run(struct launch *launch, const struct launch_context *context, struct ending *ending, struct err *e)
{
	const struct files_context files = {
		.box = context->box, .payload = launch_payload(context->host), .signals = &launch->signals};
	struct files_result found = {0};
	struct words_context words = {.box = context->box->folder,
				      .environment = context->environment,
				      .nofile = context->host->nofile,
				      .kept = launch->kept,
				      .kept_count = launch->kept_count};

	if (files_streams(context->options, &files, &found, e) < 0) {
		ending->interrupted = found.interrupted > 0 ? found.interrupted : 0;
		ending->too_late = found.too_late;
		if (!ending->interrupted && !ending->too_late)
			return -e->code;
		err_clear(e);
		return 0;
	}
	words.writes_file = found.writes_file;
	return run(launch, context, &words, ending, e);
}

int launch_check(const char *store, const struct host *host, char **environment, struct err *e)
{
	char word[] = "/bin/true", *command[] = {word, NULL};
	struct options options = {
		.mode = ISOLATE_RUN, .processes = 1, .open_files = 1024, .command = command, .count = 1};
	const struct words_context context = {.box = store, .environment = environment, .nofile = host->nofile};
	struct planned planned = {.gated = false};
	autostrv struct strv words = {0};
	struct isolate_box box = ISOLATE_BOX_NONE;
	int r;

	rules_default(&options.rules);
	(void)rules_add(&options.rules, "box=./:rw", e); /* whatever is there is as good as a box */
	r = isolate_box_open(store, 0, true, &box, e);   /* makes the store */
	if (r == 0 && !box.made)
		r = isolate_box_cleanup(&box, e);
	if (r == 0)
		r = words_make(&options, &context, &words, e);
	if (r == 0)
		r = plan(&planned, &words, environment, e);
	planned_done(&planned);
	isolate_box_done(&box);
	options_done(&options);
	return r;
}

void launch_done(struct launch *launch)
{
	free(launch->kept);
	*launch = (struct launch){0};
}
