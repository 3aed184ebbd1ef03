/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "archive/folders.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/names.h"
#include "archive/resolve.h"
#include "base/mem.h"
#include "base/str.h"

enum { SLOTS_MIN = 1024 };

/* Where a number is, or would be put. There is always a free slot. */
static size_t *slot_of(const struct tree *tree, ino_t ino)
{
	size_t at = (size_t)((uint64_t)ino * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (tree->slots - 1);

	while (tree->slot[at] && tree->folder[tree->slot[at] - 1].ino != ino)
		at = (at + 1) & (tree->slots - 1);
	return &tree->slot[at];
}

static void grow(struct tree *tree)
{
	tree->slots = tree->slots ? tree->slots * 2 : SLOTS_MIN;
	free(tree->slot);
	tree->slot = xcalloc(tree->slots, sizeof *tree->slot);
	for (size_t i = 0; i < tree->count; i++)
		*slot_of(tree, tree->folder[i].ino) = i + 1;
}

/* A number that a removed folder had is used again, and so is its place. */
static void put(struct tree *tree, const struct tree_folder *folder)
{
	size_t *slot;

	if (tree->count * 2 >= tree->slots)
		grow(tree);
	slot = slot_of(tree, folder->ino);
	if (*slot) {
		free(tree->folder[*slot - 1].name);
		tree->folder[*slot - 1] = *folder;
		return;
	}
	tree->folder = xgrow(tree->folder, tree->count, &tree->cap, sizeof *tree->folder);
	tree->folder[tree->count++] = *folder;
	*slot = tree->count;
}

void folders_begin(struct tree *tree, const struct stat *root)
{
	put(tree, &(struct tree_folder){.ino = root->st_ino});
}

/* NULL: none of ours. Valid until the next folder is added. */
static struct tree_folder *find(const struct tree *tree, const struct stat *st)
{
	size_t index = *slot_of(tree, st->st_ino);

	return index && !tree->folder[index - 1].gone ? &tree->folder[index - 1] : NULL;
}

bool folders_set(struct tree *tree, const struct stat *st, const struct timespec *mtime)
{
	struct tree_folder *folder = find(tree, st);

	if (!folder)
		return false;
	folder->mtime = *mtime;
	folder->set = true;
	return true;
}

int folders_add(struct tree *tree, const struct stat *above, const char *name, const struct stat *st)
{
	const struct tree_folder *parent = find(tree, above);
	struct tree_folder folder = {.ino = st->st_ino};

	if (!parent)
		return -ESTALE;
	folder.above = (size_t)(parent - tree->folder);
	folder.depth = parent->depth + 1;
	folder.length = parent->length + 1 + strlen(name);
	if (folder.depth > tree->depth)
		return -ELOOP;
	if (folder.length > NAMES_PATH)
		return -ENAMETOOLONG;
	folder.name = xstrdup(name);
	put(tree, &folder);
	return 0;
}

void folders_remove(struct tree *tree, const struct stat *st)
{
	struct tree_folder *folder = find(tree, st);

	if (folder)
		folder->gone = true;
}

/* Owned by the caller. */
static char *path_of(const struct tree *tree, const struct tree_folder *folder)
{
	size_t at = folder->length;
	char *path = xmalloc(at + 2);

	if (!folder->name)
		return memcpy(path, ".", 2);
	path[at] = '\0';
	while (folder->name) {
		size_t len = strlen(folder->name);

		at -= len;
		memcpy(path + at, folder->name, len);
		path[--at] = '/';
		folder = &tree->folder[folder->above];
	}
	memmove(path, path + 1, strlen(path));
	return path;
}

static int set_time(const struct tree *tree, const struct tree_folder *folder, struct err *e)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, folder->mtime};
	autofree char *path = path_of(tree, folder), *text = names_readable(path);
	autoclose int fd = resolve_plain(tree->root, path, O_RDONLY | O_DIRECTORY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, fd < 0 ? -fd : errno, "%s: the folder can't be opened again", text);
	if (st.st_ino != folder->ino)
		return err_set(e, ESTALE, "%s: the folder has become another one", text);
	return futimens(fd, times) < 0 ? err_errno(e, errno, "%s: the time can't be set", text) : 0;
}

int folders_set_times(struct tree *tree, struct err *e)
{
	for (size_t i = 0; i < tree->count; i++) {
		const struct tree_folder *folder = &tree->folder[i];
		int r = folder->gone || !folder->set ? 0 : set_time(tree, folder, e);

		if (r < 0)
			return r;
	}
	return 0;
}

void folders_done(struct tree *tree)
{
	for (size_t i = 0; i < tree->count; i++)
		free(tree->folder[i].name);
	free(tree->folder);
	free(tree->slot);
	*tree = (struct tree){.root = -1};
}
