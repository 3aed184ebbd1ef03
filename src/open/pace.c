/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "open/pace.h"

#include "base/mem.h"

static const struct measure {
	int64_t at_once, each_ns;
} measures[] = {{5, 1000000000}, {30, 20000000000}};

bool pace_take(struct pace *pace, int64_t now_ns)
{
	for (size_t i = 0; i < countof(measures); i++)
		if (pace->used[i] - now_ns > (measures[i].at_once - 1) * measures[i].each_ns)
			return false;
	for (size_t i = 0; i < countof(measures); i++)
		pace->used[i] = (pace->used[i] > now_ns ? pace->used[i] : now_ns) + measures[i].each_ns;
	return true;
}
