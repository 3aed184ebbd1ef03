/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* services: what stands between the sandbox and the host, as steps. The picture is in run/services.h. */
#pragma once

#include "compile/context.h"

/* The folder on the host in which the services of this run put their sockets, with the step that makes it. Refused, for
 * the setting that wants it, where there is none: without namespaces nothing of it could be shown. Borrowed. */
int services_folder(struct context *c, enum setting_id id, const char **ret, struct err *e) __attribute__((nonnull));
/* A program in a sandbox of the profile `name`, with these options of sbx (each a whole word, "--ro=..."), and its
 * words; both end with NULL. Its fd 3 is the pipe of run/services.h; its fd 4 the socket of this name in the folder, so
 * that it gets ready while the payload's view is made (NULL: it makes its own). */
void service_add(struct context *c, const char *why, const char *name, const char *socket, const char *const *options,
		 const char *const *command) __attribute__((nonnull(1, 2, 3, 5, 6)));
/* Likewise, but of a program of our own that must be in no sandbox, and has these words; `name` is that of its file. */
void service_add_free(struct context *c, const char *why, const char *name, const char *const *words)
	__attribute__((nonnull));
/* An option of a service, "OPTION=SOURCE:TARGET", colons of paths escaped; `target` NULL: the same path. Owned by the
 * caller. */
char *service_rule(const char *option, const char *source, const char *target) __attribute__((nonnull(1, 2)));
/* The socket of a service (its name in the folder) is shown at `target`. */
void service_show(struct context *c, const char *why, const char *name, const char *target) __attribute__((nonnull));
