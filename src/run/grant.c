/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/grant.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/sys.h"
#include "init/steps.h"
#include "run/aside.h"
#include "run/join-spaces.h"
#include "run/join.h"

#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x1000
#endif
enum { MNT_ID_UNIQUE = 0x4000, ATTR_IS_MOUNT_ROOT = 0x2000 };

/* What the mounter finds on its way down. */
struct ground {
	int root;            /* the sandbox's */
	int fd;              /* the nearest folder above the target that is there */
	char rest[PATH_MAX]; /* of the target, below that folder */
	bool exists;         /* the target is there, and `rest` its name */
	bool in_root;        /* the folder is of the root itself, and not of that for grants */
};

struct mounting {
	const struct grant *grant;
	const struct join_spaces *spaces;
	int mount;
	int fds; /* the host's /proc/self/fd of the process that enters */
};

static bool look_at(int fd, struct statx *ret)
{
	return statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID | MNT_ID_UNIQUE, ret) == 0 &&
	       (ret->stx_mask & (STATX_MNT_ID | MNT_ID_UNIQUE));
}

/* Of the mount that the fd is in; 0: not known. */
static uint64_t id_around(int fd)
{
	struct statx st;

	return look_at(fd, &st) ? st.stx_mnt_id : 0;
}

bool grant_id_of(int fd, uint64_t *ret)
{
	struct statx st;

	if (!look_at(fd, &st) || !(st.stx_attributes & ATTR_IS_MOUNT_ROOT))
		return false;
	*ret = st.stx_mnt_id;
	return true;
}

/* --- in the sandbox --- */

