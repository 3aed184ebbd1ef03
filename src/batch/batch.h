/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* batch: many jobs by one process: one JSON object a line on standard input, one on standard output. sbx(1) has the
 * protocol.
 *
 *   client --lines--> batch --one job each--> slot 0: a monitor, run after run --> init --> payload
 *          <-lines--        <--its answer---  slot 1: ...
 *
 * A slot is a process that makes the plan of a job and runs it as sbx would have done, with two differences: what its
 * runs have in common is made once (run/template.h), and what a job prints is caught in memory and becomes a part of
 * the answer. A slot lives until batch closes its channel; one that dies is replaced, and its job is answered as an
 * internal error. Slots end when batch does, whatever way it ended, and their sandboxes with them. */
#pragma once

#include "base/json.h"
#include "policy/argv.h"

/* Most bytes of a job's line, and of an answer. */
enum { BATCH_LINE_MAX = 64 << 20 };
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
	const char *input;     /* what the job reads; NULL: nothing */
};
/* Lays the words of the job over those that the batch was started with. Fails for a word that nobody knows. */
int job_read(const struct str *line, const struct request *base, struct job *ret, struct err *e)
	__attribute__((nonnull));
void job_done(struct job *job);

/* slot.c */
struct slot_start {
	const struct request *base;
	char **environment;
	int channel; /* from and to the batch: channel.c */
	int cpu;     /* -1: any */
};
/* Serves until the channel ends. Never returns. */
void slot_main(const struct slot_start *start) __attribute__((noreturn, nonnull));

/* channel.c: whole messages over a stream socket. 1, 0 at the end, or negative errno. */
int channel_send(int fd, const struct str *message) __attribute__((nonnull));
int channel_receive(int fd, struct str *ret) __attribute__((nonnull));
