/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-identity: the user namespaces of a plan: the sandbox's own two, or the one of the setuid gate. */
#include <errno.h>
#include <sched.h>

#include "base/sys.h"
#include "tests/unit/plan-of.h"

static void behind_a_gate(struct plan_of *f)
{
	again(f);
	f->fake.host.gated = true;
}

static void test_own(void **state)
{
	struct plan_of *f = *state;

	compile(f);
	(void)sees(f, "namespaces new=user,mount,pid,ipc,uts,net,cgroup");
	(void)sees(f, "id-map uids=0 1000 1");
	(void)sees(f, "inner-user uids=1000 0 1");
	(void)sees(f, "namespace-limit most=1");
	sees_not(f, " gate ");
}

static void test_gated(void **state)
{
	struct plan_of *f = *state;

	behind_a_gate(f);
	f->fake.host.user_namespaces = 0; /* that of ordinary users says nothing here */
	compile(f);
	(void)sees(f, " gate ");
	(void)sees(f, "namespaces new=mount,pid,ipc,uts,net,cgroup");
	(void)sees(f, "namespace-limit most=0");
	(void)sees(f, "capabilities kept=0");
	(void)sees(f, "init-drop kept=256"); /* CAP_SETPCAP */
	sees_not(f, "id-map");
	sees_not(f, "inner-user");
	sees_not(f, "set-ids");
}

static void test_gated_refuses(void **state)
{
	static const struct {
		enum setting_id id;
		const char *value, *text;
	} asked[] = {
		{SET_process_user, "root", "process.user: the setuid sbx can only keep"},
		{SET_process_user, "nobody", "process.user: the setuid sbx can only keep"},
		{SET_process_user, "isolated", "process.user: the setuid sbx can only keep"},
		{SET_process_nested_namespaces, "1", "process.nested-namespaces: the setuid sbx gives no"},
		{SET_process_capabilities, "net_raw", "process.capabilities: the setuid sbx gives no"},
	};
	struct plan_of *f = *state;

	fake_host_isolated(&f->fake);
	for (size_t i = 0; i < countof(asked); i++) {
		behind_a_gate(f);
		want(f, asked[i].id, asked[i].value);
		refused(f, asked[i].text);
		assert_non_null(strstr(f->e.text, "test.ini:7"));
		again(f);
		f->fake.host.gated = false;
		want(f, asked[i].id, asked[i].value);
		compile(f);
	}
	behind_a_gate(f);
	want(f, SET_process_user, "keep");
	compile(f);
}

static void test_isolated(void **state)
{
	struct plan_of *f = *state;

	fake_host_isolated(&f->fake);
	want(f, SET_process_user, "isolated");
	compile(f);
	(void)sees(f, "id-helper uids=/usr/bin/newuidmap gids=/usr/bin/newgidmap # test.ini:7");
	(void)sees(f, "id-map uids=0 1000 1\\x0a100007 100007 1 gids=0 200000 1\\x0a200007 200007 1 by_monitor=1");
	assert_true(sees(f, "root-group") < sees(f, "private-mounts"));
	(void)sees(f, "set-ids uid=100007 gid=200007 #"); /* and no group of the caller */
	(void)sees(f, "inner-user uids=100007 100007 1 gids=200007 200007 1");
	(void)sees(f, "scratch-dir target=/home/alice owner=100007:200007");
	again(f);
	want(f, SET_process_user, "isolated");
	want(f, SET_devices_allow, "gpu");
	compile(f);
	(void)sees(f, "set-ids uid=100007 gid=200007 #");
}

