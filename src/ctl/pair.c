/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/pair.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/child.h"
#include "base/mem.h"
#include "ctl/ctl.h"

enum { SIDES_MAX = 64, FIRST_KEPT = 3, SPARE = 256 };

struct side {
	struct strv words;
	int report; /* in memory */
	pid_t pid;
	int pidfd; /* -1: it has ended */
	int status;
	struct json *json;
};

struct pair {
	struct side side[SIDES_MAX];
	size_t sides;
	/* of partner i: what the first sends to it, and what it sends to the first */
	struct flow there[SIDES_MAX], back[SIDES_MAX];
	char name[2 * SIDES_MAX][24];
	int ends[SIDES_MAX][4]; /* pipes until the programs have them: there, read and write; back, read and write */
	int log;
	int64_t room; /* of the transcript */
	const char *report, *transcript;
	char *program;
};

static int parse(struct pair *p, int argc, char **argv, struct err *e)
{
	int at = 0;

	for (; at < argc && (str_starts(argv[at], "--report=") || str_starts(argv[at], "--transcript=")); at++) {
		const char *value = strchr(argv[at], '=') + 1;

		*(argv[at][2] == 'r' ? &p->report : &p->transcript) = value;
	}
	for (p->sides = 1; at < argc; at++) {
		if (str_eq(argv[at], "--"))
			p->sides++;
		if (p->sides > SIDES_MAX)
			return err_set(e, EINVAL, "more than %d sandboxes", SIDES_MAX);
		if (!str_eq(argv[at], "--"))
			strv_add(&p->side[p->sides - 1].words, argv[at]);
	}
	for (size_t i = 0; i < p->sides; i++)
		if (p->sides < 2 || !p->side[i].words.count)
			return err_set(e, EINVAL, "two commands or more are wanted, with '--' between them");
	return 0;
}

/* Above all numbers that the programs will know them by. */
static int raise_fd(int *fd, struct err *e)
{
	int high = fcntl(*fd, F_DUPFD_CLOEXEC, SPARE);

	if (high < 0)
		return err_errno(e, errno, "duplicate a pipe");
	mem_close_ptr(fd);
	*fd = high;
	return 0;
}

static int make_pipe(int *ends, struct err *e)
{
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(e, errno, "make a pipe");
	return raise_fd(&ends[0], e) < 0 || raise_fd(&ends[1], e) < 0 ? -e->code : 0;
}

/* An end of sbxctl's own, to read from without blocking: whoever writes to a pipe can open it anew for reading, and
 * take what poll(2) has announced. Opened, not duplicated, where a program has the same end: its flags are not touched.
 */
static int open_anew(int end, struct err *e)
{
	char path[32];
	int fd;

	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", end);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return fd >= 0 ? fd : err_errno(e, errno, "open a pipe anew");
}

/* Without a transcript the reader's end is held as well, for when the reader has ended; with one there are two pipes.
 */
static int make_flow(struct pair *p, struct flow *flow, int *ends, struct err *e)
{
	int second[2];

	if (make_pipe(ends, e) < 0)
		return -e->code;
	flow->log = p->log;
	flow->room = &p->room;
	flow->from = open_anew(ends[0], e);
	if (flow->from < 0 || raise_fd(&flow->from, e) < 0)
		return -e->code;
	if (p->log < 0)
		return 0;
	if (make_pipe(second, e) < 0)
		return -e->code;
	flow->active = true;
	mem_close_ptr(&ends[0]);
	flow->to = second[1];
	ends[0] = second[0];
	return fcntl(flow->to, F_SETFL, O_NONBLOCK) < 0 ? err_errno(e, errno, "make a pipe that never blocks") : 0;
}

