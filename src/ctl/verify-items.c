/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verify-items: the list of what is tried. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ctl/verify.h"

struct item *items_add(struct items *items, enum verify_group group, const char *verb, const char *name)
{
	items->v = xgrow(items->v, items->count, &items->cap, sizeof *items->v);
	items->v[items->count] =
		(struct item){.group = group, .verb = verb, .name = xstrdup(name), .argument = xstrdup(name)};
	return &items->v[items->count++];
}

void items_way(struct item *item, const char *argument, const char *why, size_t depth)
{
	struct way *way = NULL;

	for (size_t i = 0; i < item->ways; i++)
		if (str_eq(item->way[i].argument, argument))
			way = &item->way[i];
	if (way && (!why || way->depth > depth))
		return;
	if (!way) {
		item->way = xgrow(item->way, item->ways, &item->way_cap, sizeof *item->way);
		way = &item->way[item->ways++];
		*way = (struct way){.argument = xstrdup(argument)};
	}
	free(way->why);
	way->why = why ? xstrdup(why) : NULL;
	way->depth = depth;
}

bool items_have(const struct items *items, enum verify_group group, const char *name)
{
	for (size_t i = 0; i < items->count; i++)
		if (items->v[i].group == group && str_eq(items->v[i].name, name))
			return true;
	return false;
}

void items_done(struct items *items)
{
	for (size_t i = 0; i < items->count; i++) {
		struct item *item = &items->v[i];

		for (size_t j = 0; j < item->ways; j++) {
			free(item->way[j].argument);
			free(item->way[j].why);
			free(item->way[j].identity);
		}
		free(item->way);
		free(item->name);
		free(item->argument);
		free(item->identity);
	}
	free(items->v);
	*items = (struct items){0};
}
