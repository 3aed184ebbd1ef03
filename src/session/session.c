/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session/session.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/folder.h"
#include "base/mem.h"
#include "box/clear.h"
#include "box/place.h"

/* Whoever lists all sessions has each for a moment; that is waited for. */
static int lock(int folder, const char *path, enum session_use use, struct err *e)
{
	enum { TRIES = 20 };
	const struct timespec pause = {.tv_nsec = 25 * 1000 * 1000};

	for (int i = 0; i < (use == SESSION_READ ? 1 : TRIES); i++) {
		if (i > 0)
			(void)nanosleep(&pause, NULL);
		if (flock(folder, (use == SESSION_READ ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK)
			break;
	}
	if (errno != EWOULDBLOCK)
		return err_errno(e, errno, "lock the session '%s'", path);
	(void)err_set(e, EBUSY, "the session '%s' is in use", path);
	return err_hint(e, "a session is for one run at a time: wait for the other, or name another session");
}

/* The folder that was locked must be the caller's alone, and still have its name. */
static int check_folder(int folder, const char *path, struct err *e)
{
	struct stat st, named;

	if (fstat(folder, &st) < 0)
		return err_errno(e, errno, "look at the session '%s'", path);
	if (st.st_uid != geteuid() || st.st_mode & 077)
		return err_set(e, EPERM, "the session '%s' is not the caller's alone", path);
	if (lstat(path, &named) < 0 || named.st_ino != st.st_ino || named.st_dev != st.st_dev)
		return err_set(e, EBUSY, "the session '%s' is being removed", path);
	return 0;
}

int session_open(const char *path, enum session_use use, struct session *ret, struct err *e)
{
	autoclose int made = use == SESSION_MAKE ? folder_make(path, 0700, "", e) : -1, folder = -1;
	int r;

	if (use == SESSION_MAKE && made < 0)
		return made;
	folder = fd_open_plain(path, O_RDONLY | O_DIRECTORY, 0);
	if (folder < 0 && errno == ENOENT) {
		(void)err_set(e, ENOENT, "there is no session '%s'", path);
		return err_hint(e, "sbx --session=NAME --overlay=FOLDER makes one; sbxctl session list shows all");
	}
	if (folder < 0)
		return err_errno(e, errno, "open the session '%s'", path);
	r = lock(folder, path, use, e);
	if (r == 0)
		r = check_folder(folder, path, e);
	if (r < 0)
		return r;
	*ret = (struct session){take_fd(&folder), xstrdup(path)};
	return 0;
}

int session_overlays(const struct session *session, struct strv *ret, struct err *e)
{
	autolist DIR *list = fd_list(session->folder);
	const struct dirent *entry;

	if (!list)
		return err_errno(e, errno, "read the session '%s'", session->path);
	while ((errno = 0, entry = readdir(list)))
		if (entry->d_name[0] != '.')
			strv_add(ret, entry->d_name);
	if (errno)
		return err_errno(e, errno, "read the session '%s'", session->path);
	strv_sort(ret, 0);
	return 0;
}

int session_make_upper(int folder, const char *name, const char *lower, struct err *e)
{
	bool image = lower[0] != '/'; /* whose layers are the caller's */
	autoclose int below = image ? -1 : fd_open_plain(lower, O_PATH | O_DIRECTORY, 0);
	struct stat st = {.st_mode = 0755, .st_uid = geteuid(), .st_gid = getegid()};

	if (!image && (below < 0 || fstat(below, &st) < 0))
		return err_errno(e, errno, "look at '%s'", lower);
	if (mkdirat(folder, name, 0700) < 0)
		return err_errno(e, errno, "make '%s' in the session", name);
	/* an ordinary caller can't, and is the command itself */
	if (geteuid() == 0 && fchownat(folder, name, st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(e, errno, "give '%s' in the session to user %u", name, st.st_uid);
	return fchmodat(folder, name, st.st_mode & 01777, 0) < 0 ? err_errno(e, errno, "set the mode of '%s'", name)
								 : 0;
}

static int make_key(char ret[SESSION_KEY + 1], struct err *e)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[SESSION_KEY];

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return err_errno(e, errno, "getrandom");
	for (size_t i = 0; i < sizeof bytes; i++)
		ret[i] = digits[bytes[i] & 15];
	ret[SESSION_KEY] = '\0';
	return 0;
}

/* The file that says of which folder it is, complete or not there. */
static int make_lower(int folder, const char *lower, struct err *e)
{
	autofree char *text = NULL;
	char key[SESSION_KEY + 1];
	autoclose int file = -1;
	int r = make_key(key, e);

	if (r < 0)
		return r;
	text = xasprintf("%s%s", key, lower);
	file = openat(folder, "lower.new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	r = file < 0 ? -errno : fd_write(file, text, strlen(text));
	if (r == 0 && renameat(folder, "lower.new", folder, "lower") < 0)
		r = -errno;
	return r < 0 ? err_errno(e, -r, "write 'lower' in the session") : 0;
}

static int read_lower(int folder, struct session_overlay *ret, struct err *e)
{
	char text[SESSION_KEY + PATH_MAX + 1];
	ssize_t n = fd_read_file(folder, "lower", text, sizeof text);

	if (n < 0)
		return err_errno(e, (int)-n, "read 'lower' in the session");
	if (n <= SESSION_KEY || strlen(text) != (size_t)n ||
	    (text[SESSION_KEY] != '/' && !digest_is(text + SESSION_KEY)))
		return err_set(e, EINVAL, "'lower' in the session names no folder, and no image");
	memcpy(ret->key, text, SESSION_KEY);
	ret->key[SESSION_KEY] = '\0';
	ret->lower = xstrdup(text + SESSION_KEY);
	return 0;
}

static bool is_empty(int folder)
{
	autolist DIR *list = fd_list(folder);
	const struct dirent *entry;

	while (list && (entry = readdir(list)))
		if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, ".."))
			return false;
	return list != NULL;
}

/* The time of the last change of the file is the kernel's, as those of the host's files are. */
static int begin(int folder, const char *lower, struct err *e)
{
	autoclose int upper = -1, stamp = -1;
	struct stat st;
	int r = fstatat(folder, "upper", &st, AT_SYMLINK_NOFOLLOW) < 0 ? session_make_upper(folder, "upper", lower, e)
								       : 0;

	if (r == 0 && mkdirat(folder, "work", 0700) < 0 && errno != EEXIST)
		r = err_errno(e, errno, "make 'work' in the session");
	if (r < 0)
		return r;
	upper = place_open_name(folder, "upper", O_RDONLY | O_DIRECTORY);
	if (upper < 0 || !is_empty(upper))
		return 0;
	stamp = openat(folder, "begun", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return stamp < 0 || futimens(stamp, NULL) < 0 ? err_errno(e, errno, "make 'begun' in the session") : 0;
}

static int is_of_other(const struct session *session, const char *id, const struct session_overlay *there,
		       const char *wanted, struct err *e)
{
	if (!session_is_image(there))
		return err_set(e, EINVAL, "'%s' in the session '%s' is of '%s'", id, session->path, there->lower);
	(void)err_set(e, EINVAL, "the session '%s' has changes of another image, '%s', and this one is '%s'",
		      session->path, there->lower, wanted);
	return err_hint(e, "name another session, or run that image, by --image=%s", there->lower);
}

int session_overlay_make(const struct session *session, const char *id, const char *lower, struct err *e)
{
	struct session_overlay there = SESSION_OVERLAY_NONE;
	autoclose int folder = -1;
	struct stat st;
	int r = 0;

	if (mkdirat(session->folder, id, 0700) < 0 && errno != EEXIST)
		return err_errno(e, errno, "make a folder in the session '%s'", session->path);
	folder = place_open_name(session->folder, id, O_RDONLY | O_DIRECTORY);
	if (folder < 0)
		return err_errno(e, -folder, "open '%s' in the session '%s'", id, session->path);
	if (fstatat(folder, "lower", &st, AT_SYMLINK_NOFOLLOW) < 0)
		r = make_lower(folder, lower, e);
	if (r == 0)
		r = read_lower(folder, &there, e);
	if (r == 0 && !str_eq(there.lower, lower))
		r = is_of_other(session, id, &there, lower, e);
	if (r == 0)
		r = clear_tree(folder, "done", e);
	if (r == 0)
		r = begin(folder, lower, e);
	session_overlay_done(&there);
	return r;
}

int session_overlay_open(const struct session *session, const char *id, struct session_overlay *ret, struct err *e)
{
	struct session_overlay overlay = SESSION_OVERLAY_NONE;
	int r = 0;

	overlay.folder = place_open_name(session->folder, id, O_RDONLY | O_DIRECTORY);
	if (overlay.folder < 0)
		return err_errno(e, -overlay.folder, "open '%s' in the session '%s'", id, session->path);
	overlay.upper = place_open_name(overlay.folder, "upper", O_RDONLY | O_DIRECTORY);
	if (overlay.upper < 0)
		r = err_errno(e, -overlay.upper, "open '%s/upper' in the session '%s'", id, session->path);
	if (r == 0)
		r = read_lower(overlay.folder, &overlay, e);
	if (r < 0) {
		session_overlay_done(&overlay);
		return r;
	}
	*ret = overlay;
	return 0;
}

int session_image(int sessions, const char *name, char ret[SESSION_DIGEST])
{
	struct session_overlay overlay = SESSION_OVERLAY_NONE;
	autofree char *path = xasprintf("%s/" SESSION_IMAGE, name);
	autoclose int folder = place_open_name(sessions, path, O_RDONLY | O_DIRECTORY);
	struct err none = {0};
	int r = folder < 0 ? folder : read_lower(folder, &overlay, &none);

	if (r == 0 && !session_is_image(&overlay))
		r = -EINVAL;
	if (r == 0)
		memcpy(ret, overlay.lower, SESSION_DIGEST);
	session_overlay_done(&overlay);
	return r;
}

void session_overlay_done(struct session_overlay *overlay)
{
	mem_close_ptr(&overlay->upper);
	mem_close_ptr(&overlay->folder);
	free(overlay->lower);
	*overlay = (struct session_overlay)SESSION_OVERLAY_NONE;
}

/* It goes at once, under a name that is none; what is in it then, at leisure. */
int session_remove(struct session *session, struct err *e)
{
	const char *name = strrchr(session->path, '/') + 1;
	autofree char *above = xstrndup(session->path, (size_t)(name - session->path)),
		      *going = xasprintf(".%s.%d", name, getpid());
	autoclose int folder = fd_open_plain(above, O_RDONLY | O_DIRECTORY, 0);

	if (folder < 0 || renameat2(folder, name, folder, going, RENAME_NOREPLACE) < 0)
		return err_errno(e, errno, "remove the session '%s'", session->path);
	return clear_tree(folder, going, e);
}

void session_close(struct session *session)
{
	mem_close_ptr(&session->folder);
	session->folder = -1;
	free(session->path);
	session->path = NULL;
}
