/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-compile: from a profile to a plan, on the made-up host of tests/plan. The parts of the input, divided by NUL:
 *
 *   the profile: what is wrong in it is left out, so that the rest is tried; includes are those that are shipped
 *   the words of the command, a line each; `true` if there are none
 *   letters for another host: see change_host
 *
 * A plan that is made must pass plan_verify, be the same when it is made again, and hold what is checked below. */
#include <fnmatch.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/sys.h"
#include "compile/compile.h"
#include "compile/view.h"
#include "policy/check.h"
#include "policy/ini.h"
#include "policy/profile.h"
#include "policy/value.h"
#include "tests/fuzz/fuzz.h"
#include "tests/plan/fake-host.h"
#include "variables.h"

enum { MAX_BYTES = 8192, MAX_WORDS = 8 };

static struct fake_host user, root;

struct subject {
	const struct host *host;
	struct policy policy;
	struct variables variables;
	char uid[16], *words[MAX_WORDS + 1];
	struct plan plan;
};

static void change_host(struct host *host, const char *letters)
{
	static const enum stdio_kind kinds[] = {STDIO_CLOSED, STDIO_NULL, STDIO_TERMINAL, STDIO_OTHER};
	bool none = strchr(letters, 'c'), v1 = strchr(letters, '1');

	host->landlock_abi = strchr(letters, 'l') ? 0 : strchr(letters, '3') ? 3 : 7;
	host->mdwe = !strchr(letters, 'm');
	host->gated = host->uid != 0 && strchr(letters, 'g');
	host->swap_on = !strchr(letters, 's');
	host->x11_display = strchr(letters, 'x') ? -1 : 0;
	for (size_t i = 0; i < countof(host->cgroup); i++)
		host->cgroup[i].kind = none ? CGROUP_NONE : v1 ? CGROUP_V1 : CGROUP_V2;
	for (size_t i = 0; i < countof(host->stdio); i++)
		host->stdio[i] = strchr(letters, 't') ? STDIO_TERMINAL : kinds[(strlen(letters) + i) % countof(kinds)];
}

static void handle(void *arg, const char *section, const char *key, const char *text, unsigned line)
{
	enum setting_id id = setting_find(section, key);
	struct subject *s = arg;
	struct err e;

	if (id == SETTING_COUNT)
		return;
	if (id == SET_profile_include) {
		const char *source = getenv("SRCDIR");
		autofree char *folder = xasprintf("%s/profiles", source ? source : ".");
		const struct profile_folders folders = {{NULL, NULL, folder}};
		autostrv struct strv names = {0};
		struct errlist errors = {0};

		value_words(text, '\0', &names);
		for (size_t i = 0; i < names.count && i < 3; i++)
			if (!strchr(names.v[i], '/'))
				(void)profile_lay(&s->policy, names.v[i], &folders, &s->variables, &errors);
		errlist_done(&errors);
		return;
	}
	(void)policy_set(&s->policy, id, text, (struct origin){"fuzz.ini", line}, &s->variables, &e);
}

static void lay(struct subject *s, const struct fuzz_part *profile)
{
	struct errlist errors = {0};
	struct err e;

	variables_of(s->host, &s->variables, s->uid);
	FUZZ_CHECK(policy_defaults(&s->policy, &s->variables, &e) == 0);
	for (size_t i = 0; i < countof(s->host->profile_folder); i++)
		strv_add(&s->policy.folders, s->host->profile_folder[i]);
	s->policy.name = xstrdup("fuzz");
	s->policy.layer++;
	ini_read(profile->text, profile->size, "fuzz.ini", handle, s, &errors);
	errlist_done(&errors);
}

static void read_words(struct subject *s, const struct fuzz_part *part)
{
	autofree char *text = xstrndup(part->text, part->size);
	size_t count = 0;

	for (char *p = text; *p && count < MAX_WORDS;) {
		size_t len = strcspn(p, "\n");

		if (len)
			s->words[count++] = xstrndup(p, len);
		p += len + (p[len] == '\n');
	}
	if (!count)
		s->words[0] = xstrdup("true");
}

/* The number of steps of a kind; *ret is the last. */
static size_t find(const struct plan *plan, enum step_kind kind, const struct step **ret)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->count; i++) {
		if (plan->step[i].kind != kind)
			continue;
		*ret = &plan->step[i];
		count++;
	}
	return count;
}

static bool has(const struct plan *plan, enum step_kind kind)
{
	const struct step *step;

	return find(plan, kind, &step) > 0;
}

/* A number that the policy asks for is that of the step, and without it there is none. */
static void check_number(const struct subject *s, enum setting_id id, enum step_kind kind)
{
	const struct step *step = NULL;
	const struct value *value = policy_value(&s->policy, id);

	FUZZ_CHECK(find(&s->plan, kind, &step) == (value != NULL));
	FUZZ_CHECK(!value || step->n == (uint64_t)value->number);
}

