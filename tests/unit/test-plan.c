/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-plan: the list of steps itself, and its two printed forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "base/mem.h"
#include "base/sys.h"
#include "plan/plan.h"

static void test_add(void **state)
{
	struct plan plan = {0};
	const struct step *step;

	(void)state;
	plan_add(&plan, STEP_BIND, "first", "/a", "/b", ATTR_NOSUID, BIND_FOLDER);
	plan_data(&plan, "x\0y", 3);
	plan_add(&plan, STEP_UMASK, "second", NULL, "", 022, 0);
	assert_int_equal(plan.count, 2);
	step = plan_find(&plan, STEP_BIND);
	assert_non_null(step);
	assert_string_equal(plan_text(&plan, step->a), "/a");
	assert_string_equal(plan_text(&plan, step->b), "/b");
	assert_string_equal(plan_text(&plan, step->why), "first");
	assert_int_equal(step->size, 3);
	assert_memory_equal(plan_text(&plan, step->data), "x\0y", 3);
	step = plan_find(&plan, STEP_UMASK);
	assert_non_null(step);
	assert_string_equal(plan_text(&plan, step->a), "");
	assert_string_equal(plan_text(&plan, step->b), "");
	assert_string_equal(plan_text(&plan, step->why), "second");
	assert_int_equal(step->size, 0);
	assert_null(plan_find(&plan, STEP_EXEC));
	plan_done(&plan);
	assert_int_equal(plan.count, 0);
}

/* What a stranger named can't break a line, nor a terminal. */
static void test_print(void **state)
{
	struct plan plan = {0};
	autostr struct str out = {0};

	(void)state;
	plan_add(&plan, STEP_MKDIR, "bad\nwhy", "/a\033[2J\nb", NULL, 0700, 0);
	plan_add(&plan, STEP_WALL_TIME, "x.ini:1", NULL, NULL, 1500000000, 0);
	plan_add(&plan, STEP_EXEC, "command", "/bin", NULL, 0, 0);
	plan_data(&plan, "true\0a b\0", 9);
	plan_print(&plan, &out);
	assert_non_null(strstr(out.s, "path=/a\\x1b[2J\\x0ab mode=0700"));
	assert_non_null(strstr(out.s, "# bad\\x0awhy\n"));
	assert_non_null(strstr(out.s, "time=1.5s"));
	assert_non_null(strstr(out.s, "search=/bin command=true 'a b'"));
	assert_null(strchr(out.s, '\033'));
	for (size_t i = 0, lines = 0; i <= out.len; i++)
		if (out.s[i] == '\n')
			assert_true(++lines <= plan.count);
	plan_done(&plan);
}

/* Values of variables are nobody's business who only asks what is done. */
static void test_secrets(void **state)
{
	struct plan plan = {0};
	autostr struct str text = {0}, json = {0};

	(void)state;
	plan_add(&plan, STEP_ENVIRONMENT, "x", NULL, NULL, 0, 0);
	plan_data(&plan, "TOKEN=secret\0HOME=/h\0", 21);
	plan_add(&plan, STEP_FILE, "x", "/run/cookie", NULL, 0600, 0);
	plan_data(&plan, "secret", 6);
	plan_print(&plan, &text);
	plan_print_json(&plan, &json);
	assert_non_null(strstr(text.s, "names=TOKEN HOME"));
	assert_non_null(strstr(text.s, "content=6 bytes"));
	assert_null(strstr(text.s, "secret"));
	assert_null(strstr(json.s, "secret"));
	plan_done(&plan);
}

static const char *member(struct json_object *object, const char *name)
{
	struct json_object *value = json_object_object_get(object, name);

	return value ? json_object_get_string(value) : "missing";
}

static void test_json(void **state)
{
	struct plan plan = {0};
	autostr struct str out = {0};
	struct json_object *top, *steps, *step;

	(void)state;
	for (int kind = 0; kind < STEP_COUNT; kind++)
		plan_add(&plan, (enum step_kind)kind, "x.ini:1", "/a\xff", "/b", 7, 3);
	plan_print_json(&plan, &out);
	top = json_tokener_parse(out.s);
	assert_non_null(top);
	assert_string_equal(member(top, "sbx"), "1");
	steps = json_object_object_get(top, "steps");
	assert_int_equal(json_object_array_length(steps), STEP_COUNT);
	for (int kind = 0; kind < STEP_COUNT; kind++) {
		step = json_object_array_get_idx(steps, (size_t)kind);
		assert_int_equal(json_object_get_int(json_object_object_get(step, "step")), kind + 1);
		assert_string_equal(member(step, "do"), step_info[kind].name);
		assert_string_equal(member(step, "why"), "x.ini:1");
	}
	step = json_object_array_get_idx(steps, STEP_BIND);
	assert_string_equal(member(step, "actor"), "init");
	assert_string_equal(member(step, "source"), "/a\\xff");
	assert_string_equal(member(step, "target"), "/b");
	assert_string_equal(member(step, "flags"), "ro,nosuid,nodev");
	assert_string_equal(member(step, "expect"), "device 0:0");
	json_object_put(top);
	plan_done(&plan);
}

static void test_table(void **state)
{
	(void)state;
	for (int kind = 0; kind < STEP_COUNT; kind++) {
		assert_true(step_info[kind].name && step_info[kind].name[0]);
		for (int other = 0; other < kind; other++)
			assert_string_not_equal(step_info[kind].name, step_info[other].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),  cmocka_unit_test(test_print), cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_json), cmocka_unit_test(test_table),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
