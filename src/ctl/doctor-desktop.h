/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doctor-desktop: what those share who look for programs outside of their sandboxes. */
#pragma once

#include "ctl/desktop.h"
#include "ctl/doctor.h"

struct outside {
	struct doctor *d;
	const struct desk *desk;
	struct strv programs, profiles; /* names, and which profile each has */
};

void doctor_desktop(struct doctor *d, const struct desk *desk) __attribute__((nonnull));
/* doctor-outside.c */
/* Processes of these programs that are in no sandbox of the caller. */
void running_findings(const struct outside *out) __attribute__((nonnull));
/* Units of systemd's user manager. */
void unit_findings(const struct outside *out) __attribute__((nonnull));
