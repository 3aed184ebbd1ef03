/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* image-import: sbxctl image import. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/child.h"
#include "base/mem.h"
#include "ctl/image.h"
#include "ctl/progress.h"
#include "image/seal.h"

enum form { FORM_LAYOUT, FORM_ARCHIVE, FORM_FOLDER, FORM_SEAL };

struct source {
	enum form form;
	char *path, *tag; /* owned; tag NULL: not said */
};

static void source_done(struct source *source)
{
	free(source->path);
	free(source->tag);
}

static bool is_layout(const char *path)
{
	autofree char *mark = xasprintf("%s/oci-layout", path);

	return access(mark, F_OK) == 0;
}

static bool looks_sealed(const char *path)
{
	autoclose int file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char head[SEAL_HEAD];
	enum seal_form form;

	return file >= 0 && read(file, head, sizeof head) == sizeof head && seal_is_form(head, &form);
}

static int guess(struct source *source, struct err *e)
{
	struct stat st;

	if (stat(source->path, &st) < 0)
		return err_errno(e, errno, "look at '%s'", source->path);
	if (S_ISDIR(st.st_mode))
		source->form = is_layout(source->path) ? FORM_LAYOUT : FORM_FOLDER;
	else
		source->form = S_ISREG(st.st_mode) && looks_sealed(source->path) ? FORM_SEAL : FORM_ARCHIVE;
	return 0;
}

/* oci:FOLDER[:TAG], docker-archive:FILE, oci-archive:FILE, erofs:FILE, squashfs:FILE, dir:FOLDER; or a path, which
 * tells by itself. */
static int read_source(const char *word, struct source *ret, struct err *e)
{
	static const struct {
		const char *prefix;
		enum form form;
	} forms[] = {{"oci:", FORM_LAYOUT}, {"docker-archive:", FORM_ARCHIVE}, {"oci-archive:", FORM_ARCHIVE},
		     {"erofs:", FORM_SEAL}, {"squashfs:", FORM_SEAL},          {"dir:", FORM_FOLDER}};
	char *colon;

	for (size_t i = 0; i < countof(forms); i++) {
		if (!str_starts(word, forms[i].prefix))
			continue;
		ret->form = forms[i].form;
		ret->path = xstrdup(word + strlen(forms[i].prefix));
		colon = ret->form == FORM_LAYOUT ? strrchr(ret->path, ':') : NULL;
		if (colon && !strchr(colon, '/')) {
			*colon = '\0';
			ret->tag = xstrdup(colon + 1);
		}
		return 0;
	}
	ret->path = xstrdup(word);
	return guess(ret, e);
}

int image_tools(const struct ctl *ctl, char **ret_sbx, char **ret_archive, struct err *e)
{
	*ret_sbx = child_sbx(e);
	*ret_archive = xasprintf("%s/sbx-archive", ctl->host.helper_folder);
	if (!*ret_sbx)
		return -e->code;
	if (access(*ret_archive, X_OK) == 0)
		return 0;
	(void)err_set(e, ENOENT, "'%s' is missing: this sbx was built without images", *ret_archive);
	return err_hint(e, "build it with libarchive and nettle: see README.md");
}

static int import_source(const struct image_store *store, const struct image_tools *tools, const struct source *source,
			 struct strv *names, char digest[IMAGE_DIGEST], struct err *e)
{
	int folder = source->form == FORM_ARCHIVE || source->form == FORM_SEAL ? 0 : O_DIRECTORY;
	autoclose int fd = open(source->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | folder);

	/* opening must not wait for a writer of a pipe; reading does */
	if (fd < 0 || fcntl(fd, F_SETFL, 0) < 0)
		return err_errno(e, errno, "open '%s'", source->path);
	if (source->form == FORM_FOLDER)
		return import_folder(store, tools, fd, NULL, digest, e);
	if (source->form == FORM_SEAL)
		return import_seal(store, tools, fd, digest, e);
	return source->form == FORM_LAYOUT ? import_layout(store, tools, fd, source->tag, digest, e)
					   : import_archive(store, tools, fd, names, digest, e);
}

/* What nobody has named is called as its file is. Owned by the caller; NULL: that is no name. */
static char *name_of_source(const struct source *source, struct err *e)
{
	autofree char *path = xstrdup(source->path), *name = NULL;
	char *base, *end, *full;

	while (strlen(path) > 1 && path[strlen(path) - 1] == '/')
		path[strlen(path) - 1] = '\0';
	base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	end = source->form == FORM_SEAL ? strrchr(base, '.') : strstr(base, ".tar");
	if (end && end != base)
		*end = '\0';
	name = source->tag ? xasprintf("%s:%s", base, source->tag) : xstrdup(base);
	full = ref_full(name, e);
	if (!full)
		(void)err_hint(e, "give it one: sbxctl image import SOURCE NAME");
	return full;
}

static int add_names(const struct image_store *store, const struct strv *names, const char *digest, struct rows *rows,
		     struct err *e)
{
	for (size_t i = 0; i < names->count; i++) {
		autofree char *full = ref_full(names->v[i], e);
		int r = full ? store_set_ref(store, full, digest, e) : -e->code;

		if (r < 0)
			return r;
		str_addf(&rows->text, "%s %s\n", full, digest);
		json_add_string(rows_did(rows, full, "imported"), "digest", digest);
	}
	return 0;
}

int image_take_in(const struct ctl *ctl, const char *word, const struct image_job *job, struct err *e)
{
	const struct image_watch watch = {progress_file, job->progress};
	struct image_store store = IMAGE_STORE_NONE;
	const char *name = job->name;
	autofree char *sbx = NULL, *archive = NULL, *own = NULL;
	struct source source = {0};
	autostrv struct strv names = {0};
	char digest[IMAGE_DIGEST];
	int r = image_tools(ctl, &sbx, &archive, e);
	struct image_tools tools = {.sbx = sbx, .archive = archive};

	own = name ? ref_full(name, e) : NULL; /* before the long work */
	if (name && !own)
		r = -e->code;
	if (r == 0)
		r = read_source(word, &source, e);
	if (r == 0)
		r = image_store(ctl, STORE_ADD, &store, e);
	store.watch = job->progress ? &watch : NULL;
	if (r == 0)
		r = import_source(&store, &tools, &source, &names, digest, e);
	if (r == 0 && (name || !names.count)) {
		if (!own)
			own = name_of_source(&source, e);
		strv_done(&names);
		names = (struct strv){0};
		if (own)
			strv_add(&names, own);
		r = own ? 0 : -e->code;
	}
	if (r == 0)
		r = add_names(&store, &names, digest, job->rows, e);
	image_store_close(&store);
	source_done(&source);
	return r;
}

int image_import(struct ctl *ctl, int argc, char **argv)
{
	struct image_words words;
	struct err e = {0};
	struct rows rows;
	struct image_job job = {.rows = &rows};
	int status = 0, r;

	if (!image_words_read(argc, argv, 1, 2, &words))
		return 2;
	rows_begin(&rows, "images", ctl->json);
	job.name = words.word[1];
	job.progress = progress_begin(!ctl->json && !words.quiet);
	r = image_take_in(ctl, words.word[0], &job, &e);
	progress_end(job.progress);
	if (r < 0) {
		(void)err_prefix(&e, "import '%s'", words.word[0]);
		status = rows_failed(&rows, words.word[0], &e);
	}
	return rows_end(&rows, NULL, 0, status);
}