static int prepare(struct pair *p, struct err *e)
{
	p->log = -1;
	p->room = TRANSCRIPT_MAX;
	if (p->transcript) {
		p->log = open(p->transcript, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
		if (p->log < 0 || raise_fd(&p->log, e) < 0)
			return err_errno(e, errno, "open '%s' for the transcript", p->transcript);
	}
	for (size_t i = 1; i < p->sides; i++) {
		(void)snprintf(p->name[2 * i], sizeof p->name[0], "0>%zu", i);
		(void)snprintf(p->name[2 * i + 1], sizeof p->name[0], "%zu>0", i);
		p->there[i].name = p->name[2 * i];
		p->back[i].name = p->name[2 * i + 1];
		if (make_flow(p, &p->there[i], p->ends[i], e) < 0 || make_flow(p, &p->back[i], p->ends[i] + 2, e) < 0)
			return -e->code;
	}
	for (size_t i = 0; i < p->sides; i++) {
		p->side[i].report = memfd_create("report", MFD_CLOEXEC);
		if (p->side[i].report < 0 || raise_fd(&p->side[i].report, e) < 0)
			return err_errno(e, errno, "make a file in memory for a report");
	}
	p->program = child_sbx(e);
	return p->program ? 0 : -e->code;
}

/* In the child: the ends of its pipes get their numbers, and all others end at the exec. */
static int take_fds(const struct pair *p, size_t at)
{
	int report = (int)(FIRST_KEPT + 2 * SIDES_MAX);

	if (dup2(p->side[at].report, report) < 0)
		return -1;
	if (at)
		return dup2(p->ends[at][0], 0) < 0 || dup2(p->ends[at][3], 1) < 0 ? -1 : 0;
	for (size_t i = 1; i < p->sides; i++) {
		int in = i == 1 ? 0 : FIRST_KEPT + 2 * ((int)i - 2), out = i == 1 ? 1 : in + 1;

		if (dup2(p->ends[i][2], in) < 0 || dup2(p->ends[i][1], out) < 0)
			return -1;
	}
	return 0;
}

static void words_of(const struct pair *p, size_t at, struct strv *ret)
{
	strv_add(ret, "sbx");
	strv_take(ret, xasprintf("--report=fd:%d", FIRST_KEPT + 2 * SIDES_MAX));
	strv_add(ret, "--set=process.die-with-caller=yes");
	strv_add(ret, "--set=process.pipes=direct");
	for (int fd = FIRST_KEPT; at == 0 && fd < FIRST_KEPT + 2 * ((int)p->sides - 2); fd++)
		strv_take(ret, xasprintf("--set=process.keep-fd=%d", fd));
	strv_add_all(ret, &p->side[at].words);
}

static int start(struct pair *p, size_t at, struct err *e)
{
	autostrv struct strv words = {0};
	pid_t caller = getpid();
	struct side *side = &p->side[at];

	words_of(p, at, &words);
	side->pid = fork();
	if (side->pid == 0) {
		/* sbx asks for the signal itself, but when we are killed before that it would have another parent */
		if (prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && take_fds(p, at) == 0 && getppid() == caller)
			(void)execv(p->program, words.v);
		_exit(125);
	}
	if (side->pid < 0)
		return err_errno(e, errno, "make a process");
	side->pidfd = (int)syscall(SYS_pidfd_open, side->pid, 0);
	return side->pidfd >= 0 ? 0 : err_errno(e, errno, "watch a process");
}

/* Nobody reads any more what is sent to it. */
static void ended(struct pair *p, size_t at)
{
	struct side *side = &p->side[at];

	while (waitpid(side->pid, &side->status, 0) < 0 && errno == EINTR)
		;
	mem_close_ptr(&side->pidfd);
	side->pidfd = -1;
	if (at)
		p->there[at].active = true;
	for (size_t i = 1; at == 0 && i < p->sides; i++)
		p->back[i].active = true;
}

static int wait_for_all(struct pair *p, struct err *e)
{
	struct pollfd events[3 * SIDES_MAX];
	struct flow *flows[3 * SIDES_MAX];
	size_t running = p->sides;

	while (running) {
		size_t count = 0;

		for (size_t i = 0; i < p->sides; i++, count++)
			events[count] = (struct pollfd){.fd = p->side[i].pidfd, .events = POLLIN};
		for (size_t i = 1; i < p->sides; i++) {
			flows[count] = &p->there[i];
			count += flow_poll(flows[count], &events[count]);
			flows[count] = &p->back[i];
			count += flow_poll(flows[count], &events[count]);
		}
		if (poll(events, count, -1) < 0) {
			if (errno != EINTR)
				return err_errno(e, errno, "wait for the sandboxes");
			continue;
		}
		for (size_t i = 0; i < p->sides; i++)
			if (events[i].revents) {
				ended(p, i);
				running--;
			}
		for (size_t i = p->sides; i < count; i++)
			if (events[i].revents && flow_move(flows[i]) < 0)
				return err_set(e, EIO, "write the transcript '%s'", p->transcript);
	}
	return 0;
}

static int read_report(struct side *side, struct err *e)
{
	autostr struct str text = {0};
	char bytes[4096];
	ssize_t n;

	if (lseek(side->report, 0, SEEK_SET) < 0)
		return err_errno(e, errno, "read a report");
	while ((n = read(side->report, bytes, sizeof bytes)) > 0)
		str_add_bytes(&text, bytes, (size_t)n);
	return text.len ? json_parse(&text, &side->json, e) : 0; /* none: sbx has said why */
}

/* When the program ended, in nanoseconds of CLOCK_MONOTONIC; one that never ran was the first. */
static double ended_at(const struct side *side)
{
	const struct json *time = side->json ? json_member(side->json, "time") : NULL;
	const char *text = time ? json_text(json_member(time, "ended_at_ns")) : NULL;

	return text ? strtod(text, NULL) : 0;
}

static int tell(struct pair *p, struct err *e)
{
	struct json *all = json_new_object(), *sides = json_new_array();
	autostr struct str text = {0};
	size_t first = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < p->sides; i++) {
		r = read_report(&p->side[i], e);
		if (ended_at(&p->side[i]) < ended_at(&p->side[first]))
			first = i;
		json_append(sides, p->side[i].json ? json_share(p->side[i].json) : NULL);
	}
	json_add_int(all, "sbx", 1);
	json_add_int(all, "first", (int64_t)first);
	json_add(all, "sandboxes", sides);
	json_print(all, &text);
	json_done(all);
	if (r == 0 && p->report) {
		autoclose int file = open(p->report, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);

		r = file < 0 || fd_write(file, text.s, text.len) < 0 ? err_errno(e, errno, "write '%s'", p->report) : 0;
	} else if (r == 0) {
		r = ctl_print(&text) ? err_set(e, EIO, "write the report") : 0;
	}
	return r;
}

