/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "desktop/associations.h"

#include <string.h>

#include "base/mem.h"
#include "desktop/keyfile.h"

#define MADE "# Made by sbxctl desktop.\n"
#define GROUP "MIME Cache"

bool associations_are_made(const struct str *cache)
{
	return cache->s && str_starts(cache->s, MADE);
}

/* Adds the ids of a line that the list has not yet. */
static void add_ids(struct span value, struct strv *ret)
{
	autofree char *copy = xstrndup(value.s, value.len);
	char *rest = copy, *id;

	while ((id = strsep(&rest, ";")))
		if (*id && !strv_has(ret, id))
			strv_add(ret, id);
}

static bool has_any(const struct strv *list, const struct strv *ids)
{
	for (size_t i = 0; i < ids->count; i++)
		if (strv_has(list, ids->v[i]))
			return true;
	return false;
}

/* The types of the entries, each once. */
static void find_types(const struct str *cache, const struct strv *ids, struct strv *ret)
{
	struct keyfile file;
	struct keyline line;

	keyfile_begin(&file, cache);
	while (keyfile_next(&file, &line)) {
		autofree char *type = xstrndup(line.key.s ? line.key.s : "", line.key.len);
		autostrv struct strv list = {0};

		if (!span_is(line.group, GROUP) || !line.key.len)
			continue;
		add_ids(line.value, &list);
		if (has_any(&list, ids) && !strv_has(ret, type))
			strv_add(ret, type);
	}
}

/* All that open the type, in the order in which they are asked. */
static void add_type(const struct str *caches, size_t count, const char *type, struct str *ret)
{
	autostrv struct strv list = {0};

	for (size_t i = 0; i < count; i++) {
		struct keyfile file;
		struct keyline line;

		keyfile_begin(&file, &caches[i]);
		while (keyfile_next(&file, &line))
			if (span_is(line.group, GROUP) && span_is(line.key, type))
				add_ids(line.value, &list);
	}
	str_addf(ret, "%s=", type);
	for (size_t i = 0; i < list.count; i++)
		str_addf(ret, "%s;", list.v[i]);
	str_add(ret, "\n");
}

void associations_make(const struct str *caches, size_t count, const struct strv *ids, struct str *ret)
{
	autostrv struct strv types = {0}, own = {0};
	struct keyfile file;
	struct keyline line;

	for (size_t i = 1; i < count; i++)
		find_types(&caches[i], ids, &types);
	if (!types.count)
		return;
	str_add(ret, MADE "[" GROUP "]\n");
	keyfile_begin(&file, &caches[0]); /* what only the user's has, as it stands */
	while (keyfile_next(&file, &line)) {
		autofree char *type = xstrndup(line.key.s ? line.key.s : "", line.key.len);

		if (span_is(line.group, GROUP) && line.key.len && !strv_has(&types, type) && !strv_has(&own, type)) {
			strv_add(&own, type);
			add_type(caches, 1, type, ret);
		}
	}
	for (size_t i = 0; i < types.count; i++)
		add_type(caches, count, types.v[i], ret);
}
