/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sbxctl: everything but the launch: profiles, and what this system can do. Never has any privilege. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "ctl/ctl.h"
#include "message.h"
#include "run/prepare.h"
#include "variables.h"

static const struct command commands[] = {
	{"list", "[NAME]... [--all] [--json]", "the sandboxes that run; --all: and detached ones that have ended",
	 ctl_list},
	{"inspect", "NAME...", "its record, what it uses, and the plan it was made by", ctl_inspect},
	{"exec", "NAME [--] COMMAND [ARG]...", "one more command in it, as confined as the first", ctl_exec},
	{"stop", "NAME... [--grace=TIME]", "asks it to end, and after a while ends it", ctl_stop},
	{"kill", "NAME... [-s SIGNAL]", "ends it, or passes a signal on", ctl_kill},
	{"wait", "NAME...", "until it has ended; with the status of its command where that is known", ctl_wait},
	{"logs", "NAME... [--follow]", "what it has said, if it was started by sbx --detach", ctl_logs},
	{"forget", "NAME...", "removes what a detached one that has ended has left", ctl_forget},
	{"freeze", "NAME...", "stops all its processes; thaw lets them go on", ctl_freeze},
	{"thaw", "NAME...", "lets them go on", ctl_thaw},
	{"grant", "NAME PATH [--write] [--at=PATH]", "shows more of the host to it; prints where", ctl_grant},
	{"revoke", "NAME PATH", "takes that away", ctl_revoke},
	{"limit", "NAME KEY=VALUE...", "changes limits that a cgroup keeps: memory, processes, cpu ...", ctl_limit},
	{"stats", "[NAME]...", "processes, memory and processor time of each", ctl_stats},
	{"top", "[NAME]...", "the same, again and again", ctl_top},
	{"events", "[NAME]...", "a line of JSON when one starts, or has ended", ctl_events},
	{"generate", "systemd [--user|--system] [-o FILE] NAME | -- SBX-WORDS...",
	 "a unit that starts it at boot, and again when it fails", ctl_generate},
	{"profile", "list", "all profiles, with their descriptions", ctl_profile},
	{"profile", "show NAME", "every value of a profile, with the line it comes from", ctl_profile},
	{"profile", "check [NAME|PATH]...", "all errors of the profiles named, or of all", ctl_profile},
	{"profile", "keys [--format=FORMAT]", "the keys of the format: text, json, man, bash, zsh, fish", ctl_profile},
	{"box", "create NAME [--size=SIZE] [--inodes=NUMBER] [--collect=PATTERN]...",
	 "a folder for files that runs share", ctl_box},
	{"box", "put NAME FILE[:NAME]...", "copies files and folders into a box", ctl_box},
	{"box", "run NAME [OPTION]... [--] COMMAND [ARG]...", "sbx --box=NAME [OPTION]... -- COMMAND [ARG]...",
	 ctl_box},
	{"box", "get NAME [PATTERN]... [-o FOLDER]", "copies what is in a box, or what matches, to a folder", ctl_box},
	{"box", "list [--json]", "all boxes", ctl_box},
	{"box", "show NAME [--json]", "what is in a box, and where that is", ctl_box},
	{"box", "destroy NAME...", "removes boxes and what is in them", ctl_box},
	{"image", "import SOURCE [NAME]", "an image from an OCI layout, a docker-archive, a folder", ctl_image},
	{"image", "pull [--insecure] SOURCE [NAME]", "an image of a registry, fetched by skopeo", ctl_image},
	{"image", "pack PROGRAM... [--run=COMMAND]... [--name=NAME] [-o oci:FOLDER[:TAG]|oci-archive:FILE] [--json]",
	 "an image of what programs need, and why", ctl_image},
	{"image", "list [--json]", "all images", ctl_image},
	{"image", "inspect REF [--json]", "what is in an image, and what it would start", ctl_image},
	{"image", "verify [REF]...", "reads all that images are made of, and checks it", ctl_image},
	{"image", "tag REF NAME", "one more name", ctl_image},
	{"image", "commit SESSION NAME", "an image with what was written to one in a session", ctl_image},
	{"image", "export REF oci:FOLDER[:TAG]|oci-archive:FILE", "an OCI layout, with the same digests", ctl_image},
	{"image", "remove NAME...", "removes names, and what only they led to", ctl_image},
	{"image", "gc", "removes what no name leads to", ctl_image},
	{"session", "list [--json]", "all sessions, and how much has changed in them", ctl_session},
	{"session", "diff NAME [--json]", "what overlays have changed in a session", ctl_session},
	{"session", "commit NAME [--force] [PATH]...", "makes the changes on the host, all or those of PATHs",
	 ctl_session},
	{"session", "discard NAME...", "removes sessions, and all that was changed in them", ctl_session},
	{"home", "list [NAME]... [--json]", "the private homes of profiles: how large, and whether one is in use",
	 ctl_home},
	{"home", "show [NAME]... [--json]", "what is in them, the largest first", ctl_home},
	{"home", "reset NAME... [--yes]", "empties them; asks first on a terminal", ctl_home},
	{"desktop", "enable [NAME]... [--all] [--profile=PROFILE] [--path] [--refresh] [--json]",
	 "programs start in their sandboxes also from menus, by D-Bus and at the login", ctl_desktop},
	{"desktop", "disable [NAME]... [--all] [--json]", "takes that back", ctl_desktop},
	{"desktop", "list [NAME]... [--all] [--json]",
	 "entries whose programs have a profile, or --all, and their state", ctl_desktop},
	{"desktop", "status [NAME]... [--all] [--json]",
	 "those that are enabled, and whether they are as they should be", ctl_desktop},
	{"doctor", "[--json]", "what this system can enforce, and how to mend what it can't", ctl_doctor},
	{"doctor", "--grading [--json]", "what makes times differ from run to run here, and how to mend it",
	 ctl_doctor},
	{"doctor", "--desktop [--fix] [--json]", "how programs that have a profile would start outside of it",
	 ctl_doctor},
	{"pair", "[--report=FILE] [--transcript=FILE] SBX-WORDS... -- SBX-WORDS...",
	 "sandboxes whose standard streams are joined, each with its own profile and limits", ctl_pair},
	{"verify", "[--json] [--quiet] [--set=KEY=VALUE]... [PROFILE]...",
	 "what a profile (default) lets a hostile program reach, tried on this machine", ctl_verify},
};

