/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-isolated: the ranges of subuid(5), and the choice of an id of one that nobody else has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <errno.h>

#include "host/isolated.h"
#include "host/parts.h"
#include "tests/unit/own-folder.h"

enum { HOSTS = 5 };

struct files {
	char *subuid, *subgid, *passwd, *group, *lock;
	struct isolated_files all;
	struct host host[HOSTS]; /* each as of another sbx */
};

static int set_up(void **state)
{
	struct files *f = xcalloc(1, sizeof *f);

	if (make_folder(state) < 0)
		return -1;
	f->subuid = below("subuid");
	f->subgid = below("subgid");
	f->passwd = below("passwd");
	f->group = below("group");
	f->lock = below("made/for/ids");
	f->all = (struct isolated_files){f->subuid, f->subgid, f->passwd, f->group, f->lock};
	for (int i = 0; i < HOSTS; i++) {
		f->host[i] = (struct host){.uid = 1000, .euid = geteuid(), .user = xstrdup("alice")};
		f->host[i].uid_range[0] = f->host[i].gid_range[0] = (struct id_range){0, UINT32_MAX};
	}
	put("passwd", "root:x:0:0:root:/root:/bin/sh\nbob:x:5003:5003::/:/bin/sh\n");
	put("group", "root:x:0:\nstaff:x:7002:\n");
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct files *f = *state;

	for (int i = 0; i < HOSTS; i++) {
		free(f->host[i].user);
		host_free_isolated(&f->host[i]);
	}
	free(f->subuid);
	free(f->subgid);
	free(f->passwd);
	free(f->group);
	free(f->lock);
	free(f);
	return remove_folder(state);
}

static const struct isolated *choose(struct files *f, int i)
{
	host_free_isolated(&f->host[i]);
	isolated_choose(&f->host[i], &f->all);
	return f->host[i].isolated;
}

static void missing(struct files *f, const char *text)
{
	const struct isolated *is = choose(f, 0);

	if (!is->missing.code || !strstr(is->missing.text, text))
		fail_msg("'%s' is not in '%s'", text, is->missing.text);
}

static void as_root(struct files *f)
{
	for (int i = 0; i < HOSTS; i++)
		f->host[i].maps_ids = true;
}

static void test_range(void **state)
{
	static const char *const owners[] = {"alice", "1000", NULL};
	static const struct {
		const char *text;
		uint32_t first, count; /* 0: refused */
	} cases[] = {
		{"alice:100000:65536\n", 100000, 65536},
		{"# alice\n\nbob:1:2\nalice:100000:65536\nalice:300000:1\n", 100000, 65536},
		{"1000:7:8", 7, 8},
		{"1000:7:8\nalice:100:8\n", 100, 8},
		{"alice:0:8\n", 0, 0},
		{"alice:8:0\n", 0, 0},
		{"alice:8\n", 0, 0},
		{"alice:4294967290:65536\n", 0, 0},
		{"alice:99999999999:1\n", 0, 0},
		{"alicea:8:8\nalic:8:8\n", 0, 0},
		{"", 0, 0},
		{"alice:100000:65536\nbob:165535:1\n", 0, 0},
		{"alice:100000:65536\nbob:99999:2\n", 0, 0},
		{"alice:100000:65536\nbob:165536:1\nroot:99999:1\n1000:100000:65536\n", 100000, 65536},
	};
	struct files *f = *state;
	struct id_range range;
	struct err e = {0};

	assert_int_equal(isolated_range(f->subuid, owners, &range, &e), -ENOENT);
	for (size_t i = 0; i < countof(cases); i++) {
		int r;

		put("subuid", cases[i].text);
		r = isolated_range(f->subuid, owners, &range, &e);
		if ((r == 0) != (cases[i].count > 0) ||
		    (r == 0 && (range.first != cases[i].first || range.count != cases[i].count)))
			fail_msg("%s: %d, %u:%u", cases[i].text, r, range.first, range.count);
	}
}

/* All are taken, and no more; one that is given up is free again. */
static void test_choice(void **state)
{
	struct files *f = *state;
	bool taken[6] = {false};
	uid_t given_up;

	put("subuid", "alice:5000:6\n"); /* 5000 is kept, 5003 is bob's, */
	put("subgid", "alice:7000:9\n"); /* 7002 is staff's */
	for (int i = 0; i < 3; i++) {
		const struct isolated *is = choose(f, i);

		assert_int_equal(is->missing.code, 0);
		assert_int_equal(is->uid - 5000, is->gid - 7000);
		assert_int_equal(is->root_gid, 7000);
		assert_true(is->uid == 5001 || is->uid == 5004 || is->uid == 5005);
		assert_false(taken[is->uid - 5000]);
		taken[is->uid - 5000] = true;
	}
	assert_int_equal(choose(f, 3)->missing.code, EAGAIN);
	assert_non_null(strstr(f->host[3].isolated->missing.text, "all 3 ids"));
	given_up = f->host[1].isolated->uid;
	host_free_isolated(&f->host[1]);
	assert_int_equal(choose(f, 3)->uid, given_up);
}

