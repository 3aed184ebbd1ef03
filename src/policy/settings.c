/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* settings: the rows of settings.def as an array, and the look-ups in it. */
#include "policy/policy.h"

const struct setting settings[SETTING_COUNT] = {
#define S(section, key, id, type, many, dflt, choices, shorthand, later, help)                                         \
	[SET_##id] = {#section, #key, TYPE_##type, many, dflt, choices, shorthand, later, help},
#include "policy/settings.def"
#undef S
};

enum setting_id setting_find(const char *section, const char *key)
{
	for (unsigned i = 0; i < SETTING_COUNT; i++)
		if (str_eq(settings[i].key, key) && str_eq(settings[i].section, section))
			return (enum setting_id)i;
	return SETTING_COUNT;
}

enum setting_id setting_shorthand(const char *name)
{
	for (unsigned i = 0; i < SETTING_COUNT; i++)
		if (settings[i].shorthand && str_eq(settings[i].shorthand, name))
			return (enum setting_id)i;
	return SETTING_COUNT;
}

bool setting_section_exists(const char *section)
{
	for (unsigned i = 0; i < SETTING_COUNT; i++)
		if (str_eq(settings[i].section, section))
			return true;
	return false;
}
