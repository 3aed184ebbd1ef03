/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mounts: the new root and what is shown in it. Every source is opened once, in the host's view, and held as a detached
 * mount; every target is opened inside the new root (resolve.h); no mount is made by path. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/sys.h"
#include "init/steps.h"

int mount_attributes(int mount, uint64_t attr, bool recursive, struct err *e)
{
	struct sys_mount_attr change = {.attr_set = attr, .propagation = MS_PRIVATE};

	if (sys_mount_setattr(mount, recursive ? AT_RECURSIVE : 0, &change) < 0)
		return err_errno(e, errno, "set the flags of a mount");
	return 0;
}

int mount_on(struct sandbox *s, int mount, const char *target, struct err *e)
{
	const char *name;
	int parent = root_target(&s->root, target, &name, e);

	if (parent < 0)
		return parent;
	if (sys_move_mount(mount, parent, name) < 0)
		return err_errno(e, errno, "mount on '%s'", target);
	root_mounted(&s->root, target);
	return 0;
}

int do_private(struct sandbox *s, const struct step *step, struct err *e)
{
	(void)s;
	(void)step;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_errno(e, errno, "make all mounts private");
	return 0;
}

int make_tmpfs(uint64_t bytes, uint64_t inodes, const char *mode, struct err *e)
{
	autoclose int fs = sys_fsopen("tmpfs");
	char size[32], count[32];
	int fd;

	(void)snprintf(size, sizeof size, "%llu", (unsigned long long)bytes);
	(void)snprintf(count, sizeof count, "%llu", (unsigned long long)inodes);
	if (fs < 0)
		return err_errno(e, errno, "make a tmpfs");
	if (sys_fsconfig_string(fs, "size", size) < 0 || sys_fsconfig_string(fs, "nr_inodes", count) < 0 ||
	    sys_fsconfig_string(fs, "mode", mode) < 0 || sys_fsconfig_create(fs) < 0)
		return err_errno(e, errno, "make a tmpfs of %s bytes and %s inodes", size, count);
	fd = sys_fsmount(fs, ATTR_NOSUID | ATTR_NODEV);
	return fd >= 0 ? fd : err_errno(e, errno, "mount a tmpfs");
}

/* The root is attached on top of "/": paths of this process still start at the root below it, so that no folder of the
 * host is needed as a mount point, and the host's view stays whole until pivot_root. */
int do_root(struct sandbox *s, const struct step *step, struct err *e)
{
	s->root.fd = make_tmpfs(step->n, step->m, "0755", e);
	if (s->root.fd < 0)
		return s->root.fd;
	if (sys_move_mount(s->root.fd, AT_FDCWD, "/") < 0)
		return err_errno(e, errno, "attach the root");
	return 0;
}

/* A detached mount can't be cloned from before Linux 6.15, so it lies where the sandbox's /proc will cover it. */
int do_scratch(struct sandbox *s, const struct step *step, struct err *e)
{
	s->scratch = make_tmpfs(step->n, step->m, "0755", e);
	return s->scratch < 0 ? s->scratch : mount_on(s, s->scratch, plan_text(s->plan, step->a), e);
}

int do_mkdir(struct sandbox *s, const struct step *step, struct err *e)
{
	const char *path = plan_text(s->plan, step->a), *name;
	int parent = root_parent(&s->root, path, &name, e);

	if (parent < 0)
		return parent;
	if (mkdirat(parent, name, (mode_t)step->n) < 0 && !(errno == EEXIST && step->m))
		return err_errno(e, errno, "make folder '%s'", path);
	return 0;
}

int do_symlink(struct sandbox *s, const struct step *step, struct err *e)
{
	const char *path = plan_text(s->plan, step->a), *name;
	int parent = root_parent(&s->root, path, &name, e);

	if (parent < 0)
		return parent;
	if (symlinkat(plan_text(s->plan, step->b), parent, name) < 0)
		return err_errno(e, errno, "make link '%s'", path);
	return 0;
}

int do_file(struct sandbox *s, const struct step *step, struct err *e)
{
	const char *path = plan_text(s->plan, step->a), *name;
	int parent = root_parent(&s->root, path, &name, e);
	autoclose int fd = -1;
	int r;

	if (parent < 0)
		return parent;
	if (!step->size) /* a mount point */
		return mknodat(parent, name, S_IFREG | (mode_t)step->n, 0) < 0 && !(errno == EEXIST && step->m)
			       ? err_errno(e, errno, "make file '%s'", path)
			       : 0;
	if (step->m && unlinkat(parent, name, 0) < 0 && errno != ENOENT)
		return err_errno(e, errno, "replace '%s'", path);
	fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, (mode_t)step->n);
	if (fd < 0)
		return err_errno(e, errno, "make file '%s'", path);
	r = fd_write(fd, plan_text(s->plan, step->data), step->size);
	return r < 0 ? err_errno(e, -r, "write '%s'", path) : 0;
}

