/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/progress.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

enum { PACE_MS = 100, BAR = 30, COLUMNS = 76, DEPTH = 3 };

struct progress {
	pthread_t thread;
	pthread_mutex_t lock; /* of what is below */
	int stop;             /* eventfd */
	const char *what;     /* borrowed; NULL: nothing is done */
	int file;             /* borrowed */
	const char *folder;   /* borrowed */
	uint64_t drawn;       /* bytes, and 1 */
};

static uint64_t size_of_folder(int folder, int depth)
{
	autostrv struct strv names = {0};
	uint64_t size = 0;

	if (folder < 0 || fd_names(folder, &names) < 0)
		return 0;
	for (size_t i = 0; i < names.count; i++) {
		struct stat st;

		if (fstatat(folder, names.v[i], &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue; /* it has another name by now */
		if (S_ISDIR(st.st_mode) && depth) {
			autoclose int below =
				openat(folder, names.v[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

			size += size_of_folder(below, depth - 1);
		} else {
			size += (uint64_t)st.st_size;
		}
	}
	return size;
}

/* Whoever reads the file has the same place in it, also another process that has inherited it. False: it has none. */
static bool measure(const struct progress *p, uint64_t *ret_at, uint64_t *ret_all)
{
	struct stat st;
	off_t at;

	*ret_all = 0;
	if (p->folder) {
		autoclose int folder = open(p->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		*ret_at = size_of_folder(folder, DEPTH);
		return true;
	}
	at = lseek(p->file, 0, SEEK_CUR);
	if (at < 0 || fstat(p->file, &st) < 0)
		return false;
	*ret_at = (uint64_t)at;
	*ret_all = (uint64_t)(st.st_size > at ? st.st_size : at);
	return true;
}

/* With the lock. */
static void draw(struct progress *p)
{
	static const char full[] = "##############################", empty[] = "..............................";
	struct winsize size = {0};
	autostr struct str line = {0};
	uint64_t at, all;
	int part;

	if (!p->what || !measure(p, &at, &all) || p->drawn == at + 1)
		return;
	p->drawn = at + 1;
	part = all ? (int)(at * BAR / all) : 0;
	str_addf(&line, "\r\033[K%-9s ", p->what);
	if (all && (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_col || size.ws_col > COLUMNS))
		str_addf(&line, "[%.*s%.*s] ", part, full, BAR - part, empty);
	if (all)
		str_addf(&line, "%3llu %% ", (unsigned long long)(at * 100 / all));
	str_addf(&line, "%.1f", (double)at / (1 << 20));
	if (all)
		str_addf(&line, " of %.1f", (double)all / (1 << 20));
	str_add(&line, " MiB");
	(void)!write(STDERR_FILENO, line.s, line.len); /* it is no loss */
}

static void *work(void *arg)
{
	struct progress *p = arg;
	struct pollfd stop = {.fd = p->stop, .events = POLLIN};

	while (poll(&stop, 1, PACE_MS) <= 0) {
		(void)pthread_mutex_lock(&p->lock);
		draw(p);
		(void)pthread_mutex_unlock(&p->lock);
	}
	return NULL;
}

struct progress *progress_begin(bool wanted)
{
	struct progress *p;

	if (!wanted || !isatty(STDERR_FILENO))
		return NULL;
	p = xcalloc(1, sizeof *p);
	(void)pthread_mutex_init(&p->lock, NULL);
	p->stop = eventfd(0, EFD_CLOEXEC);
	if (p->stop >= 0 && pthread_create(&p->thread, NULL, work, p) == 0)
		return p;
	mem_close_ptr(&p->stop);
	free(p);
	return NULL;
}

/* What was done is shown once more, at its end; what is done now, at its beginning. */
static void change(struct progress *p, const char *what, int file, const char *folder)
{
	if (!p)
		return;
	(void)pthread_mutex_lock(&p->lock);
	draw(p);
	p->what = file >= 0 || folder ? what : NULL;
	p->file = file;
	p->folder = folder;
	p->drawn = 0;
	draw(p);
	(void)pthread_mutex_unlock(&p->lock);
}

void progress_file(void *arg, const char *what, int fd)
{
	change(arg, what, fd, NULL);
}

void progress_folder(struct progress *progress, const char *what, const char *path)
{
	change(progress, what, -1, path);
}

void progress_end(struct progress *p)
{
	static const char erase[] = "\r\033[K";

	if (!p)
		return;
	change(p, NULL, -1, NULL);
	(void)eventfd_write(p->stop, 1);
	(void)pthread_join(p->thread, NULL);
	(void)!write(STDERR_FILENO, erase, strlen(erase));
	(void)pthread_mutex_destroy(&p->lock);
	(void)close(p->stop);
	free(p);
}
