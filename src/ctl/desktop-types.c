/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* desktop-types: after overrides have come or gone, the user's cache of what opens which type is made anew. */
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ctl/desktop.h"
#include "desktop/associations.h"
#include "desktop/place.h"

/* The entries that have an override of ours now, over one of the system: of the user's own the cache knows already. */
static void find_ids(const struct desk *desk, struct strv *ret)
{
	for (size_t i = 0; i < desk->count; i++) {
		const struct desk_item *item = &desk->v[i];
		autostr struct str text = {0};
		struct marks marks = {0};
		struct err e;

		if (item->kind != DESK_ENTRY || place_has_kept(desk->folder[DESK_ENTRY], item->name) ||
		    place_read(desk->folder[DESK_ENTRY], item->name, &text, &e) < 0)
			continue;
		marks_read(&text, EXEC_ENTRY, &marks);
		if (marks.generated)
			strv_take(ret, desk_id(item));
		marks_done(&marks);
	}
}

/* The user's own, as it was without us, and the system's. Owned by the caller, with what is in them. */
static struct str *read_caches(const struct desk *desk, bool *ret_own)
{
	const struct strv *folders = &desk->sources[DESK_ENTRY];
	struct str *caches = xcalloc(folders->count + 1, sizeof *caches);
	const char *own = desk->folder[DESK_ENTRY];
	struct err e;

	*ret_own = place_read(own, ASSOCIATIONS, &caches[0], &e) == 0 && !associations_are_made(&caches[0]);
	if (!*ret_own) {
		str_done(&caches[0]);
		(void)place_read(own, ASSOCIATIONS PLACE_KEPT, &caches[0], &e);
	}
	for (size_t i = 0; i < folders->count; i++)
		(void)place_read(folders->v[i], ASSOCIATIONS, &caches[i + 1], &e);
	return caches;
}

int desk_update_types(const struct desk *desk, struct err *e)
{
	const char *folder = desk->folder[DESK_ENTRY];
	size_t count = desk->sources[DESK_ENTRY].count + 1;
	autostrv struct strv ids = {0};
	autostr struct str text = {0}, was = {0};
	struct str *caches;
	bool own;
	int r = 0;

	find_ids(desk, &ids);
	caches = read_caches(desk, &own);
	associations_make(caches, count, &ids, &text);
	if (text.len) {
		if (own) /* a program has made it anew since: then that is what comes back */
			place_forget_kept(folder, ASSOCIATIONS);
		if (own || place_read(folder, ASSOCIATIONS, &was, e) < 0 || !str_eq(was.s, text.s))
			r = place_put(folder, ASSOCIATIONS, &text, 0666, own, e);
	} else if (!own && place_read(folder, ASSOCIATIONS, &was, e) == 0) {
		r = place_restore(folder, ASSOCIATIONS, e);
	} else if (own) {
		place_forget_kept(folder, ASSOCIATIONS);
	}
	for (size_t i = 0; i < count; i++)
		str_done(&caches[i]);
	free(caches);
	return r;
}