/* What was opened must be what the plan was made for: a folder, not a folder, or one device. */
static int check_kind(int fd, uint64_t kind, const char *path, struct err *e)
{
	uint32_t want = (uint32_t)kind;
	dev_t rdev = (dev_t)(kind >> 32);
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(e, errno, "look at '%s'", path);
	if ((want == BIND_FOLDER && !S_ISDIR(st.st_mode)) || (want == BIND_NOT_FOLDER && S_ISDIR(st.st_mode)) ||
	    (want == BIND_CHAR && (!S_ISCHR(st.st_mode) || st.st_rdev != rdev)))
		return err_set(e, ESTALE, "'%s' is not what it was when the plan was made", path);
	return 0;
}

int do_bind(struct sandbox *s, const struct step *step, struct err *e)
{
	const char *source = plan_text(s->plan, step->a);
	/* the plan has the real path: a link in it now was not there when the plan was made */
	autoclose int path = sys_openat2(AT_FDCWD, source, O_PATH, 0, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	autoclose int fd = -1;
	int r;

	if (path < 0)
		return err_errno(e, errno, "open '%s'", source);
	fd = sys_open_tree(path, "", OPEN_TREE_CLONE | O_CLOEXEC | AT_RECURSIVE | AT_EMPTY_PATH);
	if (fd < 0)
		return err_errno(e, errno, "clone the mount of '%s'", source);
	r = check_kind(fd, step->m, source, e);
	if (r == 0)
		r = mount_attributes(fd, step->n, true, e);
	return r < 0 ? r : mount_on(s, fd, plan_text(s->plan, step->b), e);
}

/* Makes something of the scratch tmpfs a mount of its own, with nothing below or above it in reach. */
static int mount_scratch(struct sandbox *s, const char *name, uint64_t attr, const char *target, struct err *e)
{
	autoclose int fd = sys_open_tree(s->scratch, name, OPEN_TREE_CLONE | O_CLOEXEC);
	int r;

	if (fd < 0)
		return err_errno(e, errno, "clone a scratch folder for '%s'", target);
	r = mount_attributes(fd, attr, false, e);
	return r < 0 ? r : mount_on(s, fd, target, e);
}

int do_scratch_dir(struct sandbox *s, const struct step *step, struct err *e)
{
	char name[16];
	int r;

	(void)snprintf(name, sizeof name, "%u", s->scratch_dirs++);
	if (mkdirat(s->scratch, name, (mode_t)step->n) < 0)
		return err_errno(e, errno, "make a scratch folder");
	r = fd_give(s->scratch, name, plan_text(s->plan, step->b));
	if (r < 0)
		return err_errno(e, -r, "give a scratch folder to %s", plan_text(s->plan, step->b));
	return mount_scratch(s, name, step->m, plan_text(s->plan, step->a), e);
}

/* BIND_FOLDER or BIND_NOT_FOLDER; 0: nothing is there. */
static int what_is(struct sandbox *s, const char *path, struct err *e)
{
	const char *name;
	int parent = root_parent(&s->root, path, &name, e);
	struct stat st;

	if (parent < 0 || fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		int code = parent < 0 ? e->code : errno;

		if (code == ENOENT || code == ENOTDIR) {
			err_clear(e);
			return 0;
		}
		return parent < 0 ? -code : err_errno(e, code, "look at '%s' in the sandbox", path);
	}
	return S_ISDIR(st.st_mode) ? BIND_FOLDER : BIND_NOT_FOLDER;
}

int do_hide(struct sandbox *s, const struct step *step, struct err *e)
{
	const uint64_t attr = ATTR_RDONLY | ATTR_NOSUID | ATTR_NODEV | ATTR_NOEXEC;
	int is = step->m == BIND_ANY ? what_is(s, plan_text(s->plan, step->a), e) : (int)step->m;
	bool folder = is == BIND_FOLDER;
	const char *name = folder ? "hidden-folder" : "hidden-file";
	autoclose int fd = -1;

	if (is <= 0)
		return is; /* an error, or nothing */
	/* both are made at the first need */
	if (folder && mkdirat(s->scratch, name, 0) < 0 && errno != EEXIST)
		return err_errno(e, errno, "make an empty folder");
	if (!folder) {
		fd = openat(s->scratch, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0);
		if (fd < 0 && errno != EACCES)
			return err_errno(e, errno, "make an empty file");
	}
	return mount_scratch(s, name, attr, plan_text(s->plan, step->a), e);
}
