/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* store: the folders, their lock, and the blobs. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/folder.h"
#include "base/mem.h"
#include "box/clear.h"
#include "image/parts.h"

/* Others could lead who writes there out of it, and change what he has checked. */
static int check_folder(int folder, const char *name, struct err *e)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(e, errno, "look at '%s' in the store of images", name);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, ENOTDIR, "'%s' in the store of images is no folder", name);
	if (st.st_uid != geteuid())
		return err_set(e, EPERM, "'%s' in the store of images is not the caller's", name);
	return 0;
}

static int make_folders(int folder, struct err *e)
{
	static const char *const names[] = {"blobs", "blobs/sha256", "layers", "refs", "tmp"};
	int r = 0;

	for (size_t i = 0; r == 0 && i < countof(names); i++) {
		if (mkdirat(folder, names[i], 0755) < 0 && errno != EEXIST)
			return err_errno(e, errno, "make '%s' in the store of images", names[i]);
		r = check_folder(folder, names[i], e);
	}
	return r;
}

/* A sandbox of one that was killed may write for a moment longer. */
static int clean(int folder, struct err *e)
{
	const struct timespec pause = {.tv_nsec = NS_PER_SECOND / 50};
	int r = clear_tree(folder, "tmp", e);

	for (int tries = 0; tries < 100 && (r == -ENOTEMPTY || r == -ESTALE); tries++) {
		(void)nanosleep(&pause, NULL);
		r = clear_tree(folder, "tmp", e);
	}
	if (r == 0 && mkdirat(folder, "tmp", 0755) < 0)
		r = err_errno(e, errno, "make 'tmp' in the store of images");
	return r;
}

