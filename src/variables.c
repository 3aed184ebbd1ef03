/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "variables.h"

#include <stdio.h>

void variables_of(const struct host *host, struct variables *ret, char uid[16])
{
	(void)snprintf(uid, 16, "%u", host->uid);
	*ret = (struct variables){
		.home = host->home,
		.user = host->user,
		.uid = uid,
		.runtime = host->runtime,
		.cwd = host->cwd,
		.config = host->config,
		.cache = host->cache,
		.data = host->data,
		.state = host->state,
		.downloads = host->downloads,
		.documents = host->documents,
		.music = host->music,
		.pictures = host->pictures,
		.videos = host->videos,
		.desktop = host->desktop,
	};
}
