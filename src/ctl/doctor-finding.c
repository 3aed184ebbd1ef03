/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doctor-finding: one finding, as a line or as JSON. */
#include "base/mem.h"
#include "ctl/doctor.h"

void doctor_finding(struct doctor *d, const char *layer, int good, const char *text, const char *fix)
{
	static const char *const words[] = {"optional", "missing", "ok"}, *const colours[] = {"\033[33m", "\033[31m",
											      "\033[32m"};

	if (good == 0)
		d->bad++;
	if (d->findings) {
		struct json *one = json_new_object();

		json_add_string(one, "layer", layer);
		json_add_string(one, "state", words[good + 1]);
		json_add_string(one, "text", text);
		json_add_string(one, "fix", good == 1 ? NULL : fix);
		json_append(d->findings, one);
		return;
	}
	str_addf(&d->out, "%s%-9s%s %-12s %s\n", d->colour ? colours[good + 1] : "", words[good + 1],
		 d->colour ? "\033[0m" : "", layer, text);
	if (good != 1 && fix)
		str_addf(&d->out, "%-9s %-12s fix: %s\n", "", "", fix);
}
