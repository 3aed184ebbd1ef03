/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report.h"

#include "base/fd.h"
#include "base/json.h"
#include "compile/filter.h"

static const char *const verdicts[] = {
	[VERDICT_OK] = "ok", [VERDICT_EXIT] = "exit", [VERDICT_SIGNAL] = "signal", [VERDICT_CPU_TIME] = "cpu-time",
	[VERDICT_WALL_TIME] = "wall-time", [VERDICT_MEMORY] = "memory", [VERDICT_OUTPUT] = "output",
	[VERDICT_PROCESSES] = "processes", [VERDICT_DISK] = "disk", [VERDICT_SYSCALL] = "syscall",
	[VERDICT_INTERNAL] = "internal",
};

/* -1 stands for "not known", which is null. */
static void add_known(struct json *object, const char *name, int64_t value)
{
	if (value < 0)
		json_add_null(object, name);
	else
		json_add_int(object, name, value);
}

static struct json *texts(char *const *v)
{
	struct json *array = json_new_array();

	for (; v && *v; v++)
		json_append_string(array, *v);
	return array;
}

static void add_time(struct json *top, const struct outcome *out)
{
	struct json *time = json_new_object();

	json_add_double(time, "wall_s", (double)out->wall / NS_PER_SECOND);
	json_add_double(time, "cpu_s", (double)out->cpu / NS_PER_SECOND);
	json_add_double(time, "user_s", (double)out->user / NS_PER_SECOND);
	json_add_double(time, "system_s", (double)out->system / NS_PER_SECOND);
	json_add_double(time, "setup_s", (double)out->setup / NS_PER_SECOND);
	json_add(top, "time", time);
}

static void add_use(struct json *top, const struct outcome *out)
{
	struct json *memory = json_new_object(), *processes = json_new_object(), *output = json_new_object();

	add_known(memory, "peak_bytes", out->memory_peak);
	json_add_string(memory, "source", out->memory_source ? out->memory_source : "rusage");
	add_known(memory, "oom_kills", out->oom_kills);
	json_add_int(memory, "max_rss_bytes", out->max_rss);
	json_add(top, "memory", memory);
	add_known(processes, "peak", out->processes_peak);
	add_known(processes, "limit_hits", out->processes_hits);
	json_add(top, "processes", processes);
	json_add_int(output, "stdout_bytes", out->stream_bytes[1]);
	json_add_bool(output, "stdout_truncated", out->stream_truncated[1]);
	json_add_int(output, "stderr_bytes", out->stream_bytes[2]);
	json_add_bool(output, "stderr_truncated", out->stream_truncated[2]);
	json_add(top, "output", output);
	json_add_bool(top, "disk_full", out->disk_full);
}

static void add_denied(struct json *top, const struct outcome *out)
{
	struct json *denied = json_new_array();

	for (size_t i = 0; i < out->denied_count; i++) {
		struct json *call = json_new_object();

		json_add_string(call, "syscall", syscall_name(out->denied[i].number));
		json_add_int(call, "number", out->denied[i].number);
		json_add_uint(call, "count", out->denied[i].count);
		json_append(denied, call);
	}
	json_add(top, "denied", denied);
}

static void add_layers(struct json *top, const struct outcome *out, const struct report_context *context)
{
	const struct step *filter = plan_find(context->plan, STEP_FILTER);
	struct json *layers = json_new_object(), *degraded = json_new_array();

	json_add_string(layers, "namespaces", plan_find(context->plan, STEP_NAMESPACES) ? "user" : NULL);
	if (plan_find(context->plan, STEP_LANDLOCK))
		json_add_int(layers, "landlock", context->landlock_abi);
	else
		json_add_null(layers, "landlock");
	json_add_string(layers, "syscalls", filter ? plan_text(context->plan, filter->a) : "none");
	json_add_string(layers, "limits", out->limits_source ? out->limits_source : "none");
	json_add(top, "layers", layers);
	for (size_t i = 0; i < context->plan->count; i++) {
		const struct step *step = &context->plan->step[i];

		if (step->kind != STEP_SKIP)
			continue;
		struct json *skipped = json_new_object();

		json_add_string(skipped, "layer", plan_text(context->plan, step->a));
		json_add_string(skipped, "reason", plan_text(context->plan, step->b));
		json_append(degraded, skipped);
	}
	json_add(top, "degraded", degraded);
}

void report_write(const struct outcome *out, const struct report_context *context, struct str *text)
{
	struct json *top = json_new_object();

	json_add_int(top, "sbx", 1);
	json_add_string(top, "verdict", verdicts[out->verdict]);
	json_add(top, "command", texts(context->command));
	json_add(top, "profile", texts(context->policy->profiles.v));
	add_known(top, "exit_code", out->exit_code);
	if (out->signal)
		json_add_int(top, "signal", out->signal);
	else
		json_add_null(top, "signal");
	json_add_bool(top, "killed", out->killed);
	add_time(top, out);
	add_use(top, out);
	add_denied(top, out);
	add_layers(top, out, context);
	json_add_string(top, "error", context->error ? context->error->text : NULL);
	json_print(top, text);
	json_done(top);
}
