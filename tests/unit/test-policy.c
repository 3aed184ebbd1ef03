/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-policy: the door: types, lists, taking away, paths and variables, origins. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "policy/policy.h"

static const struct variables vars = {.home = "/home/u",
				      .user = "u",
				      .uid = "1000",
				      .cwd = "/home/u/work",
				      .config = "relative",
				      .cache = "",
				      .data = "/a:b",
				      .state = "/x\ny",
				      .music = "/m/../etc",
				      .downloads = "/home/u/Down loads"};

static int setup(void **state)
{
	struct err e;

	*state = xcalloc(1, sizeof(struct policy));
	return policy_defaults(*state, &vars, &e);
}

static int teardown(void **state)
{
	policy_done(*state);
	mem_free_ptr(state);
	return 0;
}

static int set_from(struct policy *p, enum setting_id id, const char *text, struct origin origin, struct err *e)
{
	p->layer = 1;
	return policy_set(p, id, text, origin, &vars, e);
}

static void accept(struct policy *p, enum setting_id id, const char *text)
{
	struct err e = {0};

	if (set_from(p, id, text, (struct origin){"f.ini", 7}, &e) < 0)
		fail_msg("%s", e.text);
}

/* Refused with a text that starts with the origin and has `part` in it. */
static void refuse(struct policy *p, enum setting_id id, const char *text, const char *part)
{
	autofree char *start = xasprintf("f.ini:7: %s.%s: ", settings[id].section, settings[id].key);
	struct err e = {0};

	assert_true(set_from(p, id, text, (struct origin){"f.ini", 7}, &e) < 0);
	assert_memory_equal(e.text, start, strlen(start));
	if (!strstr(e.text, part) && !strstr(e.hint, part))
		fail_msg("'%s' and '%s' lack '%s'", e.text, e.hint, part);
}

/* The list as one text, "a|b". */
static void expect_list(const struct policy *p, enum setting_id id, const char *list)
{
	autostr struct str text = {0};

	str_add(&text, "");
	for (size_t i = 0; i < p->entry[id].count; i++) {
		const struct value *value = &p->entry[id].v[i];

		str_addf(&text, "%s%s%s%s", i ? "|" : "", value->optional ? "-" : "", value->text,
			 value->target ? ":" : "");
		str_add(&text, value->target ? value->target : "");
	}
	assert_string_equal(text.s, list);
}

static void test_defaults(void **state)
{
	const struct policy *p = *state;

	assert_true(policy_is(p, SET_filesystem_view, "system"));
	assert_true(policy_is(p, SET_network_mode, "none"));
	assert_int_equal(policy_number(p, SET_filesystem_tmpfs_size, -1), 1 << 30);
	assert_int_equal(policy_number(p, SET_process_umask, -1), 022);
	assert_int_equal(policy_number(p, SET_limits_memory, -1), -1);
	assert_null(policy_text(p, SET_limits_memory));
	assert_null(policy_enum(p, SET_process_user));
	assert_true(policy_has(p, SET_environment_pass, "LC_*"));
	assert_false(p->entry[SET_environment_pass].set);
	assert_int_equal(policy_value(p, SET_process_aslr)->layer, 0);
	assert_null(policy_value(p, SET_process_aslr)->origin.file);
}

static void test_scalars(void **state)
{
	struct policy *p = *state;

	accept(p, SET_limits_memory, "1G");
	accept(p, SET_limits_memory, "2G");
	assert_int_equal(p->entry[SET_limits_memory].count, 1);
	assert_true(policy_number(p, SET_limits_memory, -1) == INT64_C(2) << 30);
	accept(p, SET_limits_memory, "");
	assert_null(policy_value(p, SET_limits_memory));
	assert_true(p->entry[SET_limits_memory].set);
	accept(p, SET_process_umask, "077");
	accept(p, SET_process_umask, "");
	assert_int_equal(policy_number(p, SET_process_umask, -1), 022);
	accept(p, SET_limits_cpu, "150%");
	assert_int_equal(policy_number(p, SET_limits_cpu, -1), 150);
	accept(p, SET_limits_cpu_time, "1.5s");
	assert_int_equal(policy_number(p, SET_limits_cpu_time, -1), 1500000000);
	accept(p, SET_limits_cpus, "0-1,3");
	accept(p, SET_network_mode, "host");
	assert_int_equal(policy_number(p, SET_network_mode, -1), 1);
	assert_string_equal(policy_enum(p, SET_network_mode), "host");
	accept(p, SET_process_aslr, "no");
	assert_int_equal(policy_number(p, SET_process_aslr, -1), 0);
}

