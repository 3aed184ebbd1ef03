/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* keep: the monitor's part: copies are made before the sandbox is, and the keeper is told how it has ended. */
#include "run/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/mem.h"
#include "run/monitor.h"

/* Whoever was the last with copies there has removed it, perhaps just now. */
static bool is_there(int folder, const char *path)
{
	struct stat is, named;

	return fstat(folder, &is) == 0 && lstat(path, &named) == 0 && is.st_ino == named.st_ino &&
	       is.st_dev == named.st_dev;
}

static int try_lock(struct keep_file *file, const char *path, struct err *e)
{
	autoclose int made = folder_make(path, 0700, "", e), fd = -1;

	if (made < 0)
		return made;
	fd = openat(made, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, errno, "open '%s'", path);
	file->first = flock(fd, LOCK_EX | LOCK_NB) == 0;
	if (!file->first && errno == EWOULDBLOCK && flock(fd, LOCK_SH | LOCK_NB) == 0)
		errno = 0;
	if (!file->first && errno)
		return errno == EWOULDBLOCK ? 0 : err_errno(e, errno, "lock '%s'", path);
	if (is_there(fd, path))
		file->lock = take_fd(&fd);
	return 0;
}

/* Whoever makes copies, or removes them, has the lock alone for a moment. */
static int lock_copies(struct keep_file *file, const char *path, struct err *e)
{
	enum { TRIES = 500 };
	const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};

	for (int i = 0; i < TRIES; i++) {
		int r = try_lock(file, path, e);

		file->locks = file->lock >= 0;
		if (r < 0 || file->locks)
			return r;
		(void)nanosleep(&pause, NULL);
	}
	return err_set(e, EBUSY, "'%s' is locked by another sandbox that begins or ends", path);
}

/* Those of one folder have one lock. */
static int share_lock(struct keep *keep, struct keep_file *file, struct err *e)
{
	for (size_t i = 0; i < keep->count; i++) {
		struct keep_file *other = &keep->file[i];

		if (other->step->size && str_eq(other->own, file->own)) {
			file->lock = other->lock;
			file->first = other->first;
			return 0;
		}
	}
	return lock_copies(file, file->own, e);
}

static int open_folders(struct keep_file *file, struct err *e)
{
	const char *copy = file->copy - 1;
	autofree char *inside = xstrndup(file->inside, (size_t)(copy - file->inside)),
		      *above = xstrndup(file->path, (size_t)(file->name - 1 - file->path));
	autoclose int made = folder_make(inside, 0700, file->owner, e);

	if (made < 0)
		return made;
	file->folder = openat(made, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file->folder < 0)
		return err_errno(e, errno, "open '%s'", inside);
	file->above = fd_open_plain(above[0] ? above : "/", O_RDONLY | O_DIRECTORY, 0);
	return file->above < 0 && errno != ENOENT ? err_errno(e, errno, "open '%s'", above) : 0;
}

static int watch(struct keep *keep, struct keep_file *file, struct err *e)
{
	char path[32];

	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", file->folder);
	file->watch = inotify_add_watch(keep->events, path, IN_MOVED_TO | IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE);
	return file->watch < 0 ? err_errno(e, errno, "watch the copy of '%s'", file->path) : 0;
}

static int open_one(struct keep *keep, struct keep_file *file, struct err *e)
{
	int r = share_lock(keep, file, e);

	if (r == 0)
		r = open_folders(file, e);
	if (r == 0 && file->first && file->locks && file->step->m)
		r = keep_clear_folder(file->folder, e);
	if (r == 0 && file->first)
		r = keep_copy_in(file, e);
	else if (r == 0) /* another sandbox has it, and sees to what was saved before */
		keep_see_copy(file);
	return r < 0 ? r : watch(keep, file, e);
}

static void fill(struct keep_file *file, const struct plan *plan, const struct step *step)
{
	const char *data = plan_text(plan, step->data);

	*file = (struct keep_file){.step = step,
				   .path = plan_text(plan, step->a),
				   .inside = plan_text(plan, step->b),
				   .own = data,
				   .above = -1,
				   .folder = -1,
				   .lock = -1,
				   .coming = {.fd = -1}};
	file->owner = strlen(data) + 1 < step->size ? data + strlen(data) + 1 : "";
	file->name = strrchr(file->path, '/') + 1;
	file->copy = strrchr(file->inside, '/') + 1;
}

static int open_all(struct monitor *m, struct err *e)
{
	struct keep *keep = &m->keep;

	for (size_t i = 0; i < m->plan->count; i++) {
		const struct step *step = &m->plan->step[i];
		int r;

		if (step->kind != STEP_KEEP)
			continue;
		fill(&keep->file[keep->count], m->plan, step);
		r = open_one(keep, &keep->file[keep->count], e);
		keep->count++;
		if (r < 0)
			return err_prefix(e, "step %zu, %s (%s)", i + 1, step_info[step->kind].name,
					  plan_text(m->plan, step->why));
	}
	return 0;
}

int keep_open(struct monitor *m, struct err *e)
{
	struct keep *keep = &m->keep;
	int r;

	if (!plan_find(m->plan, STEP_KEEP))
		return 0;
	keep->file = xcalloc(m->plan->count, sizeof *keep->file);
	keep->kept = mmap(NULL, sizeof *keep->kept, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (keep->kept == MAP_FAILED) {
		keep->kept = NULL;
		return err_errno(e, errno, "make memory to share");
	}
	keep->events = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (keep->events < 0)
		return err_errno(e, errno, "watch for what is saved");
	r = open_all(m, e);
	for (size_t i = 0; r == 0 && i < keep->count; i++) /* others may have copies of the same from now on */
		if (keep->file[i].locks && flock(keep->file[i].lock, LOCK_SH) < 0)
			r = err_errno(e, errno, "lock '%s'", keep->file[i].own);
	return r;
}

int keep_watch(struct monitor *m, struct err *e)
{
	struct keep *keep = &m->keep;
	int pair[2];

	if (!keep->count)
		return 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(e, errno, "make a socket pair");
	keep->keeper = fork();
	if (keep->keeper == 0) {
		keep->channel = pair[1];
		keep_keeper(keep, m->pidfd);
	}
	(void)close(pair[1]);
	keep->channel = pair[0];
	return keep->keeper < 0 ? err_errno(e, errno, "make the process that keeps files") : 0;
}

/* The work of a keeper that was killed, or never made, is done here. */
void keep_end(struct monitor *m, bool itself)
{
	struct keep *keep = &m->keep;
	int status = -1;

	if (!keep->kept)
		return;
	if (keep->keeper > 0) {
		(void)!send(keep->channel, itself ? "x" : "k", 1, MSG_NOSIGNAL); /* it may be dead */
		while (waitpid(keep->keeper, &status, 0) < 0)
			if (errno != EINTR)
				break;
	}
	if (status != 0)
		keep_finish(keep, itself);
	m->outcome->kept = *keep->kept;
	(void)munmap(keep->kept, sizeof *keep->kept);
	keep->kept = NULL;
}

void keep_close(struct monitor *m)
{
	struct keep *keep = &m->keep;

	for (size_t i = 0; i < keep->count; i++) {
		struct keep_file *file = &keep->file[i];

		keep_forget(file);
		mem_close_ptr(&file->above);
		mem_close_ptr(&file->folder);
		if (file->locks)
			mem_close_ptr(&file->lock);
	}
	free(keep->file);
	mem_close_ptr(&keep->events);
	mem_close_ptr(&keep->channel);
	*keep = (struct keep)KEEP_NONE;
}
