/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* box: sbxctl box create, put, run, get, list, show, destroy. */
#include "ctl/box.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/folder.h"
#include "base/mem.h"
#include "box/clear.h"
#include "policy/check.h"

char *box_path(const struct ctl *ctl, const char *name, struct err *e)
{
	autofree char *path = NULL;

	if (!store_is_name(name)) {
		(void)err_set(
			e, EINVAL,
			"'%s' is no name of a box: letters, digits, '.', '_' and '-', at most %d, no '.' or '-' at "
			"the start",
			name, STORE_NAME_MAX);
		return NULL;
	}
	if (!ctl->host.boxes) {
		(void)err_set(e, ENOENT, "the caller has no home, in which boxes would be");
		return NULL;
	}
	path = xasprintf("%s/%s", ctl->host.boxes, name);
	return host_real(&ctl->host, path);
}

int box_lock(const struct ctl *ctl, const char *name, struct store *ret, struct err *e)
{
	autofree char *path = box_path(ctl, name, e);

	return path ? store_open(path, ret, e) : -e->code;
}

int box_did(const struct ctl *ctl, const char *name, const char *what, int status, const struct err *e)
{
	struct rows rows;

	rows_begin(&rows, "boxes", ctl->json);
	if (status)
		(void)rows_failed(&rows, name, e);
	else
		(void)rows_did(&rows, name, what);
	return rows_end(&rows, NULL, 0, status);
}

/* The options as lines of box.ini, checked as those of a profile are. */
static int settings_of(const struct ctl *ctl, int argc, char **argv, struct str *ret, struct err *e)
{
	struct policy policy = {0};
	struct errlist errors = {0};
	int r = policy_defaults(&policy, &ctl->variables, e);

	str_add(ret, "[box]\n");
	policy.layer++;
	for (int i = 0; r == 0 && i < argc; i++) {
		const char *word = argv[i], *sign = strchr(word, '=');
		autofree char *key =
			sign && str_starts(word, "--") ? xstrndup(word + 2, (size_t)(sign - word - 2)) : NULL;
		enum setting_id id = key ? setting_find("box", key) : SETTING_COUNT;

		if (id == SETTING_COUNT || id == SET_box_name || !sign[1])
			r = err_set(e, EINVAL, "'%s' is none of --size, --inodes, --collect, --file-size, with a value",
				    word);
		else
			r = policy_set(&policy, id, sign + 1, (struct origin){word, 0}, &ctl->variables, e);
		if (r == 0)
			str_addf(ret, "%s = %s\n", key, sign + 1);
	}
	if (r == 0)
		policy_check(&policy, &errors);
	if (errors.count) {
		*e = errors.v[0];
		r = -e->code;
	}
	errlist_done(&errors);
	policy_done(&policy);
	return r;
}

/* All of a box but its name. That the content can be exchanged is tried before anything is in it. */
static int make_content(int folder, const struct str *lines, struct err *e)
{
	autoclose int file = -1;
	int r;

	if (mkdirat(folder, "files", 0700) < 0 || mkdirat(folder, "files.new", 0700) < 0)
		return err_errno(e, errno, "make the folders of the box");
	if (renameat2(folder, "files.new", folder, "files", RENAME_EXCHANGE) < 0)
		return err_errno(e, errno, "exchange two folders, as boxes need it of their file system");
	if (unlinkat(folder, "files.new", AT_REMOVEDIR) < 0)
		return err_errno(e, errno, "remove 'files.new'");
	file = openat(folder, "box.ini", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0)
		return err_errno(e, errno, "make 'box.ini'");
	r = fd_write(file, lines->s, lines->len);
	return r < 0 ? err_errno(e, -r, "write 'box.ini'") : 0;
}

/* A name that is no name of a box, beside it. */
static char *hidden(const char *name)
{
	return xasprintf(".%s.%d", name, getpid());
}

/* It appears complete, or not at all. */
static int create(const char *boxes, const char *name, const struct str *lines, struct err *e)
{
	autofree char *coming = hidden(name);
	autoclose int above = open(boxes, O_RDONLY | O_DIRECTORY | O_CLOEXEC), folder = -1;
	struct err more;
	int r;

	if (above < 0)
		return err_errno(e, errno, "open '%s'", boxes);
	if (mkdirat(above, coming, 0700) < 0)
		return err_errno(e, errno, "make a folder in '%s'", boxes);
	folder = openat(above, coming, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	r = folder < 0 ? err_errno(e, errno, "open '%s/%s'", boxes, coming) : make_content(folder, lines, e);
	if (r == 0 && renameat2(above, coming, above, name, RENAME_NOREPLACE) < 0)
		r = err_errno(e, errno, "make the box '%s'", name);
	if (r < 0)
		(void)clear_tree(above, coming, &more);
	return r;
}

int box_create(struct ctl *ctl, int argc, char **argv)
{
	autofree char *path = NULL, *boxes = NULL;
	autostr struct str lines = {0};
	autoclose int folder = -1;
	struct err e = {0};

	if (argc < 1)
		return ctl_usage("box create NAME [--size=SIZE] [--inodes=NUMBER] [--collect=PATTERN]... "
				 "[--file-size=SIZE]");
	path = box_path(ctl, argv[0], &e);
	if (!path || settings_of(ctl, argc - 1, argv + 1, &lines, &e) < 0)
		return box_did(ctl, argv[0], "", 2, &e);
	boxes = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	folder = folder_make(boxes, 0700, "", &e);
	if (folder < 0 || create(boxes, argv[0], &lines, &e) < 0)
		return box_did(ctl, argv[0], "", 1, &e);
	return box_did(ctl, argv[0], "created", 0, &e);
}

/* It goes at once, under a name that is none; what is in it then, at leisure. */
static int destroy(const struct ctl *ctl, const char *name, struct err *e)
{
	autofree char *path = box_path(ctl, name, e), *going = hidden(name), *boxes = NULL;
	struct store store = STORE_NONE;
	autoclose int above = -1;
	int r = path ? store_open(path, &store, e) : -e->code;

	if (r < 0)
		return r;
	boxes = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	above = open(boxes, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (above < 0 || renameat2(above, name, above, going, RENAME_NOREPLACE) < 0)
		r = err_errno(e, errno, "remove the box '%s'", name);
	else
		r = clear_tree(above, going, e);
	store_close(&store);
	return r;
}

int box_destroy(struct ctl *ctl, int argc, char **argv)
{
	struct rows rows;
	int status = 0;

	if (argc < 1)
		return ctl_usage("box destroy NAME...");
	rows_begin(&rows, "boxes", ctl->json);
	for (int i = 0; i < argc; i++) {
		struct err e = {0};

		if (destroy(ctl, argv[i], &e) < 0)
			status = rows_failed(&rows, argv[i], &e);
		else
			(void)rows_did(&rows, argv[i], "destroyed");
	}
	return rows_end(&rows, NULL, 0, status);
}

int ctl_box(struct ctl *ctl, int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(struct ctl *ctl, int argc, char **argv);
	} words[] = {{"create", box_create}, {"put", box_put},   {"run", box_run},        {"get", box_get},
		     {"list", box_list},     {"show", box_show}, {"destroy", box_destroy}};

	if (argc && !str_eq(argv[0], "run")) /* whose words are another's */
		ctl->json = rows_asked(&argc, argv);
	for (size_t i = 0; argc && i < countof(words); i++)
		if (str_eq(words[i].name, argv[0]))
			return words[i].run(ctl, argc - 1, argv + 1);
	return ctl_usage("box: one of create, put, run, get, list, show, destroy");
}
