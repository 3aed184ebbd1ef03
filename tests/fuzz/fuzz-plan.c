/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-plan: plans that nobody compiled. The first byte of the input says which:
 *
 *   'r'   COUNT, then 20 bytes a step: kind, a, b, data, size, why (2 bytes each), m (1), n (8); then the pool
 *   'g'   a plan that was compiled for the setuid sbx, changed by the lines that follow
 *   'n'   a plan without namespaces, changed in the same way
 *   else  one of three other plans, changed in the same way
 *
 * A line is WHAT STEP NTH VALUE: `size set-ids 0 3` gives the first set-ids step a size of 3. STEP is the name of a
 * kind, or a number among all steps. WHAT is a field; `kind`, `over` and `swap` (VALUE is a STEP, of which the first
 * is meant); `out`; or `pool`, a byte of the pool (VALUE: offset * 256 + byte).
 *
 * plan_verify must stand both, and what it takes must be printable and hold what the second reading below asks. */
#include <linux/filter.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <json-c/json.h>

#include "base/mem.h"
#include "base/sys.h"
#include "compile/compile.h"
#include "tests/fuzz/fuzz.h"
#include "tests/plan/fake-host.h"
#include "variables.h"

enum { MAX_BYTES = 4096, BASES = 3, GATED = BASES, BARE, ALL_BASES };

/* What the bases are made of besides the defaults. */
static const struct {
	enum setting_id id;
	const char *text;
} wanted[] = {
	{SET_filesystem_read_write, "/srv"},
	{SET_filesystem_hide, "/usr/share"},
	{SET_devices_allow, "gpu /dev/kvm"},
	{SET_limits_memory, "64M"},
	{SET_limits_processes, "9"},
	{SET_limits_wall_time, "3s"},
	{SET_limits_cpu_time, "1s"},
	{SET_limits_output_size, "1M"},
	{SET_limits_cpus, "0-1"},
	{SET_limits_open_files, "99"},
	{SET_process_nice, "3"},
	{SET_process_keep_fd, "3"},
	{SET_process_stdout, "/srv/out"},
	{SET_process_terminal, "own"},
	{SET_network_mode, "host"},
	{SET_network_connect_tcp, "80 443"},
	{SET_syscalls_denied, "report"},
	{SET_process_capabilities, "net_raw"},
	{SET_process_die_with_caller, "yes"},
	{SET_process_nested_namespaces, "2"},
};

static struct plan base[ALL_BASES];

static void make_base(struct plan *ret, unsigned number)
{
	char program[] = "true", *command[] = {program, NULL}, uid[16];
	struct policy policy = {.name = xstrdup("fuzz"), .layer = 1};
	struct variables vars;
	struct fake_host fake;
	struct err e;

	fake_host_debian(&fake);
	if (number == 2)
		fake_host_root(&fake);
	fake.host.gated = number == GATED;
	if (number == BARE)
		fake.host.user_namespaces = 0;
	variables_of(&fake.host, &vars, uid);
	FUZZ_CHECK(policy_defaults(&policy, &vars, &e) == 0);
	if (number == BARE)
		FUZZ_CHECK(policy_set(&policy, SET_profile_best_effort, "namespaces", (struct origin){"--set", 0},
				      &vars, &e) == 0);
	for (size_t i = 0; (number == 1 || number == 2) && i < countof(wanted); i++)
		FUZZ_CHECK(policy_set(&policy, wanted[i].id, wanted[i].text, (struct origin){"--set", 0}, &vars, &e) ==
			   0);
	if (compile_plan(&policy, &fake.host, command, ret, &e) < 0)
		fuzz_fail(__FILE__, __LINE__, e.text);
	FUZZ_CHECK(plan_verify(ret, &e) == 0);
	policy_done(&policy);
	fake_host_done(&fake);
}

/* Steps and pool are copies of just their size, so that a byte read behind them is seen. */
static void copy_plan(const struct plan *from, struct plan *to)
{
	to->count = from->count;
	to->pool.len = from->pool.len;
	to->step = xmalloc(from->count * sizeof *from->step);
	to->pool.s = xmalloc(from->pool.len);
	memcpy(to->step, from->step, from->count * sizeof *from->step);
	memcpy(to->pool.s, from->pool.s, from->pool.len);
}

