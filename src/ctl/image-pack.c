/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* image-pack: sbxctl image pack: from programs to an image of what they need. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "ctl/image.h"
#include "ctl/test-run.h"
#include "pack/pack.h"

struct order {
	struct pack_options pack;
	const char *name; /* NULL: of the first program */
	const char *target;
	struct strv runs; /* commands that must succeed, on the host and in the image */
	bool quiet;
};

/* Borrowed. */
struct named {
	const char *full, *digest, *sbx;
};

static void order_done(struct order *order)
{
	strv_done(&order->pack.programs);
	strv_done(&order->pack.packages);
	strv_done(&order->pack.paths);
	strv_done(&order->pack.opened);
	strv_done(&order->pack.without);
	strv_done(&order->runs);
}

static bool take_flag(struct order *order, const char *word)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {{"--depends", &order->pack.depends}, {"--gconv", &order->pack.gconv},
		     {"--locales", &order->pack.locales}, {"--bare", &order->pack.bare},
		     {"--quiet", &order->quiet},          {"-q", &order->quiet}};

	for (size_t i = 0; i < countof(flags); i++)
		if (str_eq(word, flags[i].name)) {
			*flags[i].flag = true;
			return true;
		}
	return false;
}

/* False: it is no option with a value. */
static bool take_value(struct order *order, const char *word)
{
	const struct {
		const char *name;
		struct strv *list;
		const char **one;
	} values[] = {{"--package=", &order->pack.packages, NULL},
		      {"--path=", &order->pack.paths, NULL},
		      {"--without=", &order->pack.without, NULL},
		      {"--run=", &order->runs, NULL},
		      {"--name=", NULL, &order->name},
		      {"--output=", NULL, &order->target}};

	for (size_t i = 0; i < countof(values); i++) {
		const char *value = word + strlen(values[i].name);

		if (!str_starts(word, values[i].name))
			continue;
		if (values[i].list)
			strv_add(values[i].list, value);
		else
			*values[i].one = value;
		return true;
	}
	return false;
}

static int parse(struct order *order, int argc, char **argv, struct err *e)
{
	for (int i = 0; i < argc; i++) {
		if (str_eq(argv[i], "-o") && i + 1 < argc)
			order->target = argv[++i];
		else if (argv[i][0] == '-' && !take_flag(order, argv[i]) && !take_value(order, argv[i]))
			return err_set(e, EINVAL, "'%s' is no option of image pack", argv[i]);
		else if (argv[i][0] != '-')
			strv_add(&order->pack.programs, argv[i]);
	}
	if (!order->pack.programs.count)
		return err_set(e, EINVAL, "no program was named");
	for (size_t i = 0; i < order->runs.count; i++) {
		autostrv struct strv words = {0};

		if (test_run_words(order->runs.v[i], &words, e) < 0)
			return -e->code;
	}
	return order->target ? image_check_target(order->target, e) : 0;
}

/* What the image runs by itself: the first program, by the path that it has there. */
static char *first_program(const struct order *order, const struct closure *closure)
{
	const char *word = order->pack.programs.v[0];

	if (strchr(word, '/'))
		return xstrdup(word);
	for (size_t i = 0; i < closure->count; i++) {
		const char *base = strrchr(closure->entry[i]->path, '/') + 1;

		if (str_eq(base, word) && str_eq(closure->entry[i]->why, "given"))
			return xstrdup(closure->entry[i]->path);
	}
	return xstrdup(word);
}

