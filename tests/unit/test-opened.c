/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-opened: the list of what is opened: what it takes of a path, and who judges the calls that it is told of. */
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/bpf-run.h"
#include "run/opened-entry.h"
#include "tests/unit/filter-run.h"

/* The monitor's reading of a filter is the test's own, which is the kernel's in test-filter-live. */
static void test_run(void **state)
{
	static const char *const deny[] = {"execveat", "@ipc-sysv", NULL};
	const struct filter_request request = {.denied = FILTER_NOTIFY, .suid_open = true, .deny = deny};
	static const uint64_t words[] = {0, 1, O_CREAT, 04755, 2, 0x40000000};
	autostr struct str program = {0};

	(void)state;
	build(&request, &program);
	for (int number = -1; number < 600; number++)
		for (size_t i = 0; i < countof(words) * countof(words); i++) {
			struct seccomp_data data = {.nr = number, .arch = i % 5 ? NATIVE : OTHER};

			data.args[0] = data.args[2] = words[i % countof(words)];
			data.args[1] = data.args[3] = words[i / countof(words)];
			assert_int_equal(bpf_run(program.s, program.len, &data), run(&program, data));
		}
}

static void test_unknown(void **state)
{
	static const struct sock_filter far[] = {BPF_JUMP(BPF_JMP | BPF_JA, 9, 0, 0), BPF_STMT(BPF_RET | BPF_K, ALLOW)};
	static const struct sock_filter beyond[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 61),
						    BPF_STMT(BPF_RET | BPF_K, ALLOW)};
	static const struct sock_filter other[] = {BPF_STMT(BPF_MISC | BPF_TAX, 0), BPF_STMT(BPF_RET | BPF_K, ALLOW)};
	const struct seccomp_data data = {0};

	(void)state;
	assert_int_equal(bpf_run((const char *)far, sizeof far, &data), (uint32_t)KILL);
	assert_int_equal(bpf_run((const char *)beyond, sizeof beyond, &data), (uint32_t)KILL);
	assert_int_equal(bpf_run((const char *)other, sizeof other, &data), (uint32_t)KILL);
	assert_int_equal(bpf_run((const char *)other, 0, &data), (uint32_t)KILL);
}

static void is_normal(int root, const char *path, const char *expected)
{
	autofree char *got = opened_normal(root, path);

	assert_string_equal(got, expected);
}

static void test_paths(void **state)
{
	char folder[] = "/tmp/sbx-opened-XXXXXX";
	autoclose int root = -1;

	(void)state;
	assert_non_null(mkdtemp(folder));
	root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(root >= 0 && mkdirat(root, "a", 0700) == 0 && mkdirat(root, "a/b", 0700) == 0);
	assert_int_equal(symlinkat("a/b", root, "link"), 0);
	is_normal(root, "//", "/");
	is_normal(root, "//a/./b//", "/a/b");
	is_normal(root, "/../..", "/");
	is_normal(root, "/a/b/../../x/y", "/x/y");
	is_normal(root, "/link/../x", "/link/../x");
	is_normal(root, "/link/../a/../x", "/link/../a/../x");
	is_normal(root, "/none/../x", "/none/../x");
	is_normal(-1, "/a/../x", "/a/../x");
	is_normal(-1, "/../x", "/x");
	assert_int_equal(opened_find(root, "/link"), OPENED_THERE);
	assert_int_equal(opened_find(root, "/../../a"), OPENED_THERE);
	assert_int_equal(opened_find(root, "/none"), OPENED_MISSING);
	assert_int_equal(opened_find(root, "/proc/self/fd/1"), OPENED_UNKNOWN);
	assert_int_equal(opened_find(-1, "/a"), OPENED_UNKNOWN);
	assert_int_equal(unlinkat(root, "link", 0), 0);
	assert_int_equal(unlinkat(root, "a/b", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(root, "a", AT_REMOVEDIR), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void test_list(void **state)
{
	struct opened opened = {0};

	(void)state;
	opened_add(&opened, "/b", OPENED_READ, OPENED_MISSING);
	opened_add(&opened, "/a", OPENED_EXECUTE, OPENED_THERE);
	opened_add(&opened, "/b", OPENED_WRITE, OPENED_THERE);
	assert_int_equal(opened.count, 2);
	for (unsigned i = 2; i < OPENED_PATHS_MAX; i++) {
		autofree char *path = xasprintf("/%u", i);

		opened_add(&opened, path, OPENED_READ, OPENED_MISSING);
	}
	assert_false(opened.full);
	opened_add(&opened, "/a", OPENED_READ, OPENED_THERE);
	assert_false(opened.full);
	opened_add(&opened, "/c", OPENED_READ, OPENED_THERE);
	assert_true(opened.full && opened.count == OPENED_PATHS_MAX);
	tdestroy(opened.tree, free);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_list),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
