/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* context: what the compile_* functions share while one plan is made. */
#pragma once

#include "compile/compile.h"

/* One mount of the view, or one thing made in the sandbox's own root. Sorted from the root down before steps are made.
 */
struct view;

enum bus { BUS_SESSION, BUS_SYSTEM, BUS_A11Y, BUSES };

struct context {
	const struct policy *policy;
	const struct host *host;
	char *const *command;
	struct plan *plan;
	struct view *view; /* compile/view.h */
	uid_t outer_root;  /* what the outer root is on the host */
	uid_t payload_uid; /* what the payload is on the host */
	gid_t payload_gid;
	bool isolated;   /* payload_uid is of the caller's subordinate ids */
	bool many;       /* all ids of the image are there: 0 is the caller, the others subordinate ones */
	uid_t inner_uid; /* id of the payload in the inner user namespace */
	gid_t inner_gid;
	char *inner_home;   /* path inside; owned */
	char *inner_user;   /* name inside; owned */
	char *inner_cwd;    /* owned */
	char *inner_path;   /* PATH inside; owned; NULL if the profile unsets it */
	bool bare;          /* no namespaces can be made, and the profile accepts that: compile/bare.c */
	bool host_writable; /* some folder or file of the host is writable inside */
	bool sound;         /* a filter of the sound server is there */
	int x11_display;    /* number inside; -1: none */
	unsigned buses;     /* 1 << enum bus: that bus is there, filtered */
	bool portals;       /* they know the sandbox */
	bool x11_authority; /* there is a cookie for it */
	bool wayland_shown;
};

/* "FILE:LINE", "--ro", "default" of a value, in a buffer that lives as long as `buf`. */
#define WHY_SIZE 512
const char *why(const struct context *c, enum setting_id id,
		char buf[WHY_SIZE]); /* of the scalar, or of the list's first */
/* Fails with "ORIGIN: SECTION.KEY: TEXT". */
int refuse(const struct context *c, enum setting_id id, const struct value *value, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* "UID:GID" of the payload, to which `maker` gives what it makes for it; NULL if that is itself. Owned by the caller.
 */
char *compile_owner(const struct context *c, uid_t maker);
/* The same of what init makes, in the sandbox. */
char *compile_owner_inside(const struct context *c);
/* The layer may be missing if profile.best-effort names it: then a SKIP step says so, and 0 is returned. Else fails. */
int missing_layer(struct context *c, const char *layer, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* image.c: where the root is an image. */
void compile_image(struct context *c);                /* what is at the root, in place of a view */
void compile_image_user(struct context *c);           /* name and home */
int compile_sealed(struct context *c, struct err *e); /* sealed.c: who mounts it, if it is one file */
void compile_image_root(struct context *c);           /* the steps that make it; none without an image */
/* overlay.c: the name of the session in which what overlays write is kept; NULL: in none. */
const char *compile_session(const struct context *c);
/* The folder of the session for what is written to the image; NULL: none. Owned by the caller. */
char *compile_image_session(const struct context *c);

/* In this order; each adds its steps to the plan. The phases of the plan are sorted afterwards (stable). */
int compile_identity(struct context *c, struct err *e); /* who: ids, maps, namespaces */
int compile_box(struct context *c, struct err *e);      /* what is at /box */
int compile_files(struct context *c, struct err *e);    /* the view: rules, /etc, home, cwd */
int compile_devices(struct context *c, struct err *e);
int compile_desktop(struct context *c, struct err *e);
int compile_dbus(struct context *c, struct err *e); /* of compile_desktop: the buses */
bool compile_has_bus(const struct context *c, enum bus bus);
void compile_dbus_environment(const struct context *c, struct strv *ret); /* adds NAME=VALUE */
int compile_session_files(struct context *c, struct err *e);              /* of compile_desktop: printing, dconf */
/* input-method.c: the profile lets the command use one, and the session has named one that is talked to by the bus. */
bool compile_input_method(const struct context *c);
void compile_input_method_environment(const struct context *c, struct strv *ret); /* adds NAME=VALUE */
bool input_method_is_variable(const char *name); /* that chooses one: no pattern passes it on */
/* Something of the desktop that the setting asks for is not there: refused, or skipped if profile.best-effort has
 * `desktop`. */
int desktop_lacks(struct context *c, enum setting_id id, struct err *e, const char *what);
int compile_open(struct context *c, struct err *e);  /* of compile_desktop: what other programs open */
int compile_sound(struct context *c, struct err *e); /* likewise: the sound server */
/* The path of the host's socket; NULL: there is none. Owned by the caller. */
char *compile_sound_server(const struct host *host);
int compile_links(struct context *c, struct err *e);   /* no rule leads through a link that the command can make */
int compile_mounts(struct context *c, struct err *e);  /* the finished view becomes mount steps, root first */
int compile_display(struct context *c, struct err *e); /* of compile_desktop: X11 and Wayland */
int compile_dbus(struct context *c, struct err *e);    /* the same: the buses */
int compile_links(struct context *c, struct err *e);   /* no rule leads through a link that the command can make */
int compile_mounts(struct context *c, struct err *e);  /* the finished view becomes mount steps, root first */
int compile_network(struct context *c, struct err *e);
int compile_process(struct context *c, struct err *e); /* session, terminal, stdio, umask, privileges */
int compile_limits(struct context *c, struct err *e);
int compile_count(struct context *c, struct err *e);
int compile_landlock(struct context *c, struct err *e);
int compile_filter(struct context *c, struct err *e);
int compile_environment(struct context *c, struct err *e);
int compile_command(struct context *c, struct err *e);
