/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "message.h"

#include <unistd.h>

#include "base/fd.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

/* Set once, by main, before anything is said. */
static const char *program = "sbx";

void message_name(const char *name)
{
	program = name;
}

static void line(const char *label, const char *text)
{
	bool colour = isatty(STDERR_FILENO);
	autostr struct str out = {0};

	str_addf(&out, "%s%s: %s%s", colour ? "\033[1m" : "", program, label, colour ? "\033[0m" : "");
	str_add_escaped(&out, text, true);
	str_add(&out, "\n");
	(void)!fd_write(STDERR_FILENO, out.s, out.len); /* there is nowhere to tell that nobody can be told */
}

void message_error(const struct err *e)
{
	line("", e->text);
	if (e->hint[0])
		line("hint: ", e->hint);
}

void message_limit(const struct outcome *outcome)
{
	static const char *const texts[] = {
		[VERDICT_CPU_TIME] = "the processor time limit ended the command",
		[VERDICT_WALL_TIME] = "the wall time limit ended the command",
		[VERDICT_MEMORY] = "the memory limit ended the command",
		[VERDICT_OUTPUT] = "the output limit ended the command",
		[VERDICT_PROCESSES] = "the command failed after it reached the limit of processes",
		[VERDICT_DISK] = "the command failed when its private folders were full",
		[VERDICT_SYSCALL] = "a system call that the profile denies ended the command",
		[VERDICT_INTERNAL] = NULL,
	};
	const char *text = texts[outcome->verdict];

	if (text)
		line("", text);
}

void message_kept(const struct outcome *outcome)
{
	autostr struct str text = {0};

	if (!outcome->kept.unsaved)
		return;
	str_add(&text, outcome->kept.why);
	if (outcome->kept.unsaved > 1)
		str_addf(&text, "; and %u more", outcome->kept.unsaved - 1);
	line("", text.s);
}

void message_outcome(const struct outcome *outcome)
{
	autostr struct str text = {0};

	if (outcome->signal)
		str_addf(&text, "signal %d", outcome->signal);
	else
		str_addf(&text, "status %d", outcome->exit_code);
	str_addf(&text, " after %.3f s; processor time %.3f s, memory %.1f MiB, set-up %.4f s",
		 (double)outcome->wall / NS_PER_SECOND, (double)outcome->cpu / NS_PER_SECOND,
		 (double)outcome->memory_peak / (1 << 20), (double)outcome->setup / NS_PER_SECOND);
	line("", text.s);
}

void message_version(struct str *out)
{
	str_addf(out, "%s %s\n", program, PACKAGE_VERSION);
}
