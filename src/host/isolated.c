/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An id of the caller's subordinate ones, for one sandbox while it lives. Which ones are in use is told by locks on the
 * bytes of one file: a lock belongs to the open file, so it goes with sbx, however that ends, and nothing is left to be
 * cleared away. */
#include "host/isolated.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/folder.h"
#include "base/mem.h"
#include "host/parts.h"

enum { NOBODY = 65534, FIRST_FREE = 100000, OWNER = 256 };

/* One line: OWNER:FIRST:COUNT. False: it is none, or its ids are no ids. */
static bool read_line(const char *line, char owner[OWNER], struct id_range *ret)
{
	uint64_t first, count;

	if (sscanf(line, "%255[^:\n]:%" SCNu64 ":%" SCNu64, owner, &first, &count) != 3)
		return false;
	if (!first || !count || first >= UINT32_MAX || count > UINT32_MAX - first)
		return false;
	*ret = (struct id_range){.first = (uint32_t)first, .count = (uint32_t)count};
	return true;
}

static bool overlap(const struct id_range *a, const struct id_range *b)
{
	return a->first < b->first + b->count && b->first < a->first + a->count;
}

static bool is_one_of(const char *owner, const char *const *owners)
{
	for (; *owners; owners++)
		if (str_eq(owner, *owners))
			return true;
	return false;
}

static bool first_of(FILE *file, const char *wanted, struct id_range *ret)
{
	char line[1024], owner[OWNER];
	struct id_range range;

	rewind(file);
	while (fgets(line, sizeof line, file)) {
		if (!read_line(line, owner, &range) || !str_eq(owner, wanted))
			continue;
		*ret = range;
		return true;
	}
	return false;
}

static int check_own(FILE *file, const char *path, const char *const *owners, const struct id_range *own, struct err *e)
{
	char line[1024], owner[OWNER];
	struct id_range range;

	rewind(file);
	while (fgets(line, sizeof line, file))
		if (read_line(line, owner, &range) && !is_one_of(owner, owners) && overlap(&range, own))
			return err_set(e, EINVAL, "%s gives ids of %u:%u, which are %s's, to '%s' too", path,
				       own->first, own->count, owners[0], owner);
	return 0;
}

int isolated_range(const char *path, const char *const *owners, struct id_range *ret, struct err *e)
{
	FILE *file = fopen(path, "re");
	struct id_range range = {0};
	const char *const *owner = owners;
	int r;

	if (!file && errno != ENOENT)
		return err_errno(e, errno, "read %s", path);
	while (file && *owner && !first_of(file, *owner, &range))
		owner++;
	if (!range.count)
		r = err_set(e, ENOENT, "%s has no ids for user '%s'", path, owners[0]);
	else
		r = check_own(file, path, owners, &range, e);
	if (file)
		(void)fclose(file);
	if (r == 0)
		*ret = range;
	return r;
}

/* Where the ids that the file gives to anybody end; at least `end`. */
static uint32_t end_of(const char *path, uint32_t end)
{
	FILE *file = fopen(path, "re");
	char line[1024], owner[OWNER];
	struct id_range range;

	while (file && fgets(line, sizeof line, file))
		if (read_line(line, owner, &range) && range.first + range.count > end)
			end = range.first + range.count;
	if (file)
		(void)fclose(file);
	return end;
}

/* Is one of the ids? */
static bool is_users(const char *passwd, uid_t first, uint32_t count)
{
	FILE *file = fopen(passwd, "re");
	struct passwd *entry = NULL;

	while (file && (entry = fgetpwent(file)) && entry->pw_uid - first >= count)
		;
	if (file)
		(void)fclose(file);
	return entry;
}

static bool is_groups(const char *group, gid_t first, uint32_t count)
{
	FILE *file = fopen(group, "re");
	struct group *entry = NULL;

	while (file && (entry = fgetgrent(file)) && entry->gr_gid - first >= count)
		;
	if (file)
		(void)fclose(file);
	return entry;
}

static bool in_ranges(const struct id_range ranges[8], uint32_t id)
{
	for (int i = 0; i < 8 && ranges[i].count; i++)
		if (id - ranges[i].first < ranges[i].count)
			return true;
	return false;
}

/* An ordinary caller's subordinate ids are for newuidmap to look at. */
static bool is_usable(const struct host *host, const struct isolated_files *files, uid_t uid, gid_t gid)
{
	if (uid == NOBODY || gid == NOBODY || is_users(files->passwd, uid, 1) || is_groups(files->group, gid, 1))
		return false;
	return !host->maps_ids || (in_ranges(host->uid_range, uid) && in_ranges(host->gid_range, gid));
}

static int open_lock(const struct host *host, const char *path, struct err *e)
{
	const char *name = strrchr(path, '/') + 1;
	autofree char *above = xstrndup(path, (size_t)(name - path));
	autoclose int folder = folder_make(above, 0700, "", e), fd = -1;
	struct stat st;

	if (folder < 0)
		return folder;
	fd = openat(folder, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, errno, "open '%s', where the ids in use are locked", path);
	if (!S_ISREG(st.st_mode) || st.st_uid != host->euid)
		return err_set(e, EPERM, "'%s', where the ids in use are locked, is no file of user %u", path,
			       host->euid);
	return take_fd(&fd);
}

