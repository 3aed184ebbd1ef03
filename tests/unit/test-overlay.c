/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-overlay: the plan of overlays, what refuses one, and the rules of such a plan, each broken once. */
#include <errno.h>

#include "plan/share.h"
#include "tests/unit/plan-of.h"

static void with_overlay(struct plan_of *f)
{
	again(f);
	want(f, SET_filesystem_overlay, "/home/alice/work");
}

static void test_plan(void **state)
{
	static const char folder[] = "/home/alice/.local/state/sbx/sessions/trial";
	struct plan_of *f = *state;

	with_overlay(f);
	compile(f);
	sees(f, "overlay source=/home/alice/work target=/home/alice/work flags=nosuid,nodev # test.ini:7");
	sees_not(f, "open-session");
	with_overlay(f);
	want(f, SET_filesystem_session, "trial");
	want(f, SET_filesystem_overlay, "/srv:/mnt");
	want(f, SET_filesystem_no_exec, "/mnt");
	compile(f);
	sees(f, "open-session folder=/home/alice/.local/state/sbx/sessions/trial # test.ini:7");
	sees(f, "overlay source=/srv target=/mnt flags=nosuid,nodev,noexec "
		"written=/home/alice/.local/state/sbx/sessions/trial/");
	sees(f, "landlock-path path=/mnt rights=write,read,list,remove-dir,remove,make-dir,make,");
	assert_memory_equal(plan_text(&f->plan, step_of(f, STEP_OVERLAY)->data), folder, strlen(folder));
	/* nothing that is written reaches the host, whatever else shows the folder in the same layer */
	with_overlay(f);
	want(f, SET_filesystem_read_write, "/home/alice/work");
	compile(f);
	sees_not(f, "bind source=/home/alice/work");
	again_as_root(f);
	want(f, SET_filesystem_overlay, "/home/alice/work");
	want(f, SET_filesystem_session, "trial");
	compile(f);
	sees(f, "open-session folder=/var/lib/sbx/sessions/trial");
}

/* What a payload could rename above an overlay would be missing there in the next run. */
static void test_below(void **state)
{
	struct plan_of *f = *state;

	with_overlay(f);
	want(f, SET_filesystem_hide, "/home/alice/work/notes.txt");
	compile(f);
	sees(f, "hide target=/home/alice/work/notes.txt expect=no folder");
	with_overlay(f);
	want(f, SET_filesystem_hide, "/home/alice/work/notes.txt");
	want(f, SET_filesystem_session, "trial");
	compile(f);
	sees(f, "hide target=/home/alice/work/notes.txt expect=anything");
	again(f);
	want(f, SET_filesystem_overlay, "/home/alice/.local/share");
	want(f, SET_filesystem_read_write, "/home/alice");
	compile(f);
	sees(f, "bind source=/home/alice/.local target=/home/alice/.local flags=nosuid,nodev");
}

static void test_refused(void **state)
{
	static const struct {
		enum setting_id id;
		const char *value, *text;
	} rows[] = {
		{SET_filesystem_session, "../x", "is no name of a session"},
		{SET_filesystem_session, ".x", "is no name of a session"},
		{SET_filesystem_overlay, "/home/alice/work/notes.txt", "is no folder"},
		{SET_filesystem_overlay, "/home/alice/none", "does not exist"},
		{SET_filesystem_overlay, "/home/alice/work:/mnt", "has an overlay already"},
		{SET_filesystem_overlay, "/proc", "/proc"},
		{SET_filesystem_no_exec, "/home/alice/work/a.out", "can be executed as a whole or not"},
	};
	struct plan_of *f = *state;

	for (size_t i = 0; i < countof(rows); i++) {
		with_overlay(f);
		want(f, rows[i].id, rows[i].value);
		refused(f, rows[i].text);
	}
	again(f);
	want(f, SET_filesystem_session, "trial");
	refused(f, "there is no overlay");
	with_overlay(f);
	want(f, SET_filesystem_session, "trial");
	want(f, SET_limits_disk, "1M");
	refused(f, "filesystem.session 'trial' (test.ini:7) makes files of the host writable");
	with_overlay(f);
	f->fake.host.gated = true;
	refused(f, "the setuid sbx has no overlays");
	f->fake.host.gated = false;
	with_overlay(f);
	want(f, SET_profile_best_effort, "namespaces");
	f->fake.host.namespaces_errno = EPERM;
	refused(f, "no overlays without namespaces");
	f->fake.host.namespaces_errno = 0;
}

static void test_verify(void **state)
{
	struct plan_of *f = *state;
	struct step *step, before;
	struct err e = {0};
	uint8_t *marks;

	with_overlay(f);
	want(f, SET_filesystem_session, "trial");
	compile(f);
	marks = xcalloc(f->plan.count, 1);
	assert_true(share_marks(&f->plan, marks, &e) < 0);
	free(marks);
	step = step_of(f, STEP_OVERLAY);
	before = *step;
	step->n = 0;
	assert_true(plan_verify(&f->plan, &e) < 0);
	*step = before;
	step->a = 0;
	assert_true(plan_verify(&f->plan, &e) < 0);
	*step = before;
	step->data = step->a; /* it is in no session */
	step->size = (uint32_t)strlen("/home/alice/work") + 1;
	assert_true(plan_verify(&f->plan, &e) < 0);
	assert_non_null(strstr(e.text, "is in no session"));
	*step = before;
	assert_int_equal(plan_verify(&f->plan, &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_plan, plan_of_setup, plan_of_teardown),
		cmocka_unit_test_setup_teardown(test_below, plan_of_setup, plan_of_teardown),
		cmocka_unit_test_setup_teardown(test_refused, plan_of_setup, plan_of_teardown),
		cmocka_unit_test_setup_teardown(test_verify, plan_of_setup, plan_of_teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
