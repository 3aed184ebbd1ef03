/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* home: sbxctl home list, show, reset. */
#include "ctl/home.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/path.h"
#include "box/clear.h"
#include "box/place.h"
#include "live/live.h"
#include "plan/plan.h"

char *home_folder(const struct ctl *ctl)
{
	autofree char *path = ctl->host.data ? xasprintf("%s/sbx/homes", ctl->host.data) : NULL;

	return path ? host_real(&ctl->host, path) : NULL;
}

/* Those that begin with a '.' are being removed. */
int home_names(const struct ctl *ctl, struct strv *ret, struct err *e)
{
	autofree char *path = home_folder(ctl);
	autoclose int folder = path ? fd_open_plain(path, O_RDONLY | O_DIRECTORY, 0) : -1;
	autostrv struct strv all = {0};
	int r;

	if (folder < 0)
		return !path || errno == ENOENT ? 0 : err_errno(e, errno, "open '%s'", path);
	r = fd_names(folder, &all);
	if (r < 0)
		return err_errno(e, -r, "read '%s'", path);
	for (size_t i = 0; i < all.count; i++)
		if (all.v[i][0] != '.')
			strv_add(ret, all.v[i]);
	strv_sort(ret, 0);
	return 0;
}

static int open_homes(const struct ctl *ctl, const char *name, struct err *e)
{
	autofree char *path = home_folder(ctl);
	int fd;

	if (!name[0] || name[0] == '.' || strchr(name, '/'))
		return err_set(e, EINVAL, "'%s' is no name of a profile", name);
	fd = path ? fd_open_plain(path, O_RDONLY | O_DIRECTORY, 0) : -1;
	if (fd < 0 && path && errno != ENOENT)
		return err_errno(e, errno, "open '%s'", path);
	return fd >= 0 ? fd : err_set(e, ENOENT, "the profile '%s' has no private home", name);
}

int home_open(const struct ctl *ctl, const char *name, struct err *e)
{
	autoclose int homes = open_homes(ctl, name, e);
	int fd;

	if (homes < 0)
		return homes;
	fd = place_open_name(homes, name, O_RDONLY | O_DIRECTORY);
	if (fd == -ENOENT)
		return err_set(e, ENOENT, "the profile '%s' has no private home", name);
	return fd >= 0 ? fd : err_errno(e, -fd, "open the private home of '%s'", name);
}

/* Does the plan show it, or something in it? One that this sbxctl can't read was made by another sbx: it may. */
static bool shows(const struct str *bytes, const char *home)
{
	struct plan plan = {0};
	struct err none = {0};
	bool found = plan_decode(bytes, &plan, &none) < 0;

	for (size_t i = 0; !found && i < plan.count; i++)
		found = plan.step[i].kind == STEP_BIND && path_below(plan_text(&plan, plan.step[i].a), home);
	plan_done(&plan);
	return found;
}

int home_users(const struct ctl *ctl, const char *name, struct strv *ret, struct err *e)
{
	autofree char *folder = home_folder(ctl), *home = folder ? xasprintf("%s/%s", folder, name) : NULL;
	struct live_list list = {0};
	int r = home && ctl->host.live ? live_read(ctl->host.live, &list, e) : 0;

	for (size_t i = 0; r == 0 && i < list.count; i++) {
		autostr struct str bytes = {0};
		struct err gone = {0};

		if (live_plan(ctl->host.live, &list.v[i], &bytes, &gone) == 0 && shows(&bytes, home))
			strv_add(ret, list.v[i].name);
	}
	live_list_done(&list);
	return r;
}

static int refuse_used(const struct ctl *ctl, const char *name, struct err *e)
{
	autostrv struct strv users = {0};
	int r = home_users(ctl, name, &users, e);

	if (r < 0 || !users.count)
		return r;
	(void)err_set(e, EBUSY, "the sandbox '%s' has the private home of '%s'", users.v[0], name);
	return err_hint(e, "sbxctl stop %s ends it", users.v[0]);
}

/* It goes at once, under a name that is none: whoever starts now has an empty one. What was in it goes at leisure. */
static int reset(const struct ctl *ctl, const char *name, struct err *e)
{
	autoclose int homes = open_homes(ctl, name, e);
	autofree char *going = xasprintf(".%s.reset", name);
	int r = homes < 0 ? homes : refuse_used(ctl, name, e);

	if (r == 0)
		r = clear_tree(homes, going, e); /* of one that was killed */
	if (r < 0)
		return r;
	if (renameat2(homes, name, homes, going, RENAME_NOREPLACE) < 0)
		return errno == ENOENT ? err_set(e, ENOENT, "the profile '%s' has no private home", name)
				       : err_errno(e, errno, "empty the private home of '%s'", name);
	r = refuse_used(ctl, name, e); /* one that has begun meanwhile */
	if (r < 0) {
		(void)renameat2(homes, going, homes, name, RENAME_NOREPLACE);
		return r;
	}
	return clear_tree(homes, going, e);
}

static bool is_sure(const struct strv *names)
{
	char answer[8] = "";

	(void)fprintf(stderr, "Empty the private home%s of", names->count > 1 ? "s" : "");
	for (size_t i = 0; i < names->count; i++) {
		autostr struct str name = {0};

		str_add_escaped(&name, names->v[i], true);
		(void)fprintf(stderr, "%s %s", i ? "," : "", name.s);
	}
	(void)fprintf(stderr, "? [y/N] ");
	return read(STDIN_FILENO, answer, sizeof answer - 1) > 0 && (answer[0] == 'y' || answer[0] == 'Y');
}

static int home_reset(struct ctl *ctl, int argc, char **argv)
{
	autostrv struct strv names = {0};
	struct rows rows;
	bool yes = false;
	int status = 0;

	for (int i = 0; i < argc; i++) {
		if (str_eq(argv[i], "--yes"))
			yes = true;
		else
			strv_add(&names, argv[i]);
	}
	if (!names.count)
		return ctl_usage("home reset NAME... [--yes]");
	if (!yes && !isatty(STDIN_FILENO))
		return ctl_usage("home reset: --yes is missing, and there is no terminal to ask on");
	if (!yes && !is_sure(&names))
		return 1;
	rows_begin(&rows, "homes", ctl->json);
	for (size_t i = 0; i < names.count; i++) {
		struct err e = {0};

		if (reset(ctl, names.v[i], &e) < 0)
			status = rows_failed(&rows, names.v[i], &e);
		else
			(void)rows_did(&rows, names.v[i], "reset");
	}
	return rows_end(&rows, NULL, 0, status);
}

int ctl_home(struct ctl *ctl, int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(struct ctl *ctl, int argc, char **argv);
	} words[] = {{"list", home_list}, {"show", home_show}, {"reset", home_reset}};

	ctl->json = rows_asked(&argc, argv);
	for (size_t i = 0; argc && i < countof(words); i++)
		if (str_eq(words[i].name, argv[0]))
			return words[i].run(ctl, argc - 1, argv + 1);
	return ctl_usage("home: one of list, show, reset");
}
