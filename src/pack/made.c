/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What no host gives, or not like this: the few files of /etc that libc asks for, with the ids that Debian has
 * everywhere, and the places for what a sandbox mounts. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "pack/collect.h"

static const struct {
	const char *path, *content;
	mode_t mode;
} made[] = {
	{"/dev", NULL, 0755},
	{"/etc/group", "root:x:0:\ndaemon:x:1:\nbin:x:2:\ntty:x:5:\nwww-data:x:33:\nnogroup:x:65534:\n", 0644},
	{"/etc/hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n", 0644},
	{"/etc/nsswitch.conf",
	 "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nnetworks: files\n"
	 "protocols: files\nservices: files\n",
	 0644},
	{"/etc/passwd",
	 "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
	 "bin:x:2:2:bin:/bin:/usr/sbin/nologin\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n"
	 "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
	 0644},
	{"/proc", NULL, 0555},
	{"/root", NULL, 0700},
	{"/run", NULL, 0755},
	{"/sys", NULL, 0555},
	{"/tmp", NULL, 01777},
	{"/var/tmp", NULL, 01777},
};

int collect_made_up(struct collect *c, const char *path, const struct str *content, mode_t mode, struct err *e)
{
	autofree char *folder = loader_folder_of(path);
	struct closure_entry *entry = closure_find(c->closure, path);
	int r = 0;

	if (entry)
		return 0;
	if (folder[1] && !closure_find(c->closure, folder))
		r = collect_made_up(c, folder, NULL, 0755, e);
	entry = closure_find(c->closure, folder);
	if (r == 0 && entry && entry->type != ENTRY_FOLDER)
		return err_set(e, ENOTDIR, "make up '%s': '%s' is no folder", path, folder);
	if (r < 0)
		return r;
	entry = closure_insert(c->closure, path, "made up");
	entry->type = content ? ENTRY_FILE : ENTRY_FOLDER;
	entry->mode = mode;
	entry->made = entry->read = entry->ruled = true;
	if (content) {
		entry->bytes = content->len;
		entry->content = xmalloc(content->len + 1);
		memcpy(entry->content, content->s, content->len);
	}
	return 0;
}

bool collect_is_made_up(const char *path)
{
	for (size_t i = 0; i < countof(made); i++)
		if (str_eq(made[i].path, path))
			return true;
	return false;
}

int collect_made(struct collect *c, struct err *e)
{
	for (size_t i = 0; i < countof(made); i++) {
		autostr struct str content = {0};
		int r;

		if (made[i].content)
			str_add(&content, made[i].content);
		r = collect_made_up(c, made[i].path, made[i].content ? &content : NULL, made[i].mode, e);
		if (r < 0)
			return r;
	}
	return 0;
}
