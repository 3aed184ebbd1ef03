/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-print: how the steps of a plan read, as lines and as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <linux/filter.h>

#include "base/mem.h"
#include "base/sys.h"
#include "plan/operands.h"
#include "plan/plan.h"

static char *lines_of(const struct plan *plan)
{
	struct str out = {0};

	plan_print(plan, &out);
	return out.s;
}

static char *json_of(const struct plan *plan)
{
	struct str out = {0};

	plan_print_json(plan, &out);
	return out.s;
}

/* The plan's lines hold `wanted`. */
static void has(const struct plan *plan, const char *wanted)
{
	autofree char *text = lines_of(plan);

	if (!strstr(text, wanted))
		fail_msg("'%s' is not in: %s", wanted, text);
}

static void json_has(const struct plan *plan, const char *wanted)
{
	autofree char *text = json_of(plan);

	if (!strstr(text, wanted))
		fail_msg("'%s' is not in: %s", wanted, text);
}

static size_t count_of(const char *text, char wanted)
{
	size_t count = 0;

	for (; *text; text++)
		count += *text == wanted;
	return count;
}

/* Every kind prints on one line of its own, named, with the texts that it uses and its reason at the end. */
static void test_every_kind(void **state)
{
	(void)state;
	for (int kind = 0; kind < STEP_COUNT; kind++) {
		struct plan plan = {0};
		autofree char *text = NULL, *name = xasprintf(" %s ", step_info[kind].name);

		plan_add(&plan, (enum step_kind)kind, "default.ini:3", "/first", "/second", 1, 2);
		text = lines_of(&plan);
		assert_int_equal(count_of(text, '\n'), 1);
		assert_non_null(strstr(text, name));
		assert_true(str_starts(text, "   1  "));
		assert_string_equal(strstr(text, "# "), "# default.ini:3\n");
		assert_int_equal(strstr(text, "/first") != NULL, operands[kind].a != NULL);
		assert_int_equal(strstr(text, "/second") != NULL, operands[kind].b != NULL);
		plan_done(&plan);
	}
}

static void test_columns(void **state)
{
	struct plan plan = {0};
	autofree char *text = NULL;
	const char *second;

	(void)state;
	plan_add(&plan, STEP_PRIVATE, "default", NULL, NULL, 0, 0);
	plan_add(&plan, STEP_MKDIR, "x.ini:1", "/usr", NULL, 0755, 0);
	text = lines_of(&plan);
	second = strchr(text, '\n') + 1;
	assert_int_equal(strstr(text, "# default") - text, strstr(second, "# x.ini:1") - second);
	assert_int_equal(strstr(text, "private-mounts") - text, strstr(second, "mkdir") - second);
	plan_done(&plan);
}

static void test_numbers(void **state)
{
	struct plan plan = {0};

	(void)state;
	plan_add(&plan, STEP_BIND, "a", "/usr", "/usr", ATTR_RDONLY | ATTR_NOSUID | ATTR_NODEV, BIND_FOLDER);
	has(&plan, " source=/usr target=/usr flags=ro,nosuid,nodev expect=folder ");
	plan_add(&plan, STEP_MKDIR, "a", "/x", NULL, 01777, 0);
	has(&plan, " path=/x mode=1777 ");
	plan_add(&plan, STEP_NAMESPACES, "a", NULL, NULL, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET, 0);
	has(&plan, " new=user,mount,pid,net ");
	plan_add(&plan, STEP_ROOT, "a", NULL, NULL, 3 << 20, 1500);
	has(&plan, " size=3M inodes=1500 ");
	plan_add(&plan, STEP_OUTPUT_SIZE, "a", NULL, NULL, 1025, 0);
	has(&plan, " size=1025 ");
	plan_add(&plan, STEP_WALL_TIME, "a", NULL, NULL, UINT64_C(2500000000), 0);
	has(&plan, " time=2.5s ");
	plan_add(&plan, STEP_STDIO, "a", NULL, NULL, 1, STDIO_PLAN_RELAY);
	has(&plan, " fd=1 as=pipe ");
	plan_add(&plan, STEP_LANDLOCK_PATH, "a", "/usr", NULL, 1 << 0 | 1 << 2 | 1 << 3, 0);
	has(&plan, " path=/usr rights=execute,read,list ");
	plan_add(&plan, STEP_LANDLOCK_PORT, "a", NULL, NULL, 443, 2);
	has(&plan, " port=443 rights=connect-tcp ");
	plan_add(&plan, STEP_LANDLOCK, "a", NULL, NULL, 2, UINT64_C(3) << 32 | 1);
	has(&plan, " files=write others=bind-tcp,abstract-sockets,signals ");
	plan_done(&plan);
}

