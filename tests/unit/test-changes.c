/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-changes: what was changed of a sandbox that runs is read back as it was written, and never for another one. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/mem.h"
#include "live/changes.h"

struct fixture {
	char folder[64], name[8];
	struct live_entry entry;
};

static int make(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	(void)strcpy(f->folder, "/tmp/sbx-changes.XXXXXX");
	(void)strcpy(f->name, "web");
	if (!mkdtemp(f->folder))
		return -1;
	f->entry = (struct live_entry){.name = f->name, .init = 77, .init_start = UINT64_C(1) << 60};
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;
	autofree char *file = xasprintf("%s/web.changes", f->folder);

	(void)unlink(file);
	(void)rmdir(f->folder);
	free(f);
	return 0;
}

static void fill(const struct fixture *f)
{
	struct live_changes changes = LIVE_CHANGES_NONE;
	struct live_grant *grant;
	struct err e = {0};

	assert_int_equal(live_changes_begin(f->folder, &f->entry, &changes, &e), 0);
	assert_int_equal(changes.grants, 0);
	grant = live_changes_add(&changes, "/srv/a \"b\\\n", "/run/granted/a");
	grant->mount = UINT64_MAX - 1;
	grant->write = true;
	(void)live_changes_add(&changes, "/srv/c", "/run/granted/c");
	(void)live_changes_add(&changes, "/srv/d", "/run/granted/d");
	live_changes_remove(&changes, 1);
	live_changes_limit(&changes, "memory", "1G");
	live_changes_limit(&changes, "cpus", "0-1");
	live_changes_limit(&changes, "memory", "2G");
	assert_int_equal(live_changes_write(&changes, &f->entry, &e), 0);
	live_changes_done(&changes);
	assert_int_equal(changes.lock, -1);
}

static void test_round(void **state)
{
	const struct fixture *f = *state;
	struct live_changes changes = LIVE_CHANGES_NONE;
	struct err e = {0};

	fill(f);
	assert_int_equal(live_changes_read(f->folder, &f->entry, &changes, &e), 0);
	assert_int_equal(changes.grants, 2);
	assert_string_equal(changes.grant[0].path, "/srv/a \"b\\\n");
	assert_string_equal(changes.grant[0].at, "/run/granted/a");
	assert_true(changes.grant[0].mount == UINT64_MAX - 1);
	assert_true(changes.grant[0].write && !changes.grant[0].folder && !changes.grant[1].write);
	assert_string_equal(changes.grant[1].path, "/srv/d");
	assert_int_equal(changes.limits, 2);
	assert_string_equal(changes.limit[0].value, "2G");
	assert_string_equal(changes.limit[1].key, "cpus");
	live_changes_done(&changes);
}

/* Of an earlier sandbox of that name. */
static void test_other(void **state)
{
	struct fixture *f = *state;
	struct live_changes changes = LIVE_CHANGES_NONE;
	struct err e = {0};

	fill(f);
	f->entry.init_start++;
	assert_int_equal(live_changes_read(f->folder, &f->entry, &changes, &e), 0);
	assert_int_equal(changes.grants + changes.limits, 0);
	f->entry.init_start--;
	f->entry.init++;
	assert_int_equal(live_changes_read(f->folder, &f->entry, &changes, &e), 0);
	assert_int_equal(changes.grants + changes.limits, 0);
}

static void test_damaged(void **state)
{
	static const char *const texts[] = {
		"",
		"x",
		"[]",
		"{\"init\":77,\"init_start\":1152921504606846976}",
		"{\"init\":77,\"init_start\":1152921504606846976,\"grants\":[1],\"limits\":{}}",
		"{\"init\":77,\"init_start\":1152921504606846976,\"grants\":[{\"path\":\"/a\"}],\"limits\":{}}",
		("{\"init\":77,\"init_start\":1152921504606846976,\"grants\":[{\"path\":\"/a\",\"at\":\"b\"}],"
		 "\"limits\":{}}"),
		"{\"init\":77,\"init_start\":1152921504606846976,\"grants\":[],\"limits\":{\"memory\":null}}",
		"{\"init\":77,\"init_start\":1152921504606846976,\"grants\":{},\"limits\":{}}",
	};
	const struct fixture *f = *state;
	autofree char *file = xasprintf("%s/web.changes", f->folder);

	fill(f);
	for (size_t i = 0; i < countof(texts); i++) {
		autoclose int fd = open(file, O_WRONLY | O_TRUNC | O_CLOEXEC);
		struct live_changes changes = LIVE_CHANGES_NONE;
		struct err e = {0};

		assert_int_equal(fd_write(fd, texts[i], strlen(texts[i])), 0);
		assert_true(live_changes_read(f->folder, &f->entry, &changes, &e) < 0);
		assert_non_null(strstr(e.text, "read what was changed of 'web'"));
		live_changes_done(&changes);
	}
}

/* Nobody is there any more who would remove it. */
static void test_ended(void **state)
{
	const struct fixture *f = *state;
	autofree char *file = xasprintf("%s/web.changes", f->folder);
	struct live_changes changes = LIVE_CHANGES_NONE;
	autoclose int null = open("/dev/null", O_RDONLY | O_CLOEXEC); /* is always readable, as a pidfd at the end */
	struct err e = {0};

	fill(f);
	assert_int_equal(live_changes_begin(f->folder, &f->entry, &changes, &e), 0);
	live_changes_check(&changes, &f->entry, -1);
	assert_int_equal(access(file, F_OK), 0);
	live_changes_check(&changes, &f->entry, null);
	assert_int_equal(access(file, F_OK), -1);
	live_changes_done(&changes);
}

static void test_none(void **state)
{
	const struct fixture *f = *state;
	struct live_changes changes = LIVE_CHANGES_NONE;
	struct err e = {0};

	assert_int_equal(live_changes_read(f->folder, &f->entry, &changes, &e), 0);
	assert_int_equal(live_changes_read("/nowhere/sbx", &f->entry, &changes, &e), 0);
	assert_int_equal(live_changes_begin("/nowhere/sbx", &f->entry, &changes, &e), -ESRCH);
	assert_int_equal(live_changes_read("/tmp", &f->entry, &changes, &e), -EPERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round, make, unmake),
		cmocka_unit_test_setup_teardown(test_other, make, unmake),
		cmocka_unit_test_setup_teardown(test_damaged, make, unmake),
		cmocka_unit_test_setup_teardown(test_ended, make, unmake),
		cmocka_unit_test_setup_teardown(test_none, make, unmake),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