static void raw_plan(struct fuzz_bytes *in, struct plan *plan)
{
	size_t count = fuzz_take(in, 1), len;

	plan->step = xcalloc(count ? count : 1, sizeof *plan->step);
	plan->count = count;
	for (size_t i = 0; i < count; i++) {
		struct step *step = &plan->step[i];

		step->kind = (enum step_kind)(fuzz_take(in, 1) % (STEP_COUNT + 2));
		step->a = (uint32_t)fuzz_take(in, 2);
		step->b = (uint32_t)fuzz_take(in, 2);
		step->data = (uint32_t)fuzz_take(in, 2);
		step->size = (uint32_t)fuzz_take(in, 2);
		step->why = (uint32_t)fuzz_take(in, 2);
		step->m = fuzz_take(in, 1);
		step->n = fuzz_take(in, 8);
	}
	len = (size_t)(in->end - in->next);
	plan->pool.s = xmalloc(len ? len : 1);
	memcpy(plan->pool.s, in->next, len);
	plan->pool.len = len;
}

static void swap_steps(struct plan *plan, size_t i, size_t j)
{
	struct step step = plan->step[i];

	plan->step[i] = plan->step[j];
	plan->step[j] = step;
}

/* The NTH step of a name, or of the number that it is. NULL: none. */
static struct step *step_of(const struct plan *plan, const char *name, size_t nth)
{
	char *end;
	size_t number = strtoull(name, &end, 10);

	if (!*end)
		return &plan->step[number % plan->count];
	for (size_t i = 0; i < plan->count; i++) {
		enum step_kind kind = plan->step[i].kind;

		if (kind < STEP_COUNT && str_eq(step_info[kind].name, name) && nth-- == 0)
			return &plan->step[i];
	}
	return NULL;
}

static void set_field(struct step *step, const char *name, uint64_t value)
{
	const struct {
		const char *name;
		uint32_t *field;
	} fields[] = {
		{"a", &step->a}, {"b", &step->b}, {"data", &step->data}, {"size", &step->size}, {"why", &step->why}};

	for (size_t i = 0; i < countof(fields); i++)
		if (str_eq(fields[i].name, name))
			*fields[i].field = (uint32_t)value;
	if (str_eq(name, "n"))
		step->n = value;
	else if (str_eq(name, "m"))
		step->m = value;
}

static void change_plan(struct plan *plan, const char *line)
{
	char what[16], name[32], value[32];
	struct step *step, *other;
	uint64_t number;
	unsigned nth;

	if (sscanf(line, "%15s %31s %u %31s", what, name, &nth, value) != 4)
		return;
	step = step_of(plan, name, nth);
	other = step_of(plan, value, 0);
	number = strtoull(value, NULL, 0);
	if (!step)
		return;
	set_field(step, what, number);
	if (str_eq(what, "kind"))
		step->kind = *value <= '9' || !other ? (enum step_kind)(number % (STEP_COUNT + 1)) : other->kind;
	else if (str_eq(what, "over") && other)
		*step = *other;
	else if (str_eq(what, "swap") && other)
		swap_steps(plan, (size_t)(step - plan->step), (size_t)(other - plan->step));
	else if (str_eq(what, "pool"))
		plan->pool.s[(number >> 8) % plan->pool.len] = (char)number;
	else if (str_eq(what, "out") && plan->count > 1)
		memmove(step, step + 1, (size_t)(plan->step + plan->count-- - step - 1) * sizeof *step);
}

static bool text_is_in(const struct plan *plan, uint32_t offset)
{
	for (size_t i = offset; i < plan->pool.len; i++)
		if (!plan->pool.s[i])
			return true;
	return false;
}

