/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* flatten: of each name what the topmost layer has, as overlayfs would show it: a character device 0:0 is a name that
 * is gone, and a folder that is opaque, or no folder, hides what lower layers have there. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "image/merged.h"
#include "image/seal.h"

/* A folder of the tree, which is made. */
struct folder {
	char *path;    /* from the top, "." is that; owned */
	size_t layers; /* how many of them, from the top down, are seen in it */
	struct stat st;
};

struct tree {
	const struct strv *layers;
	int *layer; /* opened; owned */
	int to;
	struct folder *folder; /* each behind the one that it is in; owned */
	size_t count, cap;
};

struct name {
	char *text; /* owned */
	int from;   /* folder of a layer; borrowed */
	size_t depth;
};
struct names {
	struct name *v;
	size_t count, cap;
};

static void names_done(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->v[i].text);
	free(names->v);
}

static int open_plain(int folder, const char *path)
{
	return sys_openat2(folder, path, O_RDONLY | O_DIRECTORY, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

static int add_names(struct names *names, int from, size_t depth)
{
	autostrv struct strv list = {0};
	int r = fd_names(from, &list);

	for (size_t i = 0; r == 0 && i < list.count; i++) {
		names->v = xgrow(names->v, names->count, &names->cap, sizeof *names->v);
		names->v[names->count++] = (struct name){.text = list.v[i], .from = from, .depth = depth};
		list.v[i] = NULL;
	}
	return r;
}

/* By name; of the same name the topmost first. */
static int compare(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	int order = strcmp(x->text, y->text);

	return order ? order : (x->depth > y->depth) - (x->depth < y->depth);
}

static void add_folder(struct tree *tree, const char *above, const char *name, size_t layers, const struct stat *st)
{
	tree->folder = xgrow(tree->folder, tree->count, &tree->cap, sizeof *tree->folder);
	tree->folder[tree->count++] = (struct folder){
		.path = str_eq(above, ".") ? xstrdup(name) : xasprintf("%s/%s", above, name),
		.layers = layers,
		.st = *st,
	};
}

/* `in` is the index of the folder, which moves when one is added. */
static int take_name(struct tree *tree, size_t in, int to, const struct name *name, struct err *e)
{
	autofree char *above = xstrdup(tree->folder[in].path);
	struct stat st;

	if (fstatat(name->from, name->text, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(e, errno, "look at '%s' in '%s' of a layer", name->text, above);
	if (S_ISCHR(st.st_mode))
		return 0;
	if (S_ISDIR(st.st_mode)) {
		add_folder(tree, above, name->text, tree->folder[in].layers, &st);
		return mkdirat(to, name->text, 0700) < 0 ? err_errno(e, errno, "make '%s' in '%s'", name->text, above)
							 : 0;
	}
	return linkat(name->from, name->text, to, name->text, 0) < 0
		       ? err_errno(e, errno, "link '%s' in '%s'", name->text, above)
		       : 0;
}

/* Opens the folder in each layer that is seen there; `ret` has room for all, and what is no fd is -1. */
static int open_in_layers(struct tree *tree, struct folder *folder, int *ret, struct err *e)
{
	for (size_t i = 0; i < folder->layers; i++) {
		ret[i] = open_plain(tree->layer[i], folder->path);
		if (ret[i] < 0 && errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
			return err_errno(e, errno, "open '%s' of a layer", folder->path);
		if (ret[i] < 0 ? errno != ENOENT : merged_is_opaque(ret[i]))
			folder->layers = i + 1;
	}
	return 0;
}

static int fill(struct tree *tree, size_t in, struct err *e)
{
	size_t most = tree->folder[in].layers;
	autofree int *from = xcalloc(most, sizeof *from);
	autoclose int to = open_plain(tree->to, tree->folder[in].path);
	struct names names = {0};
	int r;

	for (size_t i = 0; i < most; i++)
		from[i] = -1;
	r = to < 0 ? err_errno(e, errno, "open '%s'", tree->folder[in].path)
		   : open_in_layers(tree, &tree->folder[in], from, e);
	for (size_t i = 0; r == 0 && i < most; i++)
		if (from[i] >= 0) {
			r = add_names(&names, from[i], i);
			if (r < 0)
				(void)err_errno(e, -r, "read '%s' of a layer", tree->folder[in].path);
		}
	if (names.count)
		qsort(names.v, names.count, sizeof *names.v, compare);
	for (size_t i = 0; r == 0 && i < names.count; i++)
		if (!i || !str_eq(names.v[i].text, names.v[i - 1].text))
			r = take_name(tree, in, to, &names.v[i], e);
	names_done(&names);
	for (size_t i = 0; i < most; i++)
		mem_close_ptr(&from[i]);
	return r;
}

/* When all is in it, and all that is in those below: from the last one up. */
static int set_modes(const struct tree *tree, struct err *e)
{
	for (size_t i = tree->count; i-- > 0;) {
		const struct folder *folder = &tree->folder[i];
		const struct timespec times[] = {folder->st.st_mtim, folder->st.st_mtim};
		autoclose int fd = open_plain(tree->to, folder->path);

		if (fd < 0 || fchmod(fd, folder->st.st_mode & 01777) < 0 || futimens(fd, times) < 0)
			return err_errno(e, errno, "set the mode and the time of '%s'", folder->path);
	}
	return 0;
}

static int begin(struct tree *tree, struct err *e)
{
	struct stat st;

	for (size_t i = 0; i < tree->layers->count; i++)
		tree->layer[i] = -1;
	for (size_t i = 0; i < tree->layers->count; i++) {
		tree->layer[i] = open(tree->layers->v[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (tree->layer[i] < 0)
			return err_errno(e, errno, "open '%s'", tree->layers->v[i]);
	}
	if (!tree->layers->count || fstat(tree->layer[0], &st) < 0)
		return err_set(e, EINVAL, "there are no layers");
	add_folder(tree, ".", ".", tree->layers->count, &st);
	return 0;
}

int layers_flatten(const struct strv *layers, int to, struct err *e)
{
	struct tree tree = {.layers = layers, .to = to, .layer = xcalloc(layers->count + 1, sizeof *tree.layer)};
	int r = begin(&tree, e);

	for (size_t i = 0; r == 0 && i < tree.count; i++)
		r = fill(&tree, i, e);
	if (r == 0)
		r = set_modes(&tree, e);
	for (size_t i = 0; i < layers->count; i++)
		mem_close_ptr(&tree.layer[i]);
	for (size_t i = 0; i < tree.count; i++)
		free(tree.folder[i].path);
	free(tree.folder);
	free(tree.layer);
	return r;
}
