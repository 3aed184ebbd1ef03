/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-ini: the strict reader, with a test for each trap of inih. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "policy/ini.h"
#include "policy/profile.h"

/* What the handler got, as "section.key=value@line;", and what the list of errors holds. */
struct result {
	struct str pairs;
	struct errlist errors;
};

static void handle(void *arg, const char *section, const char *key, const char *value, unsigned line)
{
	str_addf(arg, "%s.%s=%s@%u;", section, key, value, line);
}

static struct result read_bytes(const char *text, size_t size)
{
	struct result result = {0};
	char *copy = xmalloc(size); /* exactly as large as it is, so that a sanitizer sees a read beyond */

	if (size)
		memcpy(copy, text, size);
	str_add(&result.pairs, "");
	ini_read(copy, size, "f.ini", handle, &result.pairs, &result.errors);
	mem_free_ptr(&copy);
	return result;
}

static void done(struct result *result)
{
	str_done(&result->pairs);
	errlist_done(&result->errors);
}

static void expect(const char *text, const char *pairs)
{
	struct result result = read_bytes(text, strlen(text));

	assert_int_equal(result.errors.count, 0);
	assert_string_equal(result.pairs.s, pairs);
	done(&result);
}

/* The first error starts with `error`, and only `pairs` were handled. */
static void refuse_bytes(const char *text, size_t size, const char *error, const char *pairs)
{
	struct result result = read_bytes(text, size);

	assert_true(result.errors.count > 0);
	assert_memory_equal(result.errors.v[0].text, error, strlen(error));
	assert_string_equal(result.pairs.s, pairs);
	done(&result);
}

static void refuse(const char *text, const char *error, const char *pairs)
{
	refuse_bytes(text, strlen(text), error, pairs);
}

static void test_plain(void **state)
{
	(void)state;
	expect("", "");
	expect("# c\n; c\n\n   \n", "");
	expect("[limits]\nmemory=1G\n", "limits.memory=1G@2;");
	expect("[limits] \nmemory \t =\t 1G \t\n\n[process]\numask =\n", "limits.memory=1G@2;process.umask=@5;");
	expect("[limits]\nmemory = 1G\n[process]\n[limits]\nswap = 0\n", "limits.memory=1G@2;limits.swap=0@5;");
	expect("[limits]\nmemory = a=b;c#d\n", "limits.memory=a=b;c#d@2;");
	expect("[filesystem]\nread-only = /a:/b\n", "filesystem.read-only=/a:/b@2;");
}

static void test_lines(void **state)
{
	(void)state;
	refuse("[limits]\nmemory = 1G", "f.ini:2: the last line", "");
	refuse("[limits]\nmemory = 1G\r\n", "f.ini:2: the line has a carriage return", "");
	refuse("[limits]\r\nmemory = 1G\r\n", "f.ini:1: the line has a carriage return", "");
	refuse("\xef\xbb\xbf[limits]\n", "f.ini:1: the file starts with a byte order mark", "");
	refuse("[limits]\nmemory = 1G\n  swap = 2G\n", "f.ini:3: the line starts with a blank", "limits.memory=1G@2;");
	refuse(" [limits]\n", "f.ini:1: the line starts with a blank", "");
	refuse("[limits]\n # memory\n", "f.ini:2: the line starts with a blank", "");
	refuse("[limits]\nmemory = \033[2J\n", "f.ini:2: the line has a control byte (0x1b)", "");
	refuse_bytes("[limits]\nmemory = 1\0G\n", 22, "f.ini:2: the line has a control byte (0x00)", "");
	refuse_bytes("\0", 1, "f.ini:1: the last line", "");
	refuse_bytes("[limits]\n\0\nmemory = 1G\n", 23, "f.ini:2: the line has a control byte (0x00)", "");
}

static void test_sections(void **state)
{
	(void)state;
	refuse("[limits\nmemory = 1G\n", "f.ini:1: a section is written [NAME]", "");
	refuse("[limits] x\n", "f.ini:1: a section is written [NAME]", "");
	refuse("[limits] # x\n", "f.ini:1: a section is written [NAME]", "");
	refuse("[]\n", "f.ini:1: what is in [] is not", "");
	refuse("[ limits ]\n", "f.ini:1: what is in [] is not", "");
	refuse("[a]b]\n", "f.ini:1: what is in [] is not", "");
	refuse("[\n", "f.ini:1: a section is written", "");
	refuse("memory = 1G\n", "f.ini:1: 'memory' stands before any [section]", "");
}

