/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verify: the harmless part of an attack, inside of a profile, on this machine. */
#include "ctl/verify.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/mem.h"
#include "ctl/ctl.h"
#include "ctl/rows.h"
#include "message.h"

enum { STATUS_HOLES = 1, STATUS_UNVERIFIED = 125 };

struct verify {
	const struct ctl *ctl;
	char *sbx, *probe;
	struct strv profiles, settings, laid;
	struct rows rows;
	bool json, colour, quiet;
};

/* What would end the probe early, or take its questions and answers away. None of it decides what is reached. */
static void lay_over(struct strv *laid)
{
	static const enum setting_id streams[] = {SET_process_stdin,   SET_process_stdout, SET_process_stderr,
						  SET_process_keep_fd, SET_report_file,    SET_report_opened,
						  SET_box_name};

	for (size_t i = 0; i < countof(streams); i++)
		strv_take(laid, xasprintf("%s.%s=", settings[streams[i]].section, settings[streams[i]].key));
	for (unsigned id = 0; id < SETTING_COUNT; id++)
		if (str_eq(settings[id].section, "limits"))
			strv_take(laid, xasprintf("%s.%s=%s", settings[id].section, settings[id].key,
						  id == SET_limits_wall_time ? "60s" : ""));
}

/* The words of sbx's command line, which ends with the probe. */
static void command_line(const struct verify *v, const char *profile, struct strv *ret)
{
	const struct strv *lists[] = {&v->settings, &v->laid};

	strv_add(ret, v->sbx);
	strv_add(ret, "--quiet");
	strv_take(ret, xasprintf("--profile=%s", profile));
	for (size_t i = 0; i < countof(lists); i++)
		for (size_t j = 0; j < lists[i]->count; j++)
			strv_take(ret, xasprintf("--set=%s", lists[i]->v[j]));
	strv_add(ret, "--");
	strv_add(ret, v->probe);
}

static int make_plan(const struct verify *v, struct strv *words, struct planned *ret, struct err *e)
{
	struct errlist errors = {0};
	int r = argv_parse((int)words->count, words->v, &ret->request, e);

	if (r == 0)
		r = planned_make(ret, v->ctl->host.environ, &errors, e);
	for (size_t i = 0; i < errors.count; i++)
		message_error(&errors.v[i]);
	errlist_done(&errors);
	return r;
}

static int try_profile(const struct verify *v, const char *profile, struct items *items, struct err *e)
{
	autostrv struct strv words = {0}, traces = {0};
	struct planned planned = {0};
	struct bait bait;
	int r;

	command_line(v, profile, &words);
	r = make_plan(v, &words, &planned, e);
	if (r == 0) {
		items_of_paths(items, &planned);
		items_of_sockets(items, &planned);
		items_of_kernel(items, &planned);
		r = bait_lay(&bait, v->probe, e);
		if (r == 0) {
			items_of_bait(items, &planned, &bait);
			traces_expect(&planned, &traces);
			r = items_try(items, v->probe, words.v, e);
			traces_remove(&traces);
		}
		bait_take(&bait);
	}
	planned_done(&planned);
	return r;
}

/* Returns the exit status for this profile. */
static int verify_profile(struct verify *v, const char *profile)
{
	struct items items = {0};
	struct err e = {0};
	int r = try_profile(v, profile, &items, &e), status = STATUS_UNVERIFIED;
	struct verified verified = {.profile = profile, .items = &items, .laid = &v->laid, .error = r < 0 ? &e : NULL};

	if (r < 0) {
		(void)err_prefix(&e, "%s", profile);
		message_error(&e);
	} else {
		status = verify_worst(&items) == STATE_HOLE ? STATUS_HOLES : 0;
	}
	rows_add(&v->rows, verify_json(&verified));
	verify_print(&verified, v->colour, v->quiet, &v->rows.text);
	items_done(&items);
	return status;
}

/* sbx lies beside this program, the probe where the other helpers are. */
static int find_programs(struct verify *v, struct err *e)
{
	v->sbx = child_sbx(e);
	if (!v->sbx)
		return -e->code;
	v->probe = xasprintf("%s/sbx-probe", v->ctl->host.helper_folder);
	if (access(v->sbx, X_OK) < 0)
		return err_errno(e, errno, "find '%s'", v->sbx);
	if (access(v->probe, X_OK) < 0)
		return err_errno(e, errno, "find '%s'", v->probe);
	return 0;
}

static int read_words(struct verify *v, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (str_eq(argv[i], "--json"))
			v->json = true;
		else if (str_eq(argv[i], "--quiet") || str_eq(argv[i], "-q"))
			v->quiet = true;
		else if (str_starts(argv[i], "--set="))
			strv_add(&v->settings, argv[i] + strlen("--set="));
		else if (argv[i][0] == '-')
			return ctl_usage("verify takes --json, --quiet, --set=SECTION.KEY=VALUE and names of profiles");
		else
			strv_add(&v->profiles, argv[i]);
	}
	if (!v->profiles.count)
		strv_add(&v->profiles, "default");
	return 0;
}

static int run(struct verify *v)
{
	struct err e = {0};
	int status = 0;

	lay_over(&v->laid);
	if (find_programs(v, &e) < 0)
		return ctl_fail(&e, STATUS_UNVERIFIED);
	rows_begin(&v->rows, "profiles", v->json);
	if (!v->quiet)
		str_add(&v->rows.text,
			"Tried without the profile's limits, files of the standard streams, kept fds and report.\n");
	for (size_t i = 0; i < v->profiles.count; i++) {
		int one = verify_profile(v, v->profiles.v[i]);

		if (one > status) /* what could not be seen weighs most */
			status = one;
	}
	return rows_end(&v->rows, NULL, 0, 0) ? STATUS_UNVERIFIED : status;
}

int ctl_verify(struct ctl *ctl, int argc, char **argv)
{
	struct verify v = {.ctl = ctl, .colour = isatty(STDOUT_FILENO) && !host_env(&ctl->host, "NO_COLOR")};
	int status = read_words(&v, argc, argv);

	if (status == 0)
		status = run(&v);
	mem_free_ptr(&v.sbx);
	mem_free_ptr(&v.probe);
	strv_done(&v.profiles);
	strv_done(&v.settings);
	strv_done(&v.laid);
	return status;
}
