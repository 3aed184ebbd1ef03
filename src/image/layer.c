/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* layer: what is in a layer's tar, as a tree in the store. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "image/image.h"

static int check_diff_id(const struct json *info, const char *wanted, char *ret, struct err *e)
{
	const char *is = json_text(json_member(info, "diff_id"));

	if (!is || !digest_is(is))
		return err_set(e, EPROTO, "sbx-archive says no diff_id");
	if (wanted && !str_eq(wanted, is))
		return err_set(e, EBADMSG, "its tar has the digest '%s', and the configuration says '%s'", is, wanted);
	if (ret)
		memcpy(ret, is, IMAGE_DIGEST);
	return 0;
}

static int read_info(const struct image_store *store, const char *digest, struct json **ret, struct err *e)
{
	autofree char *path = xasprintf("layers/%s/info", digest_hex(digest));
	autostr struct str text = {0};
	struct json *info = NULL;
	char bytes[4096];
	ssize_t n = fd_read_file(store->folder, path, bytes, sizeof bytes);

	if (n < 0)
		return err_errno(e, (int)-n, "read '%s'", path);
	str_add_bytes(&text, bytes, (size_t)n);
	n = json_parse(&text, &info, e);
	if (n == 0)
		n = check_diff_id(info, NULL, NULL, e);
	if (n == 0)
		*ret = take(info);
	json_done(info);
	return (int)n;
}

int layer_check(const struct image_store *store, const char *digest, const char *diff_id, struct err *e)
{
	autofree char *path = xasprintf("layers/%s/tree", digest_hex(digest));
	autoclose int tree = openat(store->folder, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct json *info = NULL;
	int r = tree < 0 ? err_errno(e, errno, "open '%s'", path) : read_info(store, digest, &info, e);

	if (r == 0)
		r = check_diff_id(info, diff_id, NULL, e);
	json_done(info);
	return r < 0 ? err_prefix(e, "layer %s", digest) : 0;
}

static int write_info(int folder, const struct json *info, struct err *e)
{
	autoclose int file = openat(folder, "info", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	autostr struct str text = {0};
	int r;

	json_print_line(info, &text);
	r = file < 0 ? -errno : fd_write(file, text.s, text.len);
	return r < 0 ? err_errno(e, -r, "write 'info' of a layer") : 0;
}

/* Another may have made the same meanwhile. If it is not whole, something else has been at it: it is exchanged. */
static int keep_instead(const struct image_store *store, const char *temporary, const char *digest, struct err *e)
{
	autofree char *path = xasprintf("layers/%s", digest_hex(digest));
	autoclose int there = openat(store->folder, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct json *info = NULL;
	struct err none = {0};

	if (read_info(store, digest, &info, &none) == 0) {
		json_done(info);
		return 0;
	}
	if (there >= 0 && flock(there, LOCK_EX | LOCK_NB) < 0)
		return err_set(e, EBUSY, "'%s' of the store is damaged, and in use", path);
	return renameat2(store->folder, temporary, store->folder, path, RENAME_EXCHANGE) < 0
		       ? err_errno(e, errno, "keep '%s'", path)
		       : 0;
}

/* All of it is on the disk before it has its name. */
static int keep(const struct image_store *store, int folder, const char *temporary, const char *digest, struct err *e)
{
	autofree char *path = xasprintf("layers/%s", digest_hex(digest));
	autoclose int layers = openat(store->folder, "layers", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (syncfs(folder) < 0)
		return err_errno(e, errno, "write a layer");
	if (renameat(store->folder, temporary, store->folder, path) < 0) {
		if (errno != ENOTEMPTY && errno != EEXIST && errno != ENOTDIR)
			return err_errno(e, errno, "keep '%s'", path);
		if (keep_instead(store, temporary, digest, e) < 0)
			return -e->code;
	}
	return layers < 0 || fsync(layers) < 0 ? err_errno(e, errno, "keep '%s'", path) : 0;
}

/* `folder` is the temporary one. */
static int unpack_into(const struct image_store *store, const struct image_tools *tools, const char *digest, int folder,
		       struct json **ret, struct err *e)
{
	autoclose int blob = store_blob(store, digest, e), tree = -1;
	int r;

	if (blob < 0)
		return blob;
	if (mkdirat(folder, "tree", 0755) < 0)
		return err_errno(e, errno, "make the folder of a layer");
	tree = openat(folder, "tree", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (tree < 0)
		return err_errno(e, errno, "open the folder of a layer");
	store_watched(store, "unpacking", blob);
	r = helper_unpack(tools, blob, tree, ret, e);
	store_watched(store, "unpacking", -1);
	return r < 0 ? r : whiteouts_translate(tree, e);
}

int layer_unpack(const struct image_store *store, const struct image_tools *tools, const struct descriptor *blob,
		 const char *diff_id, char *ret_diff_id, struct err *e)
{
	autofree char *temporary = NULL;
	autoclose int folder = -1;
	struct json *info = NULL;
	struct err none = {0};
	int r;

	if (read_info(store, blob->digest, &info, &none) == 0) {
		r = check_diff_id(info, diff_id, ret_diff_id, e);
		json_done(info);
		return r < 0 ? err_prefix(e, "layer %s", blob->digest) : 0;
	}
	temporary = store_temporary(store, e);
	if (!temporary)
		return -e->code;
	folder = openat(store->folder, temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = folder < 0 ? err_errno(e, errno, "open '%s'", temporary)
		       : unpack_into(store, tools, blob->digest, folder, &info, e);
	if (r == 0)
		r = check_diff_id(info, diff_id, ret_diff_id, e);
	if (r == 0)
		r = write_info(folder, info, e);
	if (r == 0)
		r = keep(store, folder, temporary, blob->digest, e);
	json_done(info);
	(void)store_clear(store, temporary, &none);
	return r < 0 ? err_prefix(e, "layer %s", blob->digest) : 0;
}
