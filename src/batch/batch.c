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

enum { READ_SIZE = 64 * 1024, END_PATIENCE_NS = 1000000000 };

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
	struct str read; /* of standard input, from `begin` on not yet given to a slot */
	size_t begin;
	size_t searched; /* there is no line end before */
	bool ended;      /* of standard input */
	int signals;
	bool stopping;  /* no more jobs are taken */
	int64_t end_by; /* CLOCK_MONOTONIC: then what runs is ended; INT64_MAX: it is not */
	bool ending;    /* the slots were told to end what they run */
};

static int start_slot(struct batch *b, size_t at, struct err *e)
{
	struct slot_of *slot = &b->slot[at];
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(e, errno, "make a socket pair for a slot");
	slot->pid = fork();
	if (slot->pid == 0) {
		struct slot_start start = {.base = b->base, .environment = b->environment, .channel = pair[1]};

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

/* The next line without its end, or what is left at the end of the input. Borrowed; false: there is none yet. */
static bool next_line(struct batch *b, struct str *ret)
{
	char *from = b->read.s ? b->read.s + b->begin : NULL, *end = NULL;
	size_t left = b->read.len - b->begin;

	if (left > b->searched)
		end = memchr(from + b->searched, '\n', left - b->searched);
	if (!end && !(b->ended && left)) {
		b->searched = left;
		return false;
	}
	ret->s = from;
	ret->len = end ? (size_t)(end - from) : left;
	b->begin += ret->len + (end ? 1 : 0);
	b->searched = 0;
	return true;
}

static bool is_blank(const struct str *line)
{
	return strspn(line->s, " \t\r\n") >= line->len;
}

static void hand_out(struct batch *b)
{
	struct slot_of *slot;
	struct str line = {0};

	while (!b->stopping && (slot = free_slot(b)) && next_line(b, &line)) {
		line.s[line.len] = '\0'; /* where its end was, or the text's own */
		if (is_blank(&line))
			continue;
		slot->line.len = 0;
		str_add_bytes(&slot->line, line.s, line.len);
		slot->busy = true;
		(void)channel_send(slot->channel, &slot->line); /* if it is dead, the wait will tell */
	}
}

static int read_jobs(struct batch *b, struct err *e)
{
	ssize_t n;

	if (b->begin) {
		memmove(b->read.s, b->read.s + b->begin, b->read.len - b->begin);
		b->read.len -= b->begin;
		b->begin = 0;
	}
	if (b->read.len > BATCH_LINE_MAX)
		return err_set(e, EMSGSIZE, "a job's line has more than %d bytes", BATCH_LINE_MAX);
	if (b->read.cap < b->read.len + READ_SIZE + 1) {
		b->read.cap = 2 * (b->read.len + READ_SIZE + 1);
		b->read.s = xrealloc(b->read.s, b->read.cap, 1);
	}
	do
		n = read(STDIN_FILENO, b->read.s + b->read.len, READ_SIZE);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno(e, errno, "read jobs from standard input");
	b->read.len += (size_t)n;
	b->ended = n == 0;
	return 0;
}

static int write_answer(const struct str *answer, struct err *e)
{
	int r = fd_write(STDOUT_FILENO, answer->s, answer->len);

	return r < 0 ? err_errno(e, -r, "write an answer to standard output") : 0;
}

/* Its job can be tried again elsewhere: the payload is not to blame. */
static int answer_for_dead(const struct slot_of *slot, struct err *e)
{
	struct json *job = NULL, *answer = json_new_object();
	autostr struct str text = {0};
	struct err none = {0};

	json_add_string(answer, "verdict", "internal");
	json_add_string(answer, "error", "the slot that had the job ended");
	if (json_parse(&slot->line, &job, &none) == 0 && json_kind(job) == JSON_OBJECT)
		json_add(answer, "id", json_share(json_member(job, "id")));
	json_done(job);
	json_print_line(answer, &text);
	json_done(answer);
	return write_answer(&text, e);
}

static int slot_answers(struct batch *b, size_t at, struct err *e)
{
	struct slot_of *slot = &b->slot[at];
	autostr struct str answer = {0};
	int r = channel_receive(slot->channel, &answer);

	if (r > 0) {
		slot->busy = false;
		return write_answer(&answer, e);
	}
	mem_close_ptr(&slot->channel);
	slot->channel = -1;
	while (waitpid(slot->pid, NULL, 0) < 0 && errno == EINTR)
		;
	slot->pid = 0;
	r = slot->busy ? answer_for_dead(slot, e) : 0;
	slot->busy = false;
	return r < 0 || b->stopping ? r : start_slot(b, at, e);
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

/* A slot ends its payload at the second signal, whatever that does with the first, and answers. */
static void end_runs(struct batch *b)
{
	if (clock_ns(CLOCK_MONOTONIC) < b->end_by)
		return;
	signal_slots(b, b->ending ? SIGKILL : SIGTERM);
	if (!b->ending)
		signal_slots(b, SIGINT);
	b->ending = true;
	b->end_by = clock_ns(CLOCK_MONOTONIC) + END_PATIENCE_NS;
}

/* Lines are only read for a slot that is free. */
static int wait_for_events(struct batch *b, struct pollfd *events)
{
	int64_t left = b->end_by == INT64_MAX ? 0 : b->end_by - clock_ns(CLOCK_MONOTONIC);
	struct timespec timeout = {0};
	bool reads = !b->ended && !b->stopping && free_slot(b);

	for (size_t i = 0; i < b->slots; i++)
		events[i] = (struct pollfd){.fd = b->slot[i].channel, .events = POLLIN};
	events[b->slots] = (struct pollfd){.fd = b->signals, .events = POLLIN};
	events[b->slots + 1] = (struct pollfd){.fd = reads ? STDIN_FILENO : -1, .events = POLLIN};
	if (left > 0)
		timeout = (struct timespec){left / NS_PER_SECOND, left % NS_PER_SECOND};
	return ppoll(events, b->slots + 2, b->end_by == INT64_MAX ? NULL : &timeout, NULL);
}

static int serve(struct batch *b, struct pollfd *events, struct err *e)
{
	while (any_busy(b) || (!b->stopping && !(b->ended && b->begin == b->read.len))) {
		int r = wait_for_events(b, events);

		if (r < 0 && errno != EINTR)
			return err_errno(e, errno, "wait for the slots");
		if (r >= 0 && events[b->slots].revents)
			take_signal(b);
		for (size_t i = 0; r > 0 && i < b->slots; i++)
			if (events[i].revents && slot_answers(b, i, e) < 0)
				return -e->code;
		if (r > 0 && events[b->slots + 1].revents && read_jobs(b, e) < 0)
			return -e->code;
		end_runs(b);
		hand_out(b);
	}
	return 0;
}

static void finish(struct batch *b)
{
	for (size_t i = 0; i < b->slots; i++)
		mem_close_ptr(&b->slot[i].channel);
	for (size_t i = 0; i < b->slots; i++) {
		while (b->slot[i].pid > 0 && waitpid(b->slot[i].pid, NULL, 0) < 0 && errno == EINTR)
			;
		str_done(&b->slot[i].line);
	}
	free(b->slot);
	str_done(&b->read);
	mem_close_ptr(&b->signals);
}

int batch_run(const struct request *base, char **environment, struct err *e)
{
	struct batch b = {.base = base, .environment = environment, .signals = -1, .end_by = INT64_MAX};
	int r = prepare(&b, e);
	autofree struct pollfd *events = xcalloc(b.slots + 2, sizeof *events);

	if (r == 0)
		r = serve(&b, events, e);
	finish(&b);
	return r;
}
