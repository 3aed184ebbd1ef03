/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/mem.h"
#include "compile/syscalls.h"
#include "report-box.h"
#include "report-limits.h"

enum { REPORT_VERSION = 1 };

static const char *verdict_word(enum verdict verdict)
{
	static const char *const words[] = {
		[VERDICT_OK] = "ok",
		[VERDICT_EXIT] = "exit",
		[VERDICT_SIGNAL] = "signal",
		[VERDICT_CPU_TIME] = "cpu-time",
		[VERDICT_WALL_TIME] = "wall-time",
		[VERDICT_MEMORY] = "memory",
		[VERDICT_OUTPUT] = "output",
		[VERDICT_PROCESSES] = "processes",
		[VERDICT_DISK] = "disk",
		[VERDICT_SYSCALL] = "syscall",
		[VERDICT_INTERNAL] = "internal",
	};

	return words[verdict];
}

static void add_known(struct json *object, const char *name, int64_t value)
{
	if (value < 0)
		json_add_null(object, name);
	else
		json_add_int(object, name, value);
}

static void add_seconds(struct json *object, const char *name, int64_t ns)
{
	if (ns < 0)
		json_add_null(object, name);
	else
		json_add_double(object, name, (double)ns / NS_PER_SECOND);
}

static void add_texts(struct json *object, const char *name, char *const *texts, size_t count)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < count; i++)
		json_append_string(array, texts[i]);
	json_add(object, name, array);
}

static size_t words_in(char *const *command)
{
	size_t count = 0;

	while (command[count])
		count++;
	return count;
}

static void add_end(struct json *report, const struct outcome *outcome)
{
	json_add_bool(report, "executed", outcome->executed);
	add_known(report, "exit_code", outcome->exit_code);
	add_known(report, "signal", outcome->signal ? outcome->signal : -1);
	json_add_bool(report, "killed", outcome->killed);
	add_known(report, "exec_errno", outcome->exec_errno ? outcome->exec_errno : -1);
}

static void add_usage(struct json *report, const struct outcome *outcome)
{
	struct json *time = json_new_object(), *memory = json_new_object(), *processes = json_new_object();

	add_seconds(time, "wall_s", outcome->wall);
	add_seconds(time, "cpu_s", outcome->cpu);
	add_seconds(time, "user_s", outcome->user);
	add_seconds(time, "system_s", outcome->system);
	add_seconds(time, "setup_s", outcome->setup);
	json_add_string(time, "source", outcome->cpu_source);
	add_seconds(time, "throttled_s", outcome->throttled);
	add_seconds(time, "waited_s", outcome->waited);
	add_seconds(time, "steal_s", outcome->stolen);
	add_known(time, "instructions", outcome->instructions);
	add_known(time, "executed_at_ns", outcome->executed ? outcome->executed_at : -1);
	add_known(time, "ended_at_ns", outcome->executed ? outcome->ended_at : -1);
	json_add(report, "time", time);
	add_known(memory, "peak_bytes", outcome->memory_peak);
	json_add_string(memory, "source", outcome->memory_source);
	add_known(memory, "oom_kills", outcome->oom_kills);
	add_known(memory, "max_rss_bytes", outcome->max_rss);
	add_known(memory, "minor_faults", outcome->minor_faults);
	add_known(memory, "major_faults", outcome->major_faults);
	json_add(report, "memory", memory);
	add_known(processes, "peak", outcome->processes_peak);
	add_known(processes, "limit_hits", outcome->processes_hits);
	add_known(processes, "voluntary_switches", outcome->voluntary_switches);
	add_known(processes, "forced_switches", outcome->forced_switches);
	json_add(report, "processes", processes);
}

static void add_output(struct json *report, const struct outcome *outcome)
{
	struct json *output = json_new_object(), *disk = json_new_object();

	add_known(output, "stdout_bytes", outcome->stream_bytes[1]);
	json_add_bool(output, "stdout_truncated", outcome->stream_truncated[1]);
	add_known(output, "stderr_bytes", outcome->stream_bytes[2]);
	json_add_bool(output, "stderr_truncated", outcome->stream_truncated[2]);
	json_add(report, "output", output);
	json_add_bool(disk, "full", outcome->disk_full);
	json_add(report, "disk", disk);
}