/* Mounts: where they are, and what they may not give. */
static void check_mount(const struct plan *plan, const struct step *step)
{
	const char *a = plan_text(plan, step->a), *b = plan_text(plan, step->b);

	switch (step->kind) {
	case STEP_BIND:
		FUZZ_CHECK(a[0] == '/' && fuzz_is_normal(b, false) && step->n & ATTR_NOSUID);
		FUZZ_CHECK(step->n & ATTR_NODEV || (uint32_t)step->m == BIND_CHAR);
		FUZZ_CHECK(!fuzz_wrong || step->n & ATTR_RDONLY);
		break;
	case STEP_SCRATCH_DIR:
		FUZZ_CHECK((step->m & (ATTR_NOSUID | ATTR_NODEV)) == (ATTR_NOSUID | ATTR_NODEV));
		FUZZ_CHECK(fuzz_is_normal(a, false));
		break;
	case STEP_MKDIR:
	case STEP_SYMLINK:
	case STEP_FILE:
	case STEP_HIDE:
	case STEP_PROC:
	case STEP_SEAL_PROC:
	case STEP_DEVPTS:
		FUZZ_CHECK(fuzz_is_normal(a, false));
		break;
	case STEP_PROC_READ_ONLY:
		FUZZ_CHECK(fuzz_is_normal(a, false) && strncmp(a, "/proc/", 6) == 0);
		break;
	default:
		break;
	}
}

static void check_data(const struct plan *plan, const struct step *step)
{
	const char *data = plan_text(plan, step->data);

	FUZZ_CHECK((uint64_t)step->data + step->size <= plan->pool.len);
	if (step->kind == STEP_EXEC)
		FUZZ_CHECK(step->size > 0);
	if (step->kind == STEP_EXEC || step->kind == STEP_ENVIRONMENT)
		FUZZ_CHECK(!step->size || !data[step->size - 1]);
	if (step->kind == STEP_SET_IDS)
		FUZZ_CHECK(step->size % sizeof(gid_t) == 0);
	if (step->kind == STEP_FILTER)
		FUZZ_CHECK(step->size >= 8 && step->size % 8 == 0 && step->size <= 8 * BPF_MAXINSNS);
}

/* The payload has a user namespace of its own, or is behind the gate, and then it has no right over any. */
static void check_user_namespaces(const struct plan *plan, const unsigned seen[STEP_COUNT])
{
	bool own = plan_find(plan, STEP_NAMESPACES)->n & CLONE_NEWUSER;

	FUZZ_CHECK(own == !seen[STEP_GATE] && seen[STEP_GATE] <= 1);
	FUZZ_CHECK(seen[STEP_INNER_USER] == own && seen[STEP_ID_MAP] == own);
	FUZZ_CHECK(own || (!seen[STEP_SET_IDS] && !seen[STEP_INNER_NAMESPACES]));
	FUZZ_CHECK(own || (!plan_find(plan, STEP_CAPABILITIES)->n && !plan_find(plan, STEP_NAMESPACE_LIMIT)->n));
}

/* Without namespaces the host's own mounts, names and processes are there: nothing is done to them, Landlock has all of
 * its walls, and the report says what is missing. */
static void check_bare(const struct plan *plan, const unsigned seen[STEP_COUNT])
{
	static const enum step_kind never[] = {
		STEP_GATE,     STEP_ID_MAP,   STEP_PRIVATE,     STEP_ROOT,       STEP_SCRATCH,
		STEP_BIND,     STEP_HIDE,     STEP_SCRATCH_DIR, STEP_PIVOT,      STEP_HOSTNAME,
		STEP_LOOPBACK, STEP_TERMINAL, STEP_INNER_USER,  STEP_NAMESPACES,
	};

	for (size_t i = 0; i < countof(never); i++)
		FUZZ_CHECK(!seen[never[i]]);
	FUZZ_CHECK(seen[STEP_SUBREAPER] == 1 && seen[STEP_SIGNAL_SCOPE] == 1 && seen[STEP_SKIP]);
	FUZZ_CHECK(seen[STEP_LANDLOCK] == 1 && seen[STEP_FILTER] == 1 && !plan_find(plan, STEP_CAPABILITIES)->n);
	FUZZ_CHECK(plan_find(plan, STEP_LANDLOCK)->m >> 32 == 3);
}

