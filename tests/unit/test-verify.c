/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-verify: a good plan passes plan_verify; each of its rules broken once does not. */
#include <errno.h>
#include <sched.h>

#include "base/sys.h"
#include "tests/unit/plan-of.h"

static int setup(void **state)
{
	struct plan_of *f;

	if (plan_of_setup(state) != 0)
		return -1;
	f = *state;
	compile(f);
	return 0;
}

/* Fails as it is now; with `step` as it was before, all is good again. */
static void breaks(struct plan_of *f, struct step *step, struct step before, const char *text)
{
	struct err e = {0};

	assert_true(plan_verify(&f->plan, &e) < 0);
	if (!strstr(e.text, text))
		fail_msg("'%s' is not in '%s'", text, e.text);
	*step = before;
	assert_int_equal(plan_verify(&f->plan, &e), 0);
}

static void test_offsets(void **state)
{
	struct plan_of *f = *state;
	struct step *step = step_of(f, STEP_BIND), before = *step;
	uint32_t end = (uint32_t)f->plan.pool.len;

	step->a = end;
	breaks(f, step, before, "it is damaged");
	step->b = UINT32_MAX;
	breaks(f, step, before, "it is damaged");
	step->why = 0;
	breaks(f, step, before, "it is damaged");
	step->why = end;
	breaks(f, step, before, "it is damaged");
	step->data = end + 1;
	breaks(f, step, before, "it is damaged");
	step->data = end;
	step->size = 1;
	breaks(f, step, before, "it is damaged");
	step->data = 1;
	step->size = UINT32_MAX;
	breaks(f, step, before, "it is damaged");
	step->kind = STEP_COUNT;
	breaks(f, step, before, "it is damaged");
	step->kind = (enum step_kind) - 1;
	breaks(f, step, before, "it is damaged");
}

/* A text that ends only behind the pool. */
static void test_open_text(void **state)
{
	struct plan_of *f = *state;
	struct err e = {0};
	char *last = &f->plan.pool.s[f->plan.pool.len - 1];
	struct step *step = step_of(f, STEP_UMASK);

	step->a = (uint32_t)f->plan.pool.len - 1;
	assert_int_equal(plan_verify(&f->plan, &e), 0);
	*last = 'x';
	assert_int_equal(plan_verify(&f->plan, &e), -EINVAL);
	assert_non_null(strstr(e.text, "it is damaged"));
}

static void test_mounts(void **state)
{
	struct plan_of *f = *state;
	struct step *bind = step_of(f, STEP_BIND), before = *bind;
	struct step *scratch = step_of(f, STEP_SCRATCH_DIR), scratch_before = *scratch;

	bind->n &= ~(uint64_t)ATTR_NOSUID;
	breaks(f, bind, before, "without nosuid");
	bind->m = BIND_NOT_FOLDER; /* the first is a device */
	breaks(f, bind, before, "without nodev");
	scratch->m &= ~(uint64_t)ATTR_NOSUID;
	breaks(f, scratch, scratch_before, "without nosuid");
	scratch->m &= ~(uint64_t)ATTR_NODEV;
	breaks(f, scratch, scratch_before, "without nodev");
	scratch->m = ATTR_RDONLY | ATTR_NOSUID; /* the number of BIND_CHAR, which excuses a bind */
	breaks(f, scratch, scratch_before, "without nodev");
}

static void test_groups(void **state)
{
	struct plan_of *f = *state;
	struct step *step, before;

	again_as_root(f);
	compile(f);
	step = step_of(f, STEP_SET_IDS);
	before = *step;
	step->data = 1;
	step->size = 3;
	breaks(f, step, before, "3 bytes are no groups");
}

static void test_targets(void **state)
{
	static const char *const bad[] = {"relative", "", "/a/", "/a//b", "/a/./b", "/a/..", "/../a", "//a"};
	static const enum step_kind kinds[] = {STEP_MKDIR,       STEP_SYMLINK, STEP_FILE, STEP_BIND,
					       STEP_SCRATCH_DIR, STEP_HIDE,    STEP_PROC, STEP_DEVPTS};
	struct plan_of *f = *state;

	for (size_t i = 0; i < countof(kinds); i++) {
		struct step *step = step_of(f, kinds[i]), before = *step;

		for (size_t j = 0; j < countof(bad); j++) {
			uint32_t at = (uint32_t)f->plan.pool.len;

			str_add_bytes(&f->plan.pool, bad[j], strlen(bad[j]) + 1);
			if (kinds[i] == STEP_BIND)
				step->b = at;
			else
				step->a = at;
			breaks(f, step, before, "is not an absolute, normal path");
		}
	}
}

static void test_phases(void **state)
{
	struct plan_of *f = *state;
	struct step *pivot = step_of(f, STEP_PIVOT), *seal = step_of(f, STEP_SEAL), saved = *pivot;
	struct err e = {0};

	*pivot = *seal;
	*seal = saved;
	assert_int_equal(plan_verify(&f->plan, &e), -EINVAL);
	assert_non_null(strstr(e.text, "seal comes too late"));
}

