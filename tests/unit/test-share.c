/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-share: which steps of a plan are done once for many runs, which plans can't be split, and when two may share. */
#include <errno.h>
#include <sched.h>

#include "base/sys.h"
#include "plan/share.h"
#include "tests/unit/plan-of.h"

/* As a grader has it: nothing of the host lies in a folder that each run has anew. */
static void compile_shared(struct plan_of *f)
{
	want(f, SET_filesystem_working_directory, "/");
	compile(f);
}

static uint8_t *marks_of(struct plan_of *f)
{
	uint8_t *marks = xcalloc(f->plan.count, 1);

	if (share_marks(&f->plan, marks, &f->e) < 0)
		fail_msg("%s", f->e.text);
	return marks;
}

static void test_marks(void **state)
{
	static const struct {
		enum step_kind kind;
		uint8_t mark;
	} rows[] = {
		{STEP_PRIVATE, SHARE_TEMPLATE},
		{STEP_ROOT, SHARE_TEMPLATE},
		{STEP_BIND, SHARE_TEMPLATE},
		{STEP_SEAL, SHARE_TEMPLATE},
		{STEP_PIVOT, SHARE_TEMPLATE},
		{STEP_PROC, SHARE_TEMPLATE | SHARE_RUN},
		{STEP_SCRATCH, SHARE_RUN},
		{STEP_SCRATCH_DIR, SHARE_RUN},
		{STEP_HIDE, SHARE_RUN},
		{STEP_SEAL_PROC, SHARE_RUN},
		{STEP_HOSTNAME, SHARE_RUN},
		{STEP_KEYRING, SHARE_RUN},
		{STEP_SESSION, SHARE_RUN},
		{STEP_INIT_DROP, SHARE_RUN},
		{STEP_INNER_USER, SHARE_RUN},
		{STEP_INNER_LIMIT, SHARE_RUN},
		{STEP_CAPABILITIES, SHARE_RUN},
		{STEP_NO_NEW_PRIVS, SHARE_RUN},
		{STEP_LANDLOCK_PATH, SHARE_RUN},
		{STEP_CLOSE_FDS, SHARE_RUN},
		{STEP_FILTER, SHARE_RUN},
		{STEP_EXEC, SHARE_RUN},
		{STEP_NAMESPACE_LIMIT, SHARE_NEVER},
		{STEP_LOOPBACK, SHARE_RUN},
	};
	struct plan_of *f = *state;
	autofree uint8_t *marks = NULL;

	compile_shared(f);
	marks = marks_of(f);
	for (size_t i = 0; i < countof(rows); i++) {
		const struct step *step = step_of(f, rows[i].kind);

		if (marks[step - f->plan.step] != rows[i].mark)
			fail_msg("%s is marked %u", step_info[rows[i].kind].name, marks[step - f->plan.step]);
	}
}

/* Nothing that the payload can write to is made by a template, but what the host has. */
static void test_writable(void **state)
{
	struct plan_of *f = *state;
	autofree uint8_t *marks = NULL;

	want(f, SET_filesystem_tmpfs, "/cache");
	want(f, SET_filesystem_home, "empty");
	compile_shared(f);
	marks = marks_of(f);
	for (size_t i = 0; i < f->plan.count; i++) {
		const struct step *step = &f->plan.step[i];

		if (step->kind == STEP_SCRATCH || step->kind == STEP_SCRATCH_DIR || step->kind == STEP_DEVPTS)
			assert_int_equal(marks[i], SHARE_RUN);
		if (step->kind == STEP_BIND)
			assert_int_equal(marks[i], SHARE_TEMPLATE);
	}
	sees(f, "scratch-dir target=/cache");
}

static void not_shared(struct plan_of *f, const char *text)
{
	autofree uint8_t *marks = xcalloc(f->plan.count, 1);
	struct err e = {0};

	assert_int_equal(share_marks(&f->plan, marks, &e), -ENOTSUP);
	if (!strstr(e.text, text))
		fail_msg("'%s' is not in '%s'", text, e.text);
}

static void test_not_shared(void **state)
{
	struct plan_of *f = *state;
	struct step *step, before;

	want(f, SET_filesystem_read_only, "/usr:/tmp/usr"); /* on a folder that each run has anew */
	compile(f);
	not_shared(f, "can't be done in a template");
	again(f);
	want(f, SET_filesystem_no_exec, "/usr/share"); /* on a folder of the host, from which it could go */
	compile(f);
	not_shared(f, "can't be done in a template");
	again(f);
	want(f, SET_process_capabilities, "net_bind_service");
	compile(f);
	not_shared(f, "capabilities");
	again(f);
	f->fake.host.user_namespaces = 0;
	f->fake.host.landlock_abi = 6;
	want(f, SET_profile_best_effort, "namespaces");
	compile(f);
	not_shared(f, "user namespaces of its own");
	again(f);
	f->fake.host.user_namespaces = 1000;
	compile_shared(f);
	/* a bind that would cover what a run mounts: in a template it would come before */
	step = step_of(f, STEP_BIND);
	before = *step;
	step->b = step_of(f, STEP_SCRATCH)->a;
	for (size_t i = f->plan.count; i-- > 0;)
		if (f->plan.step[i].kind == STEP_BIND) {
			f->plan.step[i].b = step_of(f, STEP_SCRATCH)->a;
			break;
		}
	*step = before;
	not_shared(f, "can't be done in a template");
}