static int import(const struct image_store *store, const struct image_tools *tools, const struct order *order,
		  const struct closure *closure, char digest[IMAGE_DIGEST], struct err *e)
{
	autofree char *temporary = store_temporary(store, e);
	struct image_config config = {0};
	struct pack_copied copied;
	struct err none = {0};
	autoclose int folder = -1;
	int r;

	if (!temporary)
		return -e->code;
	strv_take(&config.entrypoint, first_program(order, closure));
	strv_add(&config.environment, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	folder = openat(store->folder, temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = folder < 0 || fchmod(folder, 0755) < 0 ? err_errno(e, errno, "open '%s' in the store of images", temporary)
						   : pack_copy(closure, order->pack.root, folder, &copied, e);
	if (r == 0)
		r = import_folder(store, tools, folder, &config, digest, e);
	image_config_done(&config);
	(void)store_clear(store, temporary, &none);
	return r;
}

/* What was taken because of what. */
static void say(const struct order *order, const struct closure *closure, const struct named *named, struct rows *rows)
{
	struct json *item = rows_did(rows, named->full, "packed");

	json_add_string(item, "digest", named->digest);
	if (rows->json)
		json_add(item, "closure", closure_json(closure));
	else if (!order->quiet)
		closure_print(closure, &rows->text);
}

static char *name_of(const struct order *order, struct err *e)
{
	const char *word = order->pack.programs.v[0], *slash = strrchr(word, '/');

	return ref_full(order->name ? order->name : slash ? slash + 1 : word, e);
}

/* On the host: what each opens is needed. */
static int record(const struct ctl *ctl, struct order *order, const char *sbx, struct err *e)
{
	for (size_t i = 0; i < order->runs.count; i++)
		if (test_run_record(sbx, ctl->host.home, order->runs.v[i], &order->pack.opened, e) < 0)
			return -e->code;
	return 0;
}

/* Its name until it has shown that it works; owned by the caller. */
static char *untested(void)
{
	return xasprintf("untested/%d:latest", getpid());
}

/* Of what has no name nothing stays. */
static int forget(const struct ctl *ctl, struct image_store *store, struct err *e)
{
	autofree char *name = untested();
	autostrv struct strv used = {0};
	struct collected done = {0};
	int r;

	image_store_close(store);
	*store = (struct image_store)IMAGE_STORE_NONE;
	r = image_store(ctl, STORE_REMOVE, store, e);
	if (r == 0)
		r = store_remove_ref(store, name, e);
	if (r == 0)
		r = image_used(ctl, &used, e);
	return r < 0 ? r : store_collect(store, &used, &done, e);
}

static int try_image(const struct ctl *ctl, struct image_store *store, const struct order *order, const char *sbx,
		     struct err *e)
{
	autofree char *name = untested();
	struct err none = {0};
	int r = 0;

	for (size_t i = 0; r == 0 && i < order->runs.count; i++)
		r = test_run_in(sbx, name, order->runs.v[i], e);
	if (r == 0)
		return 0;
	return forget(ctl, store, &none) < 0
		       ? err_hint(e, "the image could not be removed (%s): sbxctl image remove %s", none.text, name)
		       : err_hint(e, "the image was removed; --path adds what it lacks");
}

/* A name for what works. */
static int name_image(const struct ctl *ctl, struct image_store *store, const struct order *order,
		      const struct named *named, struct err *e)
{
	autofree char *name = untested();
	int r;

	if (!order->runs.count)
		return store_set_ref(store, named->full, named->digest, e);
	r = store_set_ref(store, name, named->digest, e);
	if (r == 0)
		r = try_image(ctl, store, order, named->sbx, e);
	if (r == 0)
		r = store_set_ref(store, named->full, named->digest, e);
	return r < 0 ? r : store_remove_ref(store, name, e);
}

static int pack(const struct ctl *ctl, struct order *order, struct closure *closure, struct rows *rows, struct err *e)
{
	struct image_store store = IMAGE_STORE_NONE;
	autofree char *sbx = NULL, *archive = NULL, *full = name_of(order, e);
	char digest[IMAGE_DIGEST];
	int r = full ? image_tools(ctl, &sbx, &archive, e) : -e->code;
	struct image_tools tools = {.sbx = sbx, .archive = archive};

	if (r == 0)
		r = record(ctl, order, sbx, e);
	if (r == 0)
		r = pack_collect(&order->pack, closure, e);
	if (r == 0)
		r = image_store(ctl, STORE_ADD, &store, e);
	if (r == 0)
		r = import(&store, &tools, order, closure, digest, e);
	if (r == 0)
		r = name_image(ctl, &store, order, &(struct named){full, digest, sbx}, e);
	if (r == 0 && order->target)
		r = image_write(ctl, &store, full, order->target, e);
	if (r == 0)
		say(order, closure, &(struct named){full, digest, sbx}, rows);
	image_store_close(&store);
	return r;
}

int image_pack(struct ctl *ctl, int argc, char **argv)
{
	struct closure closure = {0};
	struct order order = {0};
	struct err e = {0};
	int r = parse(&order, argc, argv, &e), status;
	struct rows rows;

	if (r < 0) {
		(void)err_hint(&e, "see sbxctl --help");
		status = ctl_fail(&e, 2);
	} else {
		rows_begin(&rows, "images", ctl->json);
		r = pack(ctl, &order, &closure, &rows, &e);
		status = rows_end(&rows, NULL, 0, r < 0 ? rows_failed(&rows, order.pack.programs.v[0], &e) : 0);
	}
	closure_done(&closure);
	order_done(&order);
	return status;
}
