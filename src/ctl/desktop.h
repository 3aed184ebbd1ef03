/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* desktop: what the words of `sbxctl desktop`, and `sbxctl doctor --desktop`, share: all files by which a desktop
 * starts programs, the overrides of sbx that lie over them, and in what state those are. */
#pragma once

#include "ctl/ctl.h"
#include "ctl/rows.h"
#include "desktop/override.h"

enum desk_kind { DESK_ENTRY, DESK_SERVICE, DESK_AUTOSTART, DESK_PATH, DESK_KINDS };
extern const char *const desk_kind_word[DESK_KINDS];

enum desk_state {
	DESK_ENABLED,
	DESK_OUTDATED, /* what it lies over, or sbx, has changed since */
	DESK_EDITED,   /* somebody has changed the override */
	DESK_GONE,     /* what it lies over is not there any more */
	DESK_OFF,      /* there is a profile for it, and no override */
	DESK_OTHER,    /* no profile names its program, or it can't have an override */
	DESK_STATES
};
extern const char *const desk_state_word[DESK_STATES];

struct desk_item {
	enum desk_kind kind;
	enum desk_state state;
	char *name;      /* of the file, below the folder of its kind; an id of an entry has '-' in place of '/' */
	char *source;    /* the path of what the override lies over, or would; NULL: gone */
	struct str text; /* of that; of a script: none */
	char *program;   /* the name of what it starts; NULL: not known */
	char *profile;   /* that of the override, or that which names the program; NULL: none */
	char *why;       /* of a state that needs a reason; NULL */
	bool own;        /* the source is the user's own file in the place of the override */
	bool foreign;    /* flatpak or snap start it */
	bool outside;    /* it would start the program outside of a sandbox */
	bool activated;  /* an entry whose program D-Bus starts */
	bool chosen;     /* by the words of the command */
};

struct desk {
	const struct ctl *ctl;
	char *sbx;                       /* its path */
	char *folder[DESK_KINDS];        /* where overrides are; real paths */
	struct strv sources[DESK_KINDS]; /* the folders that they lie over, the first wins; none of scripts: PATH */
	struct strv names, profiles;     /* of programs that were looked up, and what was found; "": none */
	struct desk_item *v;             /* by kind and name */
	size_t count, cap;
};

/* desktop-find.c */
int desk_read(const struct ctl *ctl, struct desk *ret, struct err *e) __attribute__((nonnull));
void desk_done(struct desk *desk);
#define autodesk __attribute__((cleanup(desk_done)))
/* The profile that names the program, as sbx finds it; "": none does. Borrowed of `desk`. NULL: a profile can't be
 * read. */
const char *desk_profile_of(struct desk *desk, const char *program, struct err *e) __attribute__((nonnull));
/* The id of an entry; else its name. Owned by the caller. */
char *desk_id(const struct desk_item *item) __attribute__((nonnull));
/* The text of the override, as it would be made now. */
int desk_make(const struct desk *desk, const struct desk_item *item, const char *profile, struct str *ret,
	      struct err *e) __attribute__((nonnull));
struct desk_item *desk_add(struct desk *desk, enum desk_kind kind, const char *name) __attribute__((nonnull));
/* Fills an item of which kind and name are known. False: nothing is known by that name. */
bool desk_look(struct desk *desk, struct desk_item *item, struct err *e) __attribute__((nonnull));

/* desktop-source.c: what a file would start, of its text. False: it is no program's, or it says that it is not there.
 */
bool desk_read_source(struct desk_item *item) __attribute__((nonnull));
/* Does each Exec of a text begin with sbx? */
bool desk_is_sandboxed(const struct str *text) __attribute__((nonnull));

/* desktop-path.c */
/* The first program of that name in PATH; `skip`: a folder that is passed over, or "". Owned by the caller; NULL: none.
 */
char *desk_in_path(const struct desk *desk, const char *name, const char *skip) __attribute__((nonnull));
/* Other names of the same program in PATH, which stand for "the browser". */
void desk_aliases(const struct desk *desk, const char *program, struct strv *ret) __attribute__((nonnull));
/* Scripts for all programs that are chosen, also such as are not made yet, are items, and chosen. */
void desk_choose_paths(struct desk *desk) __attribute__((nonnull));

/* desktop-change.c: each a word of `sbxctl desktop`, with what stands behind it; an exit status. */
int desktop_enable(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int desktop_disable(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
/* Makes all that are off or outdated, and removes those whose source is gone: what can't be is told. 0 or 1. */
int desk_mend(struct desk *desk, struct rows *rows) __attribute__((nonnull));
/* desktop.c */
int desktop_list(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
int desktop_status(struct ctl *ctl, int argc, char **argv) __attribute__((nonnull));
/* What the words may be called with: ids, and names of programs, of all that have a profile or are there. */
void desk_names(const struct ctl *ctl, struct strv *ret) __attribute__((nonnull));
/* Is the item called so, or does it start a program of that name? */
bool desk_is_named(const struct desk_item *item, const char *name) __attribute__((nonnull));
/* desktop-types.c: overrides open what the entries under them do. */
int desk_update_types(const struct desk *desk, struct err *e) __attribute__((nonnull));
/* desktop-bus.c: the session bus, if there is one, reads its services anew. */
int desk_reload(const struct ctl *ctl, struct err *e) __attribute__((nonnull));
