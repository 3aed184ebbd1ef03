/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* view: what will be seen where, as a list of entries that are declared in any order; the most specific path wins. */
#pragma once

#include "compile/context.h"

enum view_kind {
	VIEW_DIR,   /* a folder of the sandbox's own root; mode */
	VIEW_LINK,  /* a symbolic link there; source: its text */
	VIEW_FILE,  /* a file there; data; mode */
	VIEW_IMAGE, /* a folder or file of the image's root: what is in it is not known here */
	VIEW_PROC,
	VIEW_DEVPTS,
	VIEW_HOLLOW, /* a folder of ours that covers what is hidden, with what is shown below it */
	VIEW_BOX, /* what is carried in and out; a rule for the same path in the same layer wins, and is refused then */
	VIEW_GRANTS,  /* an empty folder that is sealed, with what will be granted */
	VIEW_SCRATCH, /* an empty folder that the payload can write; mode */
	VIEW_READ_ONLY,
	VIEW_READ_WRITE, /* something of the host; source: its real path */
	VIEW_OVERLAY,    /* a folder of the host, of which a copy is written; source: its real path */
	VIEW_DEVICE,     /* a device node of the host, usable */
	VIEW_HIDE,       /* covered */
};

struct view_entry {
	char *target; /* owned; absolute, normal */
	char *source; /* owned; NULL where there is none */
	enum view_kind kind;
	enum node_type type; /* of the source */
	dev_t rdev;          /* VIEW_DEVICE */
	mode_t mode;
	char *data; /* owned; VIEW_FILE */
	size_t size;
	unsigned layer, order; /* of the rule that made it */
	bool no_exec;
	char *why; /* owned */
};

struct exec_rule {
	char *path; /* owned */
	bool no_exec;
	unsigned layer;
	char *why; /* owned */
};

struct view {
	struct view_entry *entry;
	size_t count, cap;
	struct exec_rule *exec;
	size_t exec_count, exec_cap;
};

/* Adds an entry, or lays it over the one of the same target: hide beats all, then the later layer wins, then the later
 * call. `source` may be NULL. The result is valid until the next call. */
struct view_entry *view_add(struct context *c, enum view_kind kind, const char *target, const char *source,
			    unsigned layer, const char *why) __attribute__((nonnull(1, 3, 6)));
void view_exec(struct context *c, const char *path, bool no_exec, unsigned layer, const char *why)
	__attribute__((nonnull));
/* The entry of exactly this path, or NULL. */
struct view_entry *view_find(const struct view *view, const char *path) __attribute__((nonnull));
/* The nearest entry at or above the path (other than `except`) that is a mount or a folder of the root; NULL: the root.
 */
const struct view_entry *view_above(const struct view *view, const char *path, const struct view_entry *except)
	__attribute__((nonnull(1, 2)));
/* The same among mounts only. */
const struct view_entry *view_mount_above(const struct view *view, const char *path, const struct view_entry *except)
	__attribute__((nonnull(1, 2)));
/* The same among binds only. */
const struct view_entry *view_bind_above(const struct view *view, const char *path, const struct view_entry *except)
	__attribute__((nonnull(1, 2)));
/* Is there something at this path in the sandbox, and is it a folder? `ret` is the host's node where it comes from
 * there. */
bool view_shows(const struct context *c, const char *path, enum node_type *ret) __attribute__((nonnull));
/* The host's path behind a path at or below a mount. Owned by the caller. */
char *view_behind(const struct view_entry *mount, const char *path) __attribute__((nonnull));
/* The other way: the path at which a bind shows the host's `real`, which is at or below its source. Owned by the
 * caller. */
char *view_before(const struct view_entry *bind, const char *real) __attribute__((nonnull));
/* True if the path shows the host's `real`, as `least` (VIEW_READ_ONLY or VIEW_READ_WRITE) or more. */
bool view_shows_host(const struct view *view, const char *path, const char *real, enum view_kind least)
	__attribute__((nonnull));
/* Resolves every target in view space, applies exec rules, sorts from the root down. */
int view_finish(struct context *c, struct err *e) __attribute__((nonnull));
void view_done(struct view *view);
/* compile/pins.c: makes a mount of each folder between a writable one and what is taken away below it. */
void view_pin(struct context *c) __attribute__((nonnull));

/* Whether the kind is a mount of its own. */
bool view_is_mount(enum view_kind kind);
/* Whether it shows a file or folder of the host. */
bool view_is_bind(enum view_kind kind);
