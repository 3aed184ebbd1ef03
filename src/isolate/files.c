/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "isolate/files.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "isolate/words.h"

enum { FIFO_PAUSE_NS = 2000000, MAX_GROUPS = 65536 };

/* A root that looks at files as another for a while; the kernel takes its rights over files meanwhile. */
struct mask {
	gid_t *groups;
	int count;
	bool on;
};

static void unmask(struct mask *mask)
{
	if (!mask->on)
		return;
	(void)setfsuid(geteuid());
	(void)setfsgid(getegid());
	(void)setgroups((size_t)mask->count, mask->groups);
	free(mask->groups);
	mask->on = false;
}

static int put_on(struct mask *mask, const struct id *id, struct err *e)
{
	*mask = (struct mask){0};
	if (geteuid() != 0 || id->uid == 0)
		return 0;
	mask->groups = xcalloc(MAX_GROUPS, sizeof *mask->groups);
	mask->count = getgroups(MAX_GROUPS, mask->groups);
	mask->on = true;
	if (mask->count < 0 || setgroups(0, NULL) < 0) {
		(void)err_errno(e, errno, "leave the groups");
		mask->count = mask->count < 0 ? 0 : mask->count;
		unmask(mask);
		return -e->code;
	}
	(void)setfsgid(id->gid);
	(void)setfsuid(id->uid);
	if ((uid_t)setfsuid((uid_t)-1) == id->uid && (gid_t)setfsgid((gid_t)-1) == id->gid)
		return 0;
	unmask(mask);
	return err_set(e, EPERM, "can't open files as user %u", id->uid);
}

/* As the program would, with its umask. -1 and errno. */
static int open_as(int folder, const char *name, int flags, const struct id *id, struct err *e)
{
	struct mask mask;
	mode_t before;
	int fd, code;

	if (put_on(&mask, id, e) < 0)
		return -1;
	before = umask(022);
	fd = sys_openat2(folder, name, (unsigned)flags, flags & O_CREAT ? 0666 : 0,
			 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	code = errno;
	(void)umask(before);
	unmask(&mask);
	errno = code;
	return fd;
}

static bool is_fifo(int folder, const char *name)
{
	autoclose int fd = sys_openat2(folder, name, O_PATH, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

/* A FIFO has no reader yet: until there is one, or the wall time is over, or somebody wants no more of it. */
static int open_output(int folder, const char *name, const struct options *o, const struct files_context *c,
		       struct files_result *ret, struct err *e)
{
	const struct timespec pause = {.tv_nsec = FIFO_PAUSE_NS};
	int64_t until = clock_ns(CLOCK_MONOTONIC) + (int64_t)o->wall_ms * 1000000;
	int fd;

	while ((fd = open_as(folder, name, O_WRONLY | O_CREAT | O_NOCTTY | O_NONBLOCK, &c->payload, e)) < 0) {
		if (errno != ENXIO || !is_fifo(folder, name))
			return err_errno(e, errno, "open");
		ret->interrupted = sigtimedwait(c->signals, NULL, &pause);
		ret->too_late = o->wall_ms && clock_ns(CLOCK_MONOTONIC) >= until;
		if (ret->interrupted > 0)
			return err_set(e, EINTR, "interrupted");
		if (ret->too_late)
			return err_set(e, ETIMEDOUT, "nobody reads the other end");
	}
	ret->interrupted = 0;
	return fd;
}

/* The folder of the host that holds the path, and what is below it. */
static int find_folder(const struct options *o, const struct isolate_box *box, const char *path, bool write,
		       char **ret_rest, struct err *e)
{
	autofree char *here = words_in_box("/box", o->chdir ? o->chdir : ""), *absolute = words_in_box(here, path),
		      *folder = NULL;
	const char *rest = NULL;
	const struct dir_rule *rule = rules_find(&o->rules, absolute, &rest);
	int fd;

	if (!rule)
		return err_set(e, ENOENT, "no rule of --dir shows it");
	if (rule->kind == RULE_DEV && str_eq(rest, "null"))
		folder = xstrdup("/dev");
	else if (rule->kind == RULE_BIND)
		folder = xstrdup(rule->out);
	else if (rule->kind == RULE_BOX)
		folder = xasprintf("%s%s", box->folder, rule->out);
	else
		return err_set(e, ENOTSUP, "it is in '%s', a folder of the sandbox's own", rule->in);
	if (write && !rule->writable && rule->kind != RULE_DEV)
		return err_errno(e, EROFS, "it is in '%s'", rule->in);
	if (!*rest)
		return err_errno(e, EISDIR, "it is '%s'", rule->in);
	fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, errno, "open '%s'", folder);
	*ret_rest = xstrdup(rest);
	return fd;
}

/* Neither a device nor another's terminal; what is already in an output goes. */
static int check_file(int fd, bool write, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(e, errno, "look at it");
	if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))
		return 0;
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
		return err_set(e, EINVAL, "it is neither a file, nor a FIFO, nor /dev/null");
	if (write && S_ISREG(st.st_mode) && ftruncate(fd, 0) < 0)
		return err_errno(e, errno, "empty it");
	return 0;
}

