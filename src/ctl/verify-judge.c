/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verify-judge: what is dangerous even where a profile asks for it. */
#include <fnmatch.h>
#include <string.h>

#include "base/mem.h"
#include "base/path.h"
#include "compile/view.h"
#include "ctl/verify.h"

const char *const secrets_of_home[] = {".ssh",
				       ".gnupg",
				       ".pki",
				       ".password-store",
				       ".netrc",
				       ".git-credentials",
				       ".npmrc",
				       ".pypirc",
				       ".pgpass",
				       ".my.cnf",
				       ".vault-token",
				       ".aws",
				       ".azure",
				       ".kube",
				       ".docker",
				       ".terraform.d",
				       ".cargo/credentials",
				       ".cargo/credentials.toml",
				       ".bash_history",
				       ".zsh_history",
				       ".python_history",
				       ".Xauthority",
				       ".ICEauthority",
				       ".mozilla",
				       ".thunderbird",
				       ".electrum",
				       ".bitcoin",
				       ".config/chromium",
				       ".config/google-chrome",
				       ".config/BraveSoftware",
				       ".config/keepassxc",
				       ".config/Signal",
				       ".config/Slack",
				       ".config/discord",
				       ".config/gcloud",
				       ".config/gh",
				       ".config/hub",
				       ".config/git/credentials",
				       ".config/rclone",
				       ".config/op",
				       ".local/share/keyrings",
				       ".local/share/kwalletd",
				       ".local/share/sbx/homes",
				       NULL};

const char *const started_of_home[] = {".bashrc",
				       ".bash_profile",
				       ".bash_login",
				       ".bash_logout",
				       ".profile",
				       ".zshrc",
				       ".zshenv",
				       ".zprofile",
				       ".login",
				       ".cshrc",
				       ".xinitrc",
				       ".xprofile",
				       ".xsession",
				       ".xsessionrc",
				       ".pam_environment",
				       ".inputrc",
				       ".vimrc",
				       ".vim",
				       ".emacs",
				       ".emacs.d",
				       ".gitconfig",
				       ".ssh/authorized_keys",
				       ".ssh/config",
				       "bin",
				       ".local/bin",
				       ".local/share/applications",
				       ".local/share/dbus-1",
				       ".local/share/systemd",
				       ".config/autostart",
				       ".config/environment.d",
				       ".config/fish",
				       ".config/git",
				       ".config/nvim",
				       ".config/plasma-workspace",
				       ".config/sbx",
				       ".config/systemd",
				       ".config/user-dirs.dirs",
				       NULL};

/* The home that a profile has for itself holds only what its own programs left there. */
static bool is_private_home(const struct host *host, const char *path)
{
	autofree char *homes = host->data ? xasprintf("%s/sbx/homes/", host->data) : NULL;

	return homes && str_starts(path, homes) && path[strlen(homes)];
}

static bool is_of_home(const char *const *list, const struct host *host, const char *path)
{
	if (is_private_home(host, path))
		return false;
	for (size_t i = 0; host->home && list[i]; i++) {
		autofree char *known = xasprintf("%s/%s", host->home, list[i]);

		if (path_below(path, known))
			return true;
	}
	return false;
}

static bool matches(const char *const *patterns, size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++)
		if (fnmatch(patterns[i], path, FNM_CASEFOLD) == 0)
			return true;
	return false;
}

static const char *danger_of_home(const struct host *host, const char *path)
{
	if (host->home && path_below(host->home, path))
		return "your whole home, with all keys and passwords in it";
	if (host->home && path_below(path, host->home))
		return NULL;
	if (str_eq(path, "/root") || (str_starts(path, "/home/") && !strchr(path + strlen("/home/"), '/')))
		return "the home of another user";
	return NULL;
}

const char *danger_of_reading(const struct host *host, const char *path)
{
	static const char *const system[] = {"/etc/shadow*", "/etc/gshadow*", "/etc/ssh/ssh_host_*_key",
					     "/etc/sudoers*", "/etc/ssl/private*"};

	if (is_of_home(secrets_of_home, host, path))
		return "keys, passwords or traces of what you did are there";
	if (matches(system, countof(system), path))
		return "passwords and keys of the system";
	if (str_eq(path, "/etc"))
		return "the whole configuration of the system";
	if (str_eq(path, "/var"))
		return "mail, logs and the data of services";
	return danger_of_home(host, path);
}

/* A folder of PATH in which the caller's own programs are. */
static bool is_of_path(const struct host *host, const char *path)
{
	const char *folders = host_env(host, "PATH");

	for (const char *p = folders ? folders : ""; *p;) {
		size_t len = strcspn(p, ":");
		autofree char *folder = xstrndup(p, len);

		if (folder[0] == '/' && path_below(path, folder))
			return true;
		p += len + (p[len] == ':');
	}
	return false;
}