static void key_of(struct plan_of *f, struct str *ret)
{
	autofree uint8_t *marks = marks_of(f);

	ret->len = 0;
	share_key(&f->plan, marks, ret);
}

static bool same(const struct str *a, const struct str *b)
{
	return a->len == b->len && memcmp(a->s, b->s, a->len) == 0;
}

static void test_keys(void **state)
{
	static const struct {
		enum setting_id id;
		const char *text;
		bool same;
	} rows[] = {
		{SET_limits_memory, "64M", true},         {SET_limits_open_files, "100", true},
		{SET_filesystem_tmpfs_size, "5M", true},  {SET_process_umask, "077", true},
		{SET_environment_set, "A=B", true},       {SET_syscalls_base, "strict", true},
		{SET_syscalls_deny, "personality", true}, {SET_filesystem_read_only, "/usr/share:/data", false},
		{SET_filesystem_tmpfs, "/cache", false},  {SET_network_mode, "host", false},
		{SET_filesystem_etc, "@network", false},
	};
	struct plan_of *f = *state;
	autostr struct str first = {0}, other = {0};

	compile_shared(f);
	key_of(f, &first);
	assert_true(first.len > 100);
	for (size_t i = 0; i < countof(rows); i++) {
		again(f);
		want(f, rows[i].id, rows[i].text);
		compile_shared(f);
		key_of(f, &other);
		if (same(&first, &other) != rows[i].same)
			fail_msg("%s=%s: the keys are %sthe same", settings[rows[i].id].key, rows[i].text,
				 rows[i].same ? "not " : "");
	}
	again(f);
	want(f, SET_filesystem_working_directory, "/");
	compile_with(f, "false", "--with");
	key_of(f, &other);
	assert_true(same(&first, &other));
	again_as_root(f);
	compile_shared(f);
	key_of(f, &other);
	assert_false(same(&first, &other));
}

/* The end of one text and the begin of the next can't be mistaken. */
static void test_key_bounds(void **state)
{
	struct plan_of *f = *state;
	autostr struct str first = {0}, other = {0};

	want(f, SET_filesystem_read_only, "/usr/share:/data");
	compile_shared(f);
	key_of(f, &first);
	step_of(f, STEP_BIND)->n ^= ATTR_NOEXEC;
	key_of(f, &other);
	assert_int_equal(first.len, other.len);
	assert_false(same(&first, &other));
}

static void test_network(void **state)
{
	static const struct {
		const char *deny, *too;
		bool shared;
	} rows[] = {
		{"personality", "socket", false}, {"personality", "socketpair", false}, {"socket", "socketpair", true}};
	struct plan_of *f = *state;

	for (size_t i = 0; i < countof(rows); i++) {
		again(f);
		want(f, SET_syscalls_deny, rows[i].deny);
		want(f, SET_syscalls_deny, rows[i].too);
		compile_shared(f);
		if (!(share_template_namespaces(&f->plan) & CLONE_NEWNET) == rows[i].shared)
			fail_msg("without %s the network is %sshared", rows[i].too, rows[i].shared ? "not " : "");
		assert_true(!(share_run_namespaces(&f->plan) & CLONE_NEWNET) == rows[i].shared);
	}
	again(f);
	want(f, SET_syscalls_base, "none"); /* a ring makes sockets without the call */
	want(f, SET_syscalls_deny, "socket");
	want(f, SET_syscalls_deny, "socketpair");
	compile_shared(f);
	assert_false(share_template_namespaces(&f->plan) & CLONE_NEWNET);
}

static void test_namespaces(void **state)
{
	const uint64_t each = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
	struct plan_of *f = *state;

	compile_shared(f);
	assert_true((share_run_namespaces(&f->plan) & each) == each);
	assert_false(share_run_namespaces(&f->plan) & CLONE_NEWUSER);
	assert_true(share_template_namespaces(&f->plan) & CLONE_NEWUSER);
	assert_false(share_template_namespaces(&f->plan) & (CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown(test, plan_of_setup, plan_of_teardown)
		T(test_marks),      T(test_writable), T(test_not_shared), T(test_keys),
		T(test_key_bounds), T(test_network),  T(test_namespaces),
#undef T
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
