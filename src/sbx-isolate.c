/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sbx-isolate: the command line of isolate, for graders that have it built in, over sandboxes of sbx. The only printer
 * of its errors, and the only chooser of its exit statuses. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "isolate/files.h"
#include "isolate/launch.h"
#include "isolate/meta.h"
#include "message.h"
#include "run/prepare.h"

#define ROOT_STORE "/var/lib/sbx/isolate"

struct session {
	struct options options;
	struct host host;
	char *store; /* owned */
	struct isolate_box box;
	struct id caller; /* whose the box is */
	int meta;         /* -1: none */
	int out, err;     /* of the caller, while fds 1 and 2 are the program's */
	struct launch launch;
};

static int print(int fd, const struct str *text)
{
	return fd_write(fd, text->s ? text->s : "", text->len) < 0 ? META_SANDBOX_FAILED : META_OK;
}

/* fds from 3 on that the caller has left open, for --inherit-fds. */
static void list_fds(struct launch *launch)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		int fd = (int)strtol(entry->d_name, NULL, 10);

		if (fd < 3 || fd == dirfd(dir))
			continue;
		launch->kept = xgrow(launch->kept, launch->kept_count, &launch->kept_cap, sizeof *launch->kept);
		launch->kept[launch->kept_count++] = fd;
	}
	if (dir)
		(void)closedir(dir);
}

/* Who called, and where its boxes are. */
static int read_host(struct session *s, char **environment, struct err *e)
{
	const struct options *o = &s->options;

	if (geteuid() != getuid() || getegid() != getgid())
		return err_set(e, EPERM, "sbx-isolate must not be installed setuid or setgid");
	if (host_read(&s->host, environment, e) < 0)
		return -e->code;
	s->caller = (struct id){getuid(), getgid()};
	if (o->as_uid_said && s->caller.uid == 0)
		s->caller = (struct id){(uid_t)o->as_uid, (gid_t)o->as_gid};
	if (s->host.uid == 0)
		s->store = xstrdup(ROOT_STORE);
	else if (s->host.state)
		s->store = xasprintf("%s/sbx/isolate", s->host.state);
	else
		return err_set(e, ENOENT, "the caller has no home for boxes");
	return 0;
}

static int open_meta(struct session *s, struct err *e)
{
	autofree char *folder = NULL;

	if (!s->options.meta)
		return 0;
	if (str_eq(s->options.meta, "-")) {
		s->meta = fcntl(s->out, F_DUPFD_CLOEXEC, 3);
		return s->meta >= 0 ? 0 : err_errno(e, errno, "duplicate fd 1");
	}
	folder = xasprintf("%s/%llu", s->store, (unsigned long long)s->options.box);
	s->meta = files_meta(s->options.meta, &s->caller, folder, e);
	return s->meta < 0 ? s->meta : 0;
}

static int open_box(struct session *s, struct err *e)
{
	return isolate_box_open(s->store, s->options.box, s->options.wait, &s->box, e);
}

static int init(struct session *s, struct err *e)
{
	autostr struct str line = {0};

	if (open_box(s, e) < 0 || isolate_box_init(&s->box, &s->caller, s->options.cg, e) < 0)
		return -e->code;
	str_addf(&line, "%s\n", s->box.folder);
	return print(s->out, &line) == META_OK ? 0 : err_set(e, EIO, "print the box's folder");
}

static int cleanup(struct session *s, struct err *e)
{
	return open_box(s, e) < 0 ? -e->code : isolate_box_cleanup(&s->box, e);
}

static int open_made_box(struct session *s, struct err *e)
{
	if (open_box(s, e) < 0)
		return -e->code;
	if (!s->box.made) {
		struct err more = {0};

		(void)isolate_box_cleanup(&s->box, &more); /* no lock stays for a box that is none */
		return err_set(e, ENOENT, "box %s is not there: run --init first", s->box.name);
	}
	if (s->box.owner.uid != s->caller.uid)
		return err_set(e, EPERM, "box %s belongs to user %u", s->box.name, s->box.owner.uid);
	if (s->box.cg != s->options.cg)
		return err_set(e, EINVAL, "box %s was made %s --cg", s->box.name, s->box.cg ? "with" : "without");
	return 0;
}