static void test_wrong_types(void **state)
{
	struct policy *p = *state;

	refuse(p, SET_limits_memory, "1 G", "is not a size");
	refuse(p, SET_limits_memory, "!1G", "is not a size");
	refuse(p, SET_limits_processes, "4294967296", "too large");
	refuse(p, SET_limits_processes, "-1", "not a number");
	refuse(p, SET_limits_processes, "64 ", "not a number");
	refuse(p, SET_limits_cpu, "0", "too small");
	refuse(p, SET_limits_cpu, "100001", "too large");
	refuse(p, SET_limits_cpu, "%", "not a number");
	refuse(p, SET_limits_cpu_time, "1m", "not a time");
	refuse(p, SET_process_umask, "1000", "at most 0777");
	refuse(p, SET_process_umask, "08", "octal");
	refuse(p, SET_process_aslr, "true", "neither 'yes' nor 'no'");
	refuse(p, SET_network_mode, "hots", "did you mean 'host'?");
	refuse(p, SET_network_mode, "Host", "none of: none host nat");
	refuse(p, SET_process_hostname, "a\nb", "control byte (0x0a)");
	refuse(p, SET_limits_cpus, "1-", "list of processors");
	refuse(p, SET_limits_cpus, "3-1", "ends before it starts");
	refuse(p, SET_limits_cpus, "0,,1", "list of processors");
	refuse(p, SET_limits_cpus, "0,", "list of processors");
	refuse(p, SET_limits_cpus, "9999", "list of processors");
	assert_null(policy_value(p, SET_limits_memory));
}

static void test_words(void **state)
{
	struct policy *p = *state;

	accept(p, SET_filesystem_etc, "@tls \t -vim  java");
	expect_list(p, SET_filesystem_etc, "@base|@tls|-vim|java");
	accept(p, SET_filesystem_etc, "!vim !@base");
	expect_list(p, SET_filesystem_etc, "@tls|java");
	accept(p, SET_filesystem_etc, "@tls");
	expect_list(p, SET_filesystem_etc, "java|@tls");
	refuse(p, SET_filesystem_etc, "!jvaa", "did you mean '!java'?");
	refuse(p, SET_filesystem_etc, "!", "its name must follow");
	refuse(p, SET_filesystem_etc, " \t", "no word");
	accept(p, SET_filesystem_etc, "");
	expect_list(p, SET_filesystem_etc, "");
	assert_true(p->entry[SET_filesystem_etc].set);
	accept(p, SET_profile_best_effort, "landlock,limits");
	expect_list(p, SET_profile_best_effort, "landlock|limits");
}

static void test_rules(void **state)
{
	struct policy *p = *state;

	accept(p, SET_filesystem_read_only, "/usr//share/./x/");
	accept(p, SET_filesystem_read_only, "-~/a:/b c");
	accept(p, SET_filesystem_read_only, "/a\\:b:/c\\:d");
	accept(p, SET_filesystem_read_only, "${DATA}/x");
	accept(p, SET_filesystem_read_only, "${DOWNLOADS}");
	accept(p, SET_filesystem_read_only, "/");
	expect_list(p, SET_filesystem_read_only, "/usr/share/x|-/home/u/a:/b c|/a:b:/c:d|/a:b/x|/home/u/Down loads|/");
	accept(p, SET_filesystem_read_only, "!${HOME}/a:/b c/");
	accept(p, SET_filesystem_read_only, "!-/usr/share/x");
	expect_list(p, SET_filesystem_read_only, "/a:b:/c:d|/a:b/x|/home/u/Down loads|/");
	refuse(p, SET_filesystem_read_only, "!/a:/b", "takes away what is not there");
	refuse(p, SET_filesystem_read_only, "!/home/u/Down load", "did you mean '!/home/u/Down loads'?");
	refuse(p, SET_filesystem_read_only, "/a:/b:/c", "more than one ':'");
	refuse(p, SET_filesystem_read_only, "/a:b", "the target: 'b' is not an absolute path");
	refuse(p, SET_filesystem_read_only, "/a:", "the target: the path is empty");
	refuse(p, SET_filesystem_read_only, ":/a", "the path is empty");
	refuse(p, SET_filesystem_read_only, "/a:/../b", "'..'");
}

static void test_variables(void **state)
{
	struct policy *p = *state;

	accept(p, SET_filesystem_hide, "~");
	accept(p, SET_filesystem_hide, "/run/${UID}/${USER}$x");
	accept(p, SET_filesystem_hide, "/a/~/b");
	expect_list(p, SET_filesystem_hide, "/home/u|/run/1000/u$x|/a/~/b");
	refuse(p, SET_filesystem_hide, "a", "'a' is not an absolute path");
	refuse(p, SET_filesystem_hide, "~root/x", "no '~NAME'");
	refuse(p, SET_filesystem_hide, "${PICTURES}", "'${PICTURES}' stands for nothing here");
	refuse(p, SET_filesystem_hide, "${CACHE}/x", "'${CACHE}' stands for nothing here");
	refuse(p, SET_filesystem_hide, "${CONFIG}/x", "not an absolute path");
	refuse(p, SET_filesystem_hide, "${STATE}/x", "control byte");
	refuse(p, SET_filesystem_hide, "${MUSIC}/x", "'..'");
	refuse(p, SET_filesystem_hide, "${HOEM}/x", "did you mean '${HOME}'?");
	refuse(p, SET_filesystem_hide, "${HOME", "without '}'");
	refuse(p, SET_filesystem_hide, "/a/../b", "'..'");
	refuse(p, SET_filesystem_hide, "/a\tb", "control byte");
}

