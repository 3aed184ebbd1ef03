/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/unit.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"

enum { LINE_MAX_BYTES = 1 << 20 }; /* of systemd: LONG_LINE_MAX */

/* The lines of a unit are text: no line end can be in one, and what is not UTF-8 is not read. */
static int check(const char *text, struct err *e)
{
	const struct str all = {.s = (char *)(unsigned long)text, .len = strlen(text)};
	autostr struct str shown = {0};

	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f || !str_is_utf8(&all)) {
			str_add_escaped(&shown, text, true);
			return err_set(e, EINVAL, "'%.200s' can't be in a unit: it has a control byte, or is not UTF-8",
				       shown.s);
		}
	return 0;
}

/* systemd.syntax(7), systemd.service(5): '%' begins a specifier, '$' a variable; in quotes '\' and '"' are special, and
 * blanks and a lone ';' are not. */
static void add_word(struct str *out, const char *word, bool variables)
{
	str_add(out, "\"");
	for (const char *p = word; *p; p++) {
		if (*p == '\\' || *p == '"')
			str_add(out, "\\");
		else if (*p == '%' || (*p == '$' && variables))
			str_add_bytes(out, p, 1);
		str_add_bytes(out, p, 1);
	}
	str_add(out, "\"");
}

static bool is_plain(const char *word)
{
	return *word && !word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=,+@-")];
}

static int add_command(const struct unit *unit, struct str *out, struct err *e)
{
	size_t begin = out->len;
	int r = check(unit->sbx, e);

	str_add(out, "ExecStart=");
	add_word(out, unit->sbx, false);
	str_addf(out, " --name=%s", unit->name);
	for (size_t i = 0; r == 0 && i < unit->words->count; i++) {
		const char *word = unit->words->v[i];

		r = check(word, e);
		str_add(out, " ");
		if (is_plain(word))
			str_add(out, word);
		else
			add_word(out, word, true);
	}
	str_add(out, "\n");
	if (r == 0 && out->len - begin > LINE_MAX_BYTES)
		r = err_set(e, EINVAL, "the command is longer than a line of a unit may be");
	return r;
}

/* A path to the end of its line, without quotes. */
static int add_folder(const struct unit *unit, struct str *out, struct err *e)
{
	size_t len = strlen(unit->folder);

	if (check(unit->folder, e) < 0)
		return -e->code;
	if (unit->folder[len - 1] == ' ' || unit->folder[len - 1] == '\\')
		return err_set(e, EINVAL, "the folder '%s' can't be in a unit, for the byte that it ends with",
			       unit->folder);
	str_add(out, "WorkingDirectory=");
	for (const char *p = unit->folder; *p; p++) {
		str_add_bytes(out, p, 1);
		if (*p == '%')
			str_add(out, "%");
	}
	str_add(out, "\n");
	return 0;
}

/* How it gets to where systemd looks for it. */
static void add_use(const struct unit *unit, struct str *out)
{
	const char *flag = unit->system ? "" : "--user ";

	str_addf(out, "# Made by sbxctl generate systemd. To start it now, and at each %s:\n",
		 unit->system ? "boot" : "login");
	str_addf(out, "#   write this to %s/sbx-%s.service\n",
		 unit->system ? "/etc/systemd/system" : "~/.config/systemd/user", unit->name);
	str_addf(out, "#   systemctl %sdaemon-reload\n#   systemctl %senable --now sbx-%s.service\n", flag, flag,
		 unit->name);
	if (!unit->system)
		str_add(out, "#   loginctl enable-linger: at each boot, too\n");
}

int unit_write(const struct unit *unit, struct str *out, struct err *e)
{
	int r;

	add_use(unit, out);
	str_addf(out,
		 "[Unit]\nDescription=Sandbox %s\nDocumentation=man:sbx(1) man:sbxctl(1)\n\n"
		 "[Service]\nType=exec\n",
		 unit->name);
	r = add_command(unit, out, e);
	if (r == 0)
		r = add_folder(unit, out, e);
	if (r == 0 && unit->user)
		r = check(unit->user, e);
	if (r < 0)
		return r;
	if (unit->user)
		str_addf(out, "User=%s\n", unit->user);
	/* sbx passes SIGTERM on; what ends by it was stopped. Its cgroups are below the service's. */
	str_addf(out,
		 "Restart=on-failure\nKillMode=mixed\nSuccessExitStatus=143\nDelegate=yes\n\n"
		 "[Install]\nWantedBy=%s\n",
		 unit->system ? "multi-user.target" : "default.target");
	return 0;
}
