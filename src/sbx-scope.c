/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sbx-scope: asks systemd for a transient scope around one process, and prints the folder of its cgroup.
 *
 * A program of its own, so that sbx carries no D-Bus code. It talks to the manager's private socket, as systemctl does:
 * the system's for root, the user's for others; the manager checks that the process is the caller's. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "host/cgroup-path.h"

#define MANAGER "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"

enum { TEXT_SIZE = 1 << 18 };
static const uint64_t patience_us = 10000000;

struct job {
	char *path;        /* of the job, once it is known; owned */
	struct strv ended; /* PATH and result of jobs that ended, in turn: ours may end before we know its name */
};

static int on_job_removed(sd_bus_message *message, void *arg, sd_bus_error *error)
{
	struct job *job = arg;
	const char *path, *unit, *result;
	uint32_t id;

	(void)error;
	if (sd_bus_message_read(message, "uoss", &id, &path, &unit, &result) < 0)
		return 0;
	strv_add(&job->ended, path);
	strv_add(&job->ended, result);
	return 0;
}

static const char *result_of(const struct job *job)
{
	for (size_t i = 0; i + 1 < job->ended.count; i += 2)
		if (str_eq(job->ended.v[i], job->path))
			return job->ended.v[i + 1];
	return NULL;
}

/* A direct connection: no bus daemon is between, so there is no greeting. */
static int connect_manager(sd_bus **ret, struct err *e)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	autofree char *address = NULL;
	int r;

	if (geteuid() != 0 && (!runtime || *runtime != '/' || strpbrk(runtime, ",;%\\")))
		return err_set(e, ENOENT, "XDG_RUNTIME_DIR names no folder");
	address = geteuid() == 0 ? xstrdup("unix:path=/run/systemd/private")
				 : xasprintf("unix:path=%s/systemd/private", runtime);
	r = sd_bus_new(ret);
	if (r >= 0)
		r = sd_bus_set_address(*ret, address);
	if (r >= 0)
		r = sd_bus_set_bus_client(*ret, false);
	if (r >= 0)
		r = sd_bus_set_method_call_timeout(*ret, patience_us);
	if (r >= 0)
		r = sd_bus_start(*ret);
	return r < 0 ? err_errno(e, -r, "connect to '%s'", address) : 0;
}

static int scope_name(char *ret, size_t size, uint32_t pid)
{
	uint64_t random;

	if (getrandom(&random, sizeof random, 0) != sizeof random)
		return -EIO;
	(void)snprintf(ret, size, "sbx-%u-%016llx.scope", pid, (unsigned long long)random);
	return 0;
}

/* StartTransientUnit(name, mode, properties, aux) */
static int fill_call(sd_bus_message *call, uint32_t pid)
{
	char name[64];
	int r = scope_name(name, sizeof name, pid);

	if (r >= 0)
		r = sd_bus_message_append(call, "ss", name, "fail");
	if (r >= 0)
		r = sd_bus_message_open_container(call, 'a', "(sv)");
	if (r >= 0)
		r = sd_bus_message_append(call, "(sv)(sv)(sv)(sv)", "Description", "s", "sandbox of sbx", "PIDs", "au",
					  1, pid, "Delegate", "b", 1, "CollectMode", "s", "inactive-or-failed");
	if (r >= 0)
		r = sd_bus_message_close_container(call);
	return r < 0 ? r : sd_bus_message_append(call, "a(sa(sv))", 0);
}

static int start_scope(sd_bus *bus, uint32_t pid, struct job *job, struct err *e)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *call = NULL, *reply = NULL;
	const char *path;
	int r = sd_bus_message_new_method_call(bus, &call, MANAGER, "StartTransientUnit");

	if (r >= 0)
		r = fill_call(call, pid);
	if (r >= 0)
		r = sd_bus_call(bus, call, patience_us, &error, &reply);
	if (r >= 0)
		r = sd_bus_message_read(reply, "o", &path);
	if (r >= 0)
		job->path = xstrdup(path);
	else
		(void)err_set(e, -r, "start a scope: %s", error.message ? error.message : strerror(-r));
	(void)sd_bus_message_unref(call);
	(void)sd_bus_message_unref(reply);
	sd_bus_error_free(&error);
	return r < 0 ? r : 0;
}

static int wait_for_job(sd_bus *bus, const struct job *job, struct err *e)
{
	int64_t until = clock_ns(CLOCK_MONOTONIC) + (int64_t)patience_us * 1000;
	const char *result;
	int r = 1;

	while (!(result = result_of(job))) {
		if (r < 0)
			return err_errno(e, -r, "wait for systemd");
		if (clock_ns(CLOCK_MONOTONIC) > until)
			return err_set(e, ETIMEDOUT, "systemd did not make the scope within 10 seconds");
		r = sd_bus_process(bus, NULL);
		if (r == 0)
			r = sd_bus_wait(bus, patience_us);
	}
	return str_eq(result, "done") ? 0 : err_set(e, EIO, "systemd made no scope: %s", result);
}

/* The manager's word is not taken for it: the kernel says where the process is. */
static int print_folder(uint32_t pid, struct err *e)
{
	autofree char *cgroups = xmalloc(TEXT_SIZE), *mounts = xmalloc(TEXT_SIZE), *folder = NULL;
	autofree char *path = xasprintf("/proc/%u/cgroup", pid);

	if (fd_read_file(AT_FDCWD, path, cgroups, TEXT_SIZE) < 0)
		return err_set(e, ESRCH, "process %u is gone", pid);
	if (fd_read_file(AT_FDCWD, "/proc/self/mountinfo", mounts, TEXT_SIZE) < 0)
		return err_set(e, ENOENT, "'/proc/self/mountinfo' can't be read");
	folder = cgroup_folder(cgroups, mounts, NULL, NULL);
	if (!folder || !strstr(folder, "/sbx-"))
		return err_set(e, EIO, "the process is not in the scope");
	return puts(folder) >= 0 && fflush(stdout) == 0 ? 0 : err_set(e, EIO, "print the folder");
}

static int scope(uint32_t pid, struct err *e)
{
	struct job job = {0};
	sd_bus *bus = NULL;
	int r = connect_manager(&bus, e);

	if (r >= 0) {
		r = sd_bus_match_signal(bus, NULL, NULL, "/org/freedesktop/systemd1",
					"org.freedesktop.systemd1.Manager", "JobRemoved", on_job_removed, &job);
		if (r < 0)
			(void)err_errno(e, -r, "listen to systemd");
	}
	if (r >= 0)
		r = start_scope(bus, pid, &job, e);
	if (r >= 0)
		r = wait_for_job(bus, &job, e);
	if (r >= 0)
		r = print_folder(pid, e);
	free(job.path);
	strv_done(&job.ended);
	(void)sd_bus_flush_close_unref(bus);
	return r;
}

int main(int argc, char **argv)
{
	struct err e = {0};
	uint64_t pid = 0;
	int r;

	if (argc != 2)
		r = err_set(&e, EINVAL, "usage: sbx-scope PID");
	else
		r = units_number(argv[1], INT32_MAX, &pid, &e);
	if (r >= 0)
		r = scope((uint32_t)pid, &e);
	if (r < 0)
		(void)fprintf(stderr, "%s\n", e.text); /* sbx tells it to the user */
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
