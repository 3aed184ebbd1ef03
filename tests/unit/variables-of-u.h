/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* variables-of-u: what the variables of profiles stand for in tests of policy/: those of the user u; but for .desktop,
 * which a user may have none of. */
#pragma once

#include "policy/policy.h"

#define VARIABLES_OF_U                                                                                                 \
	.home = "/home/u", .user = "u", .uid = "1000", .runtime = "/run/user/1000", .cwd = "/home/u/w",                \
	.config = "/home/u/.config", .cache = "/home/u/.cache", .data = "/home/u/.local/share",                        \
	.state = "/home/u/.local/state", .downloads = "/home/u/Downloads", .documents = "/home/u/Documents",           \
	.music = "/home/u/Music", .pictures = "/home/u/Pictures", .videos = "/home/u/Videos"
