/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "isolate/options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/units.h"

#define MAX_MS (INT64_C(1000000000) * 1000)
#define MAX_KB (UINT64_C(1) << 52)

enum { FLAG_LOCKS = 4, FLAGS_ALL = 31 };

/* Options without a letter. */
enum {
	OPT_RUN = 256,
	OPT_INIT,
	OPT_CLEANUP,
	OPT_CHECK,
	OPT_CG_ROOT,
	OPT_VERSION,
	OPT_HELP,
	OPT_CG,
	OPT_CG_MEM,
	OPT_CG_TIMING,
	OPT_STDERR_TO_STDOUT,
	OPT_WAIT,
	OPT_CORE,
	OPT_SHARE_NET,
	OPT_INHERIT_FDS,
	OPT_TTY_HACK,
	OPT_SPECIAL_FILES,
	OPT_SYSCALLS,
	OPT_AS_UID,
	OPT_AS_GID,
};

static const char letters[] = ":b:c:d:DeE:f:i:k:m:M:n:o:p::q:r:st:vw:x:";
static const struct option names[] = {
	{"as-gid", 1, NULL, OPT_AS_GID},
	{"as-uid", 1, NULL, OPT_AS_UID},
	{"box-id", 1, NULL, 'b'},
	{"cg", 0, NULL, OPT_CG},
	{"cg-mem", 1, NULL, OPT_CG_MEM},
	{"cg-timing", 0, NULL, OPT_CG_TIMING},
	{"chdir", 1, NULL, 'c'},
	{"check-config", 0, NULL, OPT_CHECK},
	{"cleanup", 0, NULL, OPT_CLEANUP},
	{"core", 1, NULL, OPT_CORE},
	{"dir", 1, NULL, 'd'},
	{"env", 1, NULL, 'E'},
	{"extra-time", 1, NULL, 'x'},
	{"fsize", 1, NULL, 'f'},
	{"full-env", 0, NULL, 'e'},
	{"help", 0, NULL, OPT_HELP},
	{"inherit-fds", 0, NULL, OPT_INHERIT_FDS},
	{"init", 0, NULL, OPT_INIT},
	{"mem", 1, NULL, 'm'},
	{"meta", 1, NULL, 'M'},
	{"no-cg-timing", 0, NULL, OPT_CG_TIMING},
	{"no-default-dirs", 0, NULL, 'D'},
	{"open-files", 1, NULL, 'n'},
	{"print-cg-root", 0, NULL, OPT_CG_ROOT},
	{"processes", 2, NULL, 'p'},
	{"quota", 1, NULL, 'q'},
	{"run", 0, NULL, OPT_RUN},
	{"share-net", 0, NULL, OPT_SHARE_NET},
	{"silent", 0, NULL, 's'},
	{"special-files", 0, NULL, OPT_SPECIAL_FILES},
	{"stack", 1, NULL, 'k'},
	{"stderr", 1, NULL, 'r'},
	{"stderr-to-stdout", 0, NULL, OPT_STDERR_TO_STDOUT},
	{"stdin", 1, NULL, 'i'},
	{"stdout", 1, NULL, 'o'},
	{"syscalls", 1, NULL, OPT_SYSCALLS},
	{"time", 1, NULL, 't'},
	{"tty-hack", 0, NULL, OPT_TTY_HACK},
	{"verbose", 0, NULL, 'v'},
	{"version", 0, NULL, OPT_VERSION},
	{"wait", 0, NULL, OPT_WAIT},
	{"wall-time", 1, NULL, 'w'},
	{NULL, 0, NULL, 0},
};

/* Seconds as people write a float, to the millisecond; what is below one is one, since 0 would be no limit. */
static int seconds(const char *text, uint64_t *ret, struct err *e)
{
	char *end;
	double n = strtod(text, &end);

	if (end == text || *end || !isfinite(n) || n < 0 || n * 1000 > (double)MAX_MS)
		return err_set(e, EINVAL, "'%s' is not a time in seconds", text);
	*ret = n > 0 && n < 0.001 ? 1 : (uint64_t)(n * 1000 + 1e-6);
	return 0;
}

