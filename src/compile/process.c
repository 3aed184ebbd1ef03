/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* process: network, session, streams, and what the payload may become. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/units.h"
#include "compile/capabilities.h"
#include "compile/context.h"

enum { NO_RANDOMIZE = 0x40000 };

int compile_network(struct context *c, struct err *e)
{
	char buf[WHY_SIZE];

	(void)e;
	if (policy_is(c->policy, SET_network_mode, "none") && !c->bare)
		plan_add(c->plan, STEP_LOOPBACK, why(c, SET_network_mode, buf), NULL, NULL, 0, 0);
	return 0;
}

static bool own_terminal(const struct context *c)
{
	if (c->bare) /* it would be in the host's /dev/pts */
		return false;
	return policy_is(c->policy, SET_process_terminal, "own") ||
	       (policy_is(c->policy, SET_process_terminal, "auto") && c->host->stdio[0] == STDIO_TERMINAL);
}

/* Its reader holds back whoever writes to it: limits.output-size is for what is not read by a program. */
static bool is_direct_pipe(const struct context *c, int fd)
{
	return fd < 2 && policy_is(c->policy, SET_process_pipes, "direct") &&
	       c->host->look_fd(c->host, fd) == NODE_FIFO;
}

static void stream(struct context *c, int fd)
{
	static const enum setting_id files[] = {SET_process_stdin, SET_process_stdout, SET_process_stderr};
	const char *file = policy_text(c->policy, files[fd]);
	enum stdio_kind kind = c->host->stdio[fd];
	enum stdio_plan plan = STDIO_PLAN_RELAY;
	bool counted = fd > 0 && policy_value(c->policy, SET_limits_output_size); /* whoever reads it, it is counted */
	autofree char *absolute = file ? host_absolute_here(c->host, file) : NULL;
	autofree char *real = file ? host_real(c->host, absolute) : NULL;
	char buf[WHY_SIZE];

	if (fd == 2 && policy_number(c->policy, SET_process_stderr_to_stdout, 0)) {
		plan_add(c->plan, STEP_STDIO, why(c, SET_process_stderr_to_stdout, buf), NULL, NULL, 2,
			 STDIO_PLAN_OUTPUT);
		return;
	}
	if (file)
		plan = STDIO_PLAN_FILE;
	else if (kind == STDIO_TERMINAL && own_terminal(c))
		plan = STDIO_PLAN_TERMINAL;
	else if (kind == STDIO_TERMINAL && policy_is(c->policy, SET_process_terminal, "inherit"))
		plan = STDIO_PLAN_INHERIT;
	else if (is_direct_pipe(c, fd))
		plan = STDIO_PLAN_INHERIT;
	else if (kind == STDIO_CLOSED || (kind == STDIO_NULL && !counted))
		plan = STDIO_PLAN_NULL;
	plan_add(c->plan, STEP_STDIO, file ? why(c, files[fd], buf) : why(c, SET_process_terminal, buf), real, NULL,
		 (uint64_t)fd, plan);
}

static int keep_fds(struct context *c, struct err *e)
{
	const struct entry *list = &c->policy->entry[SET_process_keep_fd];

	for (size_t i = 0; i < list->count; i++) {
		char buf[WHY_SIZE];
		struct err number = {0};
		enum node_type type;
		uint64_t fd;

		if (units_number(list->v[i].text, 65535, &fd, &number) < 0)
			return refuse(c, SET_process_keep_fd, &list->v[i], e, "%s", number.text);
		if (fd < 3)
			return refuse(c, SET_process_keep_fd, &list->v[i], e, "fds 0 to 2 are the standard streams");
		type = c->host->look_fd(c->host, (int)fd);
		if (type == NODE_NONE)
			return refuse(c, SET_process_keep_fd, &list->v[i], e, "fd %llu is not open",
				      (unsigned long long)fd);
		if (type == NODE_FOLDER || type == NODE_LINK)
			return refuse(c, SET_process_keep_fd, &list->v[i], e,
				      "fd %llu is a folder, or a path (O_PATH): it would lead out",
				      (unsigned long long)fd);
		plan_add(c->plan, STEP_KEEP_FD, origin_text(list->v[i].origin, buf, sizeof buf), NULL, NULL, fd, 0);
	}
	return 0;
}