static void test_isolated_of_root(void **state)
{
	struct plan_of *f = *state;

	fake_host_isolated(&f->fake);
	fake_host_remove(&f->fake, "/usr/bin/newuidmap");
	again_as_root(f);
	want(f, SET_process_user, "isolated");
	compile(f); /* without any helper */
	sees_not(f, "id-helper");
	sees_not(f, "root-group");
	(void)sees(f, "id-map uids=0 0 4294967295");
	(void)sees(f, "set-ids uid=100007 gid=200007 #");
	(void)sees(f, "scratch-dir target=/home/isolated owner=100007:200007");
	f->fake.host.user_namespaces = 0; /* without namespaces, too, root can become it */
	f->fake.host.landlock_abi = 6;
	again(f);
	want(f, SET_process_user, "isolated");
	want(f, SET_profile_best_effort, "namespaces");
	compile(f);
	(void)sees(f, "set-ids uid=100007 gid=200007 #");
	(void)sees(f, "subreaper");
}

static void test_isolated_refuses(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_process_user, "isolated");
	refused(f, "no id has been chosen");
	fake_host_isolated(&f->fake);
	fake_host_remove(&f->fake, "/usr/bin/newgidmap");
	again(f);
	want(f, SET_process_user, "isolated");
	refused(f, "test.ini:7: process.user: ids of its own need /usr/bin/newgidmap");
	assert_non_null(strstr(f->e.hint, "apt-get install uidmap"));
	fake_host_remove(&f->fake, "/usr/bin/newuidmap");
	again(f);
	want(f, SET_process_user, "isolated");
	refused(f, "test.ini:7: process.user: ids of its own need /usr/bin/newuidmap");
	(void)err_set(&f->fake.host.isolated->missing, ENOENT, "no ids");
	(void)err_hint(&f->fake.host.isolated->missing, "ask for some");
	again(f);
	want(f, SET_process_user, "isolated");
	refused(f, "test.ini:7: process.user: no ids");
	assert_string_equal(f->e.hint, "ask for some");
}

static void want_many(struct plan_of *f)
{
	again(f);
	want(f, SET_filesystem_image_ids, "many");
}

/* 0 is the caller, the others are of its range; init maps what the payload can't. */
static void test_many(void **state)
{
	struct plan_of *f = *state;

	fake_host_isolated(&f->fake);
	fake_host_image(&f->fake);
	want_many(f);
	compile(f);
	(void)sees(f, "id-helper uids=/usr/bin/newuidmap");
	(void)sees(f, "id-map uids=0 1000 1\\x0a1 100000 65536 gids=0 1000 1\\x0a1 200000 65536 by_monitor=1");
	(void)sees(f, "set-ids uid=33 gid=33 #");
	(void)sees(f, "inner-user uids=0 0 1\\x0a1 1 65536 gids=0 0 1\\x0a1 1 65536 by_init=1");
	(void)sees(f, "init-drop kept=2147483840"); /* CAP_SETFCAP, CAP_SETUID, CAP_SETGID */
	(void)sees(f, "capabilities kept=0");
	(void)sees(f, "scratch-dir target=/run/user/33 owner=33:33");
	want_many(f);
	want(f, SET_process_user, "root");
	compile(f);
	(void)sees(f, "set-ids uid=0 gid=0 #");
	(void)sees(f, "scratch-dir target=/run/user/0 mode");
}

static void test_many_refuses(void **state)
{
	struct plan_of *f = *state;

	fake_host_isolated(&f->fake);
	want_many(f);
	refused(f, "filesystem.image-ids: there is no image");
	fake_host_image(&f->fake);
	want_many(f);
	want(f, SET_process_user, "keep");
	refused(f, "it is not with process.user = keep");
	want_many(f);
	want(f, SET_filesystem_home, "private");
	refused(f, "filesystem.home: user 33 of the image is not the caller");
	want_many(f);
	want(f, SET_filesystem_session, "one");
	refused(f, "would not all be the caller's");
	want_many(f);
	want(f, SET_limits_processes, "10"); /* each id would have a limit of its own */
	f->fake.host.cgroup[CG_PIDS].kind = CGROUP_NONE;
	refused(f, "limits.processes: it needs a cgroup");
	f->fake.host.isolated->uids.count = 32;
	want_many(f);
	refused(f, "user 33, group 33 is none of the 32 subordinate ids");
	fake_host_remove(&f->fake, "/usr/bin/newuidmap");
	want_many(f);
	refused(f, "ids of its own need /usr/bin/newuidmap");
	again_as_root(f);
	want(f, SET_filesystem_image_ids, "many");
	refused(f, "the layers of root's images belong to root");
}