/* The box is the program's while it runs, and its owner's before and after. */
static int run(struct session *s, struct ending *ending, char **environment, struct err *e)
{
	const struct id payload = launch_payload(&s->host);
	struct err more = {0};
	int r;

	if (open_made_box(s, e) < 0 || launch_hold_signals(&s->launch, e) < 0 ||
	    isolate_box_give(&s->box, &payload, &s->caller, s->options.special_files, e) < 0)
		return -e->code;
	r = launch_run(&s->launch,
		       &(struct launch_context){
			       .options = &s->options, .host = &s->host, .box = &s->box, .environment = environment},
		       ending, e);
	if (isolate_box_give(&s->box, &s->caller, &payload, s->options.special_files, &more) < 0 && r == 0) {
		*e = more;
		r = -more.code;
	}
	return r;
}

static int act(struct session *s, struct ending *ending, char **environment, struct err *e)
{
	autostr struct str text = {0};

	if (s->options.as_uid_said && s->host.uid != 0)
		return err_set(e, EPERM, "--as-uid: only root acts for others");
	switch (s->options.mode) {
	case ISOLATE_INIT:
		return init(s, e);
	case ISOLATE_CLEANUP:
		return cleanup(s, e);
	case ISOLATE_RUN:
		return run(s, ending, environment, e);
	case ISOLATE_CHECK_CONFIG:
		return launch_check(s->store, &s->host, environment, e);
	case ISOLATE_CG_ROOT:
		return err_set(e, ENOTSUP, "--print-cg-root: sbx has no one cgroup for all boxes");
	case ISOLATE_VERSION:
		message_version(&text);
		break;
	case ISOLATE_HELP:
	case ISOLATE_NONE:
		options_help(&text);
		break;
	}
	return print(s->out, &text) == META_OK ? 0 : err_set(e, EIO, "print");
}

/* The result of a run, or an error, in the meta file and on standard error. */
static int tell(struct session *s, struct ending *ending, const struct err *e)
{
	autostr struct str lines = {0}, line = {0};

	if (e->code)
		ending->error = e->text;
	if (!e->code && s->options.mode != ISOLATE_RUN)
		return META_OK;
	if (s->meta >= 0)
		meta_lines(ending, &lines);
	if (lines.len && fd_write(s->meta, lines.s, lines.len) < 0) {
		struct err failed;

		(void)err_set(&failed, EIO, "write the meta file");
		message_error(&failed);
		return META_SANDBOX_FAILED;
	}
	if (e->code) {
		message_error(e);
	} else if (!s->options.silent) {
		meta_status_line(ending, &line);
		str_add(&line, "\n");
		(void)!fd_write(STDERR_FILENO, line.s, line.len); /* there is nowhere else to tell it */
	}
	return meta_exit_status(ending);
}

static int session(struct session *s, char **environment, int argc, char **argv)
{
	struct outcome outcome = {.verdict = VERDICT_INTERNAL, .exit_code = -1};
	struct ending ending = {.outcome = &outcome};
	struct err wrong = {0}, e = {0};
	int r, parsed = options_parse(argc, argv, &s->options, &wrong);

	if (s->options.inherit_fds)
		list_fds(&s->launch);
	launch_keep_umask(&s->launch);
	r = prepare_process(&e);
	launch_restore_umask(&s->launch);
	s->out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	s->err = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	ending.cg = s->options.cg;
	if (r == 0)
		r = read_host(s, environment, &e);
	if (r == 0)
		r = open_meta(s, &e);
	if (parsed < 0) /* the first that went wrong is told */
		e = wrong;
	if (r == 0 && parsed == 0) {
		s->launch.outcome = &outcome;
		(void)act(s, &ending, environment, &e);
	}
	(void)dup2(s->err, STDERR_FILENO);
	r = tell(s, &ending, &e);
	outcome_done(&outcome);
	return r;
}

int main(int argc, char **argv, char **environment)
{
	struct session s = {.box = ISOLATE_BOX_NONE, .meta = -1, .out = -1, .err = -1};
	int status;

	message_name("sbx-isolate");
	if (argc < 1 || !argv[0])
		return META_SANDBOX_FAILED;
	status = session(&s, environment, argc, argv);
	launch_done(&s.launch);
	isolate_box_done(&s.box);
	options_done(&s.options);
	host_done(&s.host);
	free(s.store);
	return status;
}