static int capabilities(struct context *c, struct err *e)
{
	const struct entry *list = &c->policy->entry[SET_process_capabilities];
	char buf[WHY_SIZE];
	uint64_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		int number = capability_number(list->v[i].text);

		if (number < 0)
			return refuse(c, SET_process_capabilities, &list->v[i], e, "there is no capability '%s'",
				      list->v[i].text);
		kept |= UINT64_C(1) << number;
	}
	if (kept) /* capabilities count over namespaces that the payload's own user namespace owns */
		plan_add(c->plan, STEP_INNER_NAMESPACES, why(c, SET_process_capabilities, buf), NULL, NULL,
			 CLONE_NEWIPC | CLONE_NEWUTS |
				 (policy_is(c->policy, SET_network_mode, "none") ? CLONE_NEWNET : 0),
			 0);
	plan_add(c->plan, STEP_CAPABILITIES, why(c, SET_process_capabilities, buf), NULL, NULL, kept, 0);
	plan_add(c->plan, STEP_NO_NEW_PRIVS, "default", NULL, NULL, 0, 0);
	return 0;
}

static void init_program(struct context *c)
{
	autofree char *path = xasprintf("%s/sbx-init", c->host->helper_folder);

	plan_add(c->plan, STEP_INIT_PROGRAM, "default", path, NULL, 0, 0);
}

static void session(struct context *c)
{
	char buf[WHY_SIZE];

	if (!c->bare)
		plan_add(c->plan, STEP_HOSTNAME, why(c, SET_process_hostname, buf),
			 policy_text(c->policy, SET_process_hostname), NULL, 0, 0);
	plan_add(c->plan, STEP_KEYRING, "default", NULL, NULL, 0, 0);
	plan_add(c->plan, own_terminal(c) ? STEP_TERMINAL : STEP_SESSION, why(c, SET_process_terminal, buf), NULL, NULL,
		 0, 0);
}

static void attributes(struct context *c)
{
	int64_t nice = policy_number(c->policy, SET_process_nice, 0);
	char buf[WHY_SIZE];

	if (nice)
		plan_add(c->plan, STEP_NICE, why(c, SET_process_nice, buf), NULL, NULL, (uint64_t)nice, 0);
	plan_add(c->plan, STEP_UMASK, why(c, SET_process_umask, buf), NULL, NULL,
		 (uint64_t)policy_number(c->policy, SET_process_umask, 022), 0);
	plan_add(c->plan, STEP_PERSONALITY, why(c, SET_process_aslr, buf), NULL, NULL,
		 policy_number(c->policy, SET_process_aslr, 1) ? 0 : NO_RANDOMIZE, 0);
	if (!policy_number(c->policy, SET_process_writable_code, 0) && c->host->mdwe)
		plan_add(c->plan, STEP_NO_WRITABLE_CODE, why(c, SET_process_writable_code, buf), NULL, NULL, 0, 0);
}

int compile_process(struct context *c, struct err *e)
{
	char buf[WHY_SIZE];
	int r;

	for (int fd = 0; fd < 3; fd++)
		stream(c, fd);
	r = keep_fds(c, e);
	if (r < 0)
		return r;
	if (policy_number(c->policy, SET_process_die_with_caller, 0))
		plan_add(c->plan, STEP_DIE_WITH_CALLER, why(c, SET_process_die_with_caller, buf), NULL, NULL, 0, 0);
	if (policy_number(c->policy, SET_process_end_on_signal, 0))
		plan_add(c->plan, STEP_END_ON_SIGNAL, why(c, SET_process_end_on_signal, buf), NULL, NULL, 0, 0);
	init_program(c);
	session(c);
	attributes(c);
	return capabilities(c, e);
}
