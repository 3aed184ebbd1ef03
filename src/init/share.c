/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* share: a template is its namespaces. Once they are held by the monitor no process of it has to live. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>

#include "base/mem.h"
#include "init/steps.h"
#include "plan/share.h"

int share_open(const struct plan *plan, struct share_namespaces *ret, struct err *e)
{
	static const struct {
		uint64_t flag;
		const char *path;
	} rows[] = {{CLONE_NEWUSER, "/proc/self/ns/user"},
		    {CLONE_NEWNS, "/proc/self/ns/mnt"},
		    {CLONE_NEWNET, "/proc/self/ns/net"}};
	uint64_t made = share_template_namespaces(plan);

	for (size_t i = 0; i < countof(rows); i++) {
		if (!(made & rows[i].flag))
			continue;
		ret->fd[i] = open(rows[i].path, O_RDONLY | O_CLOEXEC);
		if (ret->fd[i] < 0)
			return err_errno(e, errno, "open '%s' for a template", rows[i].path);
	}
	return 0;
}

int share_send(int socket, const struct share_namespaces *namespaces, struct err *e)
{
	for (int i = 0; i < (int)countof(namespaces->fd); i++) {
		const struct status status = {.type = STATUS_NAMESPACE, .step = i};
		int r = namespaces->fd[i] >= 0 ? status_send(socket, &status, namespaces->fd[i]) : 0;

		if (r < 0)
			return err_errno(e, -r, "hand a template over");
	}
	return 0;
}

int share_enter(struct sandbox *s, struct err *e)
{
	s->root.fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	s->sysctl = open("/proc/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return s->root.fd >= 0 && s->sysctl >= 0 ? 0 : err_errno(e, errno, "open the root of a template");
}