/* The bytes of these numbers. 0, or a negative errno: EAGAIN, they are in use. */
static int lock_ids(int fd, short type, uid_t first, uint32_t count)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = first, .l_len = count};

	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	return errno == EACCES ? -EAGAIN : -errno;
}

/* From a place that is another in each launch: so an id that has just become free is not the first to be taken again.
 * There may be files of that owner somewhere, and when sbx was killed, for a moment, processes that are ending. */
static int choose(struct host *host, const struct isolated_files *files, struct err *e)
{
	struct isolated *is = host->isolated;
	uint32_t kept = host->maps_ids ? 0 : 1, in_use = 0, count, start;

	count = is->uids.count < is->gids.count ? is->uids.count : is->gids.count;
	is->root_gid = host->maps_ids ? 0 : is->gids.first;
	start = (uint32_t)(clock_ns(CLOCK_MONOTONIC) / 1000);
	for (uint32_t i = 0; count > kept && i < count - kept; i++) {
		uint32_t at = kept + (start % (count - kept) + i) % (count - kept);
		int r;

		if (!is_usable(host, files, is->uids.first + at, is->gids.first + at))
			continue;
		r = lock_ids(is->lock, F_WRLCK, is->uids.first + at, 1);
		if (r == -EAGAIN) {
			in_use++;
			continue;
		}
		if (r < 0)
			return err_errno(e, -r, "lock an id in '%s'", files->lock);
		is->uid = is->uids.first + at;
		is->gid = is->gids.first + at;
		return 0;
	}
	if (in_use)
		return err_set(e, EAGAIN, "all %u ids of the range are in use by other sandboxes", in_use);
	return err_set(e, ENOENT, "none of the %u ids of the range is %s", count,
		       host->maps_ids ? "mapped here and no host user's" : "free: one is kept, others are host users'");
}

/* A lock that others with all ids have, too. */
static int take_all(struct host *host, const struct isolated_files *files, struct err *e)
{
	struct isolated *is = host->isolated;
	uint32_t count = is->uids.count < is->gids.count ? is->uids.count : is->gids.count;
	int r;

	is->uids.count = is->gids.count = count < ISOLATED_MANY ? count : ISOLATED_MANY;
	if (is_users(files->passwd, is->uids.first, is->uids.count) ||
	    is_groups(files->group, is->gids.first, is->gids.count))
		return err_set(e, EINVAL, "an id of the range is that of a user or group of this system");
	r = lock_ids(is->lock, F_RDLCK, is->uids.first, is->uids.count);
	if (r != -EAGAIN)
		return r < 0 ? err_errno(e, -r, "lock ids in '%s'", files->lock) : 0;
	(void)err_set(e, EAGAIN, "some of the %u ids of the range are those of isolated sandboxes", is->uids.count);
	return err_hint(e, "wait until they have ended, or have a range with more than %u ids", ISOLATED_MANY);
}

static int find(struct host *host, const struct isolated_files *files, bool all, struct err *e)
{
	autofree char *number = xasprintf("%u", host->uid);
	/* not root's: container managers are told there which ids they may give away */
	const char *const of_sbx[] = {"sbx", NULL}, *const of_user[] = {host->user, number, NULL};
	const char *const *owners = host->maps_ids ? of_sbx : of_user;
	struct isolated *is = host->isolated;
	int r = isolated_range(files->subuid, owners, &is->uids, e);

	if (r == 0)
		r = isolated_range(files->subgid, owners, &is->gids, e);
	if (r == -ENOENT)
		return err_hint(e, "an administrator adds a line to both %s and %s: %s:%u:65536", files->subuid,
				files->subgid, host->maps_ids ? "sbx" : host->user,
				end_of(files->subuid, end_of(files->subgid, FIRST_FREE)));
	if (r < 0)
		return r;
	is->lock = open_lock(host, files->lock, e);
	if (is->lock < 0)
		return -e->code;
	return all ? take_all(host, files, e) : choose(host, files, e);
}

static void fill(struct host *host, const struct isolated_files *files, bool all)
{
	host->isolated = xcalloc(1, sizeof *host->isolated);
	host->isolated->lock = -1;
	(void)find(host, files, all, &host->isolated->missing);
}

void isolated_choose(struct host *host, const struct isolated_files *files)
{
	fill(host, files, false);
}

void isolated_take_all(struct host *host, const struct isolated_files *files)
{
	fill(host, files, true);
}

/* Not where a variable says: two launches with other variables must see each other's locks. */
static void read_files(struct host *host, void (*choose_of)(struct host *, const struct isolated_files *))
{
	autofree char *home = host_real(host, host->home ? host->home : "/nonexistent");
	autofree char *lock = host->maps_ids ? xstrdup("/run/sbx/ids") : xasprintf("%s/.local/share/sbx/ids", home);
	const struct isolated_files files = {.subuid = "/etc/subuid",
					     .subgid = "/etc/subgid",
					     .passwd = "/etc/passwd",
					     .group = "/etc/group",
					     .lock = lock};

	choose_of(host, &files);
}

void host_read_isolated(struct host *host)
{
	read_files(host, isolated_choose);
}

void host_read_many_ids(struct host *host)
{
	read_files(host, isolated_take_all);
}

void host_free_isolated(struct host *host)
{
	if (host->isolated)
		mem_close_ptr(&host->isolated->lock);
	free(host->isolated);
	host->isolated = NULL;
}
