/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* slot: a process that does one job after the other. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/coverage.h"
#include "base/fd.h"
#include "base/mem.h"
#include "batch/batch.h"
#include "planned.h"
#include "report.h"
#include "run/template.h"

struct slot {
	const struct slot_start *start;
	struct request base; /* with what is the slot's own */
	char cpu[16];
	struct host host; /* as far as it is the same for all jobs */
	struct templates templates;
	int null;
	int input; /* what a job reads */
};

/* A setting's last value, and whence it is. */
static int misplaced(const struct policy *policy, enum setting_id id, const char *why, struct err *e)
{
	const struct value *value = policy_value(policy, id);
	char buf[256];

	return err_set(e, EINVAL, "%s: %s.%s %s", origin_text(value->origin, buf, sizeof buf), settings[id].section,
		       settings[id].key, why);
}

static bool prints_to_files(const struct policy *policy)
{
	return policy_value(policy, SET_process_stdout) && policy_value(policy, SET_process_stderr);
}

/* Whatever of the batch's own fds a number names, it is not for a job; the report is the answer; all that is printed is
 * in memory, twice and more; and a slot that has a processor shares it with no other. */
static int check(const struct slot *s, const struct policy *policy, struct err *e)
{
	static const enum setting_id never[] = {SET_process_keep_fd, SET_report_file, SET_report_opened};

	for (size_t i = 0; i < countof(never); i++)
		if (policy->entry[never[i]].count)
			return misplaced(policy, never[i], "has no place in a batch", e);
	if (!policy_is(policy, SET_process_instances, "many"))
		return misplaced(policy, SET_process_instances, "is many in a batch", e);
	if (policy_number(policy, SET_limits_output_size, 0) > BATCH_OUTPUT_MAX && !prints_to_files(policy)) {
		(void)misplaced(policy, SET_limits_output_size, "is at most 64M in a batch", e);
		return err_hint(e, "process.stdout and process.stderr take more, to files");
	}
	if (s->start->cpu >= 0 && !str_eq(policy_text(policy, SET_limits_cpus), s->cpu))
		return misplaced(policy, SET_limits_cpus, "is what --slot-cpus says", e);
	return 0;
}

static int make_plan(struct slot *s, struct planned *planned, struct err *e)
{
	struct errlist errors = {0};
	int r = planned_make(planned, s->start->environment, &errors, e);

	for (size_t i = errors.count; r < 0 && i > 0; i--) /* all that is wrong, in order */
		(void)err_prefix(e, "%s", errors.v[i - 1].text);
	errlist_done(&errors);
	return r < 0 ? r : check(s, &planned->policy, e);
}

