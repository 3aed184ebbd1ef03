/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sbx, the launcher: what is wanted and what is there become a plan; the plan is printed or run; its outcome is told.
 * The only printer of errors, and the only chooser of exit statuses. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/units.h"
#include "batch/batch.h"
#include "gate/gate.h"
#include "instance.h"
#include "joining.h"
#include "message.h"
#include "planned.h"
#include "report.h"
#include "run/prepare.h"
#include "run/run.h"
#include "second.h"
#include "teller.h"

enum { STATUS_FAILED_BEFORE = 125 };

/* Only a build that may be installed setuid has the gate's code in it at all. */
static bool is_gated(void)
{
#ifdef WITH_GATE
	return gate_passed();
#else
	return false;
#endif
}

struct launch {
	struct planned planned;
	struct outcome outcome;
	struct teller teller;
	int report; /* opened before anything runs, so that a report that can't be written is no surprise; -1: none */
};

/* All errors of the profiles are shown, not only the first. */
static int make_plan(struct planned *planned, char **environment, struct err *e)
{
	struct errlist errors = {0};
	int r;

	planned->gated = is_gated();
	r = planned_make(planned, environment, &errors, e);

	for (size_t i = 0; i < errors.count; i++)
		message_error(&errors.v[i]);
	errlist_done(&errors);
	return r;
}

static int print(const struct str *text)
{
	return fd_write(STDOUT_FILENO, text->s ? text->s : "", text->len) < 0 ? STATUS_FAILED_BEFORE : EXIT_SUCCESS;
}

static int explain(const struct launch *l)
{
	autostr struct str text = {0};

	if (l->planned.request.action == ACTION_EXPLAIN_JSON)
		plan_print_json(&l->planned.plan, &text);
	else
		plan_print(&l->planned.plan, &text);
	return print(&text);
}

static bool is_report_fd(const struct launch *l)
{
	const char *path = policy_text(&l->planned.policy, SET_report_file);

	return path && str_starts(path, "fd:");
}

static int open_report(struct launch *l, struct err *e)
{
	const char *path = policy_text(&l->planned.policy, SET_report_file);
	uint64_t fd;
	int r;

	if (!path)
		return 0;
	if (str_starts(path, "fd:")) {
		r = units_number(path + 3, 65535, &fd, e);
		if (r < 0)
			return err_prefix(e, "report.file");
		l->report = fcntl((int)fd, F_DUPFD_CLOEXEC, 3);
	} else {
		autofree char *absolute = host_absolute_here(&l->planned.host, path);
		autofree char *real = host_real(&l->planned.host, absolute);

		l->report = fd_open_plain(real, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_NONBLOCK, 0666);
	}
	return l->report >= 0 ? 0 : err_errno(e, errno, "open '%s' for the report", path);
}

static int write_report(const struct launch *l, const struct err *error)
{
	autostr struct str text = {0};
	struct report_context context = {.name = l->planned.request.name,
					 .policy = &l->planned.policy,
					 .plan = &l->planned.plan,
					 .command = l->planned.request.command,
					 .error = error};

	if (l->report < 0)
		return 0;
	report_write(&l->outcome, &context, &text);
	return fd_write(l->report, text.s, text.len);
}

/* A profile may have wanted it for a program long ago; who sits there should know. */
static void warn_of_display(const struct launch *l)
{
	const struct value *x11 = policy_value(&l->planned.policy, SET_desktop_x11);
	struct err warning = {0};
	char buf[256];

	if (!x11 || !str_eq(x11->text, "yes") || l->planned.host.x11_display < 0 || l->planned.request.verbosity < 0 ||
	    !isatty(STDERR_FILENO))
		return;
	(void)err_set(&warning, EPERM,
		      "%s: desktop.x11: yes: the program can watch, and type into, all others of the display",
		      origin_text(x11->origin, buf, sizeof buf));
	message_error(&warning);
}