static const struct isolated *take_all(struct files *f, int i)
{
	host_free_isolated(&f->host[i]);
	isolated_take_all(&f->host[i], &f->all);
	return f->host[i].isolated;
}

/* All ids are for many at once, but then none is for one alone, and the other way round. */
static void test_all(void **state)
{
	struct files *f = *state;

	put("subuid", "alice:9000:4\n");
	put("subgid", "alice:9000:3\n");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(take_all(f, i)->missing.code, 0);
		assert_int_equal(f->host[i].isolated->uids.count, 3);
		assert_int_equal(f->host[i].isolated->gids.count, 3);
	}
	assert_int_equal(choose(f, 2)->missing.code, EAGAIN);
	host_free_isolated(&f->host[0]);
	assert_int_equal(choose(f, 2)->missing.code, EAGAIN);
	host_free_isolated(&f->host[1]);
	assert_int_equal(choose(f, 2)->missing.code, 0);
	assert_int_equal(take_all(f, 0)->missing.code, EAGAIN);
	assert_non_null(strstr(f->host[0].isolated->missing.text, "are those of isolated sandboxes"));
	host_free_isolated(&f->host[2]);
	put("subuid", "alice:5000:6\n"); /* 5003 is bob's */
	put("subgid", "alice:9000:6\n");
	assert_int_equal(take_all(f, 0)->missing.code, EINVAL);
	put("subuid", "alice:9000:100000\n");
	put("subgid", "alice:9000:100000\n");
	assert_int_equal(take_all(f, 0)->uids.count, ISOLATED_MANY);
	assert_true(choose(f, 1)->uid >= 9000 + ISOLATED_MANY);
}

static void test_choice_of_root(void **state)
{
	struct files *f = *state;

	as_root(f);
	put("subuid", "root:5000:1\n"); /* which container managers give away */
	put("subgid", "root:7000:1\n");
	missing(f, "has no ids for user 'sbx'");
	put("subuid", "root:5000:1\nsbx:6000:1\n");
	put("subgid", "root:7000:1\nsbx:8000:1\n");
	assert_int_equal(choose(f, 0)->uid, 6000);
	assert_int_equal(f->host[0].isolated->gid, 8000);
	assert_int_equal(f->host[0].isolated->root_gid, 0);
	f->host[0].uid_range[0] = (struct id_range){0, 6000};
	missing(f, "none of the 1 ids of the range is mapped here");
}

static void test_missing(void **state)
{
	struct files *f = *state;

	missing(f, "has no ids for user 'alice'");
	put("subuid", "alice:5000:6\nbob:200000:10\n");
	missing(f, "subgid has no ids for user 'alice'");
	assert_non_null(strstr(f->host[0].isolated->missing.hint, "alice:200010:65536"));
	put("subgid", "alice:5000:1\n");
	missing(f, "none of the 1 ids");
	put("subgid", "alice:5000:6\nbob:5005:1\n");
	missing(f, "gives ids of 5000:6, which are alice's, to 'bob' too");
	as_root(f);
	missing(f, "has no ids for user 'sbx'");
	assert_non_null(strstr(f->host[0].isolated->missing.hint, "sbx:200010:65536"));
}

/* A folder on the way goes elsewhere, and a link leads there. */
static void put_away(const char *name, const char *elsewhere)
{
	autofree char *path = below(name);

	assert_int_equal(rename(path, elsewhere), 0);
	assert_int_equal(symlink(elsewhere, path), 0);
}

/* What stands where the locks are must be a file of the caller's, and no way to another. */
static void test_lock(void **state)
{
	struct files *f = *state;
	autofree char *elsewhere = below("elsewhere");

	put("subuid", "alice:5000:6\n");
	put("subgid", "alice:5000:6\n");
	assert_int_equal(choose(f, 0)->missing.code, 0);
	assert_int_equal(unlink(f->lock), 0);
	assert_int_equal(symlink(elsewhere, f->lock), 0);
	missing(f, "where the ids in use are locked");
	assert_int_equal(access(elsewhere, F_OK), -1);
	assert_int_equal(unlink(f->lock), 0);
	assert_int_equal(mkdir(f->lock, 0700), 0);
	missing(f, "where the ids in use are locked");
	assert_int_equal(rmdir(f->lock), 0);
	put_away("made/for", elsewhere);
	missing(f, "'for' must be a folder and not a link");
	assert_int_equal(rmdir(elsewhere), 0);
	f->all.lock = "/dev/null";
	missing(f, "is no file of user");
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_range), T(test_choice), T(test_all), T(test_choice_of_root), T(test_missing), T(test_lock),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("isolated", tests, NULL, NULL);
}
