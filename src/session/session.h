/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* session: what overlays have written, from one run to the next; a folder of the caller's, into which no payload sees.
 *
 *   NAME/ID/lower    32 digits, the key, and the path of the folder of the host; of NAME/image/lower, the digest of the
 *                    image
 *   NAME/ID/begun    its last change is when the session began: what of the host is newer, the session may not know
 *   NAME/ID/upper    what was written: the upper layer of an overlayfs, in which all is a payload's
 *   NAME/ID/work     the overlayfs' own
 *   NAME/ID/done     for a moment, what was committed
 *
 * Who uses it locks the folder NAME. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/sha256.h"
#include "base/str.h"

enum { SESSION_KEY = 32, SESSION_DIGEST = SHA256_DIGEST };

#define SESSION_IMAGE "image" /* the ID of what is written to an image; those of folders are digits */

struct session {
	int folder; /* with the lock */
	char *path; /* owned */
};

#define SESSION_NONE                                                                                                   \
	{                                                                                                              \
		.folder = -1                                                                                           \
	}

/* What is kept of one folder of the host, or of an image. */
struct session_overlay {
	int folder, upper;
	char *lower;               /* its path, or the digest of an image; owned */
	char key[SESSION_KEY + 1]; /* what no payload knows */
};

#define SESSION_OVERLAY_NONE                                                                                           \
	{                                                                                                              \
		.folder = -1, .upper = -1                                                                              \
	}

enum session_use { SESSION_MAKE, SESSION_CHANGE, SESSION_READ /* together with others that read */ };

/* Opens and locks a session; `path` has no link in it. EBUSY: another has it; ENOENT: there is none. */
int session_open(const char *path, enum session_use use, struct session *ret, struct err *e) __attribute__((nonnull));
/* The names of its overlays, sorted. */
int session_overlays(const struct session *session, struct strv *ret, struct err *e) __attribute__((nonnull));
static inline bool session_is_image(const struct session_overlay *overlay)
{
	return overlay->lower[0] != '/';
}
/* Of which image the session has changes; without its lock. 0, or negative errno: of none. */
int session_image(int sessions, const char *name, char ret[SESSION_DIGEST]) __attribute__((nonnull));
/* Makes what is missing of an overlay; where nothing has been written, the session begins now. */
int session_overlay_make(const struct session *session, const char *id, const char *lower, struct err *e)
	__attribute__((nonnull));
int session_overlay_open(const struct session *session, const char *id, struct session_overlay *ret, struct err *e)
	__attribute__((nonnull));
/* Makes an empty folder, as the upper one is at first: of the mode and the owner of the lower one. */
int session_make_upper(int folder, const char *name, const char *lower, struct err *e) __attribute__((nonnull));
void session_overlay_done(struct session_overlay *overlay);
/* Removes it, and all that is in it. */
int session_remove(struct session *session, struct err *e) __attribute__((nonnull));
void session_close(struct session *session);