static void add_box(struct json *report, const struct outcome *outcome, const struct report_context *context)
{
	struct json *box = report_box(outcome, context->policy, context->plan);

	if (box)
		json_add(report, "box", box);
	else
		json_add_null(report, "box");
}

/* A number that the table does not know stands for itself. */
static void add_call(struct json *object, int number)
{
	autofree char *unknown = xasprintf("%d", number);

	for (size_t i = 0; number >= 0 && i < SYSCALL_COUNT; i++) {
		if (syscall_number(&syscall_rows[i]) == number) {
			json_add_string(object, "syscall", syscall_rows[i].name);
			return;
		}
	}
	json_add_string(object, "syscall", unknown);
}

static void add_denied(struct json *report, const struct outcome *outcome)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < outcome->denied_count; i++) {
		struct json *call = json_new_object();

		add_call(call, outcome->denied[i].number);
		json_add_uint(call, "count", outcome->denied[i].count);
		json_append(array, call);
	}
	json_add(report, "denied", array);
}

/* The oldest Landlock that can enforce what the plan asks for; 0: none. */
static int landlock_version(const struct plan *plan)
{
	const struct step *step = plan_find(plan, STEP_LANDLOCK);

	if (!step)
		return 0;
	if (step->m >> 32)
		return 6;
	if (step->n & UINT64_C(1) << 15) /* LANDLOCK_ACCESS_FS_IOCTL_DEV */
		return 5;
	if (step->m)
		return 4;
	if (step->n & UINT64_C(1) << 14) /* LANDLOCK_ACCESS_FS_TRUNCATE */
		return 3;
	return step->n & UINT64_C(1) << 13 ? 2 : 1; /* LANDLOCK_ACCESS_FS_REFER */
}

/* What stood between the sandbox and the host, and was gone before the sandbox was. */
static void add_ended(struct json *degraded, const struct outcome *outcome, const struct plan *plan)
{
	for (size_t i = 0, service = 0; i < plan->count; i++) {
		autofree char *why = NULL;
		struct json *ended;

		if (plan->step[i].kind != STEP_SERVICE || !(outcome->services_ended & 1U << service++))
			continue;
		why = xasprintf("%s ended before the sandbox did", plan_text(plan, plan->step[i].a));
		ended = json_new_object();
		json_add_string(ended, "layer", "desktop");
		json_add_string(ended, "why", why);
		json_append(degraded, ended);
	}
}

static void add_layers(struct json *report, const struct outcome *outcome, const struct plan *plan)
{
	const struct step *filter = plan_find(plan, STEP_FILTER);
	struct json *layers = json_new_object(), *degraded = json_new_array();

	json_add_string(layers, "namespaces",
			!plan_find(plan, STEP_NAMESPACES) ? NULL
			: plan_find(plan, STEP_GATE)      ? "gate"
							  : "user");
	json_add_int(layers, "landlock", landlock_version(plan));
	json_add_string(layers, "syscalls", filter ? plan_text(plan, filter->a) : NULL);
	json_add_string(layers, "limits", outcome->limits_source);
	json_add(report, "layers", layers);
	for (size_t i = 0; i < plan->count; i++) {
		struct json *skipped;

		if (plan->step[i].kind != STEP_SKIP)
			continue;
		skipped = json_new_object();
		json_add_string(skipped, "layer", plan_text(plan, plan->step[i].a));
		json_add_string(skipped, "why", plan_text(plan, plan->step[i].b));
		json_append(degraded, skipped);
	}
	add_ended(degraded, outcome, plan);
	json_add(report, "degraded", degraded);
}

