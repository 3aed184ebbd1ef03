/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doctor-grading: the same program shall take the same time on every run. What of this machine is against that, each
 * with what mends it; nothing is changed. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "ctl/doctor.h"
#include "host/host.h"

enum { STEAL_PER_MILLE = 10, BUSY_PER_MILLE = 50, PROCESSORS_MAX = 4096 };

struct place {
	struct doctor *d;
	const char *root;
};

/* The text of a file without its line end; false: it can't be read. */
static bool read_text(const struct place *p, const char *path, char *text, size_t size)
{
	autofree char *all = xasprintf("%s%s", p->root, path);
	ssize_t n = fd_read_file(AT_FDCWD, all, text, size);

	if (n < 0)
		return false;
	if (n > 0 && text[n - 1] == '\n')
		text[n - 1] = '\0';
	return true;
}

/* A file that should be `wanted`; where it is not there, the machine has no such thing, or hides it. */
struct setting_row {
	const char *layer, *path, *wanted, *good, *bad, *absent, *fix;
};

static const struct setting_row rows[] = {
	{"turbo", "/sys/devices/system/cpu/intel_pstate/no_turbo", "1", "the clock never rises above its nominal rate",
	 "the clock rises while few processors are busy", NULL,
	 "echo 1 >/sys/devices/system/cpu/intel_pstate/no_turbo"},
	{"turbo", "/sys/devices/system/cpu/cpufreq/boost", "0", "the clock never rises above its nominal rate",
	 "the clock rises while few processors are busy", NULL, "echo 0 >/sys/devices/system/cpu/cpufreq/boost"},
	{"smt", "/sys/devices/system/cpu/smt/active", "0", "no two processors share a core",
	 "two processors share a core, and slow each other down", "nothing tells whether processors share a core",
	 "echo off >/sys/devices/system/cpu/smt/control, or give each slot a core of its own (--slot-cpus)"},
	{"aslr", "/proc/sys/kernel/randomize_va_space", "0", "addresses are the same on every run",
	 "addresses differ from run to run, and with them what the caches do", NULL,
	 "process.aslr = no in the profile, or sysctl kernel.randomize_va_space=0"},
	{"ksm", "/sys/kernel/mm/ksm/run", "0", "pages are not merged",
	 "equal pages are merged in the background, and copied when written", "this kernel merges no pages",
	 "echo 0 >/sys/kernel/mm/ksm/run"},
};

static bool setting(const struct place *p, const struct setting_row *row)
{
	char text[256];

	if (!read_text(p, row->path, text, sizeof text)) {
		if (row->absent)
			doctor_finding(p->d, row->layer, 1, row->absent, NULL);
		return false;
	}
	if (str_eq(text, row->wanted))
		doctor_finding(p->d, row->layer, 1, row->good, NULL);
	else
		doctor_finding(p->d, row->layer, -1, row->bad, row->fix);
	return true;
}

static void governor(const struct place *p)
{
	char text[256];
	unsigned slow = 0, known = 0;

	for (unsigned cpu = 0; cpu < PROCESSORS_MAX; cpu++) {
		autofree char *path = xasprintf("/sys/devices/system/cpu/cpu%u/cpufreq/scaling_governor", cpu);

		if (!read_text(p, path, text, sizeof text)) {
			if (cpu > 0 && !known)
				break;
			continue;
		}
		known++;
		slow += !str_eq(text, "performance");
	}
	if (!known)
		doctor_finding(p->d, "governor", 1, "the kernel does not change the clock (as in a virtual machine)",
			       NULL);
	else if (slow)
		doctor_finding(p->d, "governor", -1, "the clock follows the load",
			       "cpupower frequency-set -g performance");
	else
		doctor_finding(p->d, "governor", 1, "the clock is always at its highest", NULL);
}

static void swap(const struct place *p)
{
	char text[1024];

	if (!read_text(p, "/proc/swaps", text, sizeof text))
		doctor_finding(p->d, "swap", -1, "nothing tells whether there is swap space", NULL);
	else if (strchr(text, '\n'))
		doctor_finding(p->d, "swap", -1, "there is swap space: a program that waits for it looks slow",
			       "swapoff -a; a limit of memory keeps a program out of it (limits.swap is 0 by default)");
	else
		doctor_finding(p->d, "swap", 1, "there is none", NULL);
}

static void huge_pages(const struct place *p)
{
	char text[256];

	if (!read_text(p, "/sys/kernel/mm/transparent_hugepage/enabled", text, sizeof text))
		doctor_finding(p->d, "huge pages", 1, "this kernel makes none by itself", NULL);
	else if (strstr(text, "[always]"))
		doctor_finding(p->d, "huge pages", -1, "whether memory becomes huge pages depends on what is free",
			       "echo madvise >/sys/kernel/mm/transparent_hugepage/enabled");
	else
		doctor_finding(p->d, "huge pages", 1, "only for programs that ask", NULL);
}