static int open_below(int dir, const char *path, uint64_t flags)
{
	return sys_openat2(dir, path, O_PATH | flags, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

/* Root of the outer user namespace, which owns the mounts, and nothing outside of it. */
static int enter(struct mounting *m, struct err *e)
{
	int r;

	m->fds = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* closed with the process */
	if (m->fds < 0)
		return err_errno(e, errno, "open '/proc/self/fd'");
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_errno(e, errno, "prctl");
	r = join_spaces_enter(m->spaces);
	if (r < 0)
		return err_errno(e, -r, "enter the sandbox's mounts");
	/* what is made there has an owner of the sandbox */
	if (syscall(SYS_setresgid, 0, 0, 0) < 0 || syscall(SYS_setresuid, 0, 0, 0) < 0)
		return err_errno(e, errno, "become root of the sandbox");
	return 0;
}

static int not_there(struct err *e, const char *why, const char *path, size_t len)
{
	(void)err_set(e, EPERM, "nothing can be granted below '%.*s': it %s", len ? (int)len : 1, len ? path : "/",
		      why);
	return err_hint(e, "no program may be able to move it: so only the sandbox's own root, where it is sealed, and "
			   "the folder of filesystem.grants will do");
}

/* Is the folder of the sandbox's own, with a mount by which nothing in it can be changed? By another mount neither, as
 * there is none of the same files: what is the host's could be changed elsewhere. The kernel is asked, whatever ids and
 * modes are. */
static int check_sealed(const struct grant *grant, struct ground *ground, size_t len, struct err *e)
{
	autoclose int own = grant->own ? open_below(ground->root, grant->own + 1, O_DIRECTORY) : -1;
	uint64_t id = id_around(ground->fd), folder = 0;
	struct statfs fs;

	if (!id || fstatfs(ground->fd, &fs) < 0)
		return err_errno(e, errno, "look at '%s' in the sandbox", grant->target);
	ground->in_root = id == id_around(ground->root);
	if (!ground->in_root && !(own >= 0 && grant_id_of(own, &folder) && id == folder))
		return not_there(e, "is not of the sandbox's own", grant->target, len);
	return fs.f_flags & ST_RDONLY ? 0 : not_there(e, "may be written by its programs", grant->target, len);
}

/* From the root down, each name by itself. */
static int find_ground(const struct grant *grant, struct ground *ret, struct err *e)
{
	const char *target = grant->target, *p = target;

	ret->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ret->fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (ret->root < 0 || ret->fd < 0)
		return err_errno(e, errno, "open the root of the sandbox");
	for (;;) {
		size_t len = strcspn(p + 1, "/");
		autofree char *name = xstrndup(p + 1, len);
		autoclose int next = -1;
		bool last = !p[1 + len];

		if (check_sealed(grant, ret, (size_t)(p - target), e) < 0)
			return -e->code;
		next = open_below(ret->fd, name, last ? 0 : O_DIRECTORY);
		if (next < 0 && errno != ENOENT)
			return err_errno(e, errno, "open '%.*s' in the sandbox", (int)(p + 1 + len - target), target);
		if (next < 0 || last) {
			ret->exists = next >= 0;
			(void)snprintf(ret->rest, sizeof ret->rest, "%s", p + 1);
			return 0;
		}
		mem_close_ptr(&ret->fd);
		ret->fd = take_fd(&next);
		p += 1 + len;
	}
}

/* The same folder by another mount, which is in no tree, and writable. */
static int open_writable(int folder, struct err *e)
{
	const struct sys_mount_attr change = {.attr_clr = ATTR_RDONLY};
	autoclose int fd = sys_open_tree(folder, "", OPEN_TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH);

	if (fd < 0 || sys_mount_setattr(fd, 0, &change) < 0)
		return err_errno(e, errno, "make a mount point");
	return take_fd(&fd);
}

static int make_point(const struct grant *grant, const struct ground *ground, struct err *e)
{
	autoclose int at = open_writable(ground->fd, e);
	const char *p = ground->rest;

	for (const char *slash; at >= 0 && (slash = strchr(p, '/')); p = slash + 1) {
		autofree char *name = xstrndup(p, (size_t)(slash - p));
		int next = mkdirat(at, name, 0755) < 0 ? -1 : open_below(at, name, O_DIRECTORY);

		if (next < 0)
			return err_errno(e, errno, "make a mount point '%s'", name);
		mem_close_ptr(&at);
		at = next;
	}
	if (at < 0)
		return at;
	if ((grant->folder ? mkdirat(at, p, 0755) : mknodat(at, p, S_IFREG | 0644, 0)) < 0)
		return err_errno(e, errno, "make a mount point '%s'", p);
	return 0;
}

/* Did the plan make it? */
static bool is_planned(const struct plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct step *step = &plan->step[i];

		if (step_info[step->kind].phase == PHASE_MOUNT &&
		    (path_below(plan_text(plan, step->a), path) || path_below(plan_text(plan, step->b), path)))
			return true;
	}
	return false;
}

/* What a grant has made goes away with it; an empty folder that stays is no harm. One of an image is the image's. */
static void remove_point(const struct grant *grant, const struct ground *ground)
{
	bool kept = is_planned(grant->plan, grant->target) || (ground->in_root && plan_find(grant->plan, STEP_IMAGE));
	struct err none;
	autoclose int at = !kept && ground->exists ? open_writable(ground->fd, &none) : -1;

	if (at >= 0)
		(void)unlinkat(at, ground->rest, grant->folder ? AT_REMOVEDIR : 0);
}

static int check_point(const struct grant *grant, const struct ground *ground, struct err *e)
{
	autoclose int fd = ground->exists ? open_below(ground->fd, ground->rest, 0) : -1;
	struct stat st;
	uint64_t id;

	if (!ground->exists)
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, errno, "open '%s' in the sandbox", grant->target);
	if (grant_id_of(fd, &id))
		return err_set(e, EBUSY, "something is mounted at '%s' already", grant->target);
	if (S_ISDIR(st.st_mode) != grant->folder)
		return err_set(e, ENOTDIR, "'%s' is %s folder, and what is granted is %s", grant->target,
			       S_ISDIR(st.st_mode) ? "a" : "no", grant->folder ? "one" : "none");
	return 0;
}

/* What lies where nothing can be executed can't be executed either. Of the root it is not known here what the rules of
 * the profile say of a path in it: so there, too. */
static int restrict_mount(int mount, const struct ground *ground, struct err *e)
{
	struct statfs fs;

	if (fstatfs(ground->fd, &fs) < 0)
		return err_errno(e, errno, "look at the mount point");
	return ground->in_root || (fs.f_flags & ST_NOEXEC) ? mount_attributes(mount, ATTR_NOEXEC, true, e) : 0;
}

static int open_mounted(const struct grant *grant, const struct ground *ground)
{
	autoclose int fd = open_below(ground->root, grant->target + 1, 0);
	uint64_t id;

	return fd >= 0 && grant_id_of(fd, &id) && id == grant->id ? take_fd(&fd) : -1;
}

