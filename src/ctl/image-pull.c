/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* image-pull: sbxctl image pull: skopeo, which knows registries, writes a layout into the store's folder of what is not
 * done, and that is imported as a stranger's. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/mem.h"
#include "ctl/image.h"
#include "ctl/progress.h"

#define SKOPEO "/usr/bin/skopeo"

/* Borrowed. */
struct fetch {
	const char *source; /* as skopeo has it: docker://HOST/NAME:TAG */
	const char *layout;
	bool insecure; /* without TLS, or with a certificate that nobody knows */
};

/* What stands behind `msg=` of its line that ends it, without quotes; or else all of it. */
static void read_said(const struct str *said, struct str *ret)
{
	const char *text = said->s ? said->s : "", *fatal = strstr(text, " level=fatal msg=\"");

	str_add(ret, "");
	if (!fatal) {
		str_add(ret, text);
		return;
	}
	for (const char *p = strchr(fatal, '"') + 1; *p && *p != '"' && *p != '\n'; p++) {
		bool escaped = *p == '\\' && p[1];

		p += escaped;
		str_add_bytes(ret, escaped && (*p == 'n' || *p == 't') ? " " : p, 1);
	}
}

static int explain(int status, const struct str *said, struct err *e)
{
	static const struct {
		const char *said, *hint;
	} hints[] = {
		{"HTTP response to HTTPS client", "it speaks no TLS: --insecure, if that is meant"},
		{"certificate",
		 "--insecure takes any certificate, if that is meant; /etc/containers/certs.d those of one "
		 "registry"},
		{"unauthorized", "skopeo login HOST keeps a password"},
		{"authentication required", "skopeo login HOST keeps a password"},
	};
	autostr struct str text = {0};

	read_said(said, &text);
	(void)err_set(e, EIO, "skopeo ended with status %d: %.*s", status, (int)strcspn(text.s, "\n"), text.s);
	for (size_t i = 0; i < countof(hints); i++)
		if (strstr(text.s, hints[i].said))
			return err_hint(e, "%s", hints[i].hint);
	return -e->code;
}

static int run_skopeo(const struct fetch *fetch, struct err *e)
{
	autofree char *from = xstrdup(fetch->source), *to = xstrdup(fetch->layout);
	char program[] = SKOPEO, copy[] = "copy", insecure[] = "--src-tls-verify=false";
	char *careful[] = {program, copy, from, to, NULL}, *careless[] = {program, copy, insecure, from, to, NULL};
	autoclose int null = open("/dev/null", O_RDWR | O_CLOEXEC), err = child_file(NULL, e);
	autostr struct str said = {0};
	int status;

	if (err < 0)
		return err;
	if (access(SKOPEO, X_OK) < 0) {
		(void)err_set(e, ENOENT, "images of registries are fetched by skopeo, which is missing");
		return err_hint(e, "apt-get install skopeo");
	}
	status = child_run(fetch->insecure ? careless : careful, -1, (int[]){null, null, err}, e);
	if (status < 0 || child_said(err, 1 << 20, &said, e) < 0)
		return -e->code;
	return status ? explain(status, &said, e) : 0;
}

/* docker://HOST/NAME:TAG is NAME:TAG of that host. A digest is no tag, and "latest" would be wrong: of it are as many
 * digits as other tools show. Owned by the caller. */
static char *name_of_remote(const char *source)
{
	const char *name = strstr(source, "://"), *at;

	name = name ? name + 3 : source;
	at = strchr(name, '@');
	return at && digest_is(at + 1) ? xasprintf("%.*s:sha256-%.12s", (int)(at - name), name, digest_hex(at + 1))
				       : xstrdup(name);
}

static int pull(const struct ctl *ctl, struct fetch *fetch, struct image_job *job, struct err *e)
{
	struct image_store store = IMAGE_STORE_NONE;
	autofree char *layout = NULL, *temporary = NULL, *folder = NULL, *own = name_of_remote(fetch->source),
		      *full = NULL;
	struct err none = {0};
	int r;

	full = ref_full(job->name ? job->name : own, e); /* before the long work */
	if (!full && !job->name)
		(void)err_hint(e, "give it one: sbxctl image pull SOURCE NAME");
	r = full ? image_store(ctl, STORE_ADD, &store, e) : -e->code;
	temporary = r == 0 ? store_temporary(&store, e) : NULL;
	if (r == 0 && !temporary)
		r = -e->code;
	if (r == 0) {
		folder = xasprintf("%s/%s", store.path, temporary);
		layout = xasprintf("oci:%s/layout:pulled", folder);
		fetch->layout = layout;
		progress_folder(job->progress, "fetching", folder);
		r = run_skopeo(fetch, e);
	}
	job->name = full;
	if (r == 0)
		r = image_take_in(ctl, layout, job, e);
	if (temporary)
		(void)store_clear(&store, temporary, &none); /* or the next one does */
	image_store_close(&store);
	return r;
}

int image_pull(struct ctl *ctl, int argc, char **argv)
{
	autofree char *source = NULL;
	struct image_words words;
	struct fetch fetch = {0};
	struct err e = {0};
	struct rows rows;
	struct image_job job = {.rows = &rows};
	int rest = 0, status = 0, r;

	for (int i = 0; i < argc; i++) {
		if (str_eq(argv[i], "--insecure"))
			fetch.insecure = true;
		else
			argv[rest++] = argv[i];
	}
	if (!image_words_read(rest, argv, 1, 2, &words))
		return 2;
	fetch.source = source = strstr(words.word[0], ":/") || str_starts(words.word[0], "oci:")
					? xstrdup(words.word[0])
					: xasprintf("docker://%s", words.word[0]);
	rows_begin(&rows, "images", ctl->json);
	job.name = words.word[1];
	job.progress = progress_begin(!ctl->json && !words.quiet);
	r = pull(ctl, &fetch, &job, &e);
	progress_end(job.progress);
	if (r < 0) {
		(void)err_prefix(&e, "pull '%s'", words.word[0]);
		status = rows_failed(&rows, words.word[0], &e);
	}
	return rows_end(&rows, NULL, 0, status);
}
