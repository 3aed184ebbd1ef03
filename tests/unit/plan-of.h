/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* plan-of: for tests of compile/: settings on the fake host become a plan, and lines of it are looked for. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "compile/compile.h"
#include "tests/plan/fake-host.h"
#include "variables.h"

struct plan_of {
	struct fake_host fake;
	struct variables vars;
	struct policy policy;
	struct plan plan;
	struct str text; /* the printed plan, runs of blanks as one */
	struct err e;
	char uid[16];
};

/* The settings that follow are of a layer laid over those before. */
static inline void next_layer(struct plan_of *f)
{
	f->policy.layer++;
}

static inline void lay_defaults(struct plan_of *f)
{
	variables_of(&f->fake.host, &f->vars, f->uid);
	assert_int_equal(policy_defaults(&f->policy, &f->vars, &f->e), 0);
	for (size_t i = 0; i < countof(f->fake.host.profile_folder); i++)
		strv_add(&f->policy.folders, f->fake.host.profile_folder[i]);
	f->policy.name = xstrdup("test");
	next_layer(f);
}

static inline int plan_of_setup(void **state)
{
	struct plan_of *f = xcalloc(1, sizeof *f);

	fake_host_debian(&f->fake);
	lay_defaults(f);
	*state = f;
	return 0;
}

static inline int plan_of_teardown(void **state)
{
	struct plan_of *f = *state;

	plan_done(&f->plan);
	str_done(&f->text);
	policy_done(&f->policy);
	fake_host_done(&f->fake);
	free(f);
	return 0;
}

/* Another start in the same test: the tree stays, plan and settings go. */
static inline void again(struct plan_of *f)
{
	plan_done(&f->plan);
	str_done(&f->text);
	policy_done(&f->policy);
	f->policy = (struct policy){0};
	err_clear(&f->e);
	lay_defaults(f);
}

/* The same for another caller: root. */
static inline void again_as_root(struct plan_of *f)
{
	fake_host_root(&f->fake);
	again(f);
}

static inline void want(struct plan_of *f, enum setting_id id, const char *text)
{
	if (policy_set(&f->policy, id, text, (struct origin){.file = "test.ini", .line = 7}, &f->vars, &f->e) < 0)
		fail_msg("%s", f->e.text);
}

static inline int try_command(struct plan_of *f, const char *command, const char *argument)
{
	autofree char *first = xstrdup(command), *second = argument ? xstrdup(argument) : NULL;
	char *argv[] = {first, second, NULL};
	autostr struct str printed = {0};
	int r = compile_plan(&f->policy, &f->fake.host, argv, &f->plan, &f->e);

	if (r < 0)
		return r;
	plan_print(&f->plan, &printed);
	for (const char *p = printed.s; *p; p++)
		if (*p != ' ' || p[1] != ' ')
			str_add_bytes(&f->text, p, 1);
	return plan_verify(&f->plan, &f->e);
}

static inline void compile_with(struct plan_of *f, const char *command, const char *argument)
{
	if (try_command(f, command, argument) < 0)
		fail_msg("%s", f->e.text);
}

static inline void compile(struct plan_of *f)
{
	compile_with(f, "true", NULL);
}

/* The first step of a kind; fails where there is none. */
static inline struct step *step_of(struct plan_of *f, enum step_kind kind)
{
	for (size_t i = 0; i < f->plan.count; i++)
		if (f->plan.step[i].kind == kind)
			return &f->plan.step[i];
	fail_msg("no step %s", step_info[kind].name);
	return NULL;
}

/* Where the text is in the printed plan; fails where it is not. */
static inline size_t sees(const struct plan_of *f, const char *text)
{
	const char *at = strstr(f->text.s, text);

	if (!at)
		fail_msg("'%s' is not in the plan:\n%s", text, f->text.s);
	return at ? (size_t)(at - f->text.s) : 0;
}

static inline void sees_not(const struct plan_of *f, const char *text)
{
	if (strstr(f->text.s, text))
		fail_msg("'%s' is in the plan:\n%s", text, f->text.s);
}

/* The settings so far make no plan, and the message says so. */
static inline void refused(struct plan_of *f, const char *text)
{
	if (try_command(f, "true", NULL) == 0)
		fail_msg("a plan is made that should be refused: %s", text);
	if (!strstr(f->e.text, text))
		fail_msg("'%s' is not in the error '%s'", text, f->e.text);
}
