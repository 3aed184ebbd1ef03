/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* batch: many jobs by one process: one JSON object a line on standard input, one on standard output. sbx-batch(7)
 * has the protocol.
 *
 *   client --lines--> batch --one job each--> slot 0: a monitor, run after run --> init --> payload
 *          <-lines--        <--its answer---  slot 1: ...
 *
 * A slot is a process that makes the plan of a job and runs it as sbx would have done, with two differences: what its
 * runs have in common is made once (run/template.h), and what a job prints is caught in memory and becomes a part of
 * the answer. A slot lives until batch closes its channel; one that dies is replaced, and its job is answered as an
 * internal error. Slots end when batch does, whatever way it ended, and their sandboxes with them. */
#pragma once

#include <sys/types.h>

#include "base/json.h"
#include "policy/argv.h"

/* Most bytes of a job's line, of each of its output and errors, and of a message between batch and slot: JSON doubles
 * what was printed at most. */
enum { BATCH_LINE_MAX = 64 << 20, BATCH_OUTPUT_MAX = 64 << 20, BATCH_MESSAGE_MAX = 512 << 20 };
/* What a job may print where no limits.output-size says another. */
#define BATCH_OUTPUT_SIZE "16M"

/* Reads jobs until standard input ends, or a signal comes; 0 when all that were read are answered. */
int batch_run(const struct request *base, char **environment, struct err *e) __attribute__((nonnull));

/* job.c: a line becomes a request. */
struct job {
	struct json *json; /* the line */
	struct strv words; /* what sbx would have been started with; the request borrows from it */
	struct request request;
	const struct json *id; /* of the line, as it came; NULL: null */
	struct str input;      /* what the job reads; no memory: nothing, and not even an empty file */
};
/* Lays the words of the job over those that the batch was started with. Fails for a word that nobody knows. */
int job_read(const struct str *line, const struct request *base, struct job *ret, struct err *e)
	__attribute__((nonnull));
void job_done(struct job *job);

/* lines.c: what was read of standard input, and not yet given to a slot. */
struct lines {
	struct str read;
	size_t begin;    /* of the first line */
	size_t searched; /* from there on: in these bytes no line ends */
	bool skipping;   /* to the end of a line that is too long */
	bool ended;      /* of standard input */
};
/* Reads what is there, once. */
int lines_read(struct lines *lines, struct err *e) __attribute__((nonnull));
/* The next line without its end, or what is left at the end of the input. Borrowed until the next call of either. 1; 0:
 * there is none yet; -EMSGSIZE: one that is too long was left out. */
int lines_next(struct lines *lines, struct str *ret) __attribute__((nonnull));
/* Nothing will come any more. */
bool lines_at_end(const struct lines *lines) __attribute__((nonnull));

/* answers.c: what is not yet written to standard output. */
struct answers {
	struct str text;
	size_t written;
};
/* What is said of a job that has no report. `refused`: nothing of it ran, and it would not run elsewhere; else it may
 * have run. Owned by the caller. */
struct json *answer_error(const struct err *error, bool refused) __attribute__((nonnull));
/* The answer gets the job's id (NULL: null), and is printed behind the others. Takes the answer. */
void answer_print(struct json *answer, const struct json *id, struct str *out) __attribute__((nonnull(1, 3)));
/* Writes as much as standard output takes without blocking, once poll(2) says that it takes something. */
int answers_write(struct answers *answers, struct err *e) __attribute__((nonnull));
bool answers_wait(const struct answers *answers) __attribute__((nonnull));
/* The client is so far behind that it gets no more of them. */
bool answers_wait_long(const struct answers *answers) __attribute__((nonnull));

/* slot.c */
struct slot_start {
	const struct request *base;
	char **environment;
	pid_t batch; /* whose end is the slot's, too */
	int channel; /* from and to it: channel.c */
	int cpu;     /* -1: any */
};
/* Serves until the channel ends. Never returns. */
void slot_main(const struct slot_start *start) __attribute__((noreturn, nonnull));

/* channel.c: whole messages over a stream socket. 1, 0 at the end, or negative errno. */
int channel_send(int fd, const struct str *message) __attribute__((nonnull));
int channel_receive(int fd, struct str *ret) __attribute__((nonnull));