static void test_mandatory(void **state)
{
	static const enum step_kind once[] = {
		STEP_NAMESPACES, STEP_ID_MAP,          STEP_PRIVATE,     STEP_ROOT,         STEP_SCRATCH,
		STEP_PROC,       STEP_NAMESPACE_LIMIT, STEP_SEAL,        STEP_PIVOT,        STEP_KEYRING,
		STEP_INIT_DROP,  STEP_INNER_USER,      STEP_INNER_LIMIT, STEP_CAPABILITIES, STEP_NO_NEW_PRIVS,
		STEP_CHDIR,      STEP_CLOSE_FDS,       STEP_ENVIRONMENT, STEP_EXEC};
	struct plan_of *f = *state;
	struct plan *plan = &f->plan;

	for (size_t i = 0; i < countof(once); i++) {
		size_t at = (size_t)(step_of(f, once[i]) - plan->step),
		       rest = (plan->count - at - 1) * sizeof *plan->step;
		autofree char *none = xasprintf("0 steps %s", step_info[once[i]].name);
		autofree char *two = xasprintf("2 steps %s", step_info[once[i]].name);
		struct step saved = plan->step[at];
		struct err e = {0};

		memmove(&plan->step[at], &plan->step[at + 1], rest);
		plan->count--;
		assert_int_equal(plan_verify(plan, &e), -EINVAL);
		assert_non_null(strstr(e.text, none));
		memmove(&plan->step[at + 1], &plan->step[at], rest);
		plan->step[at] = saved;
		plan->count++;
		plan->step = xgrow(plan->step, plan->count, &plan->cap, sizeof *plan->step);
		memmove(&plan->step[at + 1], &plan->step[at], rest + sizeof *plan->step);
		plan->count++;
		assert_int_equal(plan_verify(plan, &e), -EINVAL);
		assert_non_null(strstr(e.text, two));
		memmove(&plan->step[at], &plan->step[at + 1], rest + sizeof *plan->step);
		plan->count--;
		assert_int_equal(plan_verify(plan, &e), 0);
	}
}

static void test_namespaces(void **state)
{
	static const uint64_t least[] = {CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWPID,
					 CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP};
	struct plan_of *f = *state;
	struct step *step = step_of(f, STEP_NAMESPACES), before = *step;

	for (size_t i = 0; i < countof(least); i++) {
		step->n &= ~least[i];
		breaks(f, step, before, "too few namespaces");
	}
}

static void test_last_and_size(void **state)
{
	struct plan_of *f = *state;
	struct step *last = &f->plan.step[f->plan.count - 1], saved = *last;
	size_t count = f->plan.count;
	struct plan none = {0};
	struct err e = {0};

	assert_int_equal(last->kind, STEP_EXEC);
	assert_int_equal(last[-1].kind, STEP_FILTER);
	*last = last[-1];
	last[-1] = saved;
	assert_int_equal(plan_verify(&f->plan, &e), -EINVAL);
	assert_non_null(strstr(e.text, "comes too late"));
	assert_int_equal(plan_verify(&none, &e), -E2BIG);
	while (f->plan.count <= PLAN_MAX_STEPS)
		plan_add(&f->plan, STEP_UMASK, "test", NULL, NULL, 0, 0);
	assert_int_equal(plan_verify(&f->plan, &e), -E2BIG);
	f->plan.count = count;
	assert_int_equal(plan_verify(&f->plan, &e), -EINVAL);
	while (f->plan.pool.len <= PLAN_MAX_POOL)
		str_add(&f->plan.pool, "a text that fills the pool until it is more than it may be");
	assert_int_equal(plan_verify(&f->plan, &e), -E2BIG);
}

/* The list of what is opened needs a filter that tells, and an end of a signal's power where the kernel has one. */
static void test_record(void **state)
{
	struct plan_of *f = *state;
	struct step *record, *filter, before;

	again(f);
	want(f, SET_report_opened, "/tmp/list");
	compile(f);
	sees(f, "monitor record file=/tmp/list without=");
	record = step_of(f, STEP_RECORD);
	filter = step_of(f, STEP_FILTER);
	assert_int_equal(filter->n, 8 | 32);
	before = *filter;
	filter->n = 0;
	breaks(f, filter, before, "no filter that tells");
	before = *record;
	record->a = 0;
	breaks(f, record, before, "no filter that tells");
	record->size--;
	breaks(f, record, before, "bytes are no filter");
	again(f);
	f->fake.host.kernel[0] = 5;
	want(f, SET_report_opened, "/tmp/list");
	want(f, SET_syscalls_denied, "report");
	compile(f);
	assert_int_equal(step_of(f, STEP_FILTER)->n, 8);
	assert_true(step_of(f, STEP_RECORD)->size > 0 && step_of(f, STEP_LISTEN));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, plan_of_teardown)
	const struct CMUnitTest tests[] = {
		T(test_offsets),   T(test_open_text),  T(test_mounts),        T(test_targets), T(test_phases),
		T(test_mandatory), T(test_namespaces), T(test_last_and_size), T(test_groups),  T(test_record),
	};
#undef T

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
