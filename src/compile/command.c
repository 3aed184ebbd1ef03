/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* command: the filter, and the end of every plan. */
#include <sched.h>
#include <string.h>

#include "base/mem.h"
#include "compile/context.h"
#include "compile/filter.h"
#include "compile/limits.h"
#include "compile/view.h"

/* SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV */
enum { FLAG_NEW_LISTENER = 8, FLAG_WAIT_KILLABLE = 32 };

/* The words of a list, NULL-terminated; the texts are the policy's. */
static const char **words(const struct entry *list)
{
	const char **v = xcalloc(list->count + 1, sizeof *v);

	for (size_t i = 0; i < list->count; i++)
		v[i] = list->v[i].text;
	return v;
}

/* The setting, and the value of it, that the text is about. */
static enum setting_id culprit(const struct context *c, const char *text, const struct value **ret)
{
	static const enum setting_id ids[] = {SET_syscalls_allow, SET_syscalls_deny};

	for (size_t k = 0; k < countof(ids); k++)
		for (size_t i = 0; i < c->policy->entry[ids[k]].count; i++) {
			*ret = &c->policy->entry[ids[k]].v[i];
			if (strstr(text, (*ret)->text))
				return ids[k];
		}
	*ret = NULL;
	return SET_syscalls_deny;
}

/* Without sockets there is nothing to do in a network namespace. Half of a pair can be given an abstract name, and a
 * ring makes sockets by itself. */
static void mark_network(struct context *c, const struct filter_request *request)
{
	static const char *const makers[] = {"socket", "socketpair", "io_uring_setup"};

	for (size_t i = 0; i < countof(makers); i++)
		if (!filter_denies(request, makers[i]))
			return;
	for (size_t i = 0; i < c->plan->count; i++)
		if (c->plan->step[i].kind == STEP_NAMESPACES)
			c->plan->step[i].m = c->plan->step[i].n & CLONE_NEWNET;
}

/* The filter tells of what is opened; the monitor has the one that would be there without. No signal makes a call fail
 * that waits for the monitor, where the kernel can do that. */
static int record(struct context *c, struct filter_request *request, struct str *program, struct err *e)
{
	const char *file = policy_text(c->policy, SET_report_opened);
	autofree char *absolute = host_absolute_here(c->host, file), *real = host_real(c->host, absolute);
	char buf[WHY_SIZE];

	plan_add(c->plan, STEP_RECORD, why(c, SET_report_opened, buf), real, NULL, 0, 0);
	plan_data(c->plan, program->s, program->len);
	program->len = 0;
	request->record = true;
	return filter_build(request, program, e);
}

static uint64_t filter_flags(const struct context *c)
{
	const unsigned *kernel = c->host->kernel;
	bool killable = kernel[0] > 5 || (kernel[0] == 5 && kernel[1] >= 19);

	if (plan_find(c->plan, STEP_RECORD))
		return FLAG_NEW_LISTENER | (killable ? FLAG_WAIT_KILLABLE : 0);
	return plan_find(c->plan, STEP_LISTEN) ? FLAG_NEW_LISTENER : 0;
}

int compile_filter(struct context *c, struct err *e)
{
	autofree const char **allow = words(&c->policy->entry[SET_syscalls_allow]);
	autofree const char **deny = words(&c->policy->entry[SET_syscalls_deny]);
	bool report = policy_is(c->policy, SET_syscalls_denied, "report");
	struct filter_request request = {
		.base = policy_is(c->policy, SET_syscalls_base, "strict") ? FILTER_STRICT : FILTER_DEFAULT,
		.allow = allow,
		.deny = deny,
		.denied = report                                              ? FILTER_NOTIFY
			  : policy_is(c->policy, SET_syscalls_denied, "kill") ? FILTER_KILL
									      : FILTER_ERRNO,
		.nested = policy_number(c->policy, SET_process_nested_namespaces, 0) > 0,
		.suid_open = c->host_writable,
		.writable_code = policy_number(c->policy, SET_process_writable_code, 0) != 0,
		.no_mdwe = !c->host->mdwe,
		.fixed_affinity = limits_by_affinity(c->policy, c->host),
		.bare = c->bare,
		.no_sockets = c->bare && policy_is(c->policy, SET_network_mode, "none"),
		.x86 = policy_has(c->policy, SET_syscalls_architectures, "x86"),
	};
	autostr struct str program = {0};
	struct err inner = {0};
	char buf[WHY_SIZE];

	if (policy_is(c->policy, SET_syscalls_base, "none"))
		return 0;
	if (filter_build(&request, &program, &inner) < 0) {
		const struct value *value;
		enum setting_id id = culprit(c, inner.text, &value);

		(void)refuse(c, id, value, e, "%s", inner.text);
		return inner.hint[0] ? err_hint(e, "%s", inner.hint) : -e->code;
	}
	mark_network(c, &request);
	if (report)
		plan_add(c->plan, STEP_LISTEN, why(c, SET_syscalls_denied, buf), NULL, NULL, 0, 0);
	if (policy_text(c->policy, SET_report_opened) && record(c, &request, &program, e) < 0)
		return -e->code;
	plan_add(c->plan, STEP_FILTER, why(c, SET_syscalls_base, buf), policy_enum(c->policy, SET_syscalls_base), NULL,
		 filter_flags(c), 0);
	plan_data(c->plan, program.s, program.len);
	return 0;
}

static bool shows_folder(const struct context *c, const char *path)
{
	enum node_type type;

	return view_shows(c, path, &type) &&
	       (type == NODE_FOLDER || type == NODE_LINK); /* where it leads will be seen */
}

int compile_command(struct context *c, struct err *e)
{
	autostr struct str argv = {0};
	char buf[WHY_SIZE];

	if (policy_value(c->policy, SET_filesystem_working_directory) && !c->host->image &&
	    !shows_folder(c, c->inner_cwd)) {
		(void)refuse(c, SET_filesystem_working_directory, NULL, e, "the sandbox has no folder '%s'",
			     c->inner_cwd);
		return err_hint(e, "show it: --ro=%s or --rw=%s", c->inner_cwd, c->inner_cwd);
	}
	plan_add(c->plan, STEP_CHDIR, why(c, SET_filesystem_working_directory, buf), c->inner_cwd, NULL, 0, 0);
	plan_add(c->plan, STEP_CLOSE_FDS, "default", NULL, NULL, 0, 0);
	for (size_t i = 0; c->command[i]; i++)
		str_add_bytes(&argv, c->command[i], strlen(c->command[i]) + 1);
	plan_add(c->plan, STEP_EXEC, "command", strchr(c->command[0], '/') ? NULL : c->inner_path, NULL, 0, 0);
	plan_data(c->plan, argv.s, argv.len);
	return 0;
}
