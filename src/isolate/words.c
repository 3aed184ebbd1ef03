/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "isolate/words.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/mem.h"

enum { MAX_OPEN_FILES = 1048576 };

/* sbx gives these to every program; isolate none. */
static const char *const own_names[] = {"HOME", "USER", "LOGNAME", "PATH", "XDG_RUNTIME_DIR"};

struct words {
	const struct options *o;
	const struct words_context *c;
	struct strv *out;
};

static void set(struct words *w, const char *key, const char *value)
{
	strv_take(w->out, xasprintf("--set=%s=%s", key, value));
}

static void set_number(struct words *w, const char *key, uint64_t n, const char *unit)
{
	strv_take(w->out, xasprintf("--set=%s=%" PRIu64 "%s", key, n, unit));
}

/* What sbx would read as something else: there is no other way to write it. */
static int check_path(const char *path, struct err *e)
{
	size_t len = strlen(path);

	return strstr(path, "${") || (len && path[len - 1] == '\\')
		       ? err_set(e, ENOTSUP, "'%s' has '${' in it, or ends with a backslash", path)
		       : 0;
}

/* In a rule of sbx a colon separates; here it is one of a path. Owned by the caller. */
static char *escaped(const char *path)
{
	struct str out = {0};

	for (const char *p = path; *p; p++) {
		if (*p == ':')
			str_add(&out, "\\");
		str_add_bytes(&out, p, 1);
	}
	return out.s ? out.s : xstrdup("");
}

char *words_in_box(const char *folder, const char *path)
{
	return path[0] == '/' ? xstrdup(path) : xasprintf("%s/%s", folder, path);
}

static int show(struct words *w, const struct dir_rule *rule, struct err *e)
{
	autofree char *source = rule->kind == RULE_BIND ? xstrdup(rule->out) : xasprintf("%s%s", w->c->box, rule->out);
	autofree char *from = escaped(source), *to = escaped(rule->in);

	if (check_path(source, e) < 0)
		return -e->code;
	strv_take(w->out, xasprintf("--set=filesystem.%s=%s%s:%s", rule->writable ? "read-write" : "read-only",
				    rule->maybe ? "-" : "", from, to));
	return 0;
}

/* What sbx has by itself, and isolate only by a rule. /dev and /proc stay: nothing of the host is in them. */
static void cover(struct words *w, const struct dir_rule *rule)
{
	if (str_eq(rule->in, "/tmp") || str_eq(rule->in, "/dev/shm"))
		set(w, "filesystem.hide", rule->in);
}

static int folders(struct words *w, struct err *e)
{
	for (size_t i = 0; i < w->o->rules.count; i++) {
		const struct dir_rule *rule = &w->o->rules.v[i];

		if (check_path(rule->in, e) < 0)
			return -e->code;
		switch (rule->kind) {
		case RULE_BIND:
		case RULE_BOX:
			if (show(w, rule, e) < 0)
				return -e->code;
			break;
		case RULE_TMPFS:
			set(w, "filesystem.tmpfs", rule->in);
			break;
		case RULE_NONE:
			cover(w, rule);
			continue;
		case RULE_DEV:
		case RULE_PROC:
			continue; /* as sbx makes them: no program is in them */
		}
		if (rule->no_exec)
			set(w, "filesystem.no-exec", rule->in);
	}
	return 0;
}

static const char *value_in(char **environment, const char *name)
{
	size_t len = strlen(name);

	for (char **p = environment; *p; p++)
		if (strncmp(*p, name, len) == 0 && (*p)[len] == '=')
			return *p + len + 1;
	return NULL;
}

static bool is_own(const char *name)
{
	for (size_t i = 0; i < countof(own_names); i++)
		if (str_eq(own_names[i], name))
			return true;
	return false;
}

/* The last that -E says of a variable; NULL: nothing. */
static const char *said_of(const struct words *w, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = w->o->env.count; i > 0; i--) {
		const char *text = w->o->env.v[i - 1];

		if (strncmp(text, name, len) == 0 && (!text[len] || text[len] == '='))
			return text;
	}
	return NULL;
}

/* What sbx would put there by itself is what isolate says, or nothing. */
static void own_variables(struct words *w)
{
	for (size_t i = 0; i < countof(own_names); i++) {
		const char *said = said_of(w, own_names[i]), *value = NULL;

		if (said && strchr(said, '='))
			continue;
		if (said || w->o->full_env)
			value = value_in(w->c->environment, own_names[i]);
		if (value)
			strv_take(w->out, xasprintf("--set=environment.set=%s=%s", own_names[i], value));
		else
			set(w, "environment.unset", own_names[i]);
	}
}

