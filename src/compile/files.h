/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* files: what the parts of compile_files share. */
#pragma once

#include "compile/view.h"

/* Shows `source` of the host, real path and type looked up, at `target`. A missing optional one is passed over. */
int files_show(struct context *c, enum view_kind kind, enum setting_id id, const struct value *value,
	       const char *source, const char *target, struct err *e) __attribute__((nonnull));
/* A home on another disk is reached through a link that only the administrator can make. Below it no link is followed
 * when folders are made: the payload of an earlier run may have left one. Owned by the caller. */
char *files_through_home(const struct context *c, const char *path) __attribute__((nonnull));
/* A folder of the host for the payload. What is missing above it stays the caller's. */
void files_make(struct context *c, const char *path, const char *why_text) __attribute__((nonnull));
/* Is it of sbx's own folders, a private home or one with copies? */
bool files_is_own(const struct context *c, const struct view_entry *entry) __attribute__((nonnull));
/* persist.c: the folders of filesystem.persist; and, when all else of the view is declared, the files. */
int compile_persist(struct context *c, struct err *e) __attribute__((nonnull));
int compile_persist_files(struct context *c, struct err *e) __attribute__((nonnull));
/* The same of a file of filesystem.open-arguments, by its real path. */
int files_keep(struct context *c, const struct value *value, const char *target, const char *real, struct err *e)
	__attribute__((nonnull));
int compile_etc(struct context *c, struct err *e) __attribute__((nonnull));
int compile_open_arguments(struct context *c, struct err *e) __attribute__((nonnull));
/* After it: what is beside them: siblings.c. */
int compile_siblings(struct context *c, struct err *e) __attribute__((nonnull));
/* Is it, or is it above or in, a folder that no word of a command line shows? */
bool compile_is_own_folder(const struct context *c, const char *path) __attribute__((nonnull));
/* Folders that are too much to show only because of where a command was started, or a file is. */
bool compile_is_too_wide(const struct context *c, const char *folder) __attribute__((nonnull));
int compile_working_directory(struct context *c, struct err *e) __attribute__((nonnull));
/* The command itself, if it is a path that nothing else shows. */
int compile_command_file(struct context *c) __attribute__((nonnull));
/* Where a box is. */
#define BOX_PATH "/box"
/* Of the finished view: nothing else is there. */
int compile_box_place(const struct context *c, struct err *e) __attribute__((nonnull));
/* The mount of the box. */
void compile_box_mount(struct context *c, const struct view_entry *entry, const char *owner, uint64_t attributes)
	__attribute__((nonnull(1, 2)));
/* grants.c: where `sbxctl grant` mounts. */
#define GRANTS_PATH "/run/granted"
int compile_grants(struct context *c, struct err *e) __attribute__((nonnull));
/* Of the finished view: nothing else is there, and nothing is mounted above it. */
int compile_grants_place(const struct context *c, struct err *e) __attribute__((nonnull));
/* points.c: true if a step that is there already makes the folder on the host, or something below it. */
bool compile_will_be_made(const struct plan *plan, const char *path) __attribute__((nonnull));
/* Below a mount of the host the mount point must be there: nothing of the host is made for it. */
int compile_point_on_host(const struct context *c, const struct view_entry *above, const struct view_entry *entry,
			  bool folder, struct err *e) __attribute__((nonnull));
/* overlay.c: the rules of filesystem.overlay; and, of the finished view, the mount of one. */
int compile_overlays(struct context *c, struct err *e) __attribute__((nonnull));
/* The real home, for filesystem.home = overlay. */
int compile_home_overlay(struct context *c, const char *text, struct err *e) __attribute__((nonnull));
void compile_overlay_mount(struct context *c, const struct view_entry *entry, uint64_t attributes)
	__attribute__((nonnull));
/* Without namespaces, where nothing is mounted: what of the finished view Landlock alone can't keep is refused. */
int compile_bare(struct context *c, struct err *e) __attribute__((nonnull));
/* The reason of a rule that no profile wrote, and that shows nothing more than another does. */
#define PROFILES_NEVER_WRITABLE "profiles are never writable"
/* What gives away the session or the policy is covered, wherever it would be seen. */
void compile_protect(struct context *c) __attribute__((nonnull));
/* Fails if a word of the command, which names a file, leads through a link that a sandbox may have made: links.c. */
int compile_argument_links(const struct context *c, const struct value *value, const char *path, struct err *e)
	__attribute__((nonnull));
