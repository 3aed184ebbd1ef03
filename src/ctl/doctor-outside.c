/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doctor-outside: programs that run outside of their sandboxes now, and those that systemd would start so. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "ctl/doctor-desktop.h"
#include "ctl/live.h"
#include "desktop/place.h"

/* --- processes --- */

/* The path of the file that a process executes. Owned by the caller; NULL: another's, or a thread of the kernel. */
static char *file_of(const char *pid)
{
	static const char deleted[] = " (deleted)";
	autofree char *exe = xasprintf("/proc/%s/exe", pid);
	char path[PATH_MAX];
	ssize_t n = readlink(exe, path, sizeof path);
	size_t len = n > 0 ? (size_t)n : 0, end = strlen(deleted);

	if (len > end && memcmp(path + len - end, deleted, end) == 0)
		len -= end;
	return len && len < sizeof path ? xstrndup(path, len) : NULL;
}

/* The name by which a person knows a process: of its file, or of the script that it reads. Owned by the caller; NULL.
 */
static char *name_of(const char *pid)
{
	autofree char *file = file_of(pid), *cmdline = xasprintf("/proc/%s/cmdline", pid);
	autostrv struct strv words = {0};
	struct exec_program program;
	char text[4096];
	ssize_t size = fd_read_file(AT_FDCWD, cmdline, text, sizeof text);

	if (!file || size < 0)
		return NULL;
	strv_add(&words, file);
	for (ssize_t at = (ssize_t)strlen(text) + 1; at < size; at += (ssize_t)strlen(text + at) + 1)
		strv_add(&words, text + at);
	exec_program(&words, &program);
	return xstrdup(program.name);
}

static bool is_mine(const struct outside *out, const char *pid)
{
	autofree char *path = xasprintf("/proc/%s", pid);
	struct stat st;

	return stat(path, &st) == 0 && st.st_uid == out->desk->ctl->host.uid;
}

static bool is_inside(const struct live_list *list, const struct live_use *uses, pid_t pid)
{
	for (size_t i = 0; i < list->count; i++)
		for (uint64_t k = 0; k < uses[i].processes; k++)
			if (uses[i].process[k].pid == pid)
				return true;
	return false;
}

/* All pids of one program, as the words of one finding. */
static void one_running(const struct outside *out, const char *program, const struct strv *pids)
{
	autofree char *text = NULL, *fix = NULL;
	autostr struct str all = {0};

	for (size_t i = 0; i < pids->count; i++)
		str_addf(&all, " %s", pids->v[i]);
	text = xasprintf("%s runs outside of its sandbox, as process%s%s; it may take what a click opens", program,
			 pids->count > 1 ? "es" : "", all.s);
	fix = xasprintf("end it (kill%s), and start it again from its entry", all.s);
	doctor_finding(out->d, "running", 0, text, fix);
}

static void running(const struct outside *out, const struct live_list *list, const struct live_use *uses)
{
	autofree struct strv *found = xcalloc(out->programs.count + 1, sizeof *found);
	autolist DIR *proc = opendir("/proc");
	const struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		autofree char *name = NULL;

		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || !is_mine(out, entry->d_name) ||
		    is_inside(list, uses, (pid_t)strtol(entry->d_name, NULL, 10)))
			continue;
		name = name_of(entry->d_name);
		for (size_t i = 0; name && i < out->programs.count; i++)
			if (str_eq(name, out->programs.v[i]))
				strv_add(&found[i], entry->d_name);
	}
	for (size_t i = 0; i < out->programs.count; i++) {
		if (found[i].count)
			one_running(out, out->programs.v[i], &found[i]);
		strv_done(&found[i]);
	}
}

void running_findings(const struct outside *out)
{
	struct live_list list = {0};
	struct live_use *uses;
	struct err e = {0};

	if (live_all(out->desk->ctl, &list, &e) < 0) {
		doctor_finding(out->d, "running", -1, e.text, e.hint[0] ? e.hint : NULL);
		return;
	}
	uses = live_uses(&list);
	running(out, &list, uses);
	live_uses_done(uses, list.count);
	live_list_done(&list);
}

/* --- units --- */

/* The program that a unit's last ExecStart starts; an empty one forgets those before. Adds nothing to `ret` if none. */
static void program_of_unit(const struct str *text, struct str *ret)
{
	struct keyfile file;
	struct keyline line;

	keyfile_begin(&file, text);
	while (keyfile_next(&file, &line)) {
		autostrv struct strv words = {0};
		struct exec_program program;
		struct span value = line.value;
		struct err e;

		if (!span_is(line.group, "Service") || !span_is(line.key, "ExecStart"))
			continue;
		str_done(ret);
		while (value.len && strchr("@-:+!", value.s[0])) {
			value.s++;
			value.len--;
		}
		if (exec_words(value, &words, &e) < 0)
			continue;
		exec_program(&words, &program);
		if (program.kind == EXEC_PROGRAM)
			str_add(ret, program.name);
	}
}

/* The text of a unit, and of what lies over it, one behind the other. */
static void read_unit(const char *const folders[], size_t count, const char *name, struct str *ret)
{
	struct err e;

	for (size_t i = 0; i < count && !ret->len; i++)
		if (folders[i] && place_read(folders[i], name, ret, &e) == 0)
			break;
	for (size_t i = count; i-- > 0;) {
		autofree char *folder = folders[i] ? xasprintf("%s/%s.d", folders[i], name) : NULL;
		autostrv struct strv parts = {0};

		if (folder)
			place_names(folder, ".conf", &parts);
		for (size_t k = 0; k < parts.count; k++) {
			autostr struct str part = {0};

			if (place_read(folder, parts.v[k], &part, &e) == 0)
				str_addf(ret, "\n%s\n", part.s);
		}
	}
}

void unit_findings(const struct outside *out)
{
	const struct host *host = &out->desk->ctl->host;
	autofree char *config = host->config ? xasprintf("%s/systemd/user", host->config) : NULL;
	autofree char *data = host->data ? xasprintf("%s/systemd/user", host->data) : NULL;
	const char *folders[] = {config, "/etc/systemd/user", data, "/usr/local/lib/systemd/user",
				 "/usr/lib/systemd/user"};
	autostrv struct strv names = {0};

	for (size_t i = 0; i < countof(folders); i++)
		if (folders[i])
			place_names(folders[i], ".service", &names);
	strv_sort(&names, 0);
	for (size_t i = 0; i < names.count; i++) {
		autostr struct str text = {0}, program = {0};
		autofree char *said = NULL, *fix = NULL;

		if (strchr(names.v[i], '/') || (i && str_eq(names.v[i], names.v[i - 1])))
			continue;
		read_unit(folders, countof(folders), names.v[i], &text);
		program_of_unit(&text, &program);
		if (!program.len || !strv_has(&out->programs, program.s))
			continue;
		said = xasprintf("the user's unit %s starts %s outside of its sandbox", names.v[i], program.s);
		fix = xasprintf("systemctl --user edit %s: an empty ExecStart=, then one that begins with '%s --'",
				names.v[i], out->desk->sbx);
		doctor_finding(out->d, "unit", 0, said, fix);
	}
}