/* inih keeps 49 bytes of a section's name: a longer one must not become a shorter one. */
static void test_long_section(void **state)
{
	autofree char *text = xasprintf("[limits%060d]\nmemory = 1G\n", 0);

	(void)state;
	refuse(text, "f.ini:1: what is in [] is not", "");
}

static void test_unknown_section(void **state)
{
	const char *text = "[limit]\nmemory = 1G\nswap = 1G\n[process]\numask = 0\n[x]\n";
	struct result result = read_bytes(text, strlen(text));

	(void)state;
	assert_int_equal(result.errors.count, 2);
	assert_string_equal(result.errors.v[0].text, "f.ini:1: unknown section [limit]");
	assert_string_equal(result.errors.v[0].hint, "did you mean [limits]?");
	assert_string_equal(result.errors.v[1].text, "f.ini:6: unknown section [x]");
	assert_string_equal(result.errors.v[1].hint, "");
	assert_string_equal(result.pairs.s, "process.umask=0@5;");
	done(&result);
}

static void test_pairs(void **state)
{
	(void)state;
	refuse("[limits]\nmemory\n", "f.ini:2: the line is neither", "");
	refuse("[limits]\nmemory: 1G\n", "f.ini:2: the line is neither", "");
	refuse("[limits]\nmemory: a=1G\n", "f.ini:2: what is before '=' is not", "");
	refuse("[limits]\n= 1G\n", "f.ini:2: what is before '=' is not", "");
	refuse("[limits]\nme mory = 1G\n", "f.ini:2: what is before '=' is not", "");
	refuse("[limits]\nmemory = 1G ; one\n", "f.ini:2: the value of 'memory' has a ' ;' or ' #'", "");
	refuse("[limits]\nmemory = 1G # one\n", "f.ini:2: the value of 'memory' has a ' ;' or ' #'", "");
	refuse("[limits]\nmemory =;one\n", "f.ini:2: the value of 'memory' has a ' ;' or ' #'", "");
	refuse("[limits]\nmemory = 1G\t;\n", "f.ini:2: the value of 'memory' has a ' ;' or ' #'", "");
}

/* A build of inih with a line buffer of 200 bytes would parse what is behind it as a line of its own. */
static void test_long_lines(void **state)
{
	static const size_t lengths[] = {190, 197, 198, 199, 200, 201, 400, 1000, 4095, 4096};

	(void)state;
	for (size_t i = 0; i < countof(lengths); i++) {
		char value[PROFILE_MAX_LINE + 1];
		size_t len = lengths[i] - strlen("memory = ");
		autofree char *text = NULL, *pairs = NULL;

		memset(value, 'v', len);
		memcpy(value + len - 12, "umask = 0777", 12);
		value[len] = '\0';
		text = xasprintf("[limits]\nmemory = %s\nswap = 1\n", value);
		pairs = xasprintf("limits.memory=%s@2;limits.swap=1@3;", value);
		expect(text, pairs);
	}
}

static void test_too_long(void **state)
{
	autofree char *line = xasprintf("[limits]\nmemory = %04088d\nswap = 1\n", 0);
	autofree char *huge = xmalloc(200000);

	(void)state;
	refuse(line, "f.ini:2: the line is too long, at most 4096 bytes", "");
	memset(huge, '[', 200000);
	refuse_bytes(huge, 200000, "f.ini:1: the last line", "");
	memset(huge, '\n', 200000);
	huge[199998] = 'x';
	refuse_bytes(huge, 200000, "f.ini:199999: the line is neither", "");
}

/* All defects are told, and after the first nothing is handled. */
static void test_all_defects(void **state)
{
	const char *text = "[limits]\nswap = 1\nx\ny\nmemory = 1G\nz";
	struct result result = read_bytes(text, strlen(text));

	(void)state;
	assert_int_equal(result.errors.count, 4);
	assert_string_equal(result.pairs.s, "limits.swap=1@2;");
	assert_memory_equal(result.errors.v[1].text, "f.ini:4: ", 9);
	assert_memory_equal(result.errors.v[2].text, "f.ini:6: ", 9);
	done(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),           cmocka_unit_test(test_lines),
		cmocka_unit_test(test_sections),        cmocka_unit_test(test_long_section),
		cmocka_unit_test(test_unknown_section), cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_long_lines),      cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_all_defects),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
