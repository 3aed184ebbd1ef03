/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* refs: the names of images in the store. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "image/image.h"

enum { SHORTEST = 6 /* digits of a digest that stand for it */ };

static int open_refs(const struct image_store *store, struct err *e)
{
	int fd = openat(store->folder, "refs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 ? fd : err_errno(e, errno, "open 'refs' in the store of images");
}

int store_ref_digest(const struct image_store *store, const char *full, char ret_digest[IMAGE_DIGEST], struct err *e)
{
	autofree char *file = ref_file(full);
	autoclose int refs = open_refs(store, e);
	char text[IMAGE_DIGEST + 8];
	ssize_t n;

	if (refs < 0)
		return refs;
	n = fd_read_file(refs, file, text, sizeof text);
	if (n == -ENOENT)
		return err_set(e, ENOENT, "there is no image '%s'", full);
	if (n < 0)
		return err_errno(e, (int)-n, "read the name '%s'", full);
	text[strcspn(text, "\n")] = '\0';
	if (!digest_is(text))
		return err_set(e, EBADMSG, "the name '%s' leads to no digest", full);
	memcpy(ret_digest, text, IMAGE_DIGEST);
	return 0;
}

int store_set_ref(const struct image_store *store, const char *full, const char *digest, struct err *e)
{
	autofree char *file = ref_file(full), *line = xasprintf("%s\n", digest), *temporary = store_temporary(store, e),
		      *path = temporary ? xasprintf("%s/ref", temporary) : NULL;
	autoclose int refs = open_refs(store, e), fd = -1;
	int r;

	if (!temporary || refs < 0)
		return -e->code;
	fd = openat(store->folder, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	r = fd < 0 ? -errno : fd_write(fd, line, strlen(line));
	if (r == 0 && (fsync(fd) < 0 || renameat(store->folder, path, refs, file) < 0 || fsync(refs) < 0))
		r = -errno;
	(void)unlinkat(store->folder, path, 0);
	(void)unlinkat(store->folder, temporary, AT_REMOVEDIR);
	return r < 0 ? err_errno(e, -r, "write the name '%s'", full) : 0;
}

int store_remove_ref(const struct image_store *store, const char *full, struct err *e)
{
	autofree char *file = ref_file(full);
	autoclose int refs = open_refs(store, e);

	if (refs < 0)
		return refs;
	if (unlinkat(refs, file, 0) < 0)
		return errno == ENOENT ? err_set(e, ENOENT, "there is no image '%s'", full)
				       : err_errno(e, errno, "remove the name '%s'", full);
	return fsync(refs) < 0 ? err_errno(e, errno, "remove the name '%s'", full) : 0;
}

int store_refs(const struct image_store *store, struct strv *ret, struct err *e)
{
	autoclose int refs = open_refs(store, e);
	autolist DIR *list = refs < 0 ? NULL : fd_list(refs);
	const struct dirent *entry;

	if (refs < 0)
		return refs;
	if (!list)
		return err_errno(e, errno, "read 'refs' in the store of images");
	while ((entry = readdir(list)))
		if (entry->d_name[0] != '.')
			strv_take(ret, ref_of_file(entry->d_name));
	strv_sort(ret, 0);
	return 0;
}

static bool is_digits(const char *text)
{
	size_t len = strlen(text);

	return len >= SHORTEST && len <= IMAGE_HEX && strspn(text, "0123456789abcdef") == len;
}

/* Among those that a name leads to: blobs are not all manifests. */
static int find_digits(const struct image_store *store, const char *digits, char ret[IMAGE_DIGEST], struct err *e)
{
	autostrv struct strv names = {0};
	int r = store_refs(store, &names, e);
	bool found = false;

	for (size_t i = 0; r == 0 && i < names.count; i++) {
		char digest[IMAGE_DIGEST];

		r = store_ref_digest(store, names.v[i], digest, e);
		if (r < 0 || !str_starts(digest_hex(digest), digits) || (found && str_eq(digest, ret)))
			continue;
		if (found)
			return err_set(e, EINVAL, "more than one image has a digest that begins with '%s'", digits);
		memcpy(ret, digest, IMAGE_DIGEST);
		found = true;
	}
	return r < 0 || found ? r : err_set(e, ENOENT, "there is no image '%s'", digits);
}

/* One that no name leads to may still be kept, for a session. */
static int find_digest(const struct image_store *store, const char *digest, char ret[IMAGE_DIGEST], struct err *e)
{
	autofree char *path = xasprintf("blobs/sha256/%s", digest_hex(digest));
	int r = find_digits(store, digest_hex(digest), ret, e);

	if (r != -ENOENT || !digest_is(digest) || faccessat(store->folder, path, R_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return r;
	memcpy(ret, digest, IMAGE_DIGEST);
	err_clear(e);
	return 0;
}

int store_find(const struct image_store *store, const char *ref, char ret_digest[IMAGE_DIGEST], struct err *e)
{
	autofree char *full = NULL;
	struct err none = {0};

	if (str_starts(ref, "sha256:") && is_digits(ref + 7))
		return find_digest(store, ref, ret_digest, e);
	full = ref_full(ref, e);
	if (!full)
		return -e->code;
	if (store_ref_digest(store, full, ret_digest, &none) == 0)
		return 0;
	if (none.code == ENOENT && is_digits(ref))
		return find_digits(store, ref, ret_digest, e);
	*e = none;
	return none.code == ENOENT ? err_hint(e, "sbxctl image list shows those that are there") : -none.code;
}
