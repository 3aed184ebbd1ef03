/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* keep-last: the last look at the copies, when nothing of the sandbox lives. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "box/clear.h"
#include "run/keep.h"

static void unsaved(struct keep *keep, struct keep_file *file, const char *why, int code)
{
	struct kept *kept = keep->kept;
	autostr struct str text = {0};
	struct stat st;

	str_addf(&text, "'%s' is as it was: %s%s%s", file->path, why, code ? ": " : "", code ? strerror(code) : "");
	if (fstatat(file->folder, file->copy, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode)) {
		str_addf(&text, "; what it would be is in '%s/unsaved-%s'", file->own, file->copy);
		keep_put_aside(file);
	}
	if (kept->unsaved++ == 0)
		(void)snprintf(kept->why, sizeof kept->why, "%s", text.s);
}

/* What the command has removed goes, if it has ended by itself: else it may have been about to make it anew. */
static int bring(struct keep *keep, struct keep_file *file, bool itself)
{
	int r;

	keep_forget(file);
	r = keep_snapshot(file);
	if (r == -ENODATA)
		return 0;
	if (r == -ENOENT)
		return itself && file->state[0] ? keep_remove(file) : 0;
	if (r == 0)
		r = keep_commit(file);
	if (r == 0)
		keep->kept->saved++;
	return r;
}

static void finish(struct keep *keep, struct keep_file *file, bool itself)
{
	struct stat st;

	if (itself || (file->changed && file->whole)) {
		if (bring(keep, file, itself) < 0)
			unsaved(keep, file, file->why, file->code == EINVAL ? 0 : file->code);
	} else if (!keep_is_same(file) && fstatat(file->folder, file->copy, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		unsaved(keep, file, "it was being written, or just had been, when the command was ended", 0);
	}
}

/* Whoever was the last with copies removes them. */
static void clear(struct keep *keep, const struct keep_file *file)
{
	struct err none = {0};

	if (!file->locks || flock(file->lock, LOCK_EX | LOCK_NB) < 0)
		return;
	for (size_t i = 0; i < keep->count; i++) {
		const struct keep_file *one = &keep->file[i];

		if (one->lock != file->lock)
			continue;
		(void)clear_tree(one->folder, one->copy, &none);
		if (one->step->m && keep_clear_folder(one->folder, &none) == 0)
			(void)unlinkat(file->lock, "files", AT_REMOVEDIR);
	}
	(void)rmdir(file->own); /* not, if something unsaved is in it */
}

void keep_finish(struct keep *keep, bool itself)
{
	keep_read_events(keep);
	for (size_t i = 0; i < keep->count; i++)
		finish(keep, &keep->file[i], itself);
	for (size_t i = 0; i < keep->count; i++)
		clear(keep, &keep->file[i]);
}