/* Adds a step, as the last one of its phase. */
static void insert(struct plan_of *f, enum step_kind kind)
{
	struct step added = *plan_add(&f->plan, kind, "test", "/x", "/x", 0, 0);
	size_t i = f->plan.count - 1;

	for (; step_info[f->plan.step[i - 1].kind].phase > step_info[kind].phase; i--)
		f->plan.step[i] = f->plan.step[i - 1];
	f->plan.step[i] = added;
}

/* Each thing that a gate does not allow, put into a plan behind one, and the gate taken away. */
static void test_verify(void **state)
{
	static const enum step_kind added[] = {STEP_ID_MAP,     STEP_ID_HELPER, STEP_ROOT_GROUP,
					       STEP_INNER_USER, STEP_SET_IDS,   STEP_INNER_NAMESPACES};
	struct plan_of *f = *state;

	behind_a_gate(f);
	compile(f);
	for (size_t i = 0; i < countof(added); i++) {
		insert(f, added[i]);
		assert_true(plan_verify(&f->plan, &f->e) < 0);
		assert_non_null(strstr(f->e.text, step_info[added[i]].name));
		plan_done(&f->plan);
		str_done(&f->text);
		compile(f);
	}
	step_of(f, STEP_NAMESPACE_LIMIT)->n = 1;
	assert_true(plan_verify(&f->plan, &f->e) < 0);
	step_of(f, STEP_NAMESPACE_LIMIT)->n = 0;
	step_of(f, STEP_CAPABILITIES)->n = 1;
	assert_true(plan_verify(&f->plan, &f->e) < 0);
	step_of(f, STEP_CAPABILITIES)->n = 0;
	step_of(f, STEP_NAMESPACES)->n |= CLONE_NEWUSER;
	assert_true(plan_verify(&f->plan, &f->e) < 0);
	step_of(f, STEP_NAMESPACES)->n &= ~(uint64_t)CLONE_NEWUSER;
	assert_int_equal(plan_verify(&f->plan, &f->e), 0);
	step_of(f, STEP_GATE)->kind = STEP_SKIP;
	assert_true(plan_verify(&f->plan, &f->e) < 0);
}

/* Where no namespaces can be made, and the profile accepts that. */
static void without_namespaces(struct plan_of *f)
{
	again(f);
	f->fake.host.user_namespaces = 0;
	f->fake.host.landlock_abi = 6;
	want(f, SET_profile_best_effort, "namespaces");
}

static void test_bare(void **state)
{
	struct plan_of *f = *state;

	without_namespaces(f);
	want(f, SET_filesystem_read_write, "/home/alice/work");
	compile(f);
	(void)sees(f, "skip layer=namespaces");
	(void)sees(f, "subreaper");
	(void)sees(f, "signal-scope");
	(void)sees(f, "landlock-path path=/home/alice/work rights=");
	(void)sees(f, "landlock-path path=/usr rights=execute,read,list");
	sees_not(f, "landlock-path path=/ ");
	sees_not(f, "landlock-path path=/etc ");
	sees_not(f, "landlock-path path=/dev ");
	sees_not(f, "bind");
	sees_not(f, "pivot-root");
	sees_not(f, "hostname");
	sees_not(f, "loopback");
	sees_not(f, "namespaces new=");
	without_namespaces(f); /* a limit on processes would count those of the whole user */
	f->fake.host.cgroup[CG_PIDS].kind = CGROUP_NONE;
	want(f, SET_limits_processes, "5");
	refused(f, "limits.processes: it needs a cgroup");
	without_namespaces(f);
	f->fake.host.user_namespaces = 1000; /* they can be made: then they are */
	compile(f);
	(void)sees(f, "namespaces new=user");
	sees_not(f, "subreaper");
	without_namespaces(f);
	f->fake.host.user_namespaces = 1000;
	f->fake.host.namespaces_errno = EPERM; /* or they were tried in vain */
	compile(f);
	(void)sees(f, "subreaper");
}

