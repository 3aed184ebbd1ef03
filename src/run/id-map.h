/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* id-map: the maps of init's user namespace, where init can't write them itself. */
#pragma once

#include "run/monitor.h"

/* Writes them, or has the id-helper of the plan do it; init must have been born, and wait. A signal that would end sbx
 * ends the helper. */
int id_map_write(struct monitor *m, const struct step *map, struct err *e) __attribute__((nonnull));
