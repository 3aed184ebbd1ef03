/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* folders: where the caller's files, the profiles and the helpers are. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* An XDG folder: of the environment if that is absolute and normal, else below the home. */
static char *xdg(const struct host *host, const char *name, const char *below_home)
{
	const char *value = host_env(host, name);

	if (value && value[0] == '/' && !strstr(value, "/..") && !strstr(value, "//"))
		return xstrdup(value);
	return host->home ? xasprintf("%s/%s", host->home, below_home) : NULL;
}

static char *runtime(const struct host *host)
{
	const char *value = host_env(host, "XDG_RUNTIME_DIR");
	struct stat st;

	if (!value || value[0] != '/' || lstat(value, &st) < 0)
		return NULL;
	return S_ISDIR(st.st_mode) && st.st_uid == host->uid && (st.st_mode & 077) == 0 ? xstrdup(value) : NULL;
}

/* One line of user-dirs.dirs: XDG_DOWNLOAD_DIR="$HOME/x" or an absolute path; anything else is passed over. */
static char *user_folder(const struct host *host, const char *text, const char *key, const char *fallback)
{
	autofree char *start = xasprintf("XDG_%s_DIR=\"", key);
	const char *line = text ? strstr(text, start) : NULL, *value, *end;

	if (!host->home)
		return NULL;
	if (line && (line == text || line[-1] == '\n')) {
		value = line + strlen(start);
		end = strpbrk(value, "\"\n");
		if (end && *end == '"' && str_starts(value, "$HOME/"))
			return xasprintf("%s/%.*s", host->home, (int)(end - value - 6), value + 6);
		if (end && *end == '"' && *value == '/')
			return xstrndup(value, (size_t)(end - value));
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

void host_read_folders(struct host *host)
{
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
	host->helper_folder = beside_program("libexec/sbx", PKGLIBEXECDIR);
}
