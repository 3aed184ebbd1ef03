/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* value: one text becomes one checked value of a setting's type. */
#pragma once

#include "policy/policy.h"

/* Parses `text` (not empty, without '!') as one value of setting `id`; layer and origin of `ret` are left zero. `base`:
 * see expand_path. The text of an error names neither the setting nor the origin. */
int value_parse(enum setting_id id, const char *text, const struct variables *vars, const char *base, struct value *ret,
		struct err *e) __attribute__((nonnull(2, 3, 5, 6)));
void value_done(struct value *value);
/* True if both say the same, whatever their numbers and origins. */
bool value_same(const struct value *a, const struct value *b) __attribute__((nonnull));
/* Adds the words of a blank-separated text to `ret`. `also` is one more separator; 0: none. */
void value_words(const char *text, char also, struct strv *ret) __attribute__((nonnull));
