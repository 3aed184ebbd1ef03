/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* golden-plan: prints the plan of one profile on the fake host, the same on every machine.
 *
 *   golden-plan [OPTION]... SOURCE_FOLDER PROFILE
 * The options are those of `extras`, which lay something over the profile, and --root, --isolated, --image, --many,
 * --seal, which make another host. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "compile/compile.h"
#include "policy/check.h"
#include "policy/opener.h"
#include "policy/profile.h"
#include "tests/plan/fake-host.h"
#include "variables.h"

struct row {
	enum setting_id id;
	const char *text;
	const char *option;
};

static const struct row of_box[] = {{SET_box_name, "student-1", "--box"},
				    {SET_box_collect, "out/*.txt", "--box"},
				    {SET_box_collect, "log?", "--box"},
				    {0}};
static const struct row of_overlay[] = {
	{SET_filesystem_overlay, "/home/alice", "--overlay"},   {SET_filesystem_overlay, "/srv:/mnt/srv", "--overlay"},
	{SET_filesystem_session, "trial", "--session"},         {SET_filesystem_hide, "/home/alice/.ssh", "--hide"},
	{SET_filesystem_read_only, "/home/alice/work", "--ro"}, {0}};

static const struct row of_many[] = {
	{SET_filesystem_image_ids, "many", "--set"}, {SET_process_capabilities, "setuid setgid chown", "--set"}, {0}};
static const struct row of_open[] = {{SET_desktop_open, "ask browser viewer", "--set"}, {0}};
static const struct row of_bus[] = {{SET_desktop_dbus_session, "filter", "--set"},
				    {SET_desktop_dbus_talk, "org.example.Talk", "--set"},
				    {SET_desktop_dbus_own, "org.example.Own.*", "--set"},
				    {SET_desktop_dbus_call, "org.example.Call=org.example.Call.*@/org/*", "--set"},
				    {SET_desktop_dbus_system, "filter", "--set"},
				    {SET_desktop_dbus_system_talk, "org.freedesktop.UPower", "--set"},
				    {SET_desktop_notifications, "yes", "--set"},
				    {SET_desktop_portals, "yes", "--set"},
				    {SET_desktop_tray, "yes", "--set"},
				    {SET_desktop_mpris, "yes", "--set"},
				    {SET_desktop_secrets, "yes", "--set"},
				    {SET_desktop_dconf, "yes", "--set"},
				    {SET_desktop_input_method, "yes", "--set"},
				    {SET_desktop_a11y, "yes", "--set"},
				    {SET_desktop_printing, "yes", "--set"},
				    {0}};
static const struct row of_grants[] = {{SET_filesystem_grants, "yes", "--set"}, {0}};

static const struct row of_files[] = {{SET_filesystem_persist_file, "/home/alice/.config/app/app.conf", "--set"},
				      {SET_filesystem_persist_file, "/home/alice/.history", "--set"},
				      {0}};
static const struct row of_home[] = {{SET_filesystem_home, "overlay", "--home"}, {0}};

/* What an option lays over the profile. */
static const struct extra {
	const char *option;
	const struct row *rows;
} extras[] = {
	{"--box", of_box},         /* with a box, of which some is collected */
	{"--overlay", of_overlay}, /* with two overlays of a session, and rules below one */
	{"--many", of_many},       /* with all ids of an image */
	{"--grants", of_grants},   /* with the folder for what is granted */
	{"--files", of_files},     /* with two files that are kept */
	{"--home", of_home},       /* with an overlay of the home */
	{"--bus", of_bus},         /* with all buses, and each word that has rules for them */
	{"--open", of_open},       /* with links that other sandboxes open */
};

static int lay_rows(struct policy *policy, const struct row *rows, const struct variables *variables, struct err *e)
{
	int r = 0;

	for (; r == 0 && rows && rows->text; rows++)
		r = policy_set(policy, rows->id, rows->text, (struct origin){rows->option, 0}, variables, e);
	return r;
}