/* What an id of init's user namespace is there. */
static uint64_t on_host(const struct plan *plan, bool user, uint64_t id)
{
	const struct step *map = plan_find(plan, STEP_ID_MAP);
	const char *line = map ? plan_text(plan, user ? map->a : map->b) : "";
	unsigned inside, outside, count;

	while (sscanf(line, "%u %u %u", &inside, &outside, &count) == 3) {
		if (id - inside < count)
			return outside + (id - inside);
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return id;
}

/* Who the command was on the host: the caller, or whom init became. */
static void add_identity(struct json *report, const struct plan *plan)
{
	const struct step *ids = plan_find(plan, STEP_SET_IDS);
	struct json *identity = json_new_object();

	json_add_uint(identity, "uid", ids ? on_host(plan, true, ids->n) : getuid());
	json_add_uint(identity, "gid", ids ? on_host(plan, false, ids->m) : getgid());
	json_add(report, "identity", identity);
}

/* Where what is written to the image goes, and how much of it there can be. */
static void add_writes(struct json *image, const struct plan *plan, const struct step *step)
{
	const struct step *memory = plan_find(plan, STEP_SEAL) || step->m ? NULL : plan_find(plan, STEP_SCRATCH);

	json_add_string(image, "writes", plan_find(plan, STEP_SEAL) ? "no" : step->m ? "session" : "memory");
	if (memory)
		json_add_uint(image, "writes_limit_bytes", memory->n);
	else
		json_add_null(image, "writes_limit_bytes");
}

/* One id of the image is the command's, and all that the layers have belongs to it; of many, it belongs to 0. */
static void add_image(struct json *report, const struct plan *plan)
{
	const struct step *step = plan_find(plan, STEP_IMAGE), *sealed = plan_find(plan, STEP_SEALED);
	struct json *image;

	if (!step) {
		json_add_null(report, "image");
		return;
	}
	image = json_new_object();
	json_add_string(image, "name", plan_text(plan, step->a));
	json_add_string(image, "digest", plan_text(plan, step->b));
	json_add_string(image, "ids", plan_find(plan, STEP_INNER_USER)->n ? "many" : "one");
	json_add_string(image, "form", sealed ? plan_text(plan, sealed->data) : "layers");
	json_add_string(image, "mount",
			!sealed                                        ? "overlay"
			: str_eq(plan_text(plan, sealed->b), "kernel") ? "kernel"
								       : "fuse");
	add_writes(image, plan, step);
	json_add(report, "image", image);
}

/* Nothing bounds what a session holds but the disk: so it is measured. */
static void add_session(struct json *report, const struct outcome *outcome, const struct plan *plan)
{
	struct json *session;

	if (!outcome->session_known) {
		json_add_null(report, "session");
		return;
	}
	session = json_new_object();
	json_add_string(session, "name", strrchr(plan_text(plan, plan_find(plan, STEP_OPEN_SESSION)->a), '/') + 1);
	json_add_uint(session, "bytes", outcome->session.bytes);
	json_add_uint(session, "entries", outcome->session.entries);
	json_add_bool(session, "complete", outcome->session.complete);
	json_add(report, "session", session);
}

/* What the command has saved in copies of files of the host. */
static void add_kept(struct json *report, const struct outcome *outcome, const struct plan *plan)
{
	struct json *kept;

	if (!plan_find(plan, STEP_KEEP)) {
		json_add_null(report, "kept");
		return;
	}
	kept = json_new_object();
	json_add_uint(kept, "saved", outcome->kept.saved);
	json_add_uint(kept, "unsaved", outcome->kept.unsaved);
	json_add_string(kept, "why", outcome->kept.why[0] ? outcome->kept.why : NULL);
	json_add(report, "kept", kept);
}

static void add_name(struct json *report, const struct report_context *context)
{
	const char *slash = strrchr(context->command[0], '/');
	autofree char *made = xasprintf("%s-%d", slash ? slash + 1 : context->command[0], getpid());

	json_add_string(report, "name", context->name ? context->name : made);
}

struct json *report_json(const struct outcome *outcome, const struct report_context *context)
{
	struct json *report = json_new_object();

	json_add_int(report, "sbx", REPORT_VERSION);
	add_name(report, context);
	json_add_string(report, "verdict", verdict_word(outcome->verdict));
	if (outcome->suspect < 0)
		json_add_null(report, "suspect");
	else
		json_add_bool(report, "suspect", outcome->suspect);
	add_texts(report, "command", context->command, words_in(context->command));
	add_texts(report, "profile", context->policy->profiles.v, context->policy->profiles.count);
	add_end(report, outcome);
	add_usage(report, outcome);
	add_output(report, outcome);
	json_add(report, "limits", report_limits(outcome, context->policy, context->plan));
	add_box(report, outcome, context);
	add_session(report, outcome, context->plan);
	add_kept(report, outcome, context->plan);
	add_denied(report, outcome);
	add_identity(report, context->plan);
	add_image(report, context->plan);
	add_layers(report, outcome, context->plan);
	json_add_string(report, "error", context->error ? context->error->text : NULL);
	return report;
}

void report_write(const struct outcome *outcome, const struct report_context *context, struct str *out)
{
	struct json *report = report_json(outcome, context);

	json_print(report, out);
	json_done(report);
}
