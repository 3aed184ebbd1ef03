/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-units: the whole input is one text. A second reading of it, by form and with 128 bits, must take the same texts
 * and give the same numbers. (There are no addresses in this version: their reader will be one more row here.) */
#include <limits.h>
#include <string.h>

#include "base/mem.h"
#include "base/units.h"
#include "policy/value.h"
#include "tests/fuzz/fuzz.h"

typedef unsigned __int128 wide;

enum { MAX_TEXT = 512 };
#define ENOUGH ((wide)1 << 80) /* more than any limit: larger numbers are all the same */

/* The digits at the start of a text, at most `len` of them; moves the text behind them. No digit: false. */
static bool read_digits(const char **text, const char *digits, unsigned base, wide *number)
{
	size_t len = strspn(*text, digits);

	*number = 0;
	for (size_t i = 0; i < len; i++) {
		*number = *number * base + (wide)((*text)[i] - '0');
		if (*number > ENOUGH)
			*number = ENOUGH;
	}
	*text += len;
	return len > 0;
}

static bool decimal(const char **text, wide *number)
{
	return read_digits(text, "0123456789", 10, number);
}

static bool model_number(const char *text, wide max, wide *number)
{
	return decimal(&text, number) && !*text && *number <= max;
}

static bool model_size(const char *text, wide *number)
{
	static const struct {
		const char *suffix;
		wide unit;
	} units[] = {{"", 1},
		     {"K", 1024},
		     {"M", 1024 * 1024},
		     {"G", 1024 * 1024 * 1024},
		     {"T", (wide)1024 * 1024 * 1024 * 1024}};
	wide digits;

	if (!decimal(&text, &digits))
		return false;
	for (size_t i = 0; i < countof(units); i++) {
		if (!str_eq(text, units[i].suffix))
			continue;
		*number = digits * units[i].unit;
		return *number <= (wide)1 << (fuzz_wrong ? 61 : 62);
	}
	return false;
}

static bool model_time(const char *text, wide *number)
{
	static const struct {
		const char *suffix;
		uint64_t ms;
	} units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}};
	wide whole, part = 0, scale = 1;

	if (!decimal(&text, &whole))
		return false;
	if (*text == '.') {
		const char *from = ++text;

		if (!decimal(&text, &part) || text - from > 9)
			return false;
		for (const char *p = from; p < text; p++)
			scale *= 10;
	}
	for (size_t i = 0; i < countof(units); i++) {
		wide unit = (wide)units[i].ms * 1000000;

		if (!str_eq(text, units[i].suffix))
			continue;
		if (whole > (wide)1000000000 * 1000 ||
		    whole * unit * scale + part * unit > (wide)INT64_C(1000000000000000000) * scale)
			return false;
		*number = whole * unit + part * unit / scale;
		return true;
	}
	return false;
}

static bool model_octal(const char *text, wide *number)
{
	return read_digits(&text, "01234567", 8, number) && !*text && *number <= 0777;
}

static bool model_percent(const char *text, wide *number)
{
	return decimal(&text, number) && (str_eq(text, "%") || !*text) && *number >= 1 && *number <= 100000;
}

static bool model_count(const char *text, wide *number)
{
	return model_number(text, UINT32_MAX, number);
}

static bool model_bool(const char *text, wide *number)
{
	*number = str_eq(text, "yes");
	return *number || str_eq(text, "no");
}

static bool model_cpus(const char *text, wide *number)
{
	*number = 0;
	for (;; text++) {
		wide from, to;

		if (!decimal(&text, &from))
			return false;
		to = from;
		if (*text == '-' && (text++, !decimal(&text, &to)))
			return false;
		if (from > 8191 || to > 8191 || to < from)
			return false;
		if (*text != ',')
			return !*text;
	}
}

/* One reader of sbx beside its model. On failure the number stays as it was, and the error is told. */
static void compare(bool good, wide model, int r, uint64_t number, const struct err *e)
{
	FUZZ_CHECK((r == 0) == good);
	if (good)
		FUZZ_CHECK(number == model);
	else
		FUZZ_CHECK(number == UINT64_MAX - 1 && e->code == -r && e->text[0]);
}

static void check_base(const char *text)
{
	static const uint64_t limits[] = {0, 1, 9, 10, 255, 65535, UINT32_MAX, UINT64_C(1) << 62, UINT64_MAX};
	uint64_t number;
	struct err e;
	wide model = 0;
	bool good;
	int r;

	for (size_t i = 0; i < countof(limits); i++) {
		number = UINT64_MAX - 1;
		r = units_number(text, limits[i], &number, &e);
		good = model_number(text, limits[i], &model);
		compare(good, model, r, number, &e);
	}
	number = UINT64_MAX - 1;
	r = units_size(text, &number, &e);
	good = model_size(text, &model);
	compare(good, model, r, number, &e);
	number = UINT64_MAX - 1;
	r = units_time(text, &number, &e);
	good = model_time(text, &model);
	compare(good, model, r, number, &e);
}

static void check_values(const char *text)
{
	static const struct {
		enum setting_id id;
		bool (*model)(const char *text, wide *number);
	} readers[] = {{SET_limits_memory, model_size},     {SET_limits_wall_time, model_time},
		       {SET_process_umask, model_octal},    {SET_limits_cpu, model_percent},
		       {SET_limits_processes, model_count}, {SET_limits_cpus, model_cpus},
		       {SET_process_aslr, model_bool}};

	for (size_t i = 0; i < countof(readers); i++) {
		struct value value = {.number = INT64_MAX};
		struct err e;
		wide model = 0;
		bool good = readers[i].model(text, &model);
		int r = value_parse(readers[i].id, text, &fuzz_variables, NULL, &value, &e);

		FUZZ_CHECK((r == 0) == good);
		FUZZ_CHECK(!good || (value.number >= 0 && (wide)value.number == model && str_eq(value.text, text)));
		FUZZ_CHECK(good || (!value.text && value.number == INT64_MAX && e.code == -r && e.text[0]));
		value_done(&value);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = NULL;

	if (size > MAX_TEXT)
		return 0;
	text = xstrndup((const char *)data, size);
	check_base(text);
	if (*text) /* an empty one is no value */
		check_values(text);
	return 0;
}
