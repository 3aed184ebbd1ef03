/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "live/changes.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/mem.h"
#include "live/names.h"

struct live_grant *live_changes_add(struct live_changes *changes, const char *path, const char *at)
{
	struct live_grant *grant;

	changes->grant = xgrow(changes->grant, changes->grants, &changes->grant_cap, sizeof *changes->grant);
	grant = &changes->grant[changes->grants++];
	*grant = (struct live_grant){.path = xstrdup(path), .at = xstrdup(at)};
	return grant;
}

void live_changes_remove(struct live_changes *changes, size_t at)
{
	free(changes->grant[at].path);
	free(changes->grant[at].at);
	changes->grants--;
	memmove(&changes->grant[at], &changes->grant[at + 1], (changes->grants - at) * sizeof *changes->grant);
}

void live_changes_limit(struct live_changes *changes, const char *key, const char *value)
{
	for (size_t i = 0; i < changes->limits; i++)
		if (str_eq(changes->limit[i].key, key)) {
			free(changes->limit[i].value);
			changes->limit[i].value = xstrdup(value);
			return;
		}
	changes->limit = xgrow(changes->limit, changes->limits, &changes->limit_cap, sizeof *changes->limit);
	changes->limit[changes->limits++] = (struct live_limit){xstrdup(key), xstrdup(value)};
}

void live_changes_json(const struct live_changes *changes, struct json *object)
{
	struct json *grants = json_new_array(), *limits = json_new_object();

	for (size_t i = 0; i < changes->grants; i++) {
		const struct live_grant *grant = &changes->grant[i];
		struct json *one = json_new_object();

		json_add_string(one, "path", grant->path);
		json_add_string(one, "at", grant->at);
		json_add_bool(one, "write", grant->write);
		json_add_bool(one, "folder", grant->folder);
		json_add_uint(one, "mount", grant->mount);
		json_add_uint(one, "device", grant->device);
		json_add_uint(one, "inode", grant->inode);
		json_append(grants, one);
	}
	for (size_t i = 0; i < changes->limits; i++)
		json_add_string(limits, changes->limit[i].key, changes->limit[i].value);
	json_add(object, "grants", grants);
	json_add(object, "limits", limits);
}

static bool is_true(const struct json *object, const char *name)
{
	const char *text = json_text(json_member(object, name));

	return text && str_eq(text, "true");
}

static uint64_t number_of(const struct json *object, const char *name)
{
	const char *text = json_text(json_member(object, name));

	return text ? strtoull(text, NULL, 10) : 0;
}

static bool take_grant(const struct json *one, struct live_changes *ret)
{
	const char *path, *at;
	struct live_grant *grant;

	if (json_kind(one) != JSON_OBJECT)
		return false;
	path = json_text(json_member(one, "path"));
	at = json_text(json_member(one, "at"));
	if (!path || !at || *path != '/' || *at != '/')
		return false;
	grant = live_changes_add(ret, path, at);
	grant->mount = number_of(one, "mount");
	grant->device = number_of(one, "device");
	grant->inode = number_of(one, "inode");
	grant->write = is_true(one, "write");
	grant->folder = is_true(one, "folder");
	return true;
}

static bool take_limits(const struct json *limits, struct live_changes *ret)
{
	autostrv struct strv names = {0};

	json_names(limits, &names);
	for (size_t i = 0; i < names.count; i++) {
		const char *value = json_text(json_member(limits, names.v[i]));

		if (!value)
			return false;
		live_changes_limit(ret, names.v[i], value);
	}
	return true;
}

static bool take_all(const struct json *json, struct live_changes *ret)
{
	const struct json *grants = json_member(json, "grants"), *limits = json_member(json, "limits");

	if (json_kind(grants) != JSON_ARRAY || json_kind(limits) != JSON_OBJECT)
		return false;
	for (size_t i = 0; i < json_count(grants); i++)
		if (!take_grant(json_at(grants, i), ret))
			return false;
	return take_limits(limits, ret);
}

static int read_from(int folder, const struct live_entry *entry, struct live_changes *ret, struct err *e)
{
	autostr struct str text = {0};
	struct json *json = NULL;
	int r = live_read_file(folder, entry->name, LIVE_CHANGES, &text, e);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = json_parse(&text, &json, e);
	if (r == 0 && json_kind(json) != JSON_OBJECT)
		r = err_set(e, EBADMSG, "it is no object");
	if (r == 0 && number_of(json, "init") == (uint64_t)entry->init &&
	    number_of(json, "init_start") == entry->init_start && !take_all(json, ret))
		r = err_set(e, EBADMSG, "it is damaged");
	json_done(json);
	return r < 0 ? err_prefix(e, "read what was changed of '%s'", entry->name) : 0;
}

int live_changes_read(const char *path, const struct live_entry *entry, struct live_changes *ret, struct err *e)
{
	autoclose int folder = live_open_folder(path, e);

	return folder == -ENOENT ? 0 : folder < 0 ? folder : read_from(folder, entry, ret, e);
}

int live_changes_begin(const char *path, const struct live_entry *entry, struct live_changes *ret, struct err *e)
{
	autoclose int folder = live_open_folder(path, e);
	int r;

	if (folder < 0)
		return folder == -ENOENT ? err_set(e, ESRCH, "'%s' has ended", entry->name) : folder;
	while (flock(folder, LOCK_EX) < 0)
		if (errno != EINTR)
			return err_errno(e, errno, "lock '%s'", path);
	r = read_from(folder, entry, ret, e);
	if (r == 0)
		ret->lock = take_fd(&folder);
	return r;
}

int live_changes_write(const struct live_changes *changes, const struct live_entry *entry, struct err *e)
{
	struct json *json = json_new_object();
	autostr struct str text = {0};

	json_add_int(json, "sbx", 1);
	json_add_int(json, "init", entry->init);
	json_add_uint(json, "init_start", entry->init_start);
	live_changes_json(changes, json);
	json_print_line(json, &text);
	json_done(json);
	return live_write_file(changes->lock, entry->name, LIVE_CHANGES, &text, e);
}

void live_changes_check(const struct live_changes *changes, const struct live_entry *entry, int init)
{
	autofree char *file = xasprintf("%s" LIVE_CHANGES, entry->name);
	struct pollfd ended = {.fd = init, .events = POLLIN};

	if (changes->lock >= 0 && init >= 0 && poll(&ended, 1, 0) != 0)
		(void)unlinkat(changes->lock, file, 0);
}

void live_changes_done(struct live_changes *changes)
{
	while (changes->grants)
		live_changes_remove(changes, changes->grants - 1);
	for (size_t i = 0; i < changes->limits; i++) {
		free(changes->limit[i].key);
		free(changes->limit[i].value);
	}
	free(changes->grant);
	free(changes->limit);
	mem_close_ptr(&changes->lock);
	*changes = (struct live_changes)LIVE_CHANGES_NONE;
}
