/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* batch: lines in, to slots that are free; answers out. It takes a line only when a slot is free, so that what waits,
 * waits at the client. */
#include "batch/batch.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

enum { END_PATIENCE_NS = 1000000000, EVENTS = 3 /* beside those of the slots */ };

/* How far a batch that was stopped is with the end of what runs. */
enum ending { ENDING_NONE, ENDING_TOLD, ENDING_KILLED };

struct slot_of {
	pid_t pid;
	int channel;
	bool busy;
	struct str line; /* the job that it has */
};

struct batch {
	const struct request *base;
	char **environment;
	struct slot_of *slot;
	size_t slots;
	struct lines lines;
	struct answers answers;
	int signals;
	bool stopping;  /* no more jobs are taken */
	int64_t end_by; /* CLOCK_MONOTONIC: then the next step of `ending` is due; INT64_MAX: none is */
	enum ending ending;
};

static int start_slot(struct batch *b, size_t at, struct err *e)
{
	struct slot_of *slot = &b->slot[at];
	pid_t batch = getpid();
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(e, errno, "make a socket pair for a slot");
	slot->pid = fork();
	if (slot->pid == 0) {
		struct slot_start start = {
			.base = b->base, .environment = b->environment, .batch = batch, .channel = pair[1]};

		start.cpu = b->base->slot_cpus.count ? b->base->slot_cpus.v[at % b->base->slot_cpus.count] : -1;
		for (size_t i = 0; i < b->slots; i++) /* else one that dies would not be noticed */
			mem_close_ptr(&b->slot[i].channel);
		(void)close(pair[0]);
		(void)close(b->signals);
		slot_main(&start);
	}
	(void)close(pair[1]);
	slot->channel = pair[0];
	slot->busy = false;
	return slot->pid > 0 ? 0 : err_errno(e, errno, "make a process for a slot");
}