static void help(struct str *out)
{
	str_add(out, "Usage: sbxctl COMMAND [ARG]...\n\n");
	for (size_t i = 0; i < countof(commands); i++)
		str_addf(out, "  sbxctl %s %s\n        %s\n", commands[i].name, commands[i].args, commands[i].help);
	str_add(out, "\n  A NAME of a sandbox may be its beginning; --all instead: each. --json: the result as JSON, "
		     "of all\n"
		     "  but exec, box run, pair and generate.\n");
	str_add(out, "\n  sbxctl --help, --version\n\nSee sbxctl(1), sbx(1), sbx-profile(5).\n");
}

int ctl_print(const struct str *text)
{
	return text->s && fd_write(STDOUT_FILENO, text->s, text->len) < 0 ? 1 : 0;
}

int ctl_fail(const struct err *e, int status)
{
	message_error(e);
	return status;
}

int ctl_usage(const char *text)
{
	struct err e = {0};

	(void)err_set(&e, EINVAL, "%s", text);
	(void)err_hint(&e, "see sbxctl --help");
	return ctl_fail(&e, 2);
}

/* For the shells: what the last of the words may be. */
static int complete(const struct ctl *ctl, int argc, char **argv)
{
	autostr struct str text = {0};

	complete_words(ctl, commands, countof(commands), argc, argv, &text);
	return ctl_print(&text);
}

static int dispatch(struct ctl *ctl, int argc, char **argv)
{
	if (str_eq(argv[0], "--complete"))
		return complete(ctl, argc - 1, argv + 1);
	for (size_t i = 0; i < countof(commands); i++)
		if (str_eq(commands[i].name, argv[0]))
			return commands[i].run(ctl, argc - 1, argv + 1);
	return ctl_usage("there is no such command");
}

int main(int argc, char **argv, char **environment)
{
	autostr struct str text = {0};
	struct ctl ctl = {0};
	struct err e = {0};
	int status;

	message_name("sbxctl");
	if (prepare_process(&e) < 0)
		return ctl_fail(&e, 1);
	if (argc < 2)
		return ctl_usage("a command is missing");
	if (str_eq(argv[1], "--help") || str_eq(argv[1], "-h")) {
		help(&text);
		return ctl_print(&text);
	}
	if (str_eq(argv[1], "--version")) {
		message_version(&text);
		return ctl_print(&text);
	}
	if (host_read(&ctl.host, environment, &e) < 0)
		return ctl_fail(&e, 1);
	variables_of(&ctl.host, &ctl.variables, ctl.uid);
	for (size_t i = 0; i < countof(ctl.folders.folder); i++)
		ctl.folders.folder[i] = ctl.host.profile_folder[i];
	status = dispatch(&ctl, argc - 1, argv + 1);
	host_done(&ctl.host);
	return status;
}