static int open_stream(const struct options *o, const struct files_context *c, int number, struct files_result *ret,
		       struct err *e)
{
	autofree char *rest = NULL;
	autoclose int folder = find_folder(o, c->box, o->stream[number], number > 0, &rest, e), fd = -1;

	if (folder < 0)
		return folder;
	if (number > 0)
		fd = open_output(folder, rest, o, c, ret, e);
	else
		fd = open_as(folder, rest, O_RDONLY | O_NOCTTY | O_NONBLOCK, &c->payload, e);
	if (fd < 0)
		return e->code ? -e->code : err_errno(e, errno, "open");
	if (check_file(fd, number > 0, e) < 0)
		return -e->code;
	return dup2(fd, number) < 0 ? err_errno(e, errno, "make it fd %d", number) : 0;
}

bool files_written(void)
{
	struct stat st;

	for (int fd = 1; fd < 3; fd++)
		if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
			return true;
	return false;
}

int files_streams(const struct options *options, const struct files_context *context, struct files_result *ret,
		  struct err *e)
{
	static const char *const names[] = {"--stdin", "--stdout", "--stderr"};

	*ret = (struct files_result){0};
	for (int fd = 0; fd < 3; fd++)
		if (options->stream[fd] && open_stream(options, context, fd, ret, e) < 0)
			return err_prefix(e, "%s: '%s'", names[fd], options->stream[fd]);
	ret->writes_file = files_written();
	return 0;
}

int files_meta(const char *path, const struct id *owner, const char *folder, struct err *e)
{
	enum { FLAGS = O_WRONLY | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC };
	size_t len = strlen(folder);
	autoclose int above = -1, fd = -1;
	struct mask mask;
	struct stat st;

	if (strncmp(path, folder, len) == 0 && path[len] == '/') {
		above = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (above < 0)
			return err_errno(e, errno, "open '%s' for the meta file", folder);
		fd = open_as(above, path + len + 1, FLAGS, owner, e);
	} else if (put_on(&mask, owner, e) == 0) {
		fd = open(path, FLAGS, 0644);
		unmask(&mask);
	}
	if (fd < 0)
		return e->code ? -e->code : err_errno(e, errno, "open meta file '%s'", path);
	if (fstat(fd, &st) < 0 || (!S_ISREG(st.st_mode) && !(S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))))
		return err_set(e, EINVAL, "meta file '%s' is neither a file nor /dev/null", path);
	if (S_ISREG(st.st_mode) && ftruncate(fd, 0) < 0)
		return err_errno(e, errno, "empty meta file '%s'", path);
	return take_fd(&fd);
}