const char *danger_of_writing(const struct host *host, const char *path)
{
	static const char *const system[] = {"/", "/etc", "/usr", "/boot", "/lib", "/bin", "/sbin", "/opt", "/var"};

	if (is_of_home(started_of_home, host, path) || is_of_path(host, path))
		return "what is written there is started later, outside of the sandbox";
	if (is_of_home(secrets_of_home, host, path))
		return "keys and passwords are there";
	for (size_t i = 0; i < countof(system); i++)
		if (str_eq(path, system[i]))
			return "the system is there";
	if (path_below(path, "/etc") || path_below(path, "/usr") || path_below(path, "/var/spool/cron"))
		return "what is written there is started later, outside of the sandbox";
	return danger_of_home(host, path);
}

const char *danger_of_socket(const char *path)
{
	static const struct {
		const char *pattern, *danger;
	} known[] = {
		{"*/docker.sock", "Docker starts programs as root"},
		{"*/podman.sock", "Podman starts programs outside of the sandbox"},
		{"*/containerd.sock", "containerd starts programs as root"},
		{"*/crio.sock", "CRI-O starts programs as root"},
		{"*/libvirt*sock*", "libvirt starts machines with any disk"},
		{"*/lxd/unix.socket", "LXD starts containers as root"},
		{"*/snapd*.socket", "snapd installs programs"},
		{"*/S.gpg-agent*", "the agent of GnuPG uses your keys"},
		{"*/ssh-*/agent.*", "the agent of SSH uses your keys"},
		{"*/keyring/*", "the keyring gives away passwords"},
		{"*/gcr/ssh", "the agent of SSH uses your keys"},
		{"*/system_bus_socket", "the system bus leads to every service of the system"},
		{"*/bus", "the session bus starts programs outside of the sandbox"},
		{"*/at-spi/*", "the accessibility bus reads and types into every program"},
		{"*/dbus-*", "the session bus starts programs outside of the sandbox"},
		{"*/systemd/*private", "systemd starts programs outside of the sandbox"},
		{"*/.X11-unix/X*", "every program of the display can be read and typed into"},
		{"*/.ICE-unix/*", "the session manager starts programs outside of the sandbox"},
		{"*/pulse/native", "PulseAudio records, and loads modules that write files"},
		{"*/pipewire-*", "PipeWire records sound and screen"},
		{"*/ibus*", "the input method sees what is typed"},
		{"@*", "a service of this machine that asks for no file rights"},
	};

	for (size_t i = 0; i < countof(known); i++)
		if (fnmatch(known[i].pattern, path, 0) == 0)
			return known[i].danger;
	return NULL;
}

const char *danger_of_device(const char *path)
{
	static const char *const typed[] = {"/dev/input/*", "/dev/hidraw*", "/dev/uinput", "/dev/uhid"};
	static const char *const disks[] = {"/dev/sd*",     "/dev/hd*", "/dev/vd*", "/dev/xvd*",  "/dev/nvme*",
					    "/dev/mmcblk*", "/dev/md*", "/dev/dm*", "/dev/loop*", "/dev/mapper/*"};
	static const char *const memory[] = {"/dev/mem", "/dev/kmem", "/dev/port", "/dev/kmsg", "/dev/watchdog*"};
	static const char *const screens[] = {"/dev/console", "/dev/tty[0-9]*", "/dev/vcs*", "/dev/fb*"};

	if (matches(typed, countof(typed), path))
		return "it sees or makes what is typed";
	if (matches(memory, countof(memory), path))
		return "it is the machine itself";
	if (matches(disks, countof(disks), path))
		return "a whole disk";
	if (matches(screens, countof(screens), path))
		return "a console of this machine";
	return NULL;
}

bool is_secret_variable(const char *name)
{
	static const char *const patterns[] = {"*TOKEN*",      "*SECRET*",     "*PASSWORD*", "*PASSWD*", "*PASSPHRASE*",
					       "*CREDENTIAL*", "*API_KEY*",    "*APIKEY*",   "*_KEY",    "*_KEY_ID",
					       "*_PAT",        "*ACCESS_KEY*", "*_AUTH"};

	return matches(patterns, countof(patterns), name);
}

void judge(struct item *item)
{
	item->reached = NULL;
	for (size_t i = 0; i < item->ways; i++) {
		const struct way *way = &item->way[i];

		if (way->open && (!item->reached || (way->why && way->depth >= item->reached->depth)))
			item->reached = way;
	}
	if (!item->identity) {
		item->state = STATE_NOTHING;
		item->reached = NULL;
	} else if (!item->reached) {
		item->state = STATE_CLOSED;
	} else {
		item->state = item->danger || !item->reached->why ? STATE_HOLE : STATE_GRANTED;
	}
}

enum verify_state judge_group(const struct items *items, enum verify_group group, size_t *ret_tried, size_t *ret_closed)
{
	enum verify_state worst = STATE_NOTHING;

	*ret_tried = *ret_closed = 0;
	for (size_t i = 0; i < items->count; i++) {
		const struct item *item = &items->v[i];

		if (item->group != group)
			continue;
		*ret_tried += item->state != STATE_NOTHING;
		*ret_closed += item->state == STATE_CLOSED;
		if (item->state > worst)
			worst = item->state;
	}
	return worst;
}