static int lay(struct policy *policy, const struct host *host, const struct row *rows, const char *folder,
	       const char *name)
{
	const struct origin option = {.file = "--user"};
	const struct profile_folders folders = {{NULL, NULL, folder}};
	struct errlist errors = {0};
	struct variables variables;
	struct err e = {0};
	char uid[16];
	int r;

	variables_of(host, &variables, uid);
	if (policy_defaults(policy, &variables, &e) < 0) {
		(void)fprintf(stderr, "%s\n", e.text);
		return -1;
	}
	for (size_t i = 0; i < countof(host->profile_folder); i++)
		strv_add(&policy->folders, host->profile_folder[i]);
	(void)profile_lay(policy, name, &folders, &variables, &errors);
	if (host->isolated && policy_set(policy, SET_process_user, "isolated", option, &variables, &e) < 0)
		errlist_add(&errors, &e);
	if (lay_rows(policy, rows, &variables, &e) < 0)
		errlist_add(&errors, &e);
	policy_check(policy, &errors);
	policy_find_openers(policy, &folders, &variables, &errors);
	for (size_t i = 0; i < errors.count; i++)
		(void)fprintf(stderr, "%s\n", errors.v[i].text);
	r = errors.count ? -1 : 0;
	errlist_done(&errors);
	return r;
}

/* The folder of the sources is another on every machine. */
static void print(const char *text, const char *folder)
{
	const char *at;

	while ((at = strstr(text, folder))) {
		(void)printf("%.*sprofiles", (int)(at - text), text);
		text = at + strlen(folder);
	}
	(void)fputs(text, stdout);
}

static int print_plan(const struct policy *policy, const struct host *host, const char *folder)
{
	char program[] = "true", file[] = "/srv/notes.txt", *command[] = {program, file, NULL};
	autostr struct str text = {0};
	struct plan plan = {0};
	struct err e = {0};
	int r = compile_plan(policy, host, command, &plan, &e);

	if (r == 0)
		r = plan_verify(&plan, &e);
	for (size_t i = 0; r == 0 && i < plan.count; i++)
		if (plan.step[i].kind == STEP_FILTER)
			plan.step[i].size = 0; /* its length is libseccomp's affair; tests/unit/test-filter.c runs it */
	if (r == 0) {
		plan_print(&plan, &text);
		print(text.s, folder);
	} else {
		(void)fprintf(stderr, "%s\n", e.text);
	}
	plan_done(&plan);
	return r;
}

static bool option(int *argc, char ***argv, const char *name)
{
	bool is_given = *argc > 1 && str_eq((*argv)[1], name);

	*argc -= is_given;
	*argv += is_given;
	return is_given;
}

int main(int argc, char **argv)
{
	bool root = option(&argc, &argv, "--root"), isolated = option(&argc, &argv, "--isolated");
	bool image = option(&argc, &argv, "--image"), seal = option(&argc, &argv, "--seal");
	const struct row *rows = NULL;
	autofree char *folder = NULL;
	struct fake_host fake;
	struct policy policy = {0};
	int r;

	for (size_t i = 0; !rows && i < countof(extras); i++)
		if (option(&argc, &argv, extras[i].option))
			rows = extras[i].rows;
	image = option(&argc, &argv, "--image") || image;
	if (argc != 3) {
		(void)fprintf(stderr, "usage: golden-plan [OPTION]... SOURCE_FOLDER PROFILE\n");
		return 2;
	}
	folder = xasprintf("%s/profiles", argv[1]);
	(void)setenv("SRCDIR", argv[1], 1);
	fake_host_debian(&fake);
	if (root)
		fake_host_root(&fake);
	if (isolated)
		fake_host_isolated(&fake);
	if (image)
		fake_host_image(&fake);
	if (seal)
		fake_host_seal(&fake);
	r = lay(&policy, &fake.host, rows, folder, argv[2]);
	if (rows == of_many)
		fake_host_isolated(&fake);
	if (r == 0)
		r = print_plan(&policy, &fake.host, folder);
	policy_done(&policy);
	fake_host_done(&fake);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
