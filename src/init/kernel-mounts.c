/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kernel-mounts: /proc and /dev/pts of the sandbox's own, the sealing of what is finished, and pivot_root. */
#include <errno.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/sys.h"
#include "init/steps.h"
#include "plan/share.h"

/* A new instance of a kernel file system as a detached mount. `option` may be NULL. */
static int make_instance(const char *type, const char *const *options, uint64_t attr, struct err *e)
{
	autoclose int fs = sys_fsopen(type);
	int fd;

	if (fs < 0)
		return err_errno(e, errno, "make a %s", type);
	for (; *options; options += 2)
		if (sys_fsconfig_string(fs, options[0], options[1]) < 0)
			return err_errno(e, errno, "set %s of a %s", options[0], type);
	if (sys_fsconfig_create(fs) < 0)
		return err_errno(e, errno, "make a %s", type);
	fd = sys_fsmount(fs, (unsigned)attr);
	return fd >= 0 ? fd : err_errno(e, errno, "mount a %s", type);
}

int do_proc(struct sandbox *s, const struct step *step, struct err *e)
{
	static const char *const full[] = {NULL}, *const pids[] = {"subset", "pid", NULL};
	bool only_pids = step->m && s->share != SHARE_TEMPLATE; /* that one will be covered, and has no processes */

	/* where there is no template: that of the host, which shows the values of whoever looks */
	if (only_pids && s->sysctl < 0)
		s->sysctl = open("/proc/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
	s->proc = make_instance("proc", only_pids ? pids : full, step->n, e);
	if (s->proc < 0) {
		if (e->code == EPERM)
			(void)err_hint(e, "a /proc that is partly covered, as in a container, forbids this; "
					  "run the container with an unmasked /proc");
		return s->proc;
	}
	if (s->sysctl < 0) /* it will be covered, or read-only */
		s->sysctl = openat(s->proc, "sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (s->sysctl < 0)
		return err_errno(e, errno, "open /proc/sys");
	return mount_on(s, s->proc, plan_text(s->plan, step->a), e);
}

int do_devpts(struct sandbox *s, const struct step *step, struct err *e)
{
	static const char *const options[] = {"ptmxmode", "0666", "mode", "0620", NULL};
	autoclose int fd = make_instance("devpts", options, step->n ? step->n : ATTR_NOSUID | ATTR_NOEXEC, e);

	return fd < 0 ? fd : mount_on(s, fd, plan_text(s->plan, step->a), e);
}

int limit_namespaces(const struct sandbox *s, uint64_t most, struct err *e)
{
	char count[24];
	int r;

	(void)snprintf(count, sizeof count, "%llu", (unsigned long long)most);
	r = fd_write_file(s->sysctl, "user/max_user_namespaces", count);
	return r < 0 ? err_errno(e, -r, "write max_user_namespaces") : 0;
}

int do_namespace_limit(struct sandbox *s, const struct step *step, struct err *e)
{
	return limit_namespaces(s, step->n, e);
}

int do_proc_read_only(struct sandbox *s, const struct step *step, struct err *e)
{
	const char *path = plan_text(s->plan, step->a);
	autoclose int fd = -1;
	int r;

	if (!str_starts(path, "/proc/"))
		return err_set(e, EINVAL, "'%s' is not below /proc", path);
	fd = sys_open_tree(s->proc, path + 6, OPEN_TREE_CLONE | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, errno, "open '%s'", path);
	r = mount_attributes(fd, ATTR_RDONLY | ATTR_NOSUID | ATTR_NODEV | ATTR_NOEXEC, false, e);
	return r < 0 ? r : mount_on(s, fd, path, e);
}

/* The writable one stays below, for init and for the maps of the inner user namespace: no path leads there. (A mount
 * that is never attached would do as well, but the kernel waits for a grace period when its fd is closed.) */
int do_seal_proc(struct sandbox *s, const struct step *step, struct err *e)
{
	autoclose int fd = sys_open_tree(s->proc, "", OPEN_TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH);
	int r;

	if (fd < 0)
		return err_errno(e, errno, "clone /proc");
	r = mount_attributes(fd, ATTR_RDONLY | ATTR_NOSUID | ATTR_NODEV | ATTR_NOEXEC, false, e);
	return r < 0 ? r : mount_on(s, fd, plan_text(s->plan, step->a), e);
}

int do_seal(struct sandbox *s, const struct step *step, struct err *e)
{
	(void)step;
	return mount_attributes(s->root.fd, ATTR_RDONLY, false, e);
}

/* A path begins at the root whatever is mounted on it, but ".." of the root leads to what is. */
static int is_covered(const struct sandbox *s)
{
	struct stat root, above;

	if (fstat(s->root.fd, &root) < 0 || stat("/..", &above) < 0)
		return -errno;
	return root.st_dev != above.st_dev || root.st_ino != above.st_ino;
}

/* The old root, and on it, where the new one is an image, the tmpfs in which that was mounted. */
static int detach_old(const struct sandbox *s, struct err *e)
{
	enum { MOST = 2 };

	for (int i = 0; i < MOST; i++) {
		int covered;

		if (umount2(".", MNT_DETACH) < 0)
			return err_errno(e, errno, "detach the old root");
		covered = is_covered(s);
		if (covered <= 0)
			return covered < 0 ? err_errno(e, -covered, "look at the new root") : 0;
	}
	return err_set(e, EXDEV, "the old root is still there");
}

int do_pivot(struct sandbox *s, const struct step *step, struct err *e)
{
	char cwd[16];

	(void)step;
	if (fchdir(s->root.fd) < 0)
		return err_errno(e, errno, "enter the new root");
	if (sys_pivot_root(".", ".") < 0)
		return err_errno(e, errno, "pivot_root");
	if (detach_old(s, e) < 0)
		return -e->code;
	if (chdir("/") < 0)
		return err_errno(e, errno, "enter the new root");
	/* the raw call: libc hides "(unreachable)", which would mean that a folder of the host is still the working one
	 */
	if (syscall(SYS_getcwd, cwd, sizeof cwd) < 0 || !str_eq(cwd, "/"))
		return err_set(e, EXDEV, "the working directory is not the new root");
	return 0;
}
