/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "compile/context.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"

const char *why(const struct context *c, enum setting_id id, char buf[WHY_SIZE])
{
	const struct entry *entry = &c->policy->entry[id];

	if (!entry->count)
		return "default";
	return origin_text(entry->v[0].origin, buf, WHY_SIZE);
}

int refuse(const struct context *c, enum setting_id id, const struct value *value, struct err *e, const char *fmt, ...)
{
	char text[ERR_TEXT], origin[WHY_SIZE];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return err_set(e, EINVAL, "%s: %s.%s: %s",
		       value ? origin_text(value->origin, origin, sizeof origin) : why(c, id, origin),
		       settings[id].section, settings[id].key, text);
}

int missing_layer(struct context *c, const char *layer, struct err *e, const char *fmt, ...)
{
	char text[ERR_TEXT], origin[WHY_SIZE];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (policy_has(c->policy, SET_profile_best_effort, layer)) {
		plan_add(c->plan, STEP_SKIP, why(c, SET_profile_best_effort, origin), layer, text, 0, 0);
		return 0;
	}
	(void)err_set(e, ENOTSUP, "%s (layer %s)", text, layer);
	return err_hint(
		e, "--best-effort=%s starts without it, and the report says so; `sbxctl doctor` shows what is missing",
		layer);
}
