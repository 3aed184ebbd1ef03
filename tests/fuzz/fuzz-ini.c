/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fuzz-ini: profiles. The reader gets the whole input, and a second reading of the format must give the same pairs.
 * Then the parts of the input, divided by NUL, are files of a folder of our own, and the first is laid as the profile
 * `main`. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "policy/check.h"
#include "policy/ini.h"
#include "policy/profile.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 16384, MAX_WORD = 48 };

struct pair {
	char *text; /* SECTION KEY VALUE; owned */
	unsigned line;
};

struct pairs {
	struct pair *v;
	size_t count, cap;
};

static void add_pair(struct pairs *pairs, char *owned, unsigned line)
{
	pairs->v = xgrow(pairs->v, pairs->count, &pairs->cap, sizeof *pairs->v);
	pairs->v[pairs->count++] = (struct pair){owned, line};
}

static void pairs_done(struct pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++)
		free(pairs->v[i].text);
	free(pairs->v);
}

/* A line of the second reading, NUL-terminated. */
enum line_kind { LINE_NOTHING, LINE_SECTION, LINE_PAIR, LINE_WRONG };

static bool is_word(const char *text, size_t len)
{
	return len >= 1 && len <= MAX_WORD &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") >= len;
}

static bool has_comment(const char *value)
{
	for (const char *p = strpbrk(value, ";#"); p; p = strpbrk(p + 1, ";#"))
		if (p == value || p[-1] == ' ' || p[-1] == '\t')
			return true;
	return false;
}

/* Cuts the line into word and value. */
static enum line_kind read_line(char *line, char **ret_word, char **ret_value)
{
	static const char blank[] = " \t";
	size_t len = strlen(line), key;
	char *sign;

	while (len && strchr(blank, line[len - 1]))
		line[--len] = '\0';
	if (!len || *line == ';' || (*line == '#' && !fuzz_wrong))
		return LINE_NOTHING;
	*ret_word = line;
	if (*line == '[') {
		if (len < 3 || line[len - 1] != ']' || !is_word(line + 1, len - 2))
			return LINE_WRONG;
		line[len - 1] = '\0';
		*ret_word = line + 1;
		return LINE_SECTION;
	}
	sign = strchr(line, '=');
	if (!sign || has_comment(sign + 1))
		return LINE_WRONG;
	for (key = (size_t)(sign - line); key && strchr(blank, line[key - 1]); key--)
		;
	if (!is_word(line, key))
		return LINE_WRONG;
	line[key] = '\0';
	*ret_value = sign + 1 + strspn(sign + 1, blank);
	return LINE_PAIR;
}

/* `line` ends with a line feed. */
static bool is_sound(const char *line, size_t len, unsigned number)
{
	if (len > PROFILE_MAX_LINE || (number == 1 && len >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0))
		return false;
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)line[i] < ' ' && line[i] != '\t') || line[i] == 0x7f)
			return false;
	return !len || !strchr(" \t", line[0]) || strspn(line, " \t") >= len;
}

/* True if nothing is wrong with the text. What comes before the first thing that is gives its pairs all the same. */
static bool model_read(const char *text, size_t size, struct pairs *pairs)
{
	const char *end = text + size;
	autofree char *section = NULL;
	bool known = false, good = true;

	for (unsigned number = 1; text < end; number++) {
		const char *feed = memchr(text, '\n', (size_t)(end - text));
		autofree char *line = NULL;
		char *word = NULL, *value = NULL;

		if (!feed)
			return false;
		if (!is_sound(text, (size_t)(feed - text), number))
			return false;
		line = xstrndup(text, (size_t)(feed - text));
		text = feed + 1;
		switch (read_line(line, &word, &value)) {
		case LINE_NOTHING:
			break;
		case LINE_SECTION:
			free(section);
			section = xstrdup(word);
			known = setting_section_exists(section);
			good = good && known;
			break;
		case LINE_PAIR:
			if (!section)
				return false;
			if (known)
				add_pair(pairs, xasprintf("%s %s %s", section, word, value), number);
			break;
		default:
			return false;
		}
	}
	return good;
}

static void collect(void *arg, const char *section, const char *key, const char *value, unsigned line)
{
	add_pair(arg, xasprintf("%s %s %s", section, key, value), line);
}

static void check_reader(const char *text, size_t size)
{
	struct pairs got = {0}, expected = {0};
	struct errlist errors = {0};
	bool good = model_read(text, size, &expected);

	ini_read(text, size, "file", collect, &got, &errors);
	FUZZ_CHECK(good == (errors.count == 0));
	FUZZ_CHECK(got.count == expected.count);
	for (size_t i = 0; i < got.count; i++)
		FUZZ_CHECK(got.v[i].line == expected.v[i].line && str_eq(got.v[i].text, expected.v[i].text));
	fuzz_check_errors(&errors);
	errlist_done(&errors);
	pairs_done(&got);
	pairs_done(&expected);
}

/* The folder of the fuzzer. */
static struct {
	char *top, *folder[3];
	struct file {
		const char *name;
		char *path;
		struct fuzz_part part;
		bool there;
		int fd; /* in memory; the file is a link to it */
	} file[6];
} own = {.file = {{.name = "user/main.ini"},
		  {.name = "administrator/a.ini"},
		  {.name = "installed/b.ini"},
		  {.name = "user/main.d/drop.ini"},
		  {.name = "administrator/main.d/in.ini"},
		  {.name = "user/a.ini"}}};

