/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pack/closure.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Where the path is, or would be. */
static size_t place_of(const struct closure *closure, const char *path)
{
	size_t low = 0, high = closure->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(closure->entry[middle]->path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct closure_entry *closure_find(const struct closure *closure, const char *path)
{
	size_t at = place_of(closure, path);

	return at < closure->count && str_eq(closure->entry[at]->path, path) ? closure->entry[at] : NULL;
}

struct closure_entry *closure_insert(struct closure *closure, const char *path, const char *why)
{
	size_t at = place_of(closure, path);
	struct closure_entry *entry = xcalloc(1, sizeof *entry);

	entry->path = xstrdup(path);
	entry->why = xstrdup(why);
	closure->entry = xgrow(closure->entry, closure->count, &closure->cap, sizeof(struct closure_entry *));
	memmove(&closure->entry[at + 1], &closure->entry[at], (closure->count - at) * sizeof(struct closure_entry *));
	closure->entry[at] = entry;
	closure->count++;
	return entry;
}

static void entry_done(struct closure_entry *entry)
{
	free(entry->path);
	free(entry->link);
	free(entry->why);
	free(entry->content);
	free(entry);
}

void closure_remove(struct closure *closure, struct closure_entry *entry)
{
	size_t at = place_of(closure, entry->path);

	memmove(&closure->entry[at], &closure->entry[at + 1],
		(closure->count - at - 1) * sizeof(struct closure_entry *));
	closure->count--;
	entry_done(entry);
}

void closure_note(struct closure *closure, const char *fmt, ...)
{
	char text[ERR_TEXT];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args); /* a longer one is cut */
	va_end(args);
	if (!strv_has(&closure->notes, text))
		strv_add(&closure->notes, text);
}

void closure_done(struct closure *closure)
{
	for (size_t i = 0; i < closure->count; i++)
		entry_done(closure->entry[i]);
	free(closure->entry);
	strv_done(&closure->notes);
	*closure = (struct closure){0};
}

void closure_count(const struct closure *closure, struct closure_totals *ret)
{
	*ret = (struct closure_totals){0};
	for (size_t i = 0; i < closure->count; i++) {
		const struct closure_entry *entry = closure->entry[i];

		ret->files += entry->type == ENTRY_FILE;
		ret->folders += entry->type == ENTRY_FOLDER;
		ret->links += entry->type == ENTRY_LINK;
		ret->bytes += entry->bytes;
	}
}

static const char *const type_name[] = {[ENTRY_FILE] = "file", [ENTRY_FOLDER] = "folder", [ENTRY_LINK] = "link"};

static void print_entry(const struct closure_entry *entry, struct str *out)
{
	str_add(out, type_name[entry->type]);
	if (entry->type == ENTRY_FILE)
		str_addf(out, " %" PRIu64 " ", entry->bytes);
	else
		str_add(out, " - ");
	str_add_escaped(out, entry->path, true);
	if (entry->link) {
		str_add(out, " -> ");
		str_add_escaped(out, entry->link, true);
	}
	str_add(out, "  # ");
	str_add_escaped(out, entry->why, true);
	str_add(out, "\n");
}

void closure_print(const struct closure *closure, struct str *out)
{
	struct closure_totals totals;

	for (size_t i = 0; i < closure->count; i++)
		print_entry(closure->entry[i], out);
	for (size_t i = 0; i < closure->notes.count; i++) {
		str_add(out, "note: ");
		str_add_escaped(out, closure->notes.v[i], true);
		str_add(out, "\n");
	}
	closure_count(closure, &totals);
	str_addf(out, "total: %zu files, %zu folders, %zu links, %" PRIu64 " bytes\n", totals.files, totals.folders,
		 totals.links, totals.bytes);
}

struct json *closure_json(const struct closure *closure)
{
	struct json *all = json_new_object(), *entries = json_new_array(), *sums = json_new_object();
	struct closure_totals totals;

	for (size_t i = 0; i < closure->count; i++) {
		const struct closure_entry *entry = closure->entry[i];
		struct json *one = json_new_object();

		json_add_string(one, "path", entry->path);
		json_add_string(one, "type", type_name[entry->type]);
		if (entry->type == ENTRY_FILE)
			json_add_uint(one, "bytes", entry->bytes);
		if (entry->link)
			json_add_string(one, "link", entry->link);
		json_add_bool(one, "made", entry->made);
		json_add_string(one, "why", entry->why);
		json_append(entries, one);
	}
	closure_count(closure, &totals);
	json_add_uint(sums, "files", totals.files);
	json_add_uint(sums, "folders", totals.folders);
	json_add_uint(sums, "links", totals.links);
	json_add_uint(sums, "bytes", totals.bytes);
	json_add(all, "entries", entries);
	json_add(all, "notes", json_new_texts(&closure->notes));
	json_add(all, "totals", sums);
	return all;
}