/* Nothing that would be done is left out because it has no name. */
static void test_unknown_bits(void **state)
{
	static const enum operand_format formats[] = {FORMAT_MOUNT, FORMAT_CLONE, FORMAT_FS, FORMAT_NET};

	(void)state;
	for (size_t i = 0; i < countof(formats); i++) {
		autostr struct str some = {0}, none = {0};

		operand_number(&some, formats[i], UINT64_C(1) << 60);
		assert_non_null(strstr(some.s, "0x1000000000000000"));
		operand_number(&none, formats[i], 0);
		assert_string_equal(none.s, "0");
	}
	{
		autostr struct str text = {0};

		operand_number(&text, FORMAT_STDIO, 99);
		assert_string_equal(text.s, "99");
	}
}

static void test_data(void **state)
{
	static const char environment[] = "PATH=/usr/bin\0TOKEN=secret\0EMPTY=", argv[] = "grep\0-r\0needle";
	static const struct sock_filter filter[3];
	static const gid_t groups[] = {7, 1000};
	struct plan plan = {0};

	(void)state;
	plan_add(&plan, STEP_ENVIRONMENT, "a", NULL, NULL, 0, 0);
	plan_data(&plan, environment, sizeof environment);
	has(&plan, " names=PATH TOKEN EMPTY ");
	plan_add(&plan, STEP_EXEC, "a", "/usr/bin", NULL, 0, 0);
	plan_data(&plan, argv, sizeof argv);
	has(&plan, "grep -r needle");
	plan_add(&plan, STEP_FILTER, "a", "default", NULL, 0, 0);
	plan_data(&plan, filter, sizeof filter);
	has(&plan, " set=default flags=0 program=3 instructions ");
	plan_add(&plan, STEP_FILE, "a", "/etc/passwd", NULL, 0644, 0);
	plan_data(&plan, "content", 7);
	has(&plan, " path=/etc/passwd mode=0644 content=7 bytes ");
	plan_add(&plan, STEP_SET_IDS, "a", NULL, NULL, 0, 0);
	plan_data(&plan, groups, sizeof groups);
	has(&plan, " groups=7 1000 ");
	{
		autofree char *text = lines_of(&plan), *json = json_of(&plan);

		assert_null(strstr(text, "secret"));
		assert_null(strstr(json, "secret"));
		assert_null(strstr(json, "\"content\": \"content\""));
	}
	plan_done(&plan);
}

/* File names can't forge lines, nor move the cursor of a terminal. */
static void test_escapes(void **state)
{
	struct plan plan = {0};
	autofree char *text = NULL;

	(void)state;
	plan_add(&plan, STEP_BIND, "x\n.ini:1", "/a\n   9  init", "/b\033[2J", 0, 0);
	plan_add(&plan, STEP_MKDIR, "a", "/gr\303\274n\377", NULL, 0, 0);
	text = lines_of(&plan);
	assert_int_equal(count_of(text, '\n'), 2);
	assert_int_equal(count_of(text, '\033'), 0);
	has(&plan, "source=/a\\x0a   9  init target=/b\\x1b[2J");
	has(&plan, "# x\\x0a.ini:1\n");
	has(&plan, "path=/gr\303\274n\\xff ");
	plan_done(&plan);
}

static void test_json(void **state)
{
	struct plan plan = {0};

	(void)state;
	plan_add(&plan, STEP_WALL_TIME, "--wall-time", NULL, NULL, UINT64_C(2500000000), 0);
	plan_add(&plan, STEP_BIND, "a \"b\".ini:1", "/q\"\n\377", "/usr", ATTR_RDONLY, BIND_FOLDER);
	json_has(&plan, "\"sbx\": 1");
	json_has(&plan, "\"actor\": \"monitor\"");
	json_has(&plan, "\"do\": \"wall-time\"");
	json_has(&plan, "\"time\": 2500000000");
	json_has(&plan, "\"step\": 2");
	json_has(&plan, "\"do\": \"bind\"");
	json_has(&plan, "\"source\": \"/q\\\"\\n\\\\xff\"");
	json_has(&plan, "\"flags\": \"ro\"");
	json_has(&plan, "\"expect\": \"folder\"");
	json_has(&plan, "\"why\": \"a \\\"b\\\".ini:1\"");
	plan_done(&plan);
}

static void test_nothing(void **state)
{
	struct plan plan = {0};
	autostr struct str out = {0};

	(void)state;
	str_add(&out, "");
	plan_print(&plan, &out);
	assert_string_equal(out.s, "");
	json_has(&plan, "\"steps\": [");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind),   cmocka_unit_test(test_columns), cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_unknown_bits), cmocka_unit_test(test_data),    cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_json),         cmocka_unit_test(test_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("print", tests, NULL, NULL);
}
