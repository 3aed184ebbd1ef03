/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bus-names: names of D-Bus and rules for their calls, as xdg-dbus-proxy(1) takes them, and the names behind which the
 * sandbox would end. */
#pragma once

#include <stdbool.h>

/* A well-known name, or "a.b.*": that name and all below it. */
bool bus_is_name(const char *word) __attribute__((nonnull));
/* NAME=[METHOD][@PATH]: METHOD is "*", all of an interface ("a.b.*"), or one method; PATH may end with "/" and a star.
 */
bool bus_is_rule(const char *word) __attribute__((nonnull));
/* What is behind a name, or behind one that it covers: "org.x.Y, which ...". The name ends at '='. False: nothing is
 * known against it. */
bool bus_danger(const char *word, const char **ret_name, const char **ret_what) __attribute__((nonnull));
