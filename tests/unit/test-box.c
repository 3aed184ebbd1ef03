/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-box: the plan of a box, what refuses one, and the rules of such a plan, each broken once. */
#include <errno.h>

#include "tests/unit/plan-of.h"

static void with_box(struct plan_of *f)
{
	again(f);
	want(f, SET_box_name, "student-1");
}

static void test_plan(void **state)
{
	struct plan_of *f = *state;

	with_box(f);
	compile(f);
	sees(f, "carry folder=/home/alice/.local/state/sbx/boxes/student-1 file_size=64M # test.ini:7");
	sees(f, "box size=64M inodes=4096 # default");
	sees(f, "box-mount target=/box flags=nosuid,nodev # test.ini:7");
	sees(f, "chdir path=/box # default");
	sees_not(f, "# working directory");
	with_box(f);
	want(f, SET_box_size, "1M");
	want(f, SET_box_inodes, "50");
	want(f, SET_box_collect, "*.txt");
	want(f, SET_box_collect, "b c?");
	want(f, SET_filesystem_no_exec, "/box");
	want(f, SET_filesystem_working_directory, "/tmp");
	compile(f);
	sees(f, "file_size=1M patterns=*.txt 'b c?'");
	sees(f, "box size=1M inodes=50 # test.ini:7");
	sees(f, "box-mount target=/box flags=nosuid,nodev,noexec # test.ini:7");
	sees(f, "chdir path=/tmp # test.ini:7");
	with_box(f);
	want(f, SET_box_file_size, "5K");
	compile(f);
	sees(f, "file_size=5K");
	again_as_root(f);
	want(f, SET_box_name, "student-1");
	compile(f);
	sees(f, "carry folder=/var/lib/sbx/boxes/student-1");
	sees(f, "box-mount target=/box owner=65534:65534 flags=nosuid,nodev # test.ini:7");
}

/* A relative command is one of the box, and not the caller's. */
static void test_command(void **state)
{
	struct plan_of *f = *state;

	again(f);
	want(f, SET_filesystem_open_arguments, "read-only"); /* so that the folder is not shown */
	compile_with(f, "./a.out", NULL);
	sees(f, "# command");
	with_box(f);
	want(f, SET_filesystem_open_arguments, "read-only");
	compile_with(f, "./a.out", NULL);
	sees_not(f, "source=/home/alice/work/a.out");
	with_box(f);
	want(f, SET_filesystem_open_arguments, "read-only");
	compile_with(f, "/home/alice/work/a.out", NULL);
	sees(f, "source=/home/alice/work/a.out");
}

static void test_refused(void **state)
{
	static const struct {
		enum setting_id id;
		const char *text;
	} beside[] = {{SET_filesystem_tmpfs, "/box"},
		      {SET_filesystem_tmpfs, "/box/x"},
		      {SET_filesystem_read_only, "/usr:/box/in"},
		      {SET_filesystem_read_write, "/srv:/box"},
		      {SET_filesystem_hide, "/box/x"}};
	struct plan_of *f = *state;

	for (size_t i = 0; i < countof(beside); i++) {
		with_box(f);
		want(f, beside[i].id, beside[i].text);
		refused(f, "is where the box is");
	}
	again(f);
	want(f, SET_box_name, "student-2");
	refused(f, "there is no box 'student-2' in '/home/alice/.local/state/sbx/boxes'");
	with_box(f);
	for (int i = 0; i <= PLAN_MAX_PATTERNS; i++) {
		autofree char *pattern = xasprintf("p%d", i);

		want(f, SET_box_collect, pattern);
	}
	refused(f, "more than 256 patterns");
	with_box(f);
	f->fake.host.gated = true;
	refused(f, "the setuid sbx has no boxes");
	f->fake.host.gated = false;
	with_box(f);
	want(f, SET_profile_best_effort, "namespaces");
	f->fake.host.namespaces_errno = EPERM;
	refused(f, "a box can't be had without namespaces");
	f->fake.host.namespaces_errno = 0;
	with_box(f);
	free(f->fake.host.boxes);
	f->fake.host.boxes = NULL;
	refused(f, "no home");
}

static void breaks(struct plan_of *f, struct step *step, struct step before, const char *text)
{
	struct err e = {0};

	assert_true(plan_verify(&f->plan, &e) < 0);
	if (!strstr(e.text, text))
		fail_msg("'%s' is not in '%s'", text, e.text);
	*step = before;
	assert_int_equal(plan_verify(&f->plan, &e), 0);
}

static uint32_t str_at(struct plan_of *f, const char *text)
{
	uint32_t at = (uint32_t)f->plan.pool.len;

	str_add_bytes(&f->plan.pool, text, strlen(text) + 1);
	return at;
}

static void test_verify(void **state)
{
	static const enum step_kind parts[] = {STEP_CARRY, STEP_BOX, STEP_BOX_MOUNT};
	static const char empty[] = "a\0\0b", unended[] = {'a', 'b'};
	struct plan_of *f = *state;
	struct step *step, before;
	uint32_t at;

	with_box(f);
	want(f, SET_box_collect, "x");
	compile(f);
	step = step_of(f, STEP_CARRY);
	before = *step;
	step->a = 0;
	breaks(f, step, before, "the box has no folder");
	at = (uint32_t)f->plan.pool.len;
	str_add_bytes(&f->plan.pool, empty, sizeof empty);
	step->data = at;
	step->size = sizeof empty;
	breaks(f, step, before, "no list of patterns");
	step->data = at;
	step->size = 1;
	breaks(f, step, before, "no list of patterns");
	at = (uint32_t)f->plan.pool.len;
	str_add_bytes(&f->plan.pool, unended, sizeof unended);
	str_add_bytes(&f->plan.pool, "", 1);
	step->data = at;
	step->size = sizeof unended;
	breaks(f, step, before, "no list of patterns");
	step = step_of(f, STEP_BOX);
	before = *step;
	step->n = 0;
	breaks(f, step, before, "no bounds");
	step->m = 0;
	breaks(f, step, before, "no bounds");
	step = step_of(f, STEP_BOX_MOUNT);
	before = *step;
	step->m = 0;
	breaks(f, step, before, "without nosuid");
	for (size_t i = 0; i < countof(parts); i++) {
		step = step_of(f, parts[i]);
		before = *step;
		step->kind = parts[i] == STEP_CARRY ? STEP_LISTEN : STEP_PROC_READ_ONLY;
		step->a = str_at(f, "/proc/sys");
		breaks(f, step, before, parts[i] == STEP_CARRY ? "1 steps box" : "0 steps box");
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, plan_of_setup, plan_of_teardown)
	const struct CMUnitTest tests[] = {T(test_plan), T(test_command), T(test_refused), T(test_verify)};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
