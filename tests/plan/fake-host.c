/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/plan/fake-host.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/mem.h"

enum { LINKS_MAX = 40 };

static const char *const environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin",
					  "HOME=/home/alice",
					  "USER=alice",
					  "LOGNAME=alice",
					  "LANG=en_GB.UTF-8",
					  "LC_TIME=C",
					  "TERM=xterm",
					  "DISPLAY=:0",
					  "SECRET_TOKEN=x",
					  "XDG_RUNTIME_DIR=/run/user/1000",
					  "SSH_AUTH_SOCK=/run/user/1000/ssh-agent",
					  "QT_STYLE=x",
					  "QT_IM_MODULE=fcitx",
					  NULL};

static struct fake_node *find(const struct fake_host *fake, const char *path)
{
	for (size_t i = 0; i < fake->count; i++)
		if (str_eq(fake->node[i].path, path))
			return &fake->node[i];
	return NULL;
}

static bool may(const struct fake_host *fake, const struct fake_node *node, mode_t bit)
{
	return fake->host.uid == 0 || node->mode & (node->uid == fake->host.uid ? bit << 6 : bit);
}

/* Cuts the last name off; "" is the root. */
static void up(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		*slash = '\0';
}

/* The node that lstat would find, or NULL. */
static struct fake_node *walk(const struct fake_host *fake, const char *path, bool follow_last)
{
	char rest[2 * PATH_MAX], joined[2 * PATH_MAX], done[PATH_MAX] = "";
	struct fake_node *node = find(fake, "/");
	int links = 0;

	if (path[0] != '/' || strlen(path) >= PATH_MAX)
		return NULL;
	(void)snprintf(rest, sizeof rest, "%s", path);
	for (char *p = rest; node;) {
		size_t len = strcspn(p += strspn(p, "/"), "/"), at = strlen(done);

		if (!len)
			return node;
		if (len > NAME_MAX || at + len + 2 > sizeof done || node->type != NODE_FOLDER || !may(fake, node, 1))
			return NULL;
		if (len == 2 && p[0] == '.' && p[1] == '.')
			up(done);
		else if (len > 1 || p[0] != '.')
			(void)snprintf(done + at, sizeof done - at, "/%.*s", (int)len, p);
		node = find(fake, done[0] ? done : "/");
		p += len;
		if (!node || node->type != NODE_LINK || (!follow_last && !p[strspn(p, "/")]))
			continue;
		if (++links > LINKS_MAX)
			return NULL;
		(void)snprintf(joined, sizeof joined, "%s/%s", node->link, p);
		(void)snprintf(rest, sizeof rest, "%s", joined);
		if (node->link[0] == '/')
			done[0] = '\0';
		else
			up(done);
		node = find(fake, done[0] ? done : "/");
		p = rest;
	}
	return NULL;
}

