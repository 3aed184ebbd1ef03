/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "isolate/meta.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>

#include "base/mem.h"

enum { EXIT_NO_EXEC = 127, NS_PER_MS = 1000000, BYTES_PER_KB = 1024 };

/* What the lines say about the end, whatever made it. */
struct facts {
	const char *status;    /* NULL: all is well */
	char *message;         /* owned; NULL: none */
	int exit_code, signal; /* -1 and 0: none */
	bool killed;
};

static struct facts died(int sig)
{
	return (struct facts){"SG", xasprintf("Caught fatal signal %d", sig), -1, sig, false};
}

static struct facts exited(int code)
{
	if (!code)
		return (struct facts){.exit_code = 0};
	return (struct facts){"RE", xasprintf("Exited with error status %d", code), code, 0, false};
}

static struct facts time_over(const char *which, bool killed)
{
	return (struct facts){"TO", xasprintf("Time limit exceeded%s", which), -1, 0, killed};
}

static struct facts judge(const struct outcome *out)
{
	if (out->exec_errno)
		return exited(EXIT_NO_EXEC);
	switch (out->verdict) {
	case VERDICT_CPU_TIME:
		return time_over("", out->killed);
	case VERDICT_WALL_TIME:
		return time_over(" (wall clock)", out->killed);
	case VERDICT_MEMORY: /* there the kernel ends the program, and that is all that is seen */
		return died(SIGKILL);
	case VERDICT_OUTPUT: /* what the kernel would have done to a writer of the file itself */
		return died(SIGXFSZ);
	default:
		return out->signal ? died(out->signal) : exited(out->exit_code);
	}
}

static struct facts facts_of(const struct ending *ending)
{
	autostr struct str text = {0};

	if (ending->error) {
		str_add_escaped(&text, ending->error, true);
		return (struct facts){"XX", xstrdup(text.s ? text.s : "unknown"), -1, 0, false};
	}
	if (ending->interrupted)
		return (struct facts){"SG", xstrdup("Interrupted"), -1, ending->interrupted, true};
	if (ending->too_late)
		return time_over(" (wall clock)", true);
	return judge(ending->outcome);
}

static void add_time(struct str *out, const char *before, int64_t ns, const char *after)
{
	int64_t ms = ns > 0 ? ns / NS_PER_MS : 0;

	str_addf(out, "%s%" PRId64 ".%03d%s", before, ms / 1000, (int)(ms % 1000), after);
}

static void add_count(struct str *out, const char *key, int64_t n)
{
	if (n >= 0)
		str_addf(out, "%s:%" PRId64 "\n", key, n);
}

static void add_usage(const struct ending *ending, struct str *out)
{
	const struct outcome *used = ending->outcome;

	add_time(out, "time:", used->cpu, "\n");
	add_time(out, "time-wall:", used->wall, "\n");
	add_count(out, "max-rss", used->max_rss / BYTES_PER_KB);
	add_count(out, "csw-voluntary", used->voluntary_switches);
	add_count(out, "csw-forced", used->forced_switches);
	if (!ending->cg || used->memory_peak < 0)
		return;
	add_count(out, "cg-mem", used->memory_peak / BYTES_PER_KB);
	if (str_eq(used->memory_source, "rusage")) /* of the largest process; no group has counted it */
		str_add(out, "sbx-mem-backend:rusage\n");
	if (used->oom_kills > 0)
		str_add(out, "cg-oom-killed:1\n");
}

void meta_lines(const struct ending *ending, struct str *out)
{
	struct facts facts = facts_of(ending);
	autofree char *message = facts.message;

	str_add(out, "");
	if (ending->ran)
		add_usage(ending, out);
	if (facts.signal)
		str_addf(out, "exitsig:%d\n", facts.signal);
	else if (!facts.status || facts.exit_code > 0)
		str_addf(out, "exitcode:%d\n", facts.exit_code);
	if (facts.killed)
		str_add(out, "killed:1\n");
	if (facts.status)
		str_addf(out, "status:%s\n", facts.status);
	if (message)
		str_addf(out, "message:%s\n", message);
}

void meta_status_line(const struct ending *ending, struct str *out)
{
	struct facts facts = facts_of(ending);
	autofree char *message = facts.message;

	if (message) {
		str_add(out, message);
		return;
	}
	add_time(out, "OK (", ending->outcome->cpu, " sec real, ");
	add_time(out, "", ending->outcome->wall, " sec wall)");
}

int meta_exit_status(const struct ending *ending)
{
	struct facts facts = facts_of(ending);

	free(facts.message);
	if (!facts.status)
		return META_OK;
	return ending->error ? META_SANDBOX_FAILED : META_PROGRAM_FAILED;
}
