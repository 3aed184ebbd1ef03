/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* golden-plan: prints the plan of one profile on the fake host, the same on every machine.
 *
 *   golden-plan [--root] SOURCE_FOLDER PROFILE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "compile/compile.h"
#include "policy/check.h"
#include "policy/profile.h"
#include "tests/plan/fake-host.h"
#include "variables.h"

static int lay(struct policy *policy, const struct host *host, const char *folder, const char *name)
{
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
	policy_check(policy, &errors);
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

int main(int argc, char **argv)
{
	bool root = argc == 4 && str_eq(argv[1], "--root");
	autofree char *folder = NULL;
	struct fake_host fake;
	struct policy policy = {0};
	int r;

	if (argc != (root ? 4 : 3)) {
		(void)fprintf(stderr, "usage: golden-plan [--root] SOURCE_FOLDER PROFILE\n");
		return 2;
	}
	folder = xasprintf("%s/profiles", argv[1 + root]);
	(void)setenv("SRCDIR", argv[1 + root], 1);
	fake_host_debian(&fake);
	if (root)
		fake_host_root(&fake);
	r = lay(&policy, &fake.host, folder, argv[2 + root]);
	if (r == 0)
		r = print_plan(&policy, &fake.host, folder);
	policy_done(&policy);
	fake_host_done(&fake);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