/* Returns the exit status. */
static int run(struct launch *l)
{
	const struct run_watch watch = {.executed = teller_tell, .arg = &l->teller};
	struct err e = {0}, report = {0};
	int r = is_report_fd(l) ? open_report(l, &e) : 0, written; /* before a file of ours has that number */

	if (r == 0)
		r = teller_claim(&l->teller, &e); /* before a file of that name is made */
	if (r == 0 && l->report < 0)
		r = open_report(l, &e);
	if (r == 0)
		warn_of_display(l);
	if (r == 0 && l->planned.request.detach) {
		int status = detach(&l->teller);

		if (status >= 0) /* the name is the child's now */
			_exit(status);
	}
	if (r == 0)
		r = run_watched(&l->planned.plan, &watch, &l->outcome, &e);
	if (r < 0)
		message_error(&e);
	written = write_report(l, r < 0 ? &e : NULL);
	if (r == 0 && l->outcome.executed && !l->outcome.killed && !l->outcome.asked && !l->outcome.interrupted)
		live_instance_say(&l->teller.instance, INSTANCE_ENDED);
	teller_let_go(&l->teller); /* whoever waits finds the one or the other */
	if (written < 0) {
		(void)err_set(&report, EIO, "write the report");
		message_error(&report);
		return STATUS_FAILED_BEFORE;
	}
	if (r < 0 && !l->outcome.exec_errno)
		return STATUS_FAILED_BEFORE;
	message_kept(&l->outcome);
	if (r == 0 && l->planned.request.verbosity >= 0)
		message_limit(&l->outcome);
	if (r == 0 && l->planned.request.verbosity > 0)
		message_outcome(&l->outcome);
	return outcome_status(&l->outcome);
}

/* The same, or what the sandbox does that runs already. */
static int run_once(struct launch *l)
{
	struct err e = {0};
	int status = 0, r = second_start(&l->planned, &l->teller.instance, &status, &e);

	if (r > 0)
		return run(l);
	if (r < 0)
		message_error(&e);
	if (r == 0 && l->planned.request.forget) /* how a command ends that was to be forgotten is nobody's business */
		return EXIT_SUCCESS;
	return r < 0 && !status ? STATUS_FAILED_BEFORE : status;
}

static int batch(const struct request *request, char **environment)
{
	struct err e = {0};
	int r = 0;

	if (is_gated()) { /* its rights to make namespaces last for one sandbox */
		(void)err_set(&e, EPERM, "the setuid sbx runs no batches");
		r = err_hint(&e, "where users may make user namespaces, an sbx without setuid can do it");
	}
	if (r == 0)
		r = batch_run(request, environment, &e);
	if (r < 0)
		message_error(&e);
	return r < 0 ? STATUS_FAILED_BEFORE : EXIT_SUCCESS;
}

static int launch(struct launch *l, int argc, char **argv, char **environment)
{
	autostr struct str text = {0};
	struct err e = {0};

	if (prepare_process(&e) < 0 || argv_parse(argc, argv, &l->planned.request, &e) < 0) {
		message_error(&e);
		return STATUS_FAILED_BEFORE;
	}
	switch (l->planned.request.action) {
	case ACTION_HELP:
		argv_help(&text);
		return print(&text);
	case ACTION_VERSION:
		message_version(&text);
		return print(&text);
	case ACTION_RUN:
	case ACTION_EXPLAIN:
	case ACTION_EXPLAIN_JSON:
		break;
	case ACTION_BATCH:
		return batch(&l->planned.request, environment);
	}
	if (l->planned.request.join)
		return join_sandbox(&l->planned.request, environment);
	if (l->planned.request.detach && detach_prepare(&l->planned, environment, &e) < 0) {
		message_error(&e);
		return STATUS_FAILED_BEFORE;
	}
	if (make_plan(&l->planned, environment, &e) < 0) {
		message_error(&e);
		return STATUS_FAILED_BEFORE;
	}
	if (l->planned.request.action != ACTION_RUN)
		return explain(l);
	return instance_is_single(&l->planned.policy) ? run_once(l) : run(l);
}

int main(int argc, char **argv, char **environment)
{
	struct launch l = {
		.teller = TELLER_NONE, .report = -1, .outcome = {.verdict = VERDICT_INTERNAL, .exit_code = -1}};
	int status;

	if (argc < 1 || !argv[0] || !argv[0][0]) {
		struct err e = {0};

		(void)err_set(&e, EINVAL, "started without a name (an empty argv[0])");
		message_error(&e);
		return STATUS_FAILED_BEFORE;
	}
	if (geteuid() != getuid() || getegid() != getgid()) { /* a gate does not let it come to this */
		struct err e = {0};

		(void)err_set(&e, EPERM, "this build of sbx must not be installed setuid or setgid");
		message_error(&e);
		return STATUS_FAILED_BEFORE;
	}
	l.teller.planned = &l.planned;
	l.teller.words = argv + 1;
	status = launch(&l, argc, argv, environment);
	teller_done(&l.teller);
	outcome_done(&l.outcome);
	planned_done(&l.planned);
	mem_close_ptr(&l.report);
	return status;
}