static int prepare(struct batch *b, struct err *e)
{
	static const int taken[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	cpu_set_t cpus;
	sigset_t set;

	b->slots = b->base->slots ? b->base->slots : b->base->slot_cpus.count;
	if (!b->slots)
		b->slots = sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? (size_t)CPU_COUNT(&cpus) : 1;
	b->slot = xcalloc(b->slots, sizeof *b->slot);
	for (size_t i = 0; i < b->slots; i++)
		b->slot[i].channel = -1;
	(void)sigemptyset(&set);
	for (size_t i = 0; i < countof(taken); i++)
		(void)sigaddset(&set, taken[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_errno(e, errno, "block signals");
	b->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (b->signals < 0)
		return err_errno(e, errno, "signalfd");
	for (size_t i = 0; i < b->slots; i++)
		if (start_slot(b, i, e) < 0)
			return -e->code;
	return 0;
}

static struct slot_of *free_slot(struct batch *b)
{
	for (size_t i = 0; i < b->slots; i++)
		if (!b->slot[i].busy)
			return &b->slot[i];
	return NULL;
}

static bool any_busy(const struct batch *b)
{
	for (size_t i = 0; i < b->slots; i++)
		if (b->slot[i].busy)
			return true;
	return false;
}

static bool is_blank(const struct str *line)
{
	return strspn(line->s, " \t\r\n") >= line->len;
}

static void answer_for(struct batch *b, const struct err *error, const struct json *id, bool refused)
{
	answer_print(answer_error(error, refused), id, &b->answers.text);
}

/* A client that is far behind with taking its answers gets no new ones. */
static void hand_out(struct batch *b)
{
	struct slot_of *slot;
	struct str line = {0};
	struct err too_long = {0};

	while (!b->stopping && !answers_wait_long(&b->answers) && (slot = free_slot(b))) {
		int r = lines_next(&b->lines, &line);

		if (r == 0)
			return;
		if (r < 0) {
			(void)err_set(&too_long, EMSGSIZE, "job: its line has more than %d bytes", BATCH_LINE_MAX);
			answer_for(b, &too_long, NULL, true);
			continue;
		}
		if (is_blank(&line))
			continue;
		slot->line.len = 0;
		str_add_bytes(&slot->line, line.s, line.len);
		slot->busy = true;
		(void)channel_send(slot->channel, &slot->line); /* if it is dead, the wait will tell */
	}
}

/* Its job can be tried again elsewhere: the payload is not to blame. */
static void answer_for_dead(struct batch *b, const struct slot_of *slot)
{
	struct json *job = NULL;
	struct err error = {0}, none = {0};
	const struct json *id = NULL;

	(void)err_set(&error, EPIPE, "the slot that had the job ended");
	if (json_parse(&slot->line, &job, &none) == 0 && json_kind(job) == JSON_OBJECT)
		id = json_member(job, "id");
	answer_for(b, &error, id, false);
	json_done(job);
}

static int slot_answers(struct batch *b, size_t at, struct err *e)
{
	struct slot_of *slot = &b->slot[at];
	autostr struct str answer = {0};

	if (channel_receive(slot->channel, &answer) > 0) {
		slot->busy = false;
		str_add_bytes(&b->answers.text, answer.s, answer.len);
		return 0;
	}
	mem_close_ptr(&slot->channel);
	slot->channel = -1;
	while (waitpid(slot->pid, NULL, 0) < 0 && errno == EINTR)
		;
	slot->pid = 0;
	if (slot->busy)
		answer_for_dead(b, slot);
	slot->busy = false;
	return b->stopping ? 0 : start_slot(b, at, e);
}

static void signal_slots(const struct batch *b, int sig)
{
	for (size_t i = 0; i < b->slots; i++)
		if (b->slot[i].pid > 0 && b->slot[i].busy)
			(void)kill(b->slot[i].pid, sig); /* our child: not waited for */
}

/* The first signal stops the taking of jobs, the second what runs. */
static void take_signal(struct batch *b)
{
	struct signalfd_siginfo info;

	if (read(b->signals, &info, sizeof info) != sizeof info)
		return;
	b->end_by = b->stopping ? 0 : clock_ns(CLOCK_MONOTONIC) + b->base->grace_ns;
	b->stopping = true;
}

/* A slot ends its payload at the second signal, whatever that does with the first, and answers. In the end those that
 * wait for a client that takes no answers are given up. */
static int end_runs(struct batch *b, struct err *e)
{
	if (clock_ns(CLOCK_MONOTONIC) < b->end_by)
		return 0;
	b->end_by = clock_ns(CLOCK_MONOTONIC) + END_PATIENCE_NS;
	switch (b->ending++) {
	case ENDING_NONE:
		signal_slots(b, SIGTERM);
		signal_slots(b, SIGINT);
		return 0;
	case ENDING_TOLD:
		signal_slots(b, SIGKILL);
		return 0;
	case ENDING_KILLED:
		break;
	}
	return err_set(e, ETIMEDOUT, "the batch was stopped, and nobody takes its answers");
}

/* Lines are only read for a slot that is free, and nothing more, of slots neither, for a client that is far behind: so
 * what waits, waits at the client, or in a slot. */
static int wait_for_events(struct batch *b, struct pollfd *events)
{
	int64_t left = b->end_by == INT64_MAX ? 0 : b->end_by - clock_ns(CLOCK_MONOTONIC);
	struct timespec timeout = {0};
	bool waits = answers_wait(&b->answers), waits_long = answers_wait_long(&b->answers);
	bool reads = !waits_long && !b->lines.ended && !b->stopping && free_slot(b);

	for (size_t i = 0; i < b->slots; i++)
		events[i] = (struct pollfd){.fd = waits_long ? -1 : b->slot[i].channel, .events = POLLIN};
	events[b->slots] = (struct pollfd){.fd = b->signals, .events = POLLIN};
	events[b->slots + 1] = (struct pollfd){.fd = reads ? STDIN_FILENO : -1, .events = POLLIN};
	events[b->slots + 2] = (struct pollfd){.fd = waits ? STDOUT_FILENO : -1, .events = POLLOUT};
	if (left > 0)
		timeout = (struct timespec){left / NS_PER_SECOND, left % NS_PER_SECOND};
	return ppoll(events, b->slots + EVENTS, b->end_by == INT64_MAX ? NULL : &timeout, NULL);
}

static bool is_done(const struct batch *b)
{
	return !any_busy(b) && !answers_wait(&b->answers) && (b->stopping || lines_at_end(&b->lines));
}

static int serve(struct batch *b, struct pollfd *events, struct err *e)
{
	while (!is_done(b)) {
		int r = wait_for_events(b, events);

		if (r < 0 && errno != EINTR)
			return err_errno(e, errno, "wait for the slots");
		if (r >= 0 && events[b->slots].revents)
			take_signal(b);
		for (size_t i = 0; r > 0 && i < b->slots; i++)
			if (events[i].revents && slot_answers(b, i, e) < 0)
				return -e->code;
		hand_out(b); /* a slot waits for its next job, and the client for answers: the slot first */
		if (r > 0 && events[b->slots + 1].revents && lines_read(&b->lines, e) < 0)
			return -e->code;
		if (r > 0 && events[b->slots + 2].revents && answers_write(&b->answers, e) < 0)
			return -e->code;
		if (end_runs(b, e) < 0)
			return -e->code;
		hand_out(b);
	}
	return 0;
}

/* After an error nobody hears of what still runs. */
static void finish(struct batch *b, bool failed)
{
	if (failed) {
		signal_slots(b, SIGTERM);
		signal_slots(b, SIGINT);
	}
	for (size_t i = 0; i < b->slots; i++)
		mem_close_ptr(&b->slot[i].channel);
	for (size_t i = 0; i < b->slots; i++) {
		while (b->slot[i].pid > 0 && waitpid(b->slot[i].pid, NULL, 0) < 0 && errno == EINTR)
			;
		str_done(&b->slot[i].line);
	}
	free(b->slot);
	str_done(&b->lines.read);
	str_done(&b->answers.text);
	mem_close_ptr(&b->signals);
}

int batch_run(const struct request *base, char **environment, struct err *e)
{
	struct batch b = {.base = base, .environment = environment, .signals = -1, .end_by = INT64_MAX};
	int r = prepare(&b, e);
	autofree struct pollfd *events = xcalloc(b.slots + EVENTS, sizeof *events);

	if (r == 0)
		r = serve(&b, events, e);
	finish(&b, r < 0);
	return r;
}