static void test_bare_refuses(void **state)
{
	static const struct {
		enum setting_id id;
		const char *value, *text;
	} asked[] = {
		{SET_process_user, "root", "process.user"},
		{SET_process_user, "isolated", "process.user: user 100007 can't be had"},
		{SET_process_nested_namespaces, "1", "process.nested-namespaces"},
		{SET_process_capabilities, "net_raw", "process.capabilities"},
		{SET_syscalls_base, "none", "syscalls.base"},
		{SET_filesystem_home, "private", "filesystem.home"},
		{SET_process_terminal, "own", "process.terminal"},
		{SET_filesystem_read_only, "/home/alice/work:/data", "something else"},
		{SET_filesystem_hide, "/usr/bin", "hidden"},
		{SET_filesystem_tmpfs, "/usr/bin", "an empty folder"},
	};
	struct plan_of *f = *state;

	fake_host_isolated(&f->fake);
	for (size_t i = 0; i < countof(asked); i++) {
		without_namespaces(f);
		want(f, asked[i].id, asked[i].value);
		refused(f, asked[i].text);
	}
	without_namespaces(f);
	want(f, SET_filesystem_read_write, "/usr");
	want(f, SET_filesystem_read_only, "/usr/bin");
	refused(f, "less open");
	without_namespaces(f);
	f->fake.host.landlock_abi = 5;
	refused(f, "Landlock ABI 6 is needed");
	again(f);
	f->fake.host.user_namespaces = 0;
	refused(f, "allows no user namespaces");
}

/* The plan without namespaces must have all of its walls, and no step that would act on the host. */
static void test_bare_verify(void **state)
{
	static const enum step_kind walls[] = {STEP_SUBREAPER, STEP_SIGNAL_SCOPE, STEP_FILTER, STEP_SKIP};
	static const enum step_kind never[] = {STEP_PRIVATE, STEP_HIDE,     STEP_PIVOT,     STEP_NAMESPACES,
					       STEP_ID_MAP,  STEP_HOSTNAME, STEP_INNER_USER};
	struct plan_of *f = *state;

	for (size_t i = 0; i < countof(walls); i++) {
		without_namespaces(f);
		compile(f);
		step_of(f, walls[i])->kind = walls[i] == STEP_FILTER ? STEP_ENVIRONMENT : STEP_DIE_WITH_CALLER;
		assert_true(plan_verify(&f->plan, &f->e) < 0);
	}
	for (size_t i = 0; i < countof(never); i++) {
		without_namespaces(f);
		compile(f);
		insert(f, never[i]);
		assert_true(plan_verify(&f->plan, &f->e) < 0);
	}
	without_namespaces(f);
	compile(f);
	step_of(f, STEP_LANDLOCK)->m = UINT64_C(1) << 32;
	assert_true(plan_verify(&f->plan, &f->e) < 0);
	assert_non_null(strstr(f->e.text, "signals or abstract sockets"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, plan_of_setup, plan_of_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {T(test_own),
					   T(test_gated),
					   T(test_gated_refuses),
					   T(test_verify),
					   T(test_isolated),
					   T(test_isolated_of_root),
					   T(test_isolated_refuses),
					   T(test_many),
					   T(test_many_refuses),
					   T(test_bare),
					   T(test_bare_refuses),
					   T(test_bare_verify)};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
