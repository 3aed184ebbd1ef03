/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/host.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "host/parts.h"
#include "host/tree.h"

int host_read(struct host *ret, char **environ, struct err *e)
{
	int r;

	*ret = (struct host){.environ = environ,
			     .look = tree_look,
			     .list = tree_list,
			     .look_fd = tree_look_fd,
			     .is_kernels = tree_is_kernels,
			     .kernels = tree_kernels,
			     .x11_display = -1};
	r = host_read_kernel(ret, e);
	if (r == 0)
		r = host_read_caller(ret, e);
	if (r == 0)
		host_read_folders(ret);
	return r;
}

void host_free_image(struct host *host)
{
	struct host_image *image = take(host->image);

	if (!image)
		return;
	if (image->seal) {
		free(image->seal->file);
		free(image->seal->form);
		free(image->seal->state);
		free(image->seal->program);
		free(image->seal->sbx);
		free(image->seal);
	}
	strv_done(&image->layers);
	strv_done(&image->locks);
	strv_done(&image->folders);
	strv_done(&image->files);
	strv_done(&image->command);
	strv_done(&image->environment);
	free(image->digest);
	free(image->home);
	free(image->user);
	free(image->folder);
	free(image);
}

void host_let_go(struct host *host)
{
	host_free_image(host);
	for (size_t i = 0; i < countof(host->cgroup); i++) {
		free(host->cgroup[i].folder);
		host->cgroup[i] = (struct cgroup_place){0};
	}
	host_free_isolated(host);
	free(host->x11_cookie);
	free(host->wayland_socket);
	host->x11_cookie = NULL;
	host->wayland_socket = NULL;
	host->x11_display = -1;
	host->x11_untrusted = host->wayland_context = (struct err){0};
	host->namespaces_errno = host->counters_errno = 0;
}

const char *host_env(const struct host *host, const char *name)
{
	size_t len = strlen(name);

	for (char **p = host->environ; p && *p; p++)
		if (strncmp(*p, name, len) == 0 && (*p)[len] == '=')
			return *p + len + 1;
	return NULL;
}

void host_done(struct host *host)
{
	char *owned[] = {host->user,     host->home,     host->cwd,     host->config,    host->cache,
			 host->data,     host->state,    host->runtime, host->downloads, host->documents,
			 host->music,    host->pictures, host->videos,  host->desktop,   host->helper_folder,
			 host->boxes,    host->sessions, host->images,  host->live,      host->runs,
			 host->services, host->sbx};

	for (size_t i = 0; i < countof(owned); i++)
		free(owned[i]);
	for (size_t i = 0; i < countof(host->profile_folder); i++)
		free(host->profile_folder[i]);
	host_let_go(host);
	free(host->groups);
	*host = (struct host){0};
}
