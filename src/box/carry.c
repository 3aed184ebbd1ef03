/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "box/carry.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/str.h"
#include "box/carry-file.h"
#include "box/pattern.h"
#include "box/place.h"

enum { NAMES_MAX = 16 << 20, MODE_BITS = 0777 };

const char *const carry_word[CARRY_WHYS] = {
	[CARRY_LINK] = "link",         [CARRY_FIFO] = "fifo",         [CARRY_SOCKET] = "socket",
	[CARRY_DEVICE] = "device",     [CARRY_TOO_BIG] = "too-big",   [CARRY_TOO_DEEP] = "too-deep",
	[CARRY_TOO_MANY] = "too-many", [CARRY_BAD_NAME] = "bad-name",
};

const char *const carry_words[CARRY_WHYS] = {
	[CARRY_LINK] = "is a symbolic link",
	[CARRY_FIFO] = "is a FIFO",
	[CARRY_SOCKET] = "is a socket",
	[CARRY_DEVICE] = "is a device",
	[CARRY_TOO_BIG] = "is too big",
	[CARRY_TOO_DEEP] = "is too deep",
	[CARRY_TOO_MANY] = "is beside too many other folders",
	[CARRY_BAD_NAME] = "has a name that can't be had there",
};

/* A folder on the way from the top to where we are. */
struct level {
	size_t names;  /* where its folders that are still to be entered begin in walk.names */
	size_t path;   /* length of walk.path */
	uint64_t kept; /* files and folders when it was entered */
	mode_t mode;
	bool asked; /* by a pattern, or there are none */
};

struct walk {
	const struct carry *rules;
	struct carried *done;
	struct place from, to;
	struct level level[CARRY_DEPTH + 1];
	struct str path;  /* of the folder, below the top; "" or ended by '/' */
	struct str names; /* of folders, each ended by NUL: a stack of all levels */
	uint64_t left;    /* bytes that may still be written */
	char *buffer;
	struct err *e;
};

/* For a message. Owned by the caller. */
static char *readable(const struct walk *w, const char *name)
{
	autostr struct str path = {0};

	str_add_escaped(&path, w->path.s, false);
	str_add_escaped(&path, name, false);
	return xasprintf("'%.200s%s'", path.s, path.len > 200 ? "..." : "");
}

static int fail(struct walk *w, int code, const char *what, const char *name)
{
	autofree char *path = readable(w, name);

	return err_errno(w->e, code, "%s %s", what, path);
}

static int drop(struct walk *w, const char *name, enum carry_why why)
{
	struct carried *done = w->done;
	size_t len = w->path.len < CARRY_NAME ? w->path.len : CARRY_NAME - 1, rest = strlen(name);

	if (w->rules->strict) {
		autofree char *path = readable(w, name);

		return err_set(w->e, EINVAL, "%s %s", path, carry_words[why]);
	}
	if (done->dropped++ >= CARRY_LISTED)
		return 0;
	done->list[done->dropped - 1].why = why;
	memcpy(done->list[done->dropped - 1].name, w->path.s, len);
	if (rest > CARRY_NAME - 1 - len)
		rest = CARRY_NAME - 1 - len;
	memcpy(done->list[done->dropped - 1].name + len, name, rest);
	done->list[done->dropped - 1].name[len + rest] = '\0';
	return 0;
}

/* Whether the path is asked for; `found`: and it came along. */
static bool asked(struct walk *w, const char *name, bool found)
{
	autofree char *path = w->rules->pattern_count ? xasprintf("%s%s", w->path.s, name) : NULL;
	bool any = !path;

	for (size_t i = 0; i < w->rules->pattern_count; i++) {
		bool takes = pattern_takes(w->rules->patterns[i], path);

		any |= takes;
		if (found && takes)
			w->done->found[i] = true;
	}
	return any;
}

/* What a file system says of a name, a size or a number of folders that it can't have. */
static bool can_not(const struct walk *w, int code, enum carry_why *why)
{
	if (w->rules->strict)
		return false;
	*why = code == EFBIG || code == E2BIG || code == EOVERFLOW ? CARRY_TOO_BIG
	       : code == EMLINK                                    ? CARRY_TOO_MANY
								   : CARRY_BAD_NAME;
	return *why != CARRY_BAD_NAME || code == EINVAL || code == EILSEQ || code == ENAMETOOLONG || code == EEXIST;
}

/* Mode, owner and time are those that it will keep, so the mode comes before the owner. */
static int finish(struct walk *w, int fd, mode_t mode, const struct stat *file)
{
	const struct timespec times[] = {{.tv_nsec = UTIME_OMIT}, file ? file->st_mtim : (struct timespec){0}};

	if (fchmod(fd, (mode & MODE_BITS) | (file ? w->rules->file_bits : w->rules->folder_bits)) < 0)
		return -errno;
	if (file && futimens(fd, times) < 0)
		return -errno;
	return fd_give(fd, "", w->rules->owner);
}