static int kilobytes(const char *text, uint64_t *ret, struct err *e)
{
	return units_number(text, MAX_KB, ret, e);
}

static int number(const char *text, uint64_t *ret, struct err *e)
{
	return units_number(text, UINT32_MAX, ret, e);
}

static int processes(const char *text, uint64_t *ret, struct err *e)
{
	*ret = 0;
	return text ? number(text, ret, e) : 0;
}

/* What of isolate's list of refused calls is asked for. sbx refuses more, whatever is said, but no locks. */
static int syscall_flags(const char *text, struct err *e)
{
	uint64_t flags = 0;

	if (units_number(text, FLAGS_ALL, &flags, e) < 0)
		return -e->code;
	return flags & FLAG_LOCKS ? err_set(e, ENOTSUP, "sbx does not refuse locks of files (flag 4)") : 0;
}

static int mode(struct options *o, enum isolate_mode mode, struct err *e)
{
	if (o->mode != ISOLATE_NONE && o->mode != mode)
		return err_set(e, EINVAL, "only one of --init, --run, --cleanup and the like can be done");
	o->mode = mode;
	return 0;
}

/* Those whose value is a number. 1: it is none of them. */
static int numeric(struct options *o, int option, const char *value, struct err *e)
{
	switch (option) {
	case 'b':
		return units_number(value, INT32_MAX, &o->box, e);
	case 't':
		return seconds(value, &o->time_ms, e);
	case 'w':
		return seconds(value, &o->wall_ms, e);
	case 'x':
		return seconds(value, &o->extra_ms, e);
	case 'm':
		return kilobytes(value, &o->memory_kb, e);
	case 'k':
		return kilobytes(value, &o->stack_kb, e);
	case 'f':
		return kilobytes(value, &o->file_kb, e);
	case 'n':
		o->open_files_said = true;
		return number(value, &o->open_files, e);
	case 'p':
		return processes(value, &o->processes, e);
	case OPT_CORE:
		return kilobytes(value, &o->core_kb, e);
	case OPT_CG_MEM:
		return kilobytes(value, &o->cg_memory_kb, e);
	case OPT_AS_UID:
		o->as_uid_said = true;
		return units_number(value, UINT32_MAX - 1, &o->as_uid, e);
	case OPT_AS_GID:
		o->as_gid_said = true;
		return units_number(value, UINT32_MAX - 1, &o->as_gid, e);
	case OPT_SYSCALLS:
		return syscall_flags(value, e);
	default:
		return 1;
	}
}

/* Those without a value. False: it is none of them. */
static bool plain(struct options *o, int option)
{
	const struct {
		int option;
		bool *set;
	} rows[] = {
		{OPT_STDERR_TO_STDOUT, &o->stderr_to_stdout},
		{'s', &o->silent},
		{OPT_WAIT, &o->wait},
		{OPT_CG, &o->cg},
		{OPT_SHARE_NET, &o->share_net},
		{OPT_INHERIT_FDS, &o->inherit_fds},
		{OPT_TTY_HACK, &o->tty_hack},
		{OPT_SPECIAL_FILES, &o->special_files},
		{'D', &o->no_default_dirs},
		{'e', &o->full_env},
	};

	for (size_t i = 0; i < countof(rows); i++)
		if (rows[i].option == option)
			return *rows[i].set = true;
	return option == 'v' || option == OPT_CG_TIMING; /* all that is chatter, or has but one meaning now */
}

static int textual(struct options *o, int option, char *value, struct err *e)
{
	switch (option) {
	case 'M':
		o->meta = value;
		return 0;
	case 'i':
		o->stream[0] = value;
		return 0;
	case 'o':
		o->stream[1] = value;
		return 0;
	case 'r':
		o->stream[2] = value;
		return 0;
	case 'c':
		o->chdir = value;
		return 0;
	case 'E':
		strv_add(&o->env, value);
		return *value && *value != '=' ? 0 : err_set(e, EINVAL, "--env: '%s' names no variable", value);
	case 'd':
		return rules_add(&o->rules, value, e);
	default:
		return err_set(e, EINVAL, "no such option");
	}
}