/* What plan_verify promises of a plan that it takes, read a second time. */
static void check_promises(const struct plan *plan)
{
	unsigned seen[STEP_COUNT] = {0};

	for (size_t i = 0; i < plan->count; i++) {
		const struct step *step = &plan->step[i];

		FUZZ_CHECK((unsigned)step->kind < STEP_COUNT);
		FUZZ_CHECK(!i || step_info[step->kind].phase >= step_info[plan->step[i - 1].kind].phase);
		FUZZ_CHECK(text_is_in(plan, step->a) && text_is_in(plan, step->b) && text_is_in(plan, step->why));
		FUZZ_CHECK(step->why > 0);
		check_data(plan, step);
		check_mount(plan, step);
		FUZZ_CHECK(step->kind != STEP_KEEP_FD || (step->n >= 3 && step->n <= INT32_MAX));
		FUZZ_CHECK(step->kind != STEP_STDIO || step->n <= 2);
		seen[step->kind]++;
		/* rules are between the making of the ruleset and its enforcement */
		if (step->kind == STEP_LANDLOCK_PATH || step->kind == STEP_LANDLOCK_PORT)
			FUZZ_CHECK(seen[STEP_LANDLOCK] == 1 && seen[STEP_LANDLOCK_ENFORCE] == 0);
	}
	FUZZ_CHECK(seen[STEP_LANDLOCK] == seen[STEP_LANDLOCK_ENFORCE] && seen[STEP_LANDLOCK] <= 1);
	FUZZ_CHECK(seen[STEP_EXEC] == 1 && plan->step[plan->count - 1].kind == STEP_EXEC);
	FUZZ_CHECK(seen[STEP_NO_NEW_PRIVS] == 1 && seen[STEP_CLOSE_FDS] == 1 && seen[STEP_CAPABILITIES] == 1);
	FUZZ_CHECK(seen[STEP_ENVIRONMENT] == 1 && seen[STEP_CHDIR] == 1 && seen[STEP_KEYRING] == 1);
	if (seen[STEP_SUBREAPER]) {
		check_bare(plan, seen);
		return;
	}
	FUZZ_CHECK(seen[STEP_PIVOT] == 1 && seen[STEP_SEAL] == 1 && seen[STEP_NAMESPACES] == 1);
	FUZZ_CHECK(seen[STEP_INIT_DROP] == 1 && seen[STEP_PROC] == 1);
	check_user_namespaces(plan, seen);
}

/* A line a step, and nothing in it that a terminal obeys. */
static void check_printed(const struct plan *plan)
{
	autostr struct str out = {0};
	size_t lines = 0;

	plan_print(plan, &out);
	for (size_t i = 0; i < out.len; i++) {
		unsigned char byte = (unsigned char)out.s[i];

		lines += byte == '\n';
		FUZZ_CHECK(byte == '\n' || (byte >= ' ' && byte != 0x7f));
		FUZZ_CHECK(byte != 0xc2 || (unsigned char)out.s[i + 1] >= 0xa0);
	}
	FUZZ_CHECK(lines == plan->count);
}

static void check_json(const struct plan *plan)
{
	autostr struct str out = {0};
	struct json_object *top, *steps = NULL;

	plan_print_json(plan, &out);
	top = json_tokener_parse(out.s);
	FUZZ_CHECK(top && json_object_object_get_ex(top, "steps", &steps));
	FUZZ_CHECK(json_object_array_length(steps) == plan->count);
	for (size_t i = 0; i < plan->count; i++) {
		struct json_object *step = json_object_array_get_idx(steps, i), *name = NULL;

		FUZZ_CHECK(json_object_object_get_ex(step, "do", &name));
		FUZZ_CHECK(str_eq(json_object_get_string(name), step_info[plan->step[i].kind].name));
	}
	json_object_put(top);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes in = {data, data + size};
	autofree char *text = NULL;
	struct plan plan = {0};
	struct err e;
	unsigned kind;
	char *next;

	for (unsigned i = 0; !base[BARE].count && i < ALL_BASES; i++)
		make_base(&base[i], i);
	if (size > MAX_BYTES)
		return 0;
	kind = (unsigned)fuzz_take(&in, 1);
	if (kind == 'r')
		raw_plan(&in, &plan);
	else
		copy_plan(&base[kind == 'g' ? GATED : kind == 'n' ? BARE : kind % BASES], &plan);
	text = xstrndup((const char *)in.next, kind == 'r' ? 0 : (size_t)(in.end - in.next));
	for (char *line = text; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		change_plan(&plan, line);
	}
	if (plan_verify(&plan, &e) == 0) {
		check_promises(&plan);
		check_printed(&plan);
		check_json(&plan);
	} else {
		FUZZ_CHECK(e.code > 0 && e.text[0]);
	}
	plan_done(&plan);
	return 0;
}
