/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* status: the records that init sends to the monitor over a SOCK_SEQPACKET pair; the payload never has the socket. */
#pragma once

#include <stdint.h>
#include <sys/resource.h>

#include "base/err.h"
#include "init/schedstat.h"

enum status_type {
	STATUS_BORN,           /* init is there; it will not make the payload before the monitor's word */
	STATUS_FAILED,         /* a step failed; nothing of the payload ran */
	STATUS_USER_NAMESPACE, /* with an fd: the outer one, for whoever fills the box */
	STATUS_BOX,            /* with an fd: the mount of the box */
	STATUS_TERMINAL,       /* with an fd: the master of the sandbox's terminal */
	STATUS_NAMESPACE,      /* of a template, with an fd: a namespace, user, mount or network */
	STATUS_EXECUTED, /* the payload's exec has happened; with the fd of the denied-call listener, if there is one */
	STATUS_SERVING,  /* init has become sbx-init; only sent where processor time is limited */
	STATUS_STOPPED,  /* the payload was stopped by `signal` */
	STATUS_ENDED,    /* the payload ended, and all others of the sandbox after it */
};

struct status {
	enum status_type type;
	int step;              /* FAILED: index into the plan, -1 if none; NAMESPACE: which, from 0 */
	int exec_errno;        /* FAILED: of the payload's execve; 0 if that was not what failed */
	int exec_folder;       /* EXECUTED: the folder of the search path where the command was, from 1; 0: in none */
	int signal;            /* STOPPED; ENDED: the signal that ended it, 0 if it exited */
	int exit_code;         /* ENDED: if it exited */
	int disk_full;         /* ENDED: the private writable folders could hold nothing more */
	int64_t counted;       /* ENDED: by the counters of STEP_COUNTER; -1: not known */
	int64_t time_ns;       /* CLOCK_MONOTONIC: EXECUTED just before exec, ENDED when it was seen */
	int64_t setup_cpu_ns;  /* EXECUTED: processor time of init and payload before exec */
	int64_t init_cpu_ns;   /* EXECUTED, SERVING, ENDED: processor time of init's own for the set-up, in its usage */
	struct schedstat main; /* EXECUTED, ENDED: of the payload's main thread, its set-up included */
	struct rusage usage;   /* ENDED: of the payload and all that were waited for */
	struct err err;        /* FAILED */
};

/* Sends one record and, if fd >= 0, the fd. 0 or negative errno. */
int status_send(int socket, const struct status *status, int fd) __attribute__((nonnull));
/* Receives one record; *ret_fd is -1 or an owned fd. 1, 0 at the end, negative errno (-EAGAIN if there is none now). */
int status_receive(int socket, struct status *ret, int *ret_fd) __attribute__((nonnull));
