/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "joining.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"
#include "host/cgroup-path.h"
#include "host/host.h"
#include "live/live.h"
#include "message.h"
#include "run/join.h"

enum { TEXT = 1 << 18 };

/* A text of /proc, which is no longer than this, or "". */
static char *text_of(const char *path)
{
	char *text = xmalloc(TEXT);

	if (fd_read_file(AT_FDCWD, path, text, TEXT) < 0)
		*text = '\0';
	return text;
}

/* Only groups that are not the caller's own anyway. */
static void add_folder(struct strv *folders, const char *texts[3], const char *controller)
{
	autofree char *there = cgroup_folder(texts[0], texts[2], controller, NULL),
		      *here = cgroup_folder(texts[1], texts[2], controller, NULL);

	if (there && !(here && str_eq(here, there)) && !strv_has(folders, there))
		strv_add(folders, there);
}

/* The v2 group, and that of each v1 controller: "ID:CONTROLLER,...:PATH". */
static void find_cgroups(pid_t init, struct strv *folders)
{
	autofree char *path = xasprintf("/proc/%d/cgroup", init), *theirs = text_of(path),
		      *ours = text_of("/proc/self/cgroup"), *mounts = text_of("/proc/self/mountinfo"),
		      *lines = xstrdup(theirs);
	const char *texts[] = {theirs, ours, mounts};
	char *rest = NULL;

	add_folder(folders, texts, NULL);
	for (char *line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *list = strchr(line, ':'), *end = list ? strchr(list + 1, ':') : NULL, *more = NULL;

		if (!end)
			continue;
		*end = '\0';
		for (char *word = strtok_r(list + 1, ",", &more); word; word = strtok_r(NULL, ",", &more))
			add_folder(folders, texts, word);
	}
}

static int decode(const char *folder, const struct live_entry *entry, struct plan *ret, struct err *e)
{
	autostr struct str bytes = {0};
	int r = live_plan(folder, entry, &bytes, e);

	return r < 0 ? r : plan_decode(&bytes, ret, e);
}

/* One domain can't be joined by another: a command that was to be known by its signals to no other domain could send
 * none to the sandbox's own processes. Others it does not see: the pid namespace is the wall. */
static void allow_signals(struct plan *plan)
{
	const uint64_t scope_signal = UINT64_C(1) << 33;

	for (size_t i = 0; i < plan->count; i++)
		if (plan->step[i].kind == STEP_LANDLOCK)
			plan->step[i].m &= ~scope_signal;
}

/* The same plan, with another command at its end. It is looked for where the sandbox's own PATH says. */
static void replace_command(struct plan *plan, char *const *command)
{
	const struct step *environment = plan_find(plan, STEP_ENVIRONMENT);
	const char *data = plan_text(plan, environment->data);
	autofree char *search = NULL;
	autostr struct str argv = {0};

	for (const char *p = data; !search && p < data + environment->size; p += strlen(p) + 1)
		if (str_starts(p, "PATH="))
			search = xstrdup(p + strlen("PATH="));
	for (; *command; command++)
		str_add_bytes(&argv, *command, strlen(*command) + 1);
	plan->count--;
	(void)plan_add(plan, STEP_EXEC, "--join", strchr(argv.s, '/') ? NULL : search, NULL, 0, 0);
	plan_data(plan, argv.s, argv.len);
}

/* What a launcher tells one start of a program, and no other. */
static bool is_of_launcher(const char *variable)
{
	return str_starts(variable, "DESKTOP_STARTUP_ID=") || str_starts(variable, "XDG_ACTIVATION_TOKEN=");
}

static void add_variables(const struct plan *plan, bool of_launcher, struct str *out)
{
	const struct step *environment = plan_find(plan, STEP_ENVIRONMENT);
	const char *data = plan_text(plan, environment->data);

	for (const char *p = data; p < data + environment->size; p += strlen(p) + 1)
		if (is_of_launcher(p) == of_launcher)
			str_add_bytes(out, p, strlen(p) + 1);
}

/* Does the plan show the same there as the other one? */
static bool shows_the_same(const struct plan *plan, const struct plan *other, const char *path)
{
	for (size_t i = 0; i < plan->count; i++) {
		const char *a = plan_text(plan, plan->step[i].a), *b = plan_text(plan, plan->step[i].b);

		if (plan->step[i].kind != STEP_BIND || !path_below(path, b))
			continue;
		for (size_t j = 0; j < other->count; j++)
			if (other->step[j].kind == STEP_BIND && str_eq(plan_text(other, other->step[j].a), a) &&
			    str_eq(plan_text(other, other->step[j].b), b))
				return true;
	}
	return false;
}

/* Where the second start stands, if its sandbox would be there by a rule that the one which runs has, too. */
static void take_place(struct plan *plan, const struct plan *own)
{
	const char *folder = plan_text(own, plan_find(own, STEP_CHDIR)->a);
	bool shown = shows_the_same(plan, own, folder);
	autostr struct str variables = {0};

	add_variables(plan, false, &variables);
	add_variables(own, true, &variables);
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->step[i].kind == STEP_ENVIRONMENT)
			plan_set_data(plan, i, variables.s ? variables.s : "", variables.len);
		if (plan->step[i].kind == STEP_CHDIR && shown)
			plan_set_text(plan, i, folder);
	}
}

static int join(const struct joining *joining, struct plan *plan, int init, int *ret_status, struct err *e)
{
	autostrv struct strv cgroups = {0};
	const char *const none[] = {NULL};
	struct join j = {.plan = plan,
			 .init = init,
			 .init_pid = joining->entry->init,
			 .terminal = !joining->silent && isatty(0) && isatty(1) && isatty(2),
			 .silent = joining->silent};
	int r;

	replace_command(plan, joining->command);
	if (joining->own)
		take_place(plan, joining->own);
	allow_signals(plan);
	find_cgroups(joining->entry->init, &cgroups);
	j.cgroups = cgroups.count ? (const char *const *)cgroups.v : none;
	r = plan_verify(plan, e);
	if (r == 0)
		r = join_run(&j, ret_status, e);
	return r;
}

int join_command(const struct joining *joining, int *ret_status, struct err *e)
{
	autoclose int init = live_open_init(joining->live, joining->entry, e);
	struct plan plan = {0};
	int r = init < 0 ? init : decode(joining->live, joining->entry, &plan, e);

	if (r == 0)
		r = join(joining, &plan, init, ret_status, e);
	plan_done(&plan);
	return r;
}

bool join_is_late(const struct joining *joining)
{
	struct err none = {0};
	autoclose int init = live_open_init(joining->live, joining->entry, &none);
	const struct join join = {.init = init, .init_pid = joining->entry->init};

	return init < 0 || join_is_over(&join);
}

int join_sandbox(const struct request *request, char **environment)
{
	const struct live_entry *entry = NULL;
	struct live_list list = {0};
	struct host host = {0};
	struct err e = {0};
	struct joining joining = {.command = request->command};
	int status = 0, r = host_read(&host, environment, &e);

	if (r == 0 && host.live)
		r = live_read(host.live, &list, &e);
	if (r == 0)
		r = live_find(&list, request->join, &entry, &e);
	if (r == 0)
		joining.live = host.live;
	if (r == 0)
		joining.entry = entry;
	if (r == 0)
		r = join_command(&joining, &status, &e);
	if (r < 0) {
		(void)err_prefix(&e, "join '%s'", request->join);
		message_error(&e);
	}
	live_list_done(&list);
	host_done(&host);
	return r < 0 && !status ? 125 : status;
}