/* Some step with this text as its `a`, or what says that it is missing. */
static void check_kept(const struct subject *s, enum setting_id id, const char *const *files)
{
	bool found = false;

	for (size_t i = 0; i < s->plan.count; i++) {
		const struct step *step = &s->plan.step[i];

		if (step->kind == STEP_SKIP)
			found |= strstr(plan_text(&s->plan, step->b), settings[id].key) != NULL;
		if (step->kind == STEP_CGROUP_SET || step->kind == STEP_RLIMIT)
			for (const char *const *file = files; *file; file++)
				found |= str_eq(plan_text(&s->plan, step->a), *file);
	}
	FUZZ_CHECK(found || !policy_value(&s->policy, id));
}

static void check_limits(const struct subject *s)
{
	static const char *const memory[] = {"memory.max", "memory.limit_in_bytes", NULL};
	static const char *const processes[] = {"pids.max", "nproc", NULL}, *const fsize[] = {"fsize", NULL};
	static const char *const nofile[] = {"nofile", NULL}, *const core[] = {"core", NULL},
				 *const stack[] = {"stack", NULL};
	static const char *const cpu[] = {"cpu.max", "cpu.cfs_quota_us", NULL};
	static const char *const io[] = {"io.max", "blkio.throttle.read_bps_device", NULL};

	check_number(s, SET_limits_wall_time, STEP_WALL_TIME);
	check_number(s, SET_limits_cpu_time, STEP_CPU_TIME);
	check_number(s, SET_limits_output_size, STEP_OUTPUT_SIZE);
	check_kept(s, SET_limits_memory, memory);
	check_kept(s, SET_limits_processes, processes);
	check_kept(s, SET_limits_file_size, fsize);
	check_kept(s, SET_limits_open_files, nofile);
	check_kept(s, SET_limits_core, core);
	check_kept(s, SET_limits_stack, stack);
	check_kept(s, SET_limits_cpu, cpu);
	check_kept(s, SET_limits_io_read, io);
}

static const char *target_of(const struct plan *plan, const struct step *step)
{
	switch (step->kind) {
	case STEP_BIND:
		return plan_text(plan, step->b);
	case STEP_SCRATCH_DIR:
	case STEP_HIDE:
	case STEP_PROC:
	case STEP_DEVPTS:
		return plan_text(plan, step->a);
	default:
		return NULL;
	}
}

/* The mount that is seen at a path when all is done. */
static const struct step *mount_at(const struct plan *plan, const char *path)
{
	const struct step *last = NULL;

	for (size_t i = 0; i < plan->count; i++) {
		const char *target = target_of(plan, &plan->step[i]);

		if (target && path_below(path, target))
			last = &plan->step[i];
	}
	return last;
}

static bool is_writable(const struct step *step)
{
	return step && step->kind == STEP_BIND && !(step->n & ATTR_RDONLY) && (uint32_t)step->m != BIND_CHAR;
}

/* No profile folder is written inside, by whatever name. */
static void check_profiles(const struct subject *s, const struct step *bind)
{
	const char *source = plan_text(&s->plan, bind->a), *target = plan_text(&s->plan, bind->b);

	for (size_t i = 0; i < s->policy.folders.count; i++) {
		const char *folder = s->policy.folders.v[i];
		autofree char *inside = NULL;

		if (path_below(source, folder)) {
			FUZZ_CHECK(mount_at(&s->plan, target) != bind);
			continue;
		}
		if (!path_below(folder, source))
			continue;
		inside = xasprintf("%s%s", target, folder + (source[1] ? strlen(source) : 0));
		FUZZ_CHECK(!is_writable(mount_at(&s->plan, inside)));
	}
}

static void check_mounts(const struct subject *s)
{
	const struct entry *hidden = &s->policy.entry[SET_filesystem_hide];

	for (size_t i = 0; i < s->plan.count; i++) {
		const struct step *step = &s->plan.step[i];

		if (step->kind != STEP_BIND)
			continue;
		FUZZ_CHECK(step->n & ATTR_NOSUID && fuzz_is_normal(plan_text(&s->plan, step->b), false));
		FUZZ_CHECK(fuzz_is_normal(plan_text(&s->plan, step->a), true));
		FUZZ_CHECK(!path_below(plan_text(&s->plan, step->a), "/proc"));
		if (!is_writable(step))
			continue;
		FUZZ_CHECK(!str_eq(plan_text(&s->plan, step->why), "default")); /* nobody gets that unasked */
		check_profiles(s, step);
	}
	for (size_t i = 0; i < hidden->count; i++) {
		const struct step *step = mount_at(&s->plan, hidden->v[i].text);

		FUZZ_CHECK(!step || step->kind != STEP_BIND || !str_eq(target_of(&s->plan, step), hidden->v[i].text));
	}
}

static bool allowed(const struct entry *patterns, const char *name)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (fnmatch(patterns->v[i].text, name, 0) == 0)
			return true;
	return false;
}