static int modes(struct options *o, int option, struct err *e)
{
	static const enum isolate_mode rows[] = {
		[OPT_RUN - OPT_RUN] = ISOLATE_RUN,         [OPT_INIT - OPT_RUN] = ISOLATE_INIT,
		[OPT_CLEANUP - OPT_RUN] = ISOLATE_CLEANUP, [OPT_CHECK - OPT_RUN] = ISOLATE_CHECK_CONFIG,
		[OPT_CG_ROOT - OPT_RUN] = ISOLATE_CG_ROOT, [OPT_VERSION - OPT_RUN] = ISOLATE_VERSION,
		[OPT_HELP - OPT_RUN] = ISOLATE_HELP,
	};

	return mode(o, rows[option - OPT_RUN], e);
}

static int take_option(struct options *o, int option, char *value, const char *word, struct err *e)
{
	int r;

	if (option == '?')
		return err_set(e, EINVAL, "unknown option '%s'", word);
	if (option == ':')
		return err_set(e, EINVAL, "option '%s' needs a value", word);
	if (option == 'q') {
		(void)err_set(e, ENOTSUP, "--quota: sbx sets no disk quotas");
		return err_hint(e, "limit the space of the box's file system, and the files by --fsize");
	}
	if (option >= OPT_RUN && option <= OPT_HELP)
		return modes(o, option, e);
	if (plain(o, option))
		return 0;
	r = numeric(o, option, value, e);
	if (r > 0)
		r = textual(o, option, value, e);
	return r < 0 ? err_prefix(e, "option '%s'", word) : 0;
}

/* What no option alone can know. */
static int check(struct options *o, struct err *e)
{
	if (o->mode == ISOLATE_NONE)
		return err_set(e, EINVAL, "one of --init, --run and --cleanup has to be said");
	if (o->mode == ISOLATE_RUN && !o->count)
		return err_set(e, EINVAL, "--run: no command was given");
	if (o->mode == ISOLATE_RUN && !*o->command[0])
		return err_set(e, EINVAL, "--run: the command is an empty word");
	if (o->mode != ISOLATE_RUN && o->count)
		return err_set(e, EINVAL, "'%s': only --run has a command", o->command[0]);
	if (o->stderr_to_stdout && o->stream[2])
		return err_set(e, EINVAL, "--stderr and --stderr-to-stdout exclude each other");
	if (o->cg_memory_kb && !o->cg)
		return err_set(e, EINVAL, "--cg-mem needs --cg");
	if (o->as_uid_said != o->as_gid_said)
		return err_set(e, EINVAL, "--as-uid and --as-gid belong together");
	return 0;
}

int options_parse(int argc, char **argv, struct options *ret, struct err *e)
{
	struct err first = {0};
	int option;

	*ret = (struct options){.processes = 1, .open_files = 1024};
	rules_default(&ret->rules);
	opterr = 0;
	optind = 0; /* glibc: all over again */
	while ((option = getopt_long(argc, argv, letters, names, NULL)) >= 0) {
		struct err wrong = {0};

		if (take_option(ret, option, optarg, argv[optind > 1 ? optind - 1 : 1], &wrong) < 0 && !first.code)
			first = wrong;
	}
	ret->command = argv + optind;
	ret->count = argc - optind;
	if (ret->no_default_dirs)
		rules_forget_default(&ret->rules);
	if (!first.code)
		(void)check(ret, &first);
	if (first.code)
		*e = first;
	return -first.code;
}

void options_done(struct options *options)
{
	strv_done(&options->env);
	rules_done(&options->rules);
}

void options_help(struct str *out)
{
	str_add(out, "Usage: sbx-isolate [OPTION]... --init | --run -- COMMAND [ARG]... | --cleanup\n"
		     "Does what isolate 2.x does, in a sandbox of sbx; sbx-isolate(1) says what differs.\n\n");
	for (const struct option *name = names; name->name; name++) {
		autofree char *letter = name->val < OPT_RUN ? xasprintf("-%c, ", name->val) : xstrdup("    ");

		str_addf(out, "  %s--%s%s\n", letter, name->name,
			 name->has_arg == 1   ? "=VALUE"
			 : name->has_arg == 2 ? "[=VALUE]"
					      : "");
	}
}
