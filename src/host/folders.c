/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* folders: where the caller's files, the profiles and the helpers are. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/child.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "host/parts.h"

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif
#ifndef PKGDATADIR
#define PKGDATADIR "/usr/local/share/sbx"
#endif
#ifndef PKGLIBEXECDIR
#define PKGLIBEXECDIR "/usr/local/libexec/sbx"
#endif

char *host_absolute(const char *value, size_t len)
{
	if (!len || value[0] != '/')
		return NULL;
	while (len > 1 && value[len - 1] == '/')
		len--;
	for (size_t i = 1, name; len > 1 && i <= len; i += name + 1) {
		name = 0;
		while (i + name < len && value[i + name] != '/')
			name++;
		if (name == 0 || (name == 1 && value[i] == '.') ||
		    (name == 2 && value[i] == '.' && value[i + 1] == '.'))
			return NULL;
	}
	return xstrndup(value, len);
}

/* An XDG folder: of the environment if that is absolute and normal, else below the home. */
static char *xdg(const struct host *host, const char *name, const char *below_home)
{
	const char *value = host_env(host, name);
	char *folder = value ? host_absolute(value, strlen(value)) : NULL;

	if (folder || !host->home)
		return folder;
	return xasprintf("%s/%s", str_eq(host->home, "/") ? "" : host->home, below_home);
}

static char *runtime(const struct host *host)
{
	const char *value = host_env(host, "XDG_RUNTIME_DIR");
	autofree char *folder = value ? host_absolute(value, strlen(value)) : NULL;
	struct stat st;

	if (!folder || lstat(folder, &st) < 0)
		return NULL;
	return S_ISDIR(st.st_mode) && st.st_uid == host->uid && (st.st_mode & 077) == 0 ? take(folder) : NULL;
}

/* The value of the last line KEY="VALUE", which may be indented; not that of a comment. NULL if there is none. */
static const char *value_of(const char *text, const char *key, size_t *ret_len)
{
	autofree char *start = xasprintf("XDG_%s_DIR=\"", key);
	const char *found = NULL;

	for (const char *line = text, *next; line && *line; line = next) {
		size_t len = strcspn(line, "\n");

		next = line + len + (line[len] != '\0');
		line += strspn(line, " \t");
		if (!str_starts(line, start))
			continue;
		line += strlen(start);
		len = strcspn(line, "\"\n");
		if (line[len] != '"')
			continue;
		found = line;
		*ret_len = len;
	}
	return found;
}

/* True if `folder` is the home or above it. */
static bool holds_home(const struct host *host, const char *folder)
{
	size_t len = str_eq(folder, "/") ? 0 : strlen(folder);

	return strncmp(folder, host->home, len) == 0 && (host->home[len] == '\0' || host->home[len] == '/');
}

/* One line of user-dirs.dirs: XDG_DOWNLOAD_DIR="$HOME/x" or an absolute path. Anything else is passed over: what has an
 * escape, and above all "$HOME/", by which xdg-user-dirs says that there is no such folder; taken as it stands, it
 * would show the whole home to a profile that asks for the downloads. */
static char *user_folder(const struct host *host, const char *text, const char *key, const char *fallback)
{
	autofree char *joined = NULL;
	size_t len = 0;
	const char *value = value_of(text, key, &len);

	if (!host->home)
		return NULL;
	if (value && str_starts(value, "$HOME/"))
		joined = xasprintf("%s%.*s", host->home, (int)(len - strlen("$HOME")), value + strlen("$HOME"));
	else if (value)
		joined = xstrndup(value, len);
	if (joined && !strpbrk(joined, "\\$`")) {
		autofree char *folder = host_absolute(joined, strlen(joined));

		if (folder && !holds_home(host, folder))
			return take(folder);
	}
	return xasprintf("%s/%s", host->home, fallback);
}