/* A variable of the caller that was not named does not get in, and the command is what was given. */
static void check_texts(const struct subject *s)
{
	const struct step *environment = NULL, *exec = NULL;
	const char *p, *end;
	size_t count = 0;

	FUZZ_CHECK(find(&s->plan, STEP_ENVIRONMENT, &environment) == 1 && find(&s->plan, STEP_EXEC, &exec) == 1);
	p = plan_text(&s->plan, environment->data);
	for (end = p + environment->size; p < end; p += strlen(p) + 1) {
		static const char secret[] = "SECRET_TOKEN=x";

		FUZZ_CHECK(strchr(p, '='));
		if (str_eq(p, secret) && !policy_has(&s->policy, SET_environment_set, secret))
			FUZZ_CHECK(allowed(&s->policy.entry[SET_environment_pass], "SECRET_TOKEN"));
	}
	p = plan_text(&s->plan, exec->data);
	for (end = p + exec->size; p < end; p += strlen(p) + 1)
		FUZZ_CHECK(s->words[count] && str_eq(s->words[count++], p));
	FUZZ_CHECK(!s->words[count]);
}

static void check_walls(const struct subject *s)
{
	const struct policy *policy = &s->policy;
	bool no_filter = policy_is(policy, SET_syscalls_base, "none") && !fuzz_wrong;
	const struct step *step = NULL;

	FUZZ_CHECK(has(&s->plan, STEP_FILTER) == !no_filter);
	FUZZ_CHECK(has(&s->plan, STEP_LISTEN) == (!no_filter && policy_is(policy, SET_syscalls_denied, "report")));
	FUZZ_CHECK(has(&s->plan, STEP_RECORD) == (!no_filter && policy_text(policy, SET_report_opened)));
	FUZZ_CHECK(has(&s->plan, STEP_LANDLOCK_ENFORCE) == (s->host->landlock_abi > 0));
	FUZZ_CHECK(s->host->landlock_abi > 0 || policy_has(policy, SET_profile_best_effort, "landlock"));
	FUZZ_CHECK(find(&s->plan, STEP_NAMESPACES, &step) == 1);
	FUZZ_CHECK(!(step->n & CLONE_NEWNET) == policy_is(policy, SET_network_mode, "host"));
	FUZZ_CHECK(find(&s->plan, STEP_CAPABILITIES, &step) == 1);
	FUZZ_CHECK((size_t)__builtin_popcountll(step->n) <= policy->entry[SET_process_capabilities].count);
	FUZZ_CHECK(find(&s->plan, STEP_NAMESPACE_LIMIT, &step) == 1);
	FUZZ_CHECK(step->n ==
		   (s->host->gated ? 0 : (uint64_t)policy_number(policy, SET_process_nested_namespaces, 0) + 1));
	FUZZ_CHECK(has(&s->plan, STEP_GATE) == s->host->gated && has(&s->plan, STEP_INNER_USER) == !s->host->gated);
	FUZZ_CHECK(has(&s->plan, STEP_NO_WRITABLE_CODE) ==
		   (s->host->mdwe && !policy_number(policy, SET_process_writable_code, 0)));
	FUZZ_CHECK(s->plan.step[s->plan.count - 1].kind == STEP_EXEC);
}

static void check_plan(struct subject *s)
{
	autostr struct str first = {0}, second = {0};
	struct plan again = {0};
	struct err e;

	if (plan_verify(&s->plan, &e) < 0)
		fuzz_fail(__FILE__, __LINE__, e.text);
	check_mounts(s);
	check_walls(s);
	check_limits(s);
	check_texts(s);
	FUZZ_CHECK(compile_plan(&s->policy, s->host, s->words, &again, &e) == 0);
	plan_print(&s->plan, &first);
	plan_print(&again, &second);
	FUZZ_CHECK(str_eq(first.s, second.s));
	plan_done(&again);
}

static void try_compile(struct subject *s)
{
	struct errlist errors = {0};
	struct err e = {0};

	policy_check(&s->policy, &errors);
	if (errors.count == 0) {
		int r = compile_plan(&s->policy, s->host, s->words, &s->plan, &e);

		FUZZ_CHECK(r == 0 || (e.code == -r && e.text[0]));
		if (r == 0)
			check_plan(s);
	}
	errlist_done(&errors);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes in = {data, data + size};
	struct fuzz_part profile = {"", 0}, words = {"", 0}, letters = {"", 0};
	autofree char *options = NULL;
	struct subject s = {0};

	if (!user.count) {
		fake_host_debian(&user);
		fake_host_debian(&root);
		fake_host_root(&root);
	}
	if (size > MAX_BYTES)
		return 0;
	(void)(fuzz_next_part(&in, &profile) && fuzz_next_part(&in, &words) && fuzz_next_part(&in, &letters));
	options = xstrndup(letters.text, letters.size);
	change_host(strchr(options, 'r') ? &root.host : &user.host, options);
	s.host = strchr(options, 'r') ? &root.host : &user.host;
	lay(&s, &profile);
	read_words(&s, &words);
	try_compile(&s);
	for (size_t i = 0; s.words[i]; i++)
		free(s.words[i]);
	plan_done(&s.plan);
	policy_done(&s.policy);
	return 0;
}