/* The file at `fd`, into one of the same name that is made. 0 or negative errno. */
static int copy(struct walk *w, int fd, const char *name, const struct stat *st)
{
	autoclose int to = openat(w->to.fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	uint64_t before = w->left;
	struct copy c = {.from = fd, .to = to, .buffer = w->buffer, .left = &w->left};
	int r;

	if (to < 0)
		return -errno;
	r = carry_content(&c, st->st_size);
	if (r == 0)
		r = finish(w, to, st->st_mode, st);
	if (r < 0) {
		(void)unlinkat(w->to.fd, name, 0);
		w->left = before;
		return r;
	}
	w->done->bytes += before - w->left;
	w->done->files++;
	return 0;
}

static int carry_file(struct walk *w, const char *name)
{
	autoclose int fd = -1;
	enum carry_why why;
	struct stat st;
	int r;

	fd = place_open_name(w->from.fd, name, O_RDONLY);
	if (fd < 0 || fstat(fd, &st) < 0)
		return fail(w, fd < 0 ? -fd : errno, "open", name);
	if (!S_ISREG(st.st_mode))
		return fail(w, ESTALE, "open", name);
	if ((uint64_t)st.st_size > w->rules->file_size)
		return drop(w, name, CARRY_TOO_BIG);
	r = copy(w, fd, name, &st);
	if (r < 0)
		return can_not(w, -r, &why) ? drop(w, name, why) : fail(w, -r, "copy", name);
	(void)asked(w, name, true);
	return 0;
}

/* Folders are entered when all files beside them have come along. */
static int note_folder(struct walk *w, const char *name)
{
	if (w->from.depth == CARRY_DEPTH)
		return drop(w, name, CARRY_TOO_DEEP);
	if (w->names.len + strlen(name) + 1 > NAMES_MAX)
		return drop(w, name, CARRY_TOO_MANY);
	str_add_bytes(&w->names, name, strlen(name) + 1);
	return 0;
}

static int carry_name(struct walk *w, const char *name)
{
	struct stat st;

	if (fstatat(w->from.fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(w, errno, "look at", name);
	if (!S_ISDIR(st.st_mode) && !asked(w, name, false))
		return 0;
	switch (st.st_mode & S_IFMT) {
	case S_IFREG:
		return carry_file(w, name);
	case S_IFDIR:
		return note_folder(w, name);
	case S_IFLNK:
		return drop(w, name, CARRY_LINK);
	case S_IFIFO:
		return drop(w, name, CARRY_FIFO);
	case S_IFSOCK:
		return drop(w, name, CARRY_SOCKET);
	default:
		return drop(w, name, CARRY_DEVICE);
	}
}

static int carry_files(struct walk *w)
{
	autolist DIR *list = fd_list(w->from.fd);
	const struct dirent *entry;

	if (!list)
		return fail(w, errno, "read", ".");
	while ((errno = 0, entry = readdir(list))) {
		int r;

		if (str_eq(entry->d_name, ".") || str_eq(entry->d_name, ".."))
			continue;
		r = carry_name(w, entry->d_name);
		if (r < 0)
			return r;
	}
	return errno ? fail(w, errno, "read", ".") : 0;
}

static int enter(struct walk *w, const char *name)
{
	struct level *level = &w->level[w->from.depth + 1];
	enum carry_why why;
	struct stat st;
	int r;

	if (mkdirat(w->to.fd, name, 0700) < 0)
		return can_not(w, errno, &why) ? drop(w, name, why) : fail(w, errno, "make folder", name);
	r = place_enter(&w->from, name);
	if (r == 0 && fstat(w->from.fd, &st) < 0)
		r = -errno;
	if (r == 0)
		r = place_enter(&w->to, name);
	if (r < 0)
		return fail(w, -r, "enter", name);
	*level = (struct level){.mode = st.st_mode, .kept = w->done->files + w->done->folders};
	level->asked = asked(w, name, true);
	str_addf(&w->path, "%s/", name);
	level->names = w->names.len;
	level->path = w->path.len;
	return carry_files(w);
}

/* A folder that nobody asked for is there only for what is in it. */
static int leave(struct walk *w)
{
	const struct level *level = &w->level[w->from.depth];
	bool keep = level->asked || w->done->files + w->done->folders > level->kept;
	autoclose int from = -1, to = -1;
	int r = place_leave(&w->from, &from);

	if (r == 0)
		r = place_leave(&w->to, &to);
	if (r == 0 && keep)
		r = finish(w, to, level->mode, NULL);
	if (r < 0)
		return fail(w, -r, "leave", "");
	w->path.s[w->path.len - 1] = '\0';
	if (!keep && unlinkat(w->to.fd, w->path.s + (level - 1)->path, AT_REMOVEDIR) < 0)
		return fail(w, errno, "remove", "");
	w->done->folders += keep;
	w->path.len = (level - 1)->path;
	w->path.s[w->path.len] = '\0';
	return 0;
}

static int walk(struct walk *w)
{
	int r = carry_files(w);

	while (r == 0) {
		const struct level *level = &w->level[w->from.depth];
		autofree char *name = NULL;
		size_t at = w->names.len;

		if (at == level->names) {
			if (w->from.depth == 0)
				break;
			r = leave(w);
			continue;
		}
		do /* the last name of the stack */
			at--;
		while (at > level->names && w->names.s[at - 1]);
		name = xstrdup(w->names.s + at);
		w->names.len = at;
		r = enter(w, name);
	}
	return r;
}

int carry_tree(int from, int to, const struct carry *rules, struct carried *ret, struct err *e)
{
	autofree struct walk *w = xcalloc(1, sizeof *w);
	int r;

	*w = (struct walk){
		.rules = rules, .done = ret, .from = PLACE_NONE, .to = PLACE_NONE, .left = rules->bytes, .e = e};
	w->buffer = xmalloc(CARRY_BUFFER);
	str_add(&w->path, "");
	w->level[0].asked = rules->pattern_count == 0;
	r = place_open(from, &w->from);
	if (r == 0)
		r = place_open(to, &w->to);
	r = r < 0 ? err_errno(e, -r, "open the folder to copy") : walk(w);
	place_done(&w->from);
	place_done(&w->to);
	str_done(&w->path);
	str_done(&w->names);
	mem_free_ptr(&w->buffer);
	return r;
}