static void user_folders(struct host *host)
{
	autofree char *path = host->config ? xasprintf("%s/user-dirs.dirs", host->config) : NULL;
	char text[8192];
	const char *read = path && fd_read_file(AT_FDCWD, path, text, sizeof text) > 0 ? text : NULL;

	host->downloads = user_folder(host, read, "DOWNLOAD", "Downloads");
	host->documents = user_folder(host, read, "DOCUMENTS", "Documents");
	host->music = user_folder(host, read, "MUSIC", "Music");
	host->pictures = user_folder(host, read, "PICTURES", "Pictures");
	host->videos = user_folder(host, read, "VIDEOS", "Videos");
	host->desktop = user_folder(host, read, "DESKTOP", "Desktop");
}

/* An installation that was moved: PREFIX/bin/sbx finds PREFIX/share and PREFIX/libexec. */
static char *beside_program(const char *below, const char *compiled_in)
{
	char program[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
	char *bin;

	if (n <= 0)
		return xstrdup(compiled_in);
	program[n] = '\0';
	bin = strstr(program, "/bin/");
	while (bin && strstr(bin + 1, "/bin/"))
		bin = strstr(bin + 1, "/bin/");
	if (bin && !strchr(bin + 5, '/')) {
		autofree char *found = xasprintf("%.*s/%s", (int)(bin - program), program, below);

		if (access(found, F_OK) == 0)
			return take(found);
	}
	return xstrdup(compiled_in);
}

/* Root's are the machine's; but not where root has said where its state is, as a test does. */
static char *of_state(const struct host *host, const char *name)
{
	if (host->uid == 0 && !host_env(host, "XDG_STATE_HOME"))
		return xasprintf("/var/lib/sbx/%s", name);
	return host->state ? xasprintf("%s/sbx/%s", host->state, name) : NULL;
}

static char *images(const struct host *host)
{
	if (host->uid == 0 && !host_env(host, "XDG_DATA_HOME"))
		return xstrdup("/var/lib/sbx/images");
	return host->data ? xasprintf("%s/sbx/images", host->data) : NULL;
}

/* Where the system gives no folder for the time of a login, one that stays will do. */
static char *live(const struct host *host)
{
	if (host->uid == 0 && !host_env(host, "XDG_RUNTIME_DIR"))
		return xstrdup("/run/sbx");
	if (host->runtime)
		return xasprintf("%s/sbx", host->runtime);
	return host->state ? xasprintf("%s/sbx/live", host->state) : NULL;
}

static char *runs(const struct host *host)
{
	if (host->uid == 0 && !host_env(host, "XDG_STATE_HOME"))
		return xstrdup("/var/lib/sbx/runs");
	return host->state ? xasprintf("%s/sbx/runs", host->state) : NULL;
}

/* A batch plans in many processes. */
void host_name_services(struct host *host)
{
	free(host->services);
	host->services = host->live ? xasprintf("%s.services/%d", host->live, getpid()) : NULL;
}

void host_read_folders(struct host *host)
{
	struct err none = {0};

	host->config = xdg(host, "XDG_CONFIG_HOME", ".config");
	host->cache = xdg(host, "XDG_CACHE_HOME", ".cache");
	host->data = xdg(host, "XDG_DATA_HOME", ".local/share");
	host->state = xdg(host, "XDG_STATE_HOME", ".local/state");
	host->runtime = runtime(host);
	user_folders(host);
	if (host->config)
		host->profile_folder[0] = xasprintf("%s/sbx/profiles", host->config);
	host->profile_folder[1] = xstrdup(SYSCONFDIR "/sbx/profiles");
	host->profile_folder[2] = beside_program("share/sbx/profiles", PKGDATADIR "/profiles");
	host->boxes = of_state(host, "boxes");
	host->sessions = of_state(host, "sessions");
	host->images = images(host);
	host->live = live(host);
	host_name_services(host);
	host->sbx = child_sbx(&none);
	host->runs = runs(host);
	host->helper_folder = beside_program("libexec/sbx", PKGLIBEXECDIR);
}
