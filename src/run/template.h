/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* template: what runs of like plans have in common, made once (plan/share.h says what that is). It is two or three
 * namespaces, each held by an fd, in which no process lives: the one that made the view has ended. A run enters them
 * by a process that lives for a few calls, and makes init there as a child of the monitor, in new namespaces:
 *
 *   monitor --vfork--> joiner --setns(user, mount, network)--clone3(PARENT|VFORK|NEWNS|NEWPID|...)--> init
 *
 * Nothing that a payload can write is in a template but folders of the host, and no two runs ever have a namespace in
 * common in which one could do anything. What a template shows of the host is what was there when it was made: a file
 * or folder that has another in its place by now needs another template. */
#pragma once

#include "base/sys.h"
#include "init/init.h"
#include "run/run.h"

enum { TEMPLATES_MAX = 8, TEMPLATE_NAMESPACES = 3 };

struct template
{
	struct str key;
	bool made;                   /* else its key was asked for once: it may be that of a single run */
	bool failed;                 /* it could not be made, and is not tried again */
	int fd[TEMPLATE_NAMESPACES]; /* user, mount, network; -1: each run has its own */
	uint64_t used;               /* when, by the clock of the templates */
};

/* All of them are forgotten when anything is mounted on the host, or unmounted: a template shows what was there. */
struct templates {
	struct template v[TEMPLATES_MAX];
	size_t count;
	uint64_t clock;
	int mounts;    /* /proc/self/mountinfo, which tells of a change */
	bool watching; /* `mounts` is open */
	char *stacks;  /* of the run before (spawn.h), for the next */
};

/* The template that serves the plan, made when one is asked for the second time; the one that was longest unused gives
 * its place. Borrowed until the next call. NULL: do the plan as a whole, since this is the first time, or since a
 * template could not be made; then that tells why. */
const struct template *templates_get(struct templates *templates, const struct plan *plan, const uint8_t *marks)
	__attribute__((nonnull));
/* As raw_clone3(args, init_main, start), but in the template; `stack` is the joiner's. The pid of init or a negative
 * errno. */
long template_clone(const struct template *template, const struct sys_clone_args *args, struct init_start *start,
		    const struct init_stack *stack) __attribute__((nonnull));
void templates_done(struct templates *templates) __attribute__((nonnull));