static int rewind_to(int fd, const struct str *bytes)
{
	if (ftruncate(fd, 0) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	if (!bytes)
		return 0;
	return fd_write(fd, bytes->s, bytes->len) < 0 || lseek(fd, 0, SEEK_SET) < 0 ? -EIO : 0;
}

static int prepare_streams(const struct slot *s, const struct str *input, struct err *e)
{
	int from = input->s ? s->input : s->null, r = input->s ? rewind_to(s->input, input) : 0;

	for (int fd = 1; r == 0 && fd < 3; fd++)
		r = rewind_to(fd, NULL);
	if (r < 0 || dup2(from, 0) < 0)
		return err_errno(e, r < 0 ? -r : errno, "prepare the streams of a job");
	return 0;
}

static int add_stream(struct json *answer, const char *name, int fd, struct err *e)
{
	off_t size = lseek(fd, 0, SEEK_END);
	autostr struct str bytes = {0};
	ssize_t n = 0;

	if (size > 0) {
		bytes.cap = (size_t)size + 1;
		bytes.s = xmalloc(bytes.cap);
		while (bytes.len < (size_t)size &&
		       (n = pread(fd, bytes.s + bytes.len, (size_t)size - bytes.len, (off_t)bytes.len)) > 0)
			bytes.len += (size_t)n;
		bytes.s[bytes.len] = '\0';
	}
	if (size < 0 || n < 0)
		return err_errno(e, errno, "read what a job printed");
	json_add_bytes(answer, name, &bytes);
	return 0;
}

static struct json *run(struct slot *s, struct planned *planned)
{
	struct outcome outcome = {.verdict = VERDICT_INTERNAL, .exit_code = -1};
	struct report_context context = {
		.name = planned->request.name, .policy = &planned->policy, .plan = &planned->plan};
	struct err e = {0};
	struct json *answer;
	int r = run_plan(&planned->plan, &s->templates, &outcome, &e);

	context.command = planned->request.command;
	context.error = r < 0 ? &e : NULL;
	answer = report_json(&outcome, &context);
	if (add_stream(answer, "stdout", STDOUT_FILENO, &e) < 0 ||
	    add_stream(answer, "stderr", STDERR_FILENO, &e) < 0) {
		json_done(answer);
		answer = answer_error(&e, false);
	} else {
		json_add_bool(answer, "refused", false);
		json_add_string(answer, "hint", r < 0 && e.hint[0] ? e.hint : NULL);
	}
	outcome_done(&outcome);
	return answer;
}

static struct json *do_job(struct slot *s, struct job *job)
{
	struct planned planned = {.request = job->request, .output_size = BATCH_OUTPUT_SIZE, .host = s->host};
	struct json *answer;
	struct err e = {0};

	job->request = (struct request){0};
	request_set(&planned.request, SET_process_die_with_caller, "yes", "--batch");
	/* the plan depends on what the streams are */
	answer = prepare_streams(s, &job->input, &e) < 0 || make_plan(s, &planned, &e) < 0 ? answer_error(&e, true)
											   : run(s, &planned);
	host_let_go(&planned.host);
	s->host = planned.host;
	planned.host = (struct host){0};
	planned_done(&planned);
	return answer;
}

static int serve(struct slot *s, const struct str *line)
{
	struct job job;
	struct err e = {0};
	struct json *answer;
	autostr struct str text = {0};

	answer = job_read(line, &s->base, &job, &e) < 0 ? answer_error(&e, true) : do_job(s, &job);
	answer_print(answer, job.id, &text);
	job_done(&job);
	return channel_send(s->start->channel, &text);
}

/* A signal to a slot that runs nothing ends it: also one that came too late for the run before, which blocked it, and
 * above all that of the batch's end. */
static int let_signals_end_us(void)
{
	sigset_t none;

	(void)sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL) < 0 ? -errno : 0;
}

/* What the batch reads and prints on, a slot does not have. */
static int prepare(struct slot *s)
{
	s->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	s->input = memfd_create("input", MFD_CLOEXEC);
	for (int fd = 1; fd < 3; fd++) {
		autoclose int memory = memfd_create(fd == 1 ? "stdout" : "stderr", MFD_CLOEXEC);

		if (memory < 0 || dup2(memory, fd) < 0)
			return -errno;
	}
	if (s->null < 0 || s->input < 0 || dup2(s->null, 0) < 0 || setpgid(0, 0) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
		return -errno;
	return getppid() == s->start->batch ? 0 : -ESRCH; /* it may have ended before */
}

static void lay_own(struct slot *s)
{
	const struct request *base = s->start->base;

	s->base = *base;
	s->base.set = NULL;
	s->base.set_count = s->base.set_cap = 0;
	for (size_t i = 0; i < base->set_count; i++)
		request_set(&s->base, base->set[i].id, base->set[i].text, base->set[i].option);
	if (s->start->cpu < 0)
		return;
	(void)snprintf(s->cpu, sizeof s->cpu, "%d", s->start->cpu);
	request_set(&s->base, SET_limits_cpus, s->cpu, "--slot-cpus");
}

void slot_main(const struct slot_start *start)
{
	struct slot s = {.start = start, .null = -1, .input = -1};
	autostr struct str line = {0};
	int r = prepare(&s);

	lay_own(&s);
	while (r == 0 && channel_receive(start->channel, &line) > 0) {
		r = let_signals_end_us();
		if (r == 0)
			r = serve(&s, &line);
	}
	host_done(&s.host);
	templates_done(&s.templates);
	coverage_keep();
	_exit(r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
