/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* detach: a sandbox in the background. What it says goes to a file, and its report to another, in a folder of its name
 * that stays until `sbxctl forget`; or nowhere. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/folder.h"
#include "base/mem.h"
#include "teller.h"

static bool is_set(const struct request *request, enum setting_id id)
{
	for (size_t i = 0; i < request->set_count; i++)
		if (request->set[i].id == id)
			return true;
	return false;
}

static void set(struct planned *planned, enum setting_id id, char *owned)
{
	strv_take(&planned->texts, owned);
	if (!is_set(&planned->request, id))
		request_set(&planned->request, id, owned, "--detach");
}

/* Whoever else could write there would choose the file that the log goes to. */
static int check_own(int folder, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(folder, &st) < 0)
		return err_errno(e, errno, "look at '%s'", path);
	return st.st_uid == geteuid() && !(st.st_mode & 022)
		       ? 0
		       : err_set(e, EPERM, "'%s' is another user's, or others can write there", path);
}

int detach_prepare(struct planned *planned, char **environment, struct err *e)
{
	struct request *request = &planned->request;
	autofree char *folder = NULL, *name = NULL;
	autoclose int made = -1;
	int r = host_read(&planned->host, environment, e);

	if (r < 0)
		return r;
	if (request->forget) {
		set(planned, SET_process_stdin, xstrdup("/dev/null"));
		set(planned, SET_process_stdout, xstrdup("/dev/null"));
		set(planned, SET_process_stderr, xstrdup("/dev/null"));
		return 0;
	}
	if (!planned->host.runs)
		return err_set(e, ENOENT, "--detach: the caller has no folder for what it says");
	if (!request->name) {
		strv_take(&planned->texts, teller_name(request));
		request->name = planned->texts.v[planned->texts.count - 1];
	}
	name = live_file_name(request->name);
	folder = xasprintf("%s/%s", planned->host.runs, name);
	made = folder_make(folder, 0700, "", e);
	if (made < 0 || check_own(made, folder, e) < 0)
		return err_prefix(e, "--detach");
	set(planned, SET_process_stdin, xstrdup("/dev/null"));
	if (!is_set(request, SET_process_stdout)) {
		set(planned, SET_process_stdout, xasprintf("%s/log", folder));
		if (!is_set(request, SET_process_stderr))
			set(planned, SET_process_stderr_to_stdout, xstrdup("yes"));
	}
	set(planned, SET_report_file, xasprintf("%s/report.json", folder));
	return 0;
}

int detach_keep(const struct teller *teller, const struct json *record, struct err *e)
{
	autofree char *path = xasprintf("%s/%s/record.json", teller->planned->host.runs, teller->live.name);
	autoclose int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	autostr struct str text = {0};
	int r = fd < 0 ? -errno : 0;

	json_print_line(record, &text);
	if (r == 0)
		r = fd_write(fd, text.s, text.len);
	return r < 0 ? err_errno(e, -r, "write '%s'", path) : 0;
}

static int wait_for_start(const struct teller *teller, int started, pid_t child)
{
	char said = 0;
	int status = 0;
	ssize_t n;

	while ((n = read(started, &said, 1)) < 0 && errno == EINTR)
		;
	if (n == 1 && said == '.')
		return fd_write(STDOUT_FILENO, teller->name, strlen(teller->name)) < 0 ||
				       fd_write(STDOUT_FILENO, "\n", 1) < 0
			       ? 125
			       : 0;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : 125;
}

int detach(struct teller *teller)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return 125;
	child = fork();
	if (child > 0) {
		int status;

		(void)close(ends[1]);
		status = wait_for_start(teller, ends[0], child);
		(void)close(ends[0]);
		return status;
	}
	(void)close(ends[0]);
	if (child < 0 || setsid() < 0)
		return 125;
	teller->started = ends[1];
	return -1;
}