static void remove_own(void)
{
	static const char *const folders[] = {"user/main.d", "administrator/main.d", "user", "administrator",
					      "installed"};

	for (size_t i = 0; i < countof(own.file); i++) {
		(void)unlink(own.file[i].path);
		free(own.file[i].path);
	}
	for (size_t i = 0; i < countof(folders); i++) {
		autofree char *path = xasprintf("%s/%s", own.top, folders[i]);

		(void)rmdir(path);
	}
	(void)rmdir(own.top);
	for (size_t i = 0; i < countof(own.folder); i++)
		free(own.folder[i]);
	free(own.top);
}

static void make_own(void)
{
	static const char *const folders[] = {"user", "administrator", "installed", "user/main.d",
					      "administrator/main.d"};
	const char *below = getenv("TMPDIR");

	own.top = xasprintf("%s/sbx-fuzz-XXXXXX", below ? below : "/tmp");
	FUZZ_CHECK(mkdtemp(own.top));
	for (size_t i = 0; i < countof(folders); i++) {
		autofree char *path = xasprintf("%s/%s", own.top, folders[i]);

		FUZZ_CHECK(mkdir(path, 0700) == 0);
		if (i < countof(own.folder))
			own.folder[i] = xstrdup(path);
	}
	for (size_t i = 0; i < countof(own.file); i++) {
		own.file[i].path = xasprintf("%s/%s", own.top, own.file[i].name);
		own.file[i].fd = memfd_create("profile", MFD_CLOEXEC);
		FUZZ_CHECK(own.file[i].fd >= 0);
	}
	FUZZ_CHECK(atexit(remove_own) == 0);
}

static void write_files(const uint8_t *data, size_t size)
{
	struct fuzz_bytes in = {data, data + size};

	for (size_t i = 0; i < countof(own.file); i++) {
		struct file *file = &own.file[i];
		bool was = file->there;

		file->part = (struct fuzz_part){"", 0};
		file->there = fuzz_next_part(&in, &file->part) || i == 0;
		if (was && !file->there)
			(void)unlink(file->path);
		if (!file->there)
			continue;
		if (!was) {
			autofree char *link = xasprintf("/proc/self/fd/%d", file->fd);

			FUZZ_CHECK(symlink(link, file->path) == 0);
		}
		FUZZ_CHECK(ftruncate(file->fd, 0) == 0);
		FUZZ_CHECK(pwrite(file->fd, file->part.text, file->part.size, 0) == (ssize_t)file->part.size);
	}
}

static const struct file *file_of(const char *path)
{
	for (size_t i = 0; i < countof(own.file); i++)
		if (own.file[i].there && str_eq(own.file[i].path, path))
			return &own.file[i];
	return NULL;
}

/* The line of that number has the key before its '='. */
static bool line_has(const struct file *file, unsigned line, const char *key)
{
	autofree char *text = xstrndup(file->part.text, file->part.size);
	const char *p = text;

	while (p && line > 1) {
		p = strchr(p, '\n');
		p = p ? p + 1 : NULL;
		line--;
	}
	if (!p || !str_starts(p, key))
		return false;
	p += strlen(key);
	return p[strspn(p, " \t")] == '=';
}

/* Each value knows the line that asked for it, and no file of another folder was read. */
static void check_origins(const struct policy *policy)
{
	for (unsigned id = 0; id < SETTING_COUNT; id++) {
		for (size_t i = 0; i < policy->entry[id].count; i++) {
			const struct value *value = &policy->entry[id].v[i];
			const struct file *file = value->origin.file ? file_of(value->origin.file) : NULL;

			FUZZ_CHECK(!value->origin.file == (value->layer == 0));
			FUZZ_CHECK(value->layer == 0 || (file && line_has(file, value->origin.line, settings[id].key)));
		}
	}
	FUZZ_CHECK(policy->layer >= 1 && policy->layer <= countof(own.file));
}

static void check_policy(void)
{
	const struct profile_folders folders = {{own.folder[0], own.folder[1], own.folder[2]}};
	struct policy policy = {0};
	struct errlist errors = {0};
	autofree char *name = NULL;
	struct err e;
	size_t before;
	int r;

	FUZZ_CHECK(policy_defaults(&policy, &fuzz_variables, &e) == 0);
	r = profile_lay(&policy, "main", &folders, &fuzz_variables, &errors);
	FUZZ_CHECK((r == 0) == (errors.count == 0));
	before = errors.count;
	policy_check(&policy, &errors);
	fuzz_check_policy(&policy);
	fuzz_check_errors(&errors);
	check_origins(&policy);
	if (errors.count == before)
		fuzz_check_checked(&policy);
	for (size_t i = 0; i < errors.count; i++) /* each error names its file and line */
		FUZZ_CHECK(str_starts(errors.v[i].text, own.top) && strchr(errors.v[i].text, ':'));
	r = profile_for_command("/usr/bin/firefox", &folders, &name, &e);
	FUZZ_CHECK(r == 0 ? str_eq(name, "default") || str_eq(name, "main") || !name[1] : e.code == -r && !name);
	errlist_done(&errors);
	policy_done(&policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > MAX_BYTES)
		return 0;
	if (!own.top)
		make_own();
	check_reader((const char *)data, size);
	write_files(data, size);
	check_policy();
	return 0;
}
