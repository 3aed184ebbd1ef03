/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "isolate/box.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "isolate/tree.h"

enum { FOLDER = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

/* Every folder of the path that is missing is made. Returns an fd of the last. */
static int make_store(const char *path, mode_t mode, struct err *e)
{
	autofree char *copy = xstrdup(path);
	autoclose int above = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char *rest = NULL;

	for (const char *name = strtok_r(copy, "/", &rest); name; name = strtok_r(NULL, "/", &rest)) {
		bool made = mkdirat(above, name, mode) == 0;
		int fd;

		if (!made && errno != EEXIST)
			return err_errno(e, errno, "make folder '%s' for boxes", path);
		/* a home on another disk may be reached by a link */
		fd = openat(above, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 || (made && fchmodat(above, name, mode, 0) < 0)) {
			(void)err_errno(e, errno, "make folder '%s' for boxes", path);
			mem_close_ptr(&fd);
			return -e->code;
		}
		mem_close_ptr(&above);
		above = fd;
	}
	return take_fd(&above);
}

/* Who had the lock before may have removed it. */
static bool is_current(const struct isolate_box *box)
{
	struct stat ours, there;

	return fstat(box->lock, &ours) == 0 && fstatat(box->locks, box->name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

static int take_lock(struct isolate_box *box, bool wait, struct err *e)
{
	do {
		mem_close_ptr(&box->lock);
		box->lock = openat(box->locks, box->name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (box->lock < 0)
			return err_errno(e, errno, "open the lock of box %s", box->name);
		while (flock(box->lock, LOCK_EX | (wait ? 0 : LOCK_NB)) < 0) {
			if (errno == EWOULDBLOCK)
				return err_set(e, EBUSY, "This box is currently in use by another process");
			if (errno != EINTR)
				return err_errno(e, errno, "lock box %s", box->name);
		}
	} while (!is_current(box));
	return 0;
}

/* What --init wrote into the lock; nothing: the box is not made. */
static void read_state(struct isolate_box *box)
{
	unsigned cg, uid, gid;
	char text[64];
	ssize_t n = pread(box->lock, text, sizeof text - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	box->made = sscanf(text, "cg %u uid %u gid %u\n", &cg, &uid, &gid) == 3;
	if (!box->made)
		return;
	box->cg = cg;
	box->owner = (struct id){uid, gid};
}

static int write_state(const struct isolate_box *box, const char *text, struct err *e)
{
	size_t len = strlen(text);

	if (ftruncate(box->lock, 0) < 0 || pwrite(box->lock, text, len, 0) != (ssize_t)len)
		return err_errno(e, errno ? errno : EIO, "write the state of box %s", box->name);
	return 0;
}

int isolate_box_open(const char *store, uint64_t number, bool wait, struct isolate_box *ret, struct err *e)
{
	autofree char *locks = xasprintf("%s/locks", store);

	(void)snprintf(ret->name, sizeof ret->name, "%" PRIu64, number);
	ret->folder = xasprintf("%s/%s", store, ret->name);
	ret->inner = xasprintf("%s/box", ret->folder);
	ret->store = make_store(store, geteuid() == 0 ? 0755 : 0700, e);
	if (ret->store < 0)
		return -e->code;
	ret->locks = make_store(locks, 0700, e);
	if (ret->locks < 0)
		return -e->code;
	if (take_lock(ret, wait, e) < 0)
		return -e->code;
	read_state(ret);
	return 0;
}

/* The folder N and all in it. */
static int remove_folder(const struct isolate_box *box, struct err *e)
{
	const struct tree_task task = {.remove = true};
	struct stat st;

	if (fstatat(box->store, box->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_errno(e, errno, "look at '%s'", box->folder);
	if (S_ISDIR(st.st_mode) && tree_do(box->store, box->name, &task, e) < 0)
		return -e->code;
	return unlinkat(box->store, box->name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) < 0
		       ? err_errno(e, errno, "remove '%s'", box->folder)
		       : 0;
}

/* A folder of that owner and mode, whatever the umask. Returns an fd. */
static int make_folder(int above, const char *name, const struct id *owner, mode_t mode, struct err *e)
{
	autoclose int fd = -1;

	if (mkdirat(above, name, 0700) < 0)
		return err_errno(e, errno, "make the box's folder '%s'", name);
	fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fchmod(fd, mode) < 0 || (geteuid() == 0 && fchown(fd, owner->uid, owner->gid) < 0))
		return err_errno(e, errno, "make the box's folder '%s'", name);
	return take_fd(&fd);
}

int isolate_box_init(struct isolate_box *box, const struct id *owner, bool cg, struct err *e)
{
	autofree char *state = xasprintf("cg %d uid %u gid %u\n", cg, owner->uid, owner->gid);
	autoclose int folder = -1, inner = -1;

	if (write_state(box, "", e) < 0 || remove_folder(box, e) < 0)
		return -e->code;
	folder = make_folder(box->store, box->name, owner, 0700, e);
	if (folder < 0)
		return folder;
	inner = make_folder(folder, "box", owner, 0755, e);
	return inner < 0 ? inner : write_state(box, state, e);
}

int isolate_box_cleanup(struct isolate_box *box, struct err *e)
{
	if (write_state(box, "", e) < 0 || remove_folder(box, e) < 0)
		return -e->code;
	return unlinkat(box->locks, box->name, 0) < 0 ? err_errno(e, errno, "remove the lock of box %s", box->name) : 0;
}

int isolate_box_give(const struct isolate_box *box, const struct id *to, const struct id *from, bool special,
		     struct err *e)
{
	const struct tree_task task = {.give = geteuid() == 0,
				       .uid = to->uid,
				       .gid = to->gid,
				       .of = {to->uid, from->uid},
				       .drop_special = !special};
	autoclose int folder = openat(box->store, box->name, FOLDER);

	if (folder < 0)
		return err_errno(e, errno, "open '%s'", box->folder);
	return task.give || task.drop_special ? tree_do(folder, "box", &task, e) : 0;
}

void isolate_box_done(struct isolate_box *box)
{
	free(box->folder);
	free(box->inner);
	mem_close_ptr(&box->store);
	mem_close_ptr(&box->locks);
	mem_close_ptr(&box->lock);
	*box = (struct isolate_box)ISOLATE_BOX_NONE;
}
