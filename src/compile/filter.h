/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* filter: a set of system calls becomes a BPF program: ranges of numbers, searched by bisection. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

enum filter_base { FILTER_DEFAULT, FILTER_STRICT };
enum filter_denied { FILTER_ERRNO, FILTER_KILL, FILTER_NOTIFY };

struct filter_request {
	enum filter_base base;
	const char *const *allow; /* names and @groups, NULL-terminated; may be NULL */
	const char *const *deny;  /* beats allow; may be NULL */
	enum filter_denied denied;
	/* User namespaces of the payload's own (browsers): clone and unshare with NEWUSER, NEWPID, NEWNET, NEWIPC, and
	 * chroot; the mount family and NETLINK_NETFILTER stay closed. */
	bool nested;
	bool suid_open;      /* open and openat with S_ISUID or S_ISGID are denied too (a host folder is writable) */
	bool writable_code;  /* false and `no_mdwe` true: mmap of WRITE and EXEC at once, and mprotect to EXEC, are
				denied */
	bool no_mdwe;        /* the kernel has no PR_SET_MDWE */
	bool fixed_affinity; /* sched_setaffinity is denied: the processors are a limit */
	bool bare;       /* no namespaces: what changes files without opening them, or reaches other processes of the
			    user, is denied, and so are sockets but those of INET */
	bool no_sockets; /* nor those */
	bool x86;        /* the 32-bit table may be used too */
	bool record;     /* calls that open by a path are told to a listener where they would be allowed, but for an
			    execve that has the mark of plan.h */
};

/* Appends the program (struct sock_filter each) to `ret`. EINVAL with the nearest name for an unknown one, EPERM for a
 * call that no profile can grant; the text then starts with the name. */
int filter_build(const struct filter_request *request, struct str *ret, struct err *e) __attribute__((nonnull));

/* Is this call denied, whatever its arguments, and by whatever table? False for words that filter_build refuses. */
bool filter_denies(const struct filter_request *request, const char *name) __attribute__((nonnull));

/* The name of a system call of the native table, or NULL. For the report. */
const char *syscall_name(int number);
/* All names and @groups that a profile may use, sorted. */
void syscall_names(struct strv *ret) __attribute__((nonnull));
