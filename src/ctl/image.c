/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* image: sbxctl image, its words, and those that change names. */
#include "ctl/image.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

bool image_words_read(int argc, char **argv, int least, int most, struct image_words *ret)
{
	*ret = (struct image_words){0};
	for (int i = 0; i < argc; i++) {
		if (str_eq(argv[i], "--quiet") || str_eq(argv[i], "-q")) {
			ret->quiet = true;
		} else if (argv[i][0] == '-' || ret->count == most) {
			autofree char *text = xasprintf("'%s' is one word too many", argv[i]);

			(void)ctl_usage(text);
			return false;
		} else {
			ret->word[ret->count++] = argv[i];
		}
	}
	if (ret->count < least)
		(void)ctl_usage("a word is missing");
	return ret->count >= least;
}

int image_store(const struct ctl *ctl, enum store_use use, struct image_store *ret, struct err *e)
{
	if (!ctl->host.images)
		return err_set(e, ENOENT, "the caller has no home, in which images would be");
	return image_store_open(ctl->host.images, use, ret, e);
}

static int verify_one(const struct image_store *store, const char *name, struct err *e)
{
	struct image image = {0};
	int r = image_open(store, name, &image, e);

	if (r == 0)
		r = image_verify(store, &image, e);
	image_done(&image);
	return r < 0 ? err_prefix(e, "%s", name) : 0;
}

/* All that are named, or all. */
static int verify(struct ctl *ctl, int argc, char **argv)
{
	struct image_store store = IMAGE_STORE_NONE;
	autostrv struct strv names = {0};
	struct err e = {0};
	struct rows rows;
	int status, r;

	rows_begin(&rows, "images", ctl->json);
	r = image_store(ctl, STORE_READ, &store, &e);
	for (int i = 0; i < argc; i++)
		strv_add(&names, argv[i]);
	if (r == 0 && !argc)
		r = store_refs(&store, &names, &e);
	status = r < 0 ? ctl_fail(&e, 1) : 0;
	for (size_t i = 0; r == 0 && i < names.count; i++) {
		if (verify_one(&store, names.v[i], &e) < 0) {
			status = rows_failed(&rows, names.v[i], &e);
			continue;
		}
		str_addf(&rows.text, "%s: good\n", names.v[i]);
		(void)rows_did(&rows, names.v[i], "verified");
	}
	image_store_close(&store);
	return rows_end(&rows, NULL, 0, status);
}

static struct json *collected_json(const struct collected *done)
{
	struct json *json = json_new_object();

	json_add_uint(json, "blob_count", done->blobs);
	json_add_uint(json, "layer_count", done->layers);
	json_add_uint(json, "bytes", done->bytes);
	json_add_uint(json, "busy_layer_count", done->busy);
	json_add_uint(json, "session_image_count", done->used);
	return json;
}

static void say_collected(const struct collected *done, struct str *line)
{
	str_addf(line, "removed: %llu blobs, %llu layers, %llu bytes of blobs", (unsigned long long)done->blobs,
		 (unsigned long long)done->layers, (unsigned long long)done->bytes);
	if (done->used)
		str_addf(line, "; %llu images are kept for sessions", (unsigned long long)done->used);
	if (done->busy)
		str_addf(line, "; %llu layers are in use", (unsigned long long)done->busy);
	str_add(line, "\n");
}

/* Names first; then what no name leads to any more. */
static int remove_images(struct ctl *ctl, int argc, char **argv)
{
	struct image_store store = IMAGE_STORE_NONE;
	autostrv struct strv used = {0};
	struct collected done = {0};
	struct err e = {0};
	struct rows rows;
	int r = image_store(ctl, STORE_REMOVE, &store, &e);

	rows_begin(&rows, "images", ctl->json);
	for (int i = 0; r == 0 && i < argc; i++) {
		autofree char *full = ref_full(argv[i], &e);

		r = full ? store_remove_ref(&store, full, &e) : -e.code;
		if (r == 0)
			(void)rows_did(&rows, full, "removed");
	}
	if (r == 0)
		r = image_used(ctl, &used, &e);
	if (r == 0)
		r = store_collect(&store, &used, &done, &e);
	image_store_close(&store);
	if (r == 0) {
		json_add(rows.top, "collected", collected_json(&done));
		say_collected(&done, &rows.text);
	}
	return rows_end(&rows, NULL, 0, r < 0 ? ctl_fail(&e, 1) : 0);
}

int image_failed(const struct ctl *ctl, const char *name, const struct err *e)
{
	struct rows rows;

	rows_begin(&rows, "images", ctl->json);
	return rows_end(&rows, NULL, 0, rows_failed(&rows, name, e));
}

int image_did(const struct ctl *ctl, const char *name, const char *digest, const char *what)
{
	struct json *item;
	struct rows rows;

	rows_begin(&rows, "images", ctl->json);
	item = rows_did(&rows, name, what);
	if (digest)
		json_add_string(item, "digest", digest);
	return rows_end(&rows, NULL, 0, 0);
}

static int tag(struct ctl *ctl, int argc, char **argv)
{
	struct image_store store = IMAGE_STORE_NONE;
	autofree char *full = NULL;
	char digest[IMAGE_DIGEST];
	struct err e = {0};
	int r;

	(void)argc;
	r = image_store(ctl, STORE_ADD, &store, &e);
	full = r == 0 ? ref_full(argv[1], &e) : NULL;
	if (r == 0)
		r = full ? store_find(&store, argv[0], digest, &e) : -e.code;
	if (r == 0)
		r = store_set_ref(&store, full, digest, &e);
	image_store_close(&store);
	return r < 0 ? image_failed(ctl, argv[1], &e) : image_did(ctl, full, digest, "tagged");
}

int ctl_image(struct ctl *ctl, int argc, char **argv)
{
	static const struct {
		const char *name;
		int least, most;
		int (*run)(struct ctl *ctl, int argc, char **argv);
	} words[] = {
		{"import", 0, INT16_MAX, image_import},  {"pull", 0, INT16_MAX, image_pull},
		{"list", 0, INT16_MAX, image_list},      {"inspect", 0, INT16_MAX, image_inspect},
		{"verify", 0, INT16_MAX, verify},        {"tag", 2, 2, tag},
		{"remove", 1, INT16_MAX, remove_images}, {"gc", 0, 0, remove_images},
		{"pack", 0, INT16_MAX, image_pack},      {"export", 0, INT16_MAX, image_export},
		{"commit", 0, INT16_MAX, image_commit},
	};

	ctl->json = rows_asked(&argc, argv);
	for (size_t i = 0; argc && i < countof(words); i++) {
		if (!str_eq(argv[0], words[i].name))
			continue;
		if (argc - 1 < words[i].least || argc - 1 > words[i].most)
			return ctl_usage("a word is missing, or one too many");
		return words[i].run(ctl, argc - 1, argv + 1);
	}
	return ctl_usage("image import, pull, pack, list, inspect, verify, tag, commit, export, remove or gc");
}