/* The folders that were made on the way are seen by the sealed mount, too. */
static int go_down(struct ground *ground, struct err *e)
{
	char *slash = strrchr(ground->rest, '/');
	int fd;

	ground->exists = true;
	if (!slash)
		return 0;
	*slash = '\0';
	fd = open_below(ground->fd, ground->rest, O_DIRECTORY);
	if (fd < 0)
		return err_errno(e, errno, "open '%s' in the sandbox", ground->rest);
	mem_close_ptr(&ground->fd);
	ground->fd = fd;
	memmove(ground->rest, slash + 1, strlen(slash + 1) + 1);
	return 0;
}

/* By its fd: a path could lead to another one by now. */
static int unmount(const struct mounting *m, int mount, struct err *e)
{
	char name[16];

	(void)snprintf(name, sizeof name, "%d", mount);
	if (fchdir(m->fds) < 0 || umount2(name, MNT_DETACH) < 0)
		return err_errno(e, errno, "unmount '%s'", m->grant->target);
	return 0;
}

static int mount_at(const struct mounting *m, struct ground *ground, struct err *e)
{
	const struct grant *grant = m->grant;
	autoclose int seen = -1;
	int r = find_ground(grant, ground, e);

	if (r == 0)
		r = check_point(grant, ground, e);
	if (r == 0)
		r = restrict_mount(m->mount, ground, e);
	if (r == 0 && !ground->exists)
		r = make_point(grant, ground, e);
	if (r == 0)
		r = go_down(ground, e);
	if (r < 0)
		return r;
	if (sys_move_mount(m->mount, ground->fd, ground->rest) < 0) {
		(void)err_errno(e, errno, "mount on '%s'", grant->target);
		remove_point(grant, ground);
		return -e->code;
	}
	seen = open_mounted(grant, ground);
	if (seen >= 0)
		return 0;
	(void)unmount(m, m->mount, e);
	return err_set(e, EIO, "what was mounted at '%s' is not seen there", grant->target);
}

static void ground_done(struct ground *ground)
{
	mem_close_ptr(&ground->root);
	mem_close_ptr(&ground->fd);
}

static int mounter(void *arg, int *ret_fd, struct err *e)
{
	struct ground ground = {.root = -1, .fd = -1};
	int r = enter(arg, e);

	(void)ret_fd;
	if (r == 0)
		r = mount_at(arg, &ground, e);
	ground_done(&ground);
	return r;
}

/* Hands back an fd if it was there. */
static int unmounter(void *arg, int *ret_fd, struct err *e)
{
	struct mounting *m = arg;
	struct ground ground = {.root = -1, .fd = -1};
	autoclose int mount = -1;
	int r = enter(m, e);

	if (r == 0)
		r = find_ground(m->grant, &ground, e);
	if (r == 0)
		mount = open_mounted(m->grant, &ground);
	if (r == 0 && mount >= 0)
		r = unmount(m, mount, e);
	if (r == 0 && mount >= 0)
		*ret_fd = take_fd(&mount);
	if (r == 0)
		remove_point(m->grant, &ground);
	ground_done(&ground);
	return r;
}

/* --- the caller's side --- */

static int with_spaces(const struct grant *grant, int mount, aside_fn *work, int *ret_fd, struct err *e)
{
	struct join_spaces spaces = JOIN_SPACES_NONE;
	struct mounting m = {.grant = grant, .spaces = &spaces, .mount = mount, .fds = -1};
	struct pollfd ended = {.fd = grant->init, .events = POLLIN};
	int r = join_check(grant->plan, false, e);

	*ret_fd = -1;
	if (r == 0)
		r = join_spaces_open(grant->init_pid, CLONE_NEWNS, &spaces, e);
	if (r == 0 && poll(&ended, 1, 0) != 0) /* then what was found by its pid may have been another's */
		r = err_set(e, ESRCH, "the sandbox has ended");
	if (r == 0)
		r = aside_run(work, &m, ret_fd, e);
	join_spaces_close(&spaces);
	return r;
}

int grant_mount(const struct grant *grant, int mount, struct err *e)
{
	autoclose int none = -1;

	return with_spaces(grant, mount, mounter, &none, e);
}

int grant_unmount(const struct grant *grant, struct err *e)
{
	autoclose int was_there = -1;
	int r = with_spaces(grant, -1, unmounter, &was_there, e);

	return r < 0 ? r : was_there >= 0;
}