/* Who has the store for himself cleans up. */
static int lock(struct image_store *store, enum store_use use, struct err *e)
{
	store->lock = openat(store->folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (store->lock < 0)
		return err_errno(e, errno, "open 'lock' in the store of images");
	if (flock(store->lock, use == STORE_REMOVE ? LOCK_EX : LOCK_EX | LOCK_NB) == 0) {
		if (make_folders(store->folder, e) < 0 || clean(store->folder, e) < 0)
			return -e->code;
	} else if (errno != EWOULDBLOCK) {
		return err_errno(e, errno, "lock the store of images");
	}
	if (use == STORE_ADD && flock(store->lock, LOCK_SH) < 0)
		return err_errno(e, errno, "lock the store of images");
	return make_folders(store->folder, e);
}

static int open_folder(const char *path, enum store_use use, struct err *e)
{
	bool root = geteuid() == 0;
	autoclose int made = use == STORE_READ ? -1 : folder_make(path, root ? 0755 : 0700, "", e);
	autoclose int fd = -1;
	struct stat st;

	if (use != STORE_READ && made < 0)
		return made;
	fd = use == STORE_READ ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
			       : openat(made, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return err_set(e, ENOENT, "there are no images in '%s'", path);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, errno, "open the store of images '%s'", path);
	if (use != STORE_READ && st.st_uid != geteuid())
		return err_set(e, EPERM, "the store of images '%s' is not the caller's", path);
	return take_fd(&fd);
}

int image_store_open(const char *path, enum store_use use, struct image_store *ret, struct err *e)
{
	struct image_store store = IMAGE_STORE_NONE;
	int r;

	store.folder = r = open_folder(path, use, e);
	store.path = xstrdup(path);
	if (r >= 0)
		r = use == STORE_READ ? 0 : lock(&store, use, e);
	if (r < 0)
		image_store_close(&store);
	else
		*ret = store;
	return r;
}

void image_store_close(struct image_store *store)
{
	mem_close_ptr(&store->lock);
	mem_close_ptr(&store->folder);
	free(store->path);
	*store = (struct image_store)IMAGE_STORE_NONE;
}

void store_watched(const struct image_store *store, const char *what, int fd)
{
	if (store->watch)
		store->watch->at(store->watch->arg, what, fd);
}

static char *blob_path(const char *digest)
{
	return xasprintf("blobs/sha256/%s", digest_hex(digest));
}

int store_blob(const struct image_store *store, const char *digest, struct err *e)
{
	autofree char *path = blob_path(digest);
	int fd = openat(store->folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd >= 0 ? fd : err_errno(e, errno, "open '%s' of the store of images", path);
}

bool store_has_blob(const struct image_store *store, const struct descriptor *blob)
{
	autofree char *path = blob_path(blob->digest);
	struct stat st;

	return fstatat(store->folder, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	       (uint64_t)st.st_size == blob->size;
}

int store_text(const struct image_store *store, const char *digest, struct str *ret, struct err *e)
{
	autoclose int fd = store_blob(store, digest, e);

	ret->len = 0;
	return fd < 0 ? fd : read_all(fd, digest, ret, e);
}

/* By the folder above it: what is removed is found by one name. */
int store_clear(const struct image_store *store, const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	autofree char *above = xstrndup(path, slash ? (size_t)(slash - path) : 0);
	autoclose int folder = openat(store->folder, slash ? above : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder < 0)
		return err_errno(e, errno, "open '%s' in the store of images", above);
	return clear_tree(folder, slash ? slash + 1 : path, e);
}

char *store_temporary(const struct image_store *store, struct err *e)
{
	for (int tries = 0; tries < 16; tries++) {
		autofree char *name = NULL;
		uint64_t random;

		if (getrandom(&random, sizeof random, 0) != sizeof random)
			break;
		name = xasprintf("tmp/%016llx", (unsigned long long)random);
		if (mkdirat(store->folder, name, 0700) == 0)
			return take(name);
		if (errno != EEXIST) {
			(void)err_errno(e, errno, "make a folder in the store of images");
			return NULL;
		}
	}
	(void)err_set(e, EIO, "no name for a folder in the store of images was found");
	return NULL;
}

/* What the blob is called depends on what was read, and so its name comes last. */
static int keep(const struct image_store *store, int folder, const struct descriptor *blob, struct err *e)
{
	autofree char *path = blob_path(blob->digest);
	autoclose int above = openat(store->folder, "blobs/sha256", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (above < 0 || renameat(folder, "blob", store->folder, path) < 0 || fsync(above) < 0)
		return err_errno(e, errno, "keep '%s'", path);
	return 0;
}

static int check(const struct descriptor *expected, const struct descriptor *found, struct err *e)
{
	if (!str_eq(expected->digest, found->digest))
		return err_set(e, EBADMSG, "what is called '%s' has the digest '%s'", expected->digest, found->digest);
	if (expected->size != found->size)
		return err_set(e, EBADMSG, "'%s' has %llu bytes, and should have %llu", expected->digest,
			       (unsigned long long)found->size, (unsigned long long)expected->size);
	return 0;
}

int store_add(const struct image_store *store, int from, const struct descriptor *expected, struct descriptor *ret,
	      struct err *e)
{
	autofree char *temporary = store_temporary(store, e);
	autoclose int folder = -1, file = -1;
	struct err more;
	int r;

	if (!temporary)
		return -e->code;
	folder = openat(store->folder, temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	file = openat(folder, "blob", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	store_watched(store, "copying", from);
	r = file < 0 ? err_errno(e, errno, "make a file in the store of images")
		     : digest_copy(from, file, expected ? expected->size : INT64_MAX, ret, e);
	store_watched(store, "copying", -1);
	if (r == 0 && expected)
		r = check(expected, ret, e);
	if (r == 0 && fsync(file) < 0)
		r = err_errno(e, errno, "write a file in the store of images");
	if (r == 0)
		r = keep(store, folder, ret, e);
	if (r < 0 && expected)
		(void)err_prefix(e, "%s", expected->digest);
	(void)store_clear(store, temporary, &more);
	return r;
}

int store_add_text(const struct image_store *store, const struct str *text, struct descriptor *ret, struct err *e)
{
	autoclose int file = memfd_create("text", MFD_CLOEXEC);
	int r = file < 0 ? -errno : fd_write(file, text->s, text->len);

	if (r < 0 || lseek(file, 0, SEEK_SET) < 0)
		return err_errno(e, r < 0 ? -r : errno, "make a file in memory");
	return store_add(store, file, NULL, ret, e);
}