static void core_pattern(const struct place *p)
{
	char text[256];

	if (read_text(p, "/proc/sys/kernel/core_pattern", text, sizeof text) && text[0] == '|')
		doctor_finding(p->d, "core dumps", -1,
			       "a program of the host reads each core dump, even if none may be written",
			       "sysctl kernel.core_pattern=core; limits.core = 0 is the default");
	else
		doctor_finding(p->d, "core dumps", 1, "no program of the host is started for them", NULL);
}

/* Processors of different strength, as performance and efficiency cores. */
static void cores(const struct place *p)
{
	char first[64] = "", text[64];
	bool differ = false;

	for (unsigned cpu = 0; cpu < PROCESSORS_MAX; cpu++) {
		autofree char *path = xasprintf("/sys/devices/system/cpu/cpu%u/cpu_capacity", cpu);
		autofree char *other = xasprintf("/sys/devices/system/cpu/cpu%u/cpufreq/cpuinfo_max_freq", cpu);

		if (!read_text(p, path, text, sizeof text) && !read_text(p, other, text, sizeof text))
			break;
		if (!first[0])
			(void)snprintf(first, sizeof first, "%s", text);
		differ |= !str_eq(first, text);
	}
	doctor_finding(p->d, "cores", differ ? -1 : 1,
		       differ ? "processors differ in strength" : "no difference between processors is known",
		       "give the slots processors of one kind (--slot-cpus)");
}

struct ticks {
	uint64_t all, idle, steal;
};

static bool read_ticks(const struct place *p, struct ticks *ret)
{
	char text[512];
	uint64_t n[8] = {0};

	if (!read_text(p, "/proc/stat", text, sizeof text) ||
	    sscanf(text,
		   "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
		   &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6], &n[7]) < 8)
		return false;
	*ret = (struct ticks){.idle = n[3] + n[4], .steal = n[7]};
	for (size_t i = 0; i < countof(n); i++)
		ret->all += n[i];
	return true;
}

/* What else runs now, here and, by the steal, on the host of a virtual machine. */
static void neighbours(const struct place *p, int64_t second)
{
	const struct timespec time = {.tv_sec = second / NS_PER_SECOND, .tv_nsec = second % NS_PER_SECOND};
	struct ticks before, after;
	uint64_t all, busy, steal;

	if (!read_ticks(p, &before) || nanosleep(&time, NULL) < 0 || !read_ticks(p, &after)) {
		doctor_finding(p->d, "neighbours", -1, "/proc/stat can't be read: nothing tells what else runs", NULL);
		return;
	}
	all = after.all - before.all;
	busy = all ? (all - (after.idle - before.idle)) * 1000 / all : 0;
	steal = all ? (after.steal - before.steal) * 1000 / all : 0;
	autofree char *text = xasprintf("of the processors' time now %" PRIu64 ".%" PRIu64 " %% is used, and %" PRIu64
					".%" PRIu64 " %% stolen by the host of this virtual machine",
					busy / 10, busy % 10, steal / 10, steal % 10);
	doctor_finding(
		p->d, "neighbours", busy > BUSY_PER_MILLE || steal > STEAL_PER_MILLE ? -1 : 1, text,
		"stop what else runs, here and beside this virtual machine, or give the slots processors of their own");
}

/* Instructions, unlike time, are the same on a busy machine. */
static void counters(const struct place *p)
{
	int error = host_try_counters();
	autofree char *text = error ? xasprintf("instructions can't be counted: %s", strerror(error))
				    : xstrdup("instructions can be counted (report.instructions)");

	doctor_finding(p->d, "counters", error ? -1 : 1, text,
		       error == EACCES || error == EPERM
			       ? "sysctl kernel.perf_event_paranoid=2"
			       : "a machine, or a virtual one, whose processor's counters can be seen");
}

void doctor_grading(struct doctor *d, const char *root, int64_t second)
{
	const struct place p = {.d = d, .root = root};
	bool turbo = false;

	governor(&p);
	for (size_t i = 0; i < countof(rows); i++)
		turbo |= setting(&p, &rows[i]) && str_eq(rows[i].layer, "turbo");
	if (!turbo)
		doctor_finding(d, "turbo", 1, "nothing here can raise the clock", NULL);
	cores(&p);
	swap(&p);
	huge_pages(&p);
	core_pattern(&p);
	neighbours(&p, second);
	counters(&p);
}
