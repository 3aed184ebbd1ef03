/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* image-export: sbxctl image export. What goes out is what came in: the same blobs, and so the same digests. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "ctl/image.h"
#include "image/seal.h"

static int write_file(int folder, const char *name, const struct str *text, struct err *e)
{
	autoclose int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	int r = fd < 0 ? -errno : fd_write(fd, text->s, text->len);

	return r < 0 ? err_errno(e, -r, "write '%s'", name) : 0;
}

/* A copy, not a link: what is exported may be changed. */
static int copy_blob(const struct image_store *store, int blobs, const char *digest, struct err *e)
{
	autoclose int from = store_blob(store, digest, e), to = -1;
	struct descriptor is = {0};
	int r;

	if (from < 0)
		return from;
	to = openat(blobs, digest_hex(digest), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (to < 0)
		return errno == EEXIST ? 0 : err_errno(e, errno, "make '%s'", digest);
	r = digest_copy(from, to, INT64_MAX, &is, e);
	return r == 0 && !str_eq(is.digest, digest) ? err_set(e, EBADMSG, "'%s' of the store was changed", digest) : r;
}

static int write_index(const struct image_store *store, int layout, const struct image *image, const char *tag,
		       struct err *e)
{
	struct json *index = json_new_object(), *list = json_new_array(), *entry = json_new_object(),
		    *notes = json_new_object();
	autoclose int manifest = store_blob(store, image->digest, e);
	autostr struct str text = {0};
	struct stat st = {0};

	if (manifest >= 0)
		(void)fstat(manifest, &st);
	json_add_string(entry, "mediaType", "application/vnd.oci.image.manifest.v1+json");
	json_add_string(entry, "digest", image->digest);
	json_add_int(entry, "size", st.st_size);
	json_add_string(notes, "org.opencontainers.image.ref.name", tag);
	json_add(entry, "annotations", notes);
	json_append(list, entry);
	json_add_int(index, "schemaVersion", 2);
	json_add(index, "manifests", list);
	json_print_line(index, &text);
	json_done(index);
	return manifest < 0 ? manifest : write_file(layout, "index.json", &text, e);
}

static int write_layout(const struct image_store *store, int layout, const struct image *image, const char *tag,
			struct err *e)
{
	autostr struct str mark = {0};
	autoclose int blobs = -1;
	int r;

	if (mkdirat(layout, "blobs", 0755) < 0 || mkdirat(layout, "blobs/sha256", 0755) < 0)
		return err_errno(e, errno, "make 'blobs/sha256'");
	blobs = openat(layout, "blobs/sha256", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (blobs < 0)
		return err_errno(e, errno, "open 'blobs/sha256'");
	r = copy_blob(store, blobs, image->digest, e);
	if (r == 0)
		r = copy_blob(store, blobs, image->manifest.config.digest, e);
	for (size_t i = 0; r == 0 && i < image->manifest.count; i++)
		r = copy_blob(store, blobs, image->manifest.entry[i].digest, e);
	if (r == 0)
		r = write_index(store, layout, image, tag, e);
	str_add(&mark, "{\"imageLayoutVersion\":\"1.0.0\"}");
	return r < 0 ? r : write_file(layout, "oci-layout", &mark, e);
}

static int export_layout(const struct image_store *store, const struct image *image, const char *target, struct err *e)
{
	autofree char *path = xstrdup(target);
	char *colon = strrchr(path, ':');
	const char *tag = colon && !strchr(colon, '/') ? colon + 1 : "latest";
	autoclose int layout = -1;
	int r;

	if (colon && !strchr(colon, '/'))
		*colon = '\0';
	if (mkdir(path, 0755) < 0)
		return err_errno(e, errno, "make '%s'", path);
	layout = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = layout < 0 ? err_errno(e, errno, "open '%s'", path) : write_layout(store, layout, image, tag, e);
	return r < 0 ? err_prefix(e, "'%s'", path) : 0;
}

static int pack(const struct ctl *ctl, int folder, int to, struct err *e)
{
	autofree char *sbx = NULL, *archive = NULL;
	int r = image_tools(ctl, &sbx, &archive, e);
	struct image_tools tools = {.sbx = sbx, .archive = archive};

	return r < 0 ? r : helper_pack(&tools, folder, to, e);
}

/* The layout is made in the store, where nobody else writes, and packed. */
static int export_archive(const struct ctl *ctl, const struct image_store *store, const struct image *image,
			  const char *target, struct err *e)
{
	autofree char *temporary = store_temporary(store, e);
	autoclose int to = -1, layout = -1;
	struct err none = {0};
	int r;

	if (!temporary)
		return -e->code;
	layout = openat(store->folder, temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = layout < 0 ? err_errno(e, errno, "open '%s' in the store of images", temporary)
		       : write_layout(store, layout, image, "latest", e);
	if (r == 0) {
		to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		r = to < 0 ? err_errno(e, errno, "make '%s'", target) : pack(ctl, layout, to, e);
		if (to >= 0 && r < 0)
			(void)unlink(target); /* half of it would look like one */
	}
	(void)store_clear(store, temporary, &none);
	return r;
}

/* FORM:FILE. */
static bool is_seal(const char *target, enum seal_form *ret, const char **ret_file)
{
	for (int form = 0; form < SEAL_FORMS; form++) {
		const char *name = seal_form_name(form);

		if (!str_starts(target, name) || target[strlen(name)] != ':')
			continue;
		*ret = form;
		*ret_file = target + strlen(name) + 1;
		return true;
	}
	return false;
}

static int export_seal(const struct ctl *ctl, const struct image_store *store, const struct image *image,
		       const char *target, struct err *e)
{
	autofree char *sbx = NULL, *archive = NULL;
	const char *file;
	enum seal_form form;
	autoclose int to = -1;
	int r = is_seal(target, &form, &file) ? image_tools(ctl, &sbx, &archive, e) : -EINVAL;
	struct image_tools tools = {.sbx = sbx, .archive = archive};

	if (r < 0)
		return r;
	to = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (to < 0)
		return err_errno(e, errno, "make '%s'", file);
	r = seal_make(store, &tools, image, form, to, e);
	if (r < 0)
		(void)unlink(file); /* half of it would look like one */
	return r;
}

int image_check_target(const char *target, struct err *e)
{
	enum seal_form form;
	const char *file;

	return str_starts(target, "oci:") || str_starts(target, "oci-archive:") || is_seal(target, &form, &file)
		       ? 0
		       : err_set(e, EINVAL,
				 "'%s' is none of oci:FOLDER[:TAG], oci-archive:FILE, erofs:FILE, squashfs:FILE",
				 target);
}

int image_write(const struct ctl *ctl, const struct image_store *store, const char *ref, const char *target,
		struct err *e)
{
	struct image image = {0};
	int r = image_open(store, ref, &image, e);

	if (r == 0 && str_starts(target, "oci:"))
		r = export_layout(store, &image, target + strlen("oci:"), e);
	else if (r == 0 && str_starts(target, "oci-archive:"))
		r = export_archive(ctl, store, &image, target + strlen("oci-archive:"), e);
	else if (r == 0)
		r = export_seal(ctl, store, &image, target, e);
	image_done(&image);
	return r;
}

int image_export(struct ctl *ctl, int argc, char **argv)
{
	struct image_store store = IMAGE_STORE_NONE;
	struct image_words words;
	struct err e = {0};
	int r;

	if (!image_words_read(argc, argv, 2, 2, &words))
		return 2;
	if (image_check_target(words.word[1], &e) < 0)
		return ctl_fail(&e, 2);
	r = image_store(ctl, STORE_ADD, &store, &e);
	if (r == 0)
		r = image_write(ctl, &store, words.word[0], words.word[1], &e);
	image_store_close(&store);
	return r < 0 ? image_failed(ctl, words.word[0], &e) : image_did(ctl, words.word[0], NULL, "exported");
}