static int variables(struct words *w, struct err *e)
{
	if (w->o->full_env)
		set(w, "environment.pass", "*");
	for (size_t i = 0; i < w->o->env.count; i++) {
		const char *text = w->o->env.v[i], *sign = strchr(text, '=');
		autofree char *name = xstrndup(text, strcspn(text, "="));

		if (strchr(name, '*'))
			return err_set(e, EINVAL, "--env: '%s' is not the name of a variable", name);
		if (said_of(w, name) != text)
			continue; /* said again later */
		if (sign && sign[1])
			set(w, "environment.set", text);
		else if (sign)
			set(w, "environment.unset", name);
		else if (!is_own(name))
			set(w, "environment.pass", name);
	}
	own_variables(w);
	return 0;
}

static void time_limit(struct words *w, const char *key, uint64_t ms)
{
	autofree char *text = xasprintf("%" PRIu64 ".%03us", ms / 1000, (unsigned)(ms % 1000));

	set(w, key, text);
}

/* isolate takes the extra time for a time since the start. */
static void times(struct words *w)
{
	const struct options *o = w->o;

	if (o->time_ms) {
		time_limit(w, "limits.cpu-time", o->time_ms);
		if (o->extra_ms > o->time_ms)
			time_limit(w, "limits.cpu-time-hard", o->extra_ms);
	}
	if (o->wall_ms)
		time_limit(w, "limits.wall-time", o->wall_ms);
}

static void sizes(struct words *w)
{
	const struct options *o = w->o;
	const struct {
		const char *key;
		uint64_t kb;
	} rows[] = {
		{"limits.address-space", o->memory_kb},
		{"limits.memory", o->cg_memory_kb},
		{"limits.stack", o->stack_kb},
		{"limits.file-size", o->file_kb},
		{"limits.core", o->core_kb},
		{"limits.output-size", w->c->writes_file ? o->file_kb : 0},
	};

	for (size_t i = 0; i < countof(rows); i++)
		if (rows[i].kb)
			set_number(w, rows[i].key, rows[i].kb, "K");
}

/* What isolate has by itself may be more than the caller has; what is asked for is refused then. */
static void counts(struct words *w)
{
	uint64_t most = w->c->nofile && w->c->nofile < MAX_OPEN_FILES ? w->c->nofile : MAX_OPEN_FILES;
	uint64_t files = w->o->open_files;

	if (!files || (!w->o->open_files_said && files > most))
		files = most;
	set_number(w, "limits.open-files", files, "");
	if (w->o->processes)
		set_number(w, "limits.processes", w->o->processes, "");
}

static int rest(struct words *w, struct err *e)
{
	const struct options *o = w->o;
	autofree char *folder = words_in_box("/box", o->chdir ? o->chdir : "");

	if (check_path(folder, e) < 0)
		return -e->code;
	set(w, "filesystem.working-directory", folder);
	if (o->share_net)
		set(w, "network.mode", "host");
	if (o->tty_hack)
		set(w, "process.terminal", "auto");
	if (o->stderr_to_stdout)
		set(w, "process.stderr-to-stdout", "yes");
	for (size_t i = 0; i < w->c->kept_count; i++)
		set_number(w, "process.keep-fd", (uint64_t)w->c->kept[i], "");
	if (!o->cg) /* then isolate has no cgroup either */
		set(w, "profile.best-effort", "limits");
	return 0;
}

/* isolate searches no path: a name without a folder is of the working directory. */
static void command(struct words *w)
{
	strv_add(w->out, "--");
	for (int i = 0; i < w->o->count; i++) {
		const char *word = w->o->command[i];

		strv_take(w->out, i == 0 && !strchr(word, '/') ? xasprintf("./%s", word) : xstrdup(word));
	}
}

int words_make(const struct options *options, const struct words_context *context, struct strv *ret, struct err *e)
{
	struct words w = {.o = options, .c = context, .out = ret};

	strv_add(ret, "sbx");
	strv_add(ret, "--profile=isolate");
	times(&w);
	sizes(&w);
	counts(&w);
	if (folders(&w, e) < 0 || rest(&w, e) < 0 || variables(&w, e) < 0)
		return -e->code;
	command(&w);
	return 0;
}
