/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "policy/opener.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "policy/check.h"
#include "policy/profile-file.h"

static void copy_words(const struct policy *from, enum setting_id id, struct strv *to)
{
	for (size_t i = 0; i < from->entry[id].count; i++)
		strv_add(to, from->entry[id].v[i].text);
}

static void wrong(const struct value *value, struct err *e, struct errlist *errors)
{
	char where[512];

	(void)err_prefix(e, "%s: desktop.open", origin_text(value->origin, where, sizeof where));
	errlist_add(errors, e);
}

/* One that has a path is of this run alone: the other program would be looked for by the name. */
static int check_opener(const char *name, const struct policy *of, struct err *e)
{
	static const enum setting_id needed[] = {SET_profile_opens, SET_profile_command};

	for (size_t i = 0; i < countof(needed); i++)
		if (!of->entry[needed[i]].count) {
			(void)err_set(e, EINVAL, "the profile '%s' opens nothing for others", name);
			return err_hint(e, "it needs profile.%s", settings[needed[i]].key);
		}
	return 0;
}

static void find(struct policy *p, const struct value *value, const struct profile_folders *folders,
		 const struct variables *vars, struct errlist *errors)
{
	struct opener *opener = &p->opener[p->openers];
	struct policy other = {0};
	struct errlist of_other = {0};
	struct err e = {0};
	int r = profile_check_name(value->text, &e);

	if (r == 0)
		r = policy_defaults(&other, vars, &e);
	if (r == 0) {
		(void)profile_lay(&other, value->text, folders, vars, &of_other);
		if (!of_other.count)
			policy_check(&other, &of_other);
		if (of_other.count)
			e = of_other.v[0];
		r = of_other.count ? -e.code : check_opener(value->text, &other, &e);
	}
	if (r < 0) {
		wrong(value, &e, errors);
	} else {
		*opener = (struct opener){.profile = xstrdup(value->text)};
		copy_words(&other, SET_profile_opens, &opener->opens);
		copy_words(&other, SET_profile_command, &opener->commands);
		p->openers++;
	}
	errlist_done(&of_other);
	policy_done(&other);
}

void policy_find_openers(struct policy *p, const struct profile_folders *folders, const struct variables *vars,
			 struct errlist *errors)
{
	const struct entry *list = &p->entry[SET_desktop_open];

	if (!list->count || policy_has(p, SET_desktop_open, "no"))
		return;
	p->opener = xcalloc(list->count, sizeof *p->opener);
	for (size_t i = 0; i < list->count; i++)
		if (!str_eq(list->v[i].text, "ask"))
			find(p, &list->v[i], folders, vars, errors);
}