static void look(const struct host *host, const char *path, struct node *ret)
{
	const struct fake_node *node = walk(host->tree, path, false);

	*ret = (struct node){.type = NODE_NONE};
	if (!node)
		return;
	ret->type = node->type;
	ret->mode = node->mode;
	ret->uid = node->uid;
	ret->rdev = node->rdev;
	if (node->link)
		(void)snprintf(ret->link, sizeof ret->link, "%s", node->link);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(const struct host *host, const char *path, struct strv *ret)
{
	const struct fake_host *fake = host->tree;
	const struct fake_node *folder = walk(fake, path, true);
	size_t len;

	if (!folder || folder->type != NODE_FOLDER || !may(fake, folder, 4))
		return;
	len = folder->path[1] ? strlen(folder->path) : 0;
	for (size_t i = 0; i < fake->count; i++) {
		const char *below = fake->node[i].path;

		if (strncmp(below, folder->path, len) == 0 && below[len] == '/' && below[len + 1] &&
		    !strchr(below + len + 1, '/'))
			strv_add(ret, below + len + 1);
	}
	if (ret->count)
		qsort(ret->v, ret->count, sizeof *ret->v, by_name);
}

static void node_done(struct fake_node *node)
{
	free(node->path);
	free(node->link);
}

void fake_host_add(struct fake_host *fake, const char *line)
{
	char kind, path[PATH_MAX], second[PATH_MAX] = "";
	struct fake_node node = {0}, *there;
	unsigned uid = 0, major = 0, minor = 0;
	int words = sscanf(line, " %c %4095s %4095s %u", &kind, path, second, &uid);
	bool good = words >= 2 && path[0] == '/' && strchr("dflcsp", kind);

	if (good && (kind == 'd' || kind == 'f')) {
		node.type = kind == 'd' ? NODE_FOLDER : NODE_FILE;
		node.mode = (mode_t)strtoul(second, NULL, 8);
		good = words == 4;
	} else if (good && kind == 'l') {
		node.type = NODE_LINK;
		node.mode = 0777;
		good = words == 3;
	} else if (good && kind == 'c') {
		node.type = NODE_CHAR;
		node.mode = 0666;
		good = sscanf(second, "%u:%u", &major, &minor) == 2;
		node.rdev = makedev(major, minor);
	} else if (good && kind == 'p') {
		node.type = NODE_FOLDER;
		node.mode = 0555;
		node.kernels = true;
	} else if (good) {
		node.type = NODE_SOCKET;
		node.mode = 0666;
	}
	if (!good) {
		(void)fprintf(stderr, "bad line of a manifest: '%s'\n", line);
		exit(99);
	}
	node.uid = uid;
	node.path = xstrdup(path);
	node.link = kind == 'l' ? xstrdup(second) : NULL;
	there = find(fake, path);
	if (there) {
		node_done(there);
		*there = node;
		return;
	}
	fake->node = xgrow(fake->node, fake->count, &fake->cap, sizeof *fake->node);
	fake->node[fake->count++] = node;
}

void fake_host_remove(struct fake_host *fake, const char *path)
{
	size_t len = strlen(path), kept = 0;

	for (size_t i = 0; i < fake->count; i++) {
		const char *each = fake->node[i].path;

		if (strncmp(each, path, len) == 0 && (each[len] == '\0' || each[len] == '/'))
			node_done(&fake->node[i]);
		else
			fake->node[kept++] = fake->node[i];
	}
	fake->count = kept;
}

static void read_manifest(struct fake_host *fake, const char *path)
{
	FILE *file = fopen(path, "re");
	char line[2 * PATH_MAX];

	if (!file) {
		perror(path);
		exit(99);
	}
	while (fgets(line, sizeof line, file)) {
		line[strcspn(line, "#\n")] = '\0';
		if (line[strspn(line, " \t")])
			fake_host_add(fake, line);
	}
	(void)fclose(file);
}

static void folders(struct host *host)
{
	const struct {
		char **field;
		const char *name;
	} below_home[] = {
		{&host->config, ".config"},
		{&host->cache, ".cache"},
		{&host->data, ".local/share"},
		{&host->state, ".local/state"},
		{&host->downloads, "Downloads"},
		{&host->documents, "Documents"},
		{&host->music, "Music"},
		{&host->pictures, "Pictures"},
		{&host->videos, "Videos"},
		{&host->desktop, "Desktop"},
		{&host->profile_folder[0], ".config/sbx/profiles"},
		{&host->boxes, ".local/state/sbx/boxes"},
		{&host->sessions, ".local/state/sbx/sessions"},
	};

	host->services = (free(host->services), xstrdup("/run/user/1000/sbx.services/77"));
	host->sbx = (free(host->sbx), xstrdup("/usr/bin/sbx"));
	for (size_t i = 0; i < countof(below_home); i++) {
		free(*below_home[i].field);
		*below_home[i].field = xasprintf("%s/%s", host->home, below_home[i].name);
	}
}

static void controllers(struct host *host)
{
	static const char user_slice[] = "/sys/fs/cgroup/user.slice";

	for (int i = 0; i < CG_CONTROLLERS; i++)
		host->cgroup[i] = (struct cgroup_place){.kind = CGROUP_V2, .folder = xstrdup(user_slice), .swap = true};
	host->swap_on = true;
	(void)snprintf(host->io_disk, sizeof host->io_disk, "8:0");
}

static bool is_kernels(const struct host *host, const char *path)
{
	const struct fake_host *fake = host->tree;

	for (size_t i = 0; i < fake->count; i++) {
		const char *place = fake->node[i].path;
		size_t len = strlen(place);

		if (fake->node[i].kernels && strncmp(path, place, len) == 0 && (!path[len] || path[len] == '/'))
			return true;
	}
	return false;
}

static int kernels(const struct host *host, struct strv *ret)
{
	const struct fake_host *fake = host->tree;

	for (size_t i = 0; i < fake->count; i++)
		if (fake->node[i].kernels)
			strv_add(ret, fake->node[i].path);
	return 0;
}

/* One file is open beside the standard streams. */
static enum node_type look_fd(const struct host *host, int fd)
{
	(void)host;
	return fd <= 4 ? NODE_FILE : NODE_NONE;
}

void fake_host_make(struct fake_host *ret, const char *path)
{
	static const char cookie[16] = "0123456789abcde";
	struct host *host = &ret->host;

	*ret = (struct fake_host){.host = {
					  .uid = 1000,
					  .euid = 1000,
					  .gid = 1000,
					  .environ = (char **)(uintptr_t)environment,
					  .nofile = 1048576,
					  .uid_range = {{1000, 1}},
					  .gid_range = {{1000, 1}},
					  .stdio = {STDIO_OTHER, STDIO_OTHER, STDIO_OTHER},
					  .kernel = {6, 18},
					  .machine = "x86_64",
					  .landlock_abi = 7,
					  .mdwe = true,
					  .user_namespaces = 10000,
					  .cpus = 2,
					  .x11_display = 0,
					  .look = look,
					  .list = list,
					  .look_fd = look_fd,
					  .is_kernels = is_kernels,
					  .kernels = kernels,
					  .tree = ret,
				  }};
	host->group_count = 2;
	host->groups = xcalloc(host->group_count, sizeof *host->groups);
	host->groups[0] = 1000;
	host->groups[1] = 44;
	host->user = xstrdup("alice");
	host->home = xstrdup("/home/alice");
	host->cwd = xstrdup("/home/alice/work");
	host->runtime = xstrdup("/run/user/1000");
	host->profile_folder[1] = xstrdup("/etc/sbx/profiles");
	host->profile_folder[2] = xstrdup("/usr/share/sbx/profiles");
	host->helper_folder = xstrdup("/usr/libexec/sbx");
	host->x11_cookie = xmalloc(sizeof cookie);
	memcpy(host->x11_cookie, cookie, sizeof cookie);
	folders(host);
	controllers(host);
	read_manifest(ret, path);
}

void fake_host_debian(struct fake_host *ret)
{
	const char *source = getenv("SRCDIR");
	autofree char *path = xasprintf("%s/tests/plan/debian.tree", source ? source : ".");

	fake_host_make(ret, path);
}

void fake_host_root(struct fake_host *fake)
{
	struct host *host = &fake->host;

	host->uid = host->euid = 0;
	host->gid = 0;
	host->group_count = 1;
	host->groups[0] = 0;
	free(host->user);
	free(host->home);
	host->user = xstrdup("root");
	host->home = xstrdup("/root");
	free(host->runtime);
	host->runtime = NULL;
	host->maps_ids = true;
	host->uid_range[0] = host->gid_range[0] = (struct id_range){0, UINT32_MAX};
	folders(host);
	host->boxes = (free(host->boxes), xstrdup("/var/lib/sbx/boxes"));
	host->services = (free(host->services), xstrdup("/run/sbx.services/77"));
	host->sessions = (free(host->sessions), xstrdup("/var/lib/sbx/sessions"));
}

void fake_host_isolated(struct fake_host *fake)
{
	fake_host_add(fake, "f /usr/bin/newuidmap 4755 0");
	fake_host_add(fake, "f /usr/bin/newgidmap 4755 0");
	fake->host.isolated = xcalloc(1, sizeof *fake->host.isolated);
	*fake->host.isolated = (struct isolated){.uid = 100007,
						 .gid = 200007,
						 .root_gid = 200000,
						 .uids = {100000, 65536},
						 .gids = {200000, 65536},
						 .lock = -1};
}

void fake_host_done(struct fake_host *fake)
{
	for (size_t i = 0; i < fake->count; i++)
		node_done(&fake->node[i]);
	free(fake->node);
	host_done(&fake->host);
	*fake = (struct fake_host){0};
}