static void finish(struct pair *p)
{
	for (size_t i = 0; i < p->sides; i++) {
		struct side *side = &p->side[i];

		if (side->pidfd >= 0) { /* only after a failure */
			(void)kill(side->pid, SIGKILL);
			(void)waitpid(side->pid, NULL, 0);
			mem_close_ptr(&side->pidfd);
		}
		strv_done(&side->words);
		mem_close_ptr(&side->report);
		json_done(side->json);
		flow_close(&p->there[i]);
		flow_close(&p->back[i]);
	}
	mem_close_ptr(&p->log);
	free(p->program);
}

static int run(struct pair *p, struct err *e)
{
	int r = prepare(p, e);

	for (size_t i = 0; r == 0 && i < p->sides; i++)
		r = start(p, i, e);
	for (size_t i = 1; i < p->sides; i++)
		for (int j = 0; j < 4; j++)
			mem_close_ptr(&p->ends[i][j]);
	if (r == 0)
		r = wait_for_all(p, e);
	return r == 0 ? tell(p, e) : r;
}

int ctl_pair(struct ctl *ctl, int argc, char **argv)
{
	autofree struct pair *p = xcalloc(1, sizeof *p);
	struct err e = {0};
	int r, status;

	(void)ctl;
	for (size_t i = 0; i < SIDES_MAX; i++) {
		p->side[i].report = p->side[i].pidfd = -1;
		p->there[i] = p->back[i] = (struct flow){.from = -1, .to = -1, .log = -1};
		for (int j = 0; j < 4; j++)
			p->ends[i][j] = -1;
	}
	p->log = -1;
	r = parse(p, argc, argv, &e);
	if (r < 0) {
		finish(p);
		(void)err_hint(&e, "sbxctl pair [--report=FILE] [--transcript=FILE] COMMAND... -- COMMAND...");
		return ctl_fail(&e, 2);
	}
	(void)signal(SIGPIPE, SIG_IGN);
	r = run(p, &e);
	status = p->side[0].status;
	for (size_t i = 0; i < p->sides; i++)
		if (!p->side[i].json) /* it was not started, and has said why */
			status = 125 << 8;
	finish(p);
	if (r < 0)
		return ctl_fail(&e, 125);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
