/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/test-run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/mem.h"
#include "base/path.h"

enum { LIST_MAX = 512 << 20 /* more than any that sbx writes */ };

static int err_shell(const char *command, char byte, struct err *e)
{
	(void)err_set(e, EINVAL, "'%c' in the test run '%s' is for a shell, and there is none", byte, command);
	return err_hint(e, "quote it, or run a shell: --run=\"sh -c '...'\"");
}

/* What stands behind an opening quote; returns the end of it. NULL: an error. */
static const char *quoted(const char *command, const char *p, struct str *word, struct err *e)
{
	char quote = *p++;

	for (; *p && *p != quote; p++) {
		if (quote == '"' && (*p == '$' || *p == '`')) {
			(void)err_shell(command, *p, e);
			return NULL;
		}
		if (quote == '"' && *p == '\\' && p[1] && strchr("\"\\$`", p[1]))
			p++;
		str_add_bytes(word, p, 1);
	}
	if (!*p)
		(void)err_set(e, EINVAL, "a quote in the test run '%s' has no end", command);
	return *p ? p + 1 : NULL;
}

int test_run_words(const char *command, struct strv *ret, struct err *e)
{
	static const char blanks[] = " \t\n", special[] = "|&;<>()$`*?[~#";
	const char *p = command + strspn(command, blanks);

	while (*p) {
		struct str word = {0};

		str_add(&word, "");
		while (p && *p && !strchr(blanks, *p)) {
			if (strchr(special, *p)) {
				p = err_shell(command, *p, e) < 0 ? NULL : p;
			} else if (*p == '\'' || *p == '"') {
				p = quoted(command, p, &word, e);
			} else {
				p += *p == '\\' && p[1];
				str_add_bytes(&word, p++, 1);
			}
		}
		strv_take(ret, word.s);
		if (!p)
			return -e->code;
		p += strspn(p, blanks);
	}
	return ret->count ? 0 : err_set(e, EINVAL, "a test run is empty");
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The bytes that str_add_escaped has made readable. */
static char *unescape(const char *text)
{
	char *bytes = xstrdup(text), *to = bytes;

	while (*text) {
		if (text[0] == '\\' && text[1] == 'x' && digit(text[2]) >= 0 && digit(text[3]) >= 0) {
			*to++ = (char)(digit(text[2]) * 16 + digit(text[3]));
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
	return bytes;
}

char *test_run_needed(const char *line, const char *home)
{
	static const char *const others[] = {"/proc", "/dev", "/sys", "/tmp", "/var/tmp", "/run"};
	static const char there[] = " there ";
	autofree char *path = NULL;

	if (strlen(line) < 3 || !str_starts(line + 3, there) || (line[0] != 'r' && line[2] != 'x'))
		return NULL;
	path = unescape(line + 3 + strlen(there));
	for (size_t i = 0; i < countof(others); i++)
		if (path_below(path, others[i]))
			return NULL;
	return home && home[1] && path_below(path, home) ? NULL : take(path);
}

static void take_list(char *text, const char *home, struct strv *ret)
{
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *path = test_run_needed(line, home);

		if (path)
			strv_take(ret, path);
	}
}

/* What it prints goes to standard error: standard output is for what sbxctl says. */
static int run(const char *sbx, const char *const *options, const char *command, struct err *e)
{
	autostrv struct strv words = {0};
	autoclose int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	strv_add(&words, sbx);
	for (; *options; options++)
		strv_add(&words, *options);
	strv_add(&words, "--chdir=/");
	strv_add(&words, "--");
	if (test_run_words(command, &words, e) < 0)
		return -e->code;
	if (null < 0)
		return err_errno(e, errno, "open /dev/null");
	return child_run(words.v, -1, (int[]){null, STDERR_FILENO, STDERR_FILENO}, e);
}

int test_run_record(const char *sbx, const char *home, const char *command, struct strv *ret_opened, struct err *e)
{
	char file[] = "/tmp/sbx-opened-XXXXXX";
	autoclose int list = mkostemp(file, O_CLOEXEC);
	autofree char *opened = xasprintf("--set=report.opened=%s", file);
	const char *const options[] = {"--profile=default", "--set=filesystem.view=host", opened, NULL};
	autostr struct str text = {0};
	int status;

	if (list < 0)
		return err_errno(e, errno, "make a file in /tmp");
	status = run(sbx, options, command, e);
	if (status > 0)
		(void)err_set(e, EIO, "the test run '%s' ended with status %d", command, status);
	if (status == 0 && child_said(list, LIST_MAX, &text, e) == 0 && text.s)
		take_list(text.s, home, ret_opened);
	else if (status == 0 && !e->code)
		(void)err_set(e, EIO, "the test run '%s' has left no list of what it opened", command);
	(void)unlink(file);
	return -e->code;
}

int test_run_in(const char *sbx, const char *image, const char *command, struct err *e)
{
	autofree char *option = xasprintf("--image=%s", image);
	const char *const options[] = {"--profile=default", option, NULL};
	int status = run(sbx, options, command, e);

	if (status <= 0)
		return status;
	return err_set(e, EIO, "in the image the test run '%s' ended with status %d", command, status);
}