/* What a variable stands for is not expanded again. */
static void test_expanded_once(void **state)
{
	const struct variables nested = {.home = "/h/${USER}/~", .user = "a/b"};
	struct policy *p = *state;
	struct err e;

	assert_int_equal(policy_set(p, SET_filesystem_hide, "~/x", (struct origin){"f", 1}, &nested, &e), 0);
	expect_list(p, SET_filesystem_hide, "/h/${USER}/~/x");
	assert_int_equal(policy_set(p, SET_filesystem_hide, "/${USER}", (struct origin){"f", 1}, &nested, &e), -EINVAL);
}

static void test_long_path(void **state)
{
	char path[4097];
	struct policy *p = *state;

	memset(path, 'a', sizeof path);
	path[0] = '/';
	path[4096] = '\0';
	refuse(p, SET_filesystem_hide, path, "too long");
	path[4095] = '\0';
	accept(p, SET_filesystem_hide, path);
}

/* Relative paths count from the working directory, on the command line only. */
static void test_relative(void **state)
{
	const struct origin option = {"--ro", 0};
	struct policy *p = *state;
	struct err e;

	assert_int_equal(set_from(p, SET_filesystem_read_only, "data", option, &e), 0);
	assert_int_equal(set_from(p, SET_filesystem_read_only, "./a:/b", option, &e), 0);
	assert_int_equal(set_from(p, SET_filesystem_read_only, "../../lib/x", option, &e), 0);
	assert_int_equal(set_from(p, SET_filesystem_read_only, "../../../../..", option, &e), 0);
	assert_int_equal(set_from(p, SET_process_stdin, "in.txt", option, &e), 0);
	expect_list(p, SET_filesystem_read_only, "/home/u/work/data|/home/u/work/a:/b|/home/lib/x|/");
	expect_list(p, SET_process_stdin, "/home/u/work/in.txt");
	assert_int_equal(set_from(p, SET_filesystem_read_only, "a/../b", option, &e), -EINVAL);
	assert_int_equal(set_from(p, SET_filesystem_read_only, "/a:b", option, &e), -EINVAL);
	assert_string_equal(e.text, "--ro: filesystem.read-only: the target: 'b' is not an absolute path");
}

static void test_environment(void **state)
{
	struct policy *p = *state;

	accept(p, SET_environment_set, "A=1 2");
	accept(p, SET_environment_set, "AB=${HOME}");
	expect_list(p, SET_environment_set, "A=1 2|AB=${HOME}");
	accept(p, SET_environment_set, "!A");
	expect_list(p, SET_environment_set, "AB=${HOME}");
	refuse(p, SET_environment_set, "!A", "takes away");
}

static void test_later(void **state)
{
	struct policy *p = *state;

	refuse(p, SET_network_mode, "nat", "'nat' belongs to a layer which is not in this version");
	refuse(p, SET_network_publish, "80:80", "not in this version");
	refuse(p, SET_network_dns, "1.1.1.1", "not in this version");
	refuse(p, SET_network_dns, "!1.1.1.1", "not in this version");
	accept(p, SET_network_publish, "none");
	accept(p, SET_network_dns, "none");
	expect_list(p, SET_network_dns, "");
}

static void test_origins(void **state)
{
	struct policy *p = *state;
	char file[] = "x.ini", buf[64];
	struct err e;

	assert_int_equal(set_from(p, SET_limits_memory, "1G", (struct origin){file, 3}, &e), 0);
	assert_int_equal(set_from(p, SET_limits_swap, "1G", (struct origin){"--set", 0}, &e), 0);
	memset(file, '?', sizeof file - 1); /* origins live on when the caller's text does not */
	assert_string_equal(origin_text(policy_value(p, SET_limits_memory)->origin, buf, sizeof buf), "x.ini:3");
	assert_string_equal(origin_text(policy_value(p, SET_limits_swap)->origin, buf, sizeof buf), "--set");
	assert_string_equal(origin_text(policy_value(p, SET_limits_core)->origin, buf, sizeof buf), "default");
	assert_string_equal(origin_text(policy_value(p, SET_limits_memory)->origin, buf, 4), "x.i");
	assert_int_equal(policy_value(p, SET_limits_memory)->layer, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_defaults), TEST(test_scalars),     TEST(test_wrong_types),   TEST(test_words),
		TEST(test_rules),    TEST(test_variables),   TEST(test_expanded_once), TEST(test_long_path),
		TEST(test_relative), TEST(test_environment), TEST(test_later),         TEST(test_origins),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
