/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cgroup-files: writes to the files of a group, and what the kernel made of them. */
#include "run/cgroup-files.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"

enum { VALUE_SIZE = 4096, REMOVE_PATIENCE_MS = 2000, REMOVE_PAUSE_MAX_MS = 32 };

static bool is_number(const char *text, uint64_t *ret)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return *end == '\0' && errno == 0;
}

/* A list of processors, "0-1,3". */
static bool is_list(const char *p, cpu_set_t *ret)
{
	CPU_ZERO(ret);
	while (*p) {
		char *end;
		unsigned long first = strtoul(p, &end, 10), last = first;

		if (end == p)
			return false;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if (last >= CPU_SETSIZE || (*end && *end != ','))
			return false;
		for (; first <= last; first++)
			CPU_SET(first, ret);
		p = *end ? end + 1 : end;
	}
	return true;
}

static bool has_word(const char *line, size_t len, const char *word, size_t word_len)
{
	for (size_t i = 0; i + word_len <= len; i++)
		if ((i == 0 || line[i - 1] == ' ') && memcmp(line + i, word, word_len) == 0 &&
		    (i + word_len == len || line[i + word_len] == ' '))
			return true;
	return false;
}

/* "8:0 wbps=100": some line of `got` begins with the same device and has the same words, among others. */
static bool is_device_line(const char *wrote, const char *got)
{
	for (size_t len; *got; got += len + (got[len] != '\0')) {
		bool all = true;

		len = strcspn(got, "\n");
		for (const char *word = wrote; *word && all;) {
			size_t n = strcspn(word, " ");

			all = word == wrote ? strncmp(got, word, n) == 0 && got[n] == ' ' : has_word(got, len, word, n);
			word += n + (word[n] != '\0');
		}
		if (all)
			return true;
	}
	return false;
}

bool cgroup_accepted(const char *wrote, const char *got)
{
	uint64_t asked, given;
	cpu_set_t list, given_list;

	if (str_eq(wrote, got))
		return true;
	if (is_number(wrote, &asked) && is_number(got, &given))
		return given <= asked && asked - given < (uint64_t)sysconf(_SC_PAGESIZE);
	if (strchr(wrote, ':'))
		return is_device_line(wrote, got);
	return is_list(wrote, &list) && is_list(got, &given_list) && CPU_EQUAL(&list, &given_list);
}

static int read_back(int folder, const char *file, const char *wrote, struct err *e)
{
	char got[VALUE_SIZE];
	ssize_t n = fd_read_file(folder, file, got, sizeof got);

	if (n < 0)
		return err_errno(e, (int)-n, "read '%s' back", file);
	if (n > 0 && got[n - 1] == '\n')
		got[n - 1] = '\0';
	if (!cgroup_accepted(wrote, got))
		return err_set(e, EIO, "write '%s' to '%s': the kernel made it '%.100s'", wrote, file, got);
	return 0;
}

int cgroup_write(int folder, const char *file, const char *text, struct err *e)
{
	int r = fd_write_file(folder, file, text);

	if (r < 0)
		return err_errno(e, -r, "write '%s' to '%s'", text, file);
	r = read_back(folder, file, text, e);
	/* v2 takes any list, and gives of it what is there */
	if (r == 0 && str_eq(file, "cpuset.cpus") && faccessat(folder, "cpuset.cpus.effective", F_OK, 0) == 0)
		r = read_back(folder, "cpuset.cpus.effective", text, e);
	return r;
}

int cgroup_rmdir(int parent, const char *name)
{
	int64_t until = clock_ns(CLOCK_MONOTONIC) + (int64_t)REMOVE_PATIENCE_MS * 1000000;
	struct timespec pause = {.tv_nsec = 1000000};
	unsigned failures = 0;

	while (unlinkat(parent, name, AT_REMOVEDIR) < 0) {
		if (errno == ENOENT)
			return 0;
		/* any other reason gets one more try: what is left behind here stays on the host */
		if ((errno != EBUSY && failures++) || clock_ns(CLOCK_MONOTONIC) > until)
			return -errno;
		(void)nanosleep(&pause, NULL); /* EINTR: sooner then */
		if (pause.tv_nsec < REMOVE_PAUSE_MAX_MS * 1000000L)
			pause.tv_nsec *= 2;
	}
	return 0;
}
