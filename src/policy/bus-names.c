/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "policy/bus-names.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum { NAME_MAX_BYTES = 255 };

#define STARTS "starts programs outside of the sandbox"
#define ANSWERS "answers for the user, whom a portal would ask"
#define SYSTEM "changes the system for all of its users"

/* Each with all names below it. What a call to one of these does, the caller's own rights do, outside. */
static const struct danger {
	const char *name, *what;
} dangers[] = {
	{"org.freedesktop.systemd1", STARTS},
	{"org.freedesktop.Flatpak", STARTS},
	{"org.freedesktop.portal.Flatpak", STARTS},
	{"org.freedesktop.impl.portal", ANSWERS},
	{"org.freedesktop.secrets",
	 "gives away all passwords of the keyring (desktop.secrets = yes is the word for it)"},
	{"org.gnome.keyring", "gives away all passwords of the keyring"},
	{"org.kde.kwalletd5", "gives away all passwords of the wallet"},
	{"org.kde.kwalletd6", "gives away all passwords of the wallet"},
	{"org.gtk.vfs", "reads and writes any file of the user"},
	{"ca.desrt.dconf", "changes settings, among them commands that the desktop starts"},
	{"org.gnome.Shell", STARTS},
	{"org.gnome.SettingsDaemon", STARTS},
	{"org.gnome.SessionManager", STARTS},
	{"org.gnome.Terminal", STARTS},
	{"org.gnome.Console", STARTS},
	{"org.gnome.Mutter", "sees and controls the screen and the keyboard"},
	{"org.cinnamon", STARTS},
	{"org.Cinnamon", STARTS},
	{"org.mate.SessionManager", STARTS},
	{"org.xfce.SessionManager", STARTS},
	{"org.xfce.Xfconf", "changes settings, among them commands that the desktop starts"},
	{"org.kde.plasmashell", STARTS},
	{"org.kde.KWin", STARTS},
	{"org.kde.krunner", STARTS},
	{"org.kde.klauncher5", STARTS},
	{"org.kde.klauncher6", STARTS},
	{"org.kde.kded5", STARTS},
	{"org.kde.kded6", STARTS},
	{"org.kde.ksmserver", STARTS},
	{"org.kde.konsole", STARTS},
	{"org.kde.yakuake", STARTS},
	{"org.kde.kglobalaccel", STARTS},
	{"org.kde.kdeconnect", STARTS},
	{"org.xfce.FileManager", STARTS},
	{"org.xfce.Thunar", STARTS},
	{"org.xfce.Panel", STARTS},
	{"org.lxqt", STARTS},
	{"org.gnome.Nautilus", "copies, moves and removes any file of the user"},
	{"org.gnome.Ptyxis", STARTS},
	{"com.gexperts.Tilix", STARTS},
	{"org.guake3", STARTS},
	{"io.snapcraft", STARTS},
	{"org.freedesktop.DBus", "is the bus itself, which is filtered call by call without a rule"},
	/* of the system bus */
	{"org.freedesktop.machine1", STARTS},
	{"org.freedesktop.portable1", STARTS},
	{"org.freedesktop.home1", SYSTEM},
	{"org.freedesktop.PackageKit", "installs programs outside of the sandbox"},
	{"org.freedesktop.PolicyKit1", ANSWERS},
	{"org.freedesktop.UDisks2", "mounts and writes disks"},
	{"org.freedesktop.Accounts", SYSTEM},
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

/* Elements with a '.' between each two, at least as many as asked for; none of them starts with a digit. */
static bool is_dotted(const char *text, size_t len, size_t least)
{
	size_t elements = 1;
	bool first = true;

	if (!len || len > NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';

		if (text[i] == '.' && !first) {
			elements++;
			first = true;
		} else if (is_letter(text[i]) || (digit && !first)) {
			first = false;
		} else {
			return false;
		}
	}
	return !first && elements >= least;
}

/* The length without a ".*" at its end. */
static size_t stem(const char *text, size_t len)
{
	return len > 2 && text[len - 2] == '.' && text[len - 1] == '*' ? len - 2 : len;
}

static bool is_name(const char *text, size_t len)
{
	return is_dotted(text, stem(text, len), 2);
}

bool bus_is_name(const char *word)
{
	return is_name(word, strlen(word));
}

/* "/", or names with a '/' before each; "/" and a star at the end stand for all below. */
static bool is_object(const char *path)
{
	size_t len = strlen(path);

	if (len > 2 && path[len - 2] == '/' && path[len - 1] == '*')
		len -= 2;
	if (path[0] != '/')
		return false;
	for (size_t i = 1; i < len; i++)
		if (path[i] == '/' ? path[i - 1] == '/'
				   : path[i] == '-' || (!is_letter(path[i]) && !strchr("0123456789", path[i])))
			return false;
	return len == 1 || path[len - 1] != '/';
}

bool bus_is_rule(const char *word)
{
	const char *rule = strchr(word, '='), *object;
	size_t len;

	if (!rule || !is_name(word, (size_t)(rule - word)) || !rule[1])
		return false;
	rule++;
	object = strchr(rule, '@');
	len = object ? (size_t)(object - rule) : strlen(rule);
	if (object && !is_object(object + 1))
		return false;
	return (len == 0 && object) || (len == 1 && *rule == '*') || is_name(rule, len);
}

/* True if `name`, of so many bytes, is `above` or below it. */
static bool is_below(const char *name, size_t len, const char *above, size_t above_len)
{
	return len >= above_len && memcmp(name, above, above_len) == 0 && (len == above_len || name[above_len] == '.');
}

bool bus_danger(const char *word, const char **ret_name, const char **ret_what)
{
	size_t len = strcspn(word, "="), without = stem(word, len);

	for (size_t i = 0; i < countof(dangers); i++) {
		size_t danger = strlen(dangers[i].name);

		if (!is_below(word, without, dangers[i].name, danger) &&
		    (without == len || !is_below(dangers[i].name, danger, word, without)))
			continue;
		*ret_name = dangers[i].name;
		*ret_what = dangers[i].what;
		return true;
	}
	return false;
}
