/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* overlay: the monitor's part of overlays whose writes are kept. */
#pragma once

#include "run/monitor.h"

/* The OPEN_SESSION step, and the folders of the OVERLAY steps. */
int overlays_open(struct monitor *m, struct err *e) __attribute__((nonnull));
