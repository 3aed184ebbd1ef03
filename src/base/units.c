/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/units.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"

#define NS_PER_S UINT64_C(1000000000)

/* Reads digits at *text into *number, stops at the first other byte. -ERANGE above `max`, -EINVAL without a digit. */
static int digits(const char **text, uint64_t max, uint64_t *number)
{
	const char *p = *text;

	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (*number = 0; *p >= '0' && *p <= '9'; p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (digit > max || *number > (max - digit) / 10)
			return -ERANGE;
		*number = *number * 10 + digit;
	}
	*text = p;
	return 0;
}

int units_number(const char *text, uint64_t max, uint64_t *ret_number, struct err *e)
{
	const char *p = text;
	uint64_t number;
	int r = digits(&p, max, &number);

	if (r == -ERANGE)
		return err_set(e, ERANGE, "'%s' is too large, at most %llu", text, (unsigned long long)max);
	if (r < 0 || *p)
		return err_set(e, EINVAL, "'%s' is not a number (digits only)", text);
	*ret_number = number;
	return 0;
}

int units_size(const char *text, uint64_t *ret_bytes, struct err *e)
{
	static const char suffixes[] = "KMGT";
	const char *p = text, *at;
	uint64_t number;
	unsigned shift = 0;
	int r = digits(&p, UINT64_C(1) << 62, &number);

	if (r == 0 && *p && (at = strchr(suffixes, *p))) {
		shift = 10 * (unsigned)(at - suffixes + 1);
		p++;
	}
	if (r == -EINVAL || (r == 0 && *p))
		return err_set(e, EINVAL, "'%s' is not a size (digits, then nothing, K, M, G or T)", text);
	if (r < 0 || number > (UINT64_C(1) << 62) >> shift)
		return err_set(e, ERANGE, "'%s' is too large", text);
	*ret_bytes = number << shift;
	return 0;
}

/* The fraction after a decimal point, in billionths. */
static int fraction(const char **text, uint64_t *billionths)
{
	const char *p = *text;
	uint64_t unit = NS_PER_S / 10;

	*billionths = 0;
	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (; *p >= '0' && *p <= '9'; p++, unit /= 10) {
		if (!unit)
			return -EINVAL;
		*billionths += (uint64_t)(*p - '0') * unit;
	}
	*text = p;
	return 0;
}

int units_time(const char *text, uint64_t *ret_ns, struct err *e)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {{"", NS_PER_S},
		     {"ms", NS_PER_S / 1000},
		     {"s", NS_PER_S},
		     {"min", 60 * NS_PER_S},
		     {"h", 3600 * NS_PER_S}};
	const uint64_t max = UINT64_C(1000000000);
	const char *p = text;
	uint64_t whole, part = 0, ns;
	int r = digits(&p, max * 1000, &whole);

	if (r == 0 && *p == '.') {
		p++;
		r = fraction(&p, &part);
	}
	if (r == -ERANGE)
		return err_set(e, ERANGE, "'%s' is too long a time", text);
	for (size_t i = 0; r == 0 && i < countof(units); i++) {
		if (strcmp(p, units[i].name) != 0)
			continue;
		if (whole > max * NS_PER_S / units[i].ns)
			return err_set(e, ERANGE, "'%s' is too long a time", text);
		/* part * ns / 10^9 without overflow: ns is at most 3600 s, part under 10^9 */
		ns = whole * units[i].ns + part / 1000 * (units[i].ns / 1000) / 1000 +
		     part % 1000 * (units[i].ns / 1000) / 1000000;
		if (ns > max * NS_PER_S || (ns == max * NS_PER_S && part)) /* less than one is left of the part */
			return err_set(e, ERANGE, "'%s' is too long a time", text);
		*ret_ns = ns;
		return 0;
	}
	return err_set(e, EINVAL, "'%s' is not a time (digits, then nothing, ms, s, min or h)", text);
}
