/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/rows.h"

#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "ctl/ctl.h"

bool rows_asked(int *argc, char **argv)
{
	int kept = 0, words = *argc;

	for (int i = 0; i < words; i++)
		if (!str_eq(argv[i], "--json"))
			argv[kept++] = argv[i];
	if (kept < words)
		argv[kept] = NULL;
	*argc = kept;
	return kept < words;
}

void rows_begin(struct rows *ret, const char *kind, bool json)
{
	*ret = (struct rows){.json = json, .top = json_new_object(), .list = json_new_array()};
	json_add_int(ret->top, "sbx", 1);
	json_add(ret->top, kind, ret->list);
}

void rows_add(struct rows *rows, struct json *owned)
{
	json_append(rows->list, owned);
}

struct json *rows_did(struct rows *rows, const char *name, const char *what)
{
	struct json *item = json_new_object();

	json_add_string(item, "name", name);
	json_add_string(item, "done", what);
	rows_add(rows, item);
	return item;
}

int rows_failed(struct rows *rows, const char *name, const struct err *e)
{
	struct json *item = json_new_object();

	json_add_string(item, "name", name);
	json_add_string(item, "error", e->text);
	rows_add(rows, item);
	return ctl_fail(e, 1);
}

static void add_cell(const struct column *column, const struct json *value, struct str *out)
{
	autostr struct str cell = {0};

	if (value && column->show)
		column->show(&cell, value);
	else
		str_add_escaped(&cell, json_text(value) ? json_text(value) : "-", true);
	str_addf(out, "%*s", column->width, cell.s ? cell.s : "");
}

static void add_table(const struct rows *rows, const struct column *columns, size_t count, struct str *out)
{
	size_t lines = json_count(rows->list);

	for (size_t k = 0; lines && k < count; k++)
		str_addf(out, "%*s%s", columns[k].width, columns[k].title, k + 1 < count ? " " : "\n");
	for (size_t i = 0; i < lines; i++) {
		const struct json *item = json_at(rows->list, i);

		for (size_t k = 0; k < count && !json_member(item, "error"); k++) {
			add_cell(&columns[k], json_member(item, columns[k].member), out);
			str_add(out, k + 1 < count ? " " : "\n");
		}
	}
}

void rows_drop(struct rows *rows)
{
	json_done(rows->top);
	str_done(&rows->text);
}

static int end(struct rows *rows, const struct column *columns, size_t count, bool line)
{
	autostr struct str out = {0};
	int status;

	if (rows->json && line)
		json_print_line(rows->top, &out);
	else if (rows->json)
		json_print(rows->top, &out);
	else
		add_table(rows, columns, count, &rows->text);
	status = ctl_print(rows->json ? &out : &rows->text);
	rows_drop(rows);
	return status;
}

int rows_end(struct rows *rows, const struct column *columns, size_t count, int status)
{
	int printed = end(rows, columns, count, false);

	return status ? status : printed;
}

int rows_end_line(struct rows *rows, const struct column *columns, size_t count)
{
	return end(rows, columns, count, true);
}

void show_mebibytes(struct str *out, const struct json *value)
{
	str_addf(out, "%.1f", strtod(json_text(value), NULL) / (1 << 20));
}

void show_age(struct str *out, const struct json *value)
{
	static const struct {
		long long less, unit;
		const char *name;
	} units[] = {{120, 1, "s"}, {7200, 60, "min"}, {172800, 3600, "h"}, {INT64_MAX, 86400, "d"}};
	const char *text = json_text(value);
	long long age = time(NULL) - (text ? strtoll(text, NULL, 10) : 0);
	size_t i = 0;

	while (age >= units[i].less)
		i++;
	str_addf(out, "%lld %s", age < 0 ? 0 : age / units[i].unit, units[i].name);
}

/* Of strangers' bytes nothing reaches the terminal as it is. */
void show_words(struct str *out, const struct json *value)
{
	enum { MOST = 60 };

	for (size_t i = 0; json_kind(value) == JSON_ARRAY && i < json_count(value); i++) {
		const char *word = json_text(json_at(value, i));

		str_add(out, i ? " " : "");
		str_add_escaped(out, word ? word : "?", true);
		if (out->len > MOST) {
			out->len = MOST;
			while (out->len && (out->s[out->len] & 0xc0) == 0x80) /* a whole character */
				out->len--;
			out->s[out->len] = '\0';
			str_add(out, "...");
			return;
		}
	}
}
