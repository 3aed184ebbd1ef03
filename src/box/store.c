/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "box/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/mem.h"
#include "box/clear.h"
#include "box/place.h"

static const char content[] = "files", coming[] = "files.new";

bool store_is_name(const char *name)
{
	static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t len = strlen(name);

	return len >= 1 && len <= STORE_NAME_MAX && !name[strspn(name, bytes)] && *name != '.' && *name != '-';
}

int store_names(const char *folder, struct strv *ret, struct err *e)
{
	autolist DIR *list = folder ? opendir(folder) : NULL;
	const struct dirent *entry;

	if (!list)
		return !folder || errno == ENOENT ? 0 : err_errno(e, errno, "read '%s'", folder);
	while ((entry = readdir(list)))
		if (store_is_name(entry->d_name))
			strv_add(ret, entry->d_name);
	strv_sort(ret, 0);
	return 0;
}

static int lock(int folder, const char *path, struct err *e)
{
	if (flock(folder, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return err_errno(e, errno, "lock the box '%s'", path);
	(void)err_set(e, EBUSY, "the box '%s' is in use", path);
	return err_hint(e, "a box is for one run at a time: wait for the other, or make one more box");
}

int store_open(const char *path, struct store *ret, struct err *e)
{
	struct store store = STORE_NONE;
	int r;

	store.folder = fd_open_plain(path, O_RDONLY | O_DIRECTORY, 0);
	if (store.folder < 0 && errno == ENOENT) {
		(void)err_set(e, ENOENT, "there is no box '%s'", path);
		return err_hint(e, "sbxctl box create makes one");
	}
	if (store.folder < 0)
		return err_errno(e, errno, "open the box '%s'", path);
	r = lock(store.folder, path, e);
	if (r == 0) {
		store.files = place_open_name(store.folder, content, O_RDONLY | O_DIRECTORY);
		if (store.files < 0)
			r = err_errno(e, -store.files, "open '%s/%s'", path, content);
	}
	if (r < 0) {
		store_close(&store);
		return r;
	}
	*ret = store;
	return 0;
}

int store_begin(const struct store *store, struct err *e)
{
	int fd, r = clear_tree(store->folder, coming, e);

	if (r < 0)
		return r;
	if (mkdirat(store->folder, coming, 0700) < 0)
		return err_errno(e, errno, "make '%s' in the box", coming);
	fd = place_open_name(store->folder, coming, O_RDONLY | O_DIRECTORY);
	return fd >= 0 ? fd : err_errno(e, -fd, "open '%s' in the box", coming);
}

int store_commit(const struct store *store, struct err *e)
{
	if (renameat2(store->folder, coming, store->folder, content, RENAME_EXCHANGE) < 0) {
		(void)err_errno(e, errno, "exchange the content of the box");
		return e->code == EINVAL || e->code == ENOSYS
			       ? err_hint(e, "boxes need a file system that can exchange two folders, as that of a "
					     "disk can")
			       : -e->code;
	}
	return clear_tree(store->folder, coming, e);
}

int store_clean(const struct store *store, struct err *e)
{
	return clear_tree(store->folder, coming, e);
}

void store_close(struct store *store)
{
	mem_close_ptr(&store->files);
	mem_close_ptr(&store->folder);
	store->files = store->folder = -1;
}
