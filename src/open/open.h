/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* open: what is asked for inside of a sandbox (sbx-open), and started outside of it (sbx-broker), in a sandbox of its
 * own: a link in the browser, an attachment in the viewer.
 *
 *   payload --runs--> sbx-open, shown as xdg-open --one packet--> sbx-broker --runs--> sbx --profile=TARGET COMMAND
 * LINK
 *                              <--one packet: the answer------
 *
 * The broker is a child of the monitor, with the caller's rights and environment: to start a sandbox it can be in none.
 * So nothing that the payload says becomes a word of its own: a link is one word after `--`, of the bytes that links
 * are made of, and with a scheme that a profile of the caller's declares; a file comes as an fd, and only its bytes go
 * on.
 *
 * The packet is KIND and a text without NUL, for OPEN_FILE with the fd of a regular file. The answer is a digit, one of
 * enum open_status, and a text for people. */
#pragma once

#define OPEN_SOCKET "/run/sbx/open"
#define OPEN_PROGRAMS "/run/sbx/bin"

enum { OPEN_LINK = 'L', OPEN_FILE = 'F', OPEN_PACKET = 8192 + 1, OPEN_ANSWER = 2048 };

/* As xdg-open ends. */
enum open_status { OPEN_DONE, OPEN_USAGE, OPEN_MISSING, OPEN_NO_TOOL, OPEN_FAILED };
