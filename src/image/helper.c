/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* helper: what strangers made is read, and written, by programs in a sandbox that sees nothing but one folder, or two.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/child.h"
#include "base/mem.h"
#include "image/parts.h"

enum { SAID_MAX = 1 << 16 };

/* Borrows the words. */
static char **command(const struct image_tools *tools, const struct helper *helper, struct strv *own)
{
	strv_add(own, tools->sbx);
	strv_add(own, "-q");
	strv_add(own, "--profile=archive");
	strv_add(own, CHILD_MEMORY("1G"));
	/* The rule shows the file that is at the path of the fd now, and only if it is the same one Landlock lets the
	 * fd be opened: so it does not matter what bytes the path has, or who exchanges what is there. */
	if (helper->keep >= 0) {
		strv_take(own, xasprintf("--set=process.keep-fd=%d", helper->keep));
		strv_take(own, xasprintf("--ro=/proc/self/fd/%d:/image", helper->keep));
	}
	for (const char *const *word = helper->words; *word; word++)
		strv_add(own, *word);
	return own->v;
}

/* The path of a folder may have any bytes, also those that mean something to sbx: it is told no path. */
int helper_run(const struct image_tools *tools, const struct helper *helper, struct err *e)
{
	autoclose int err = child_file(NULL, e);
	autostrv struct strv own = {0};
	autostr struct str said = {0};
	char bytes[4096];
	int status;
	ssize_t n;

	if (err < 0)
		return err;
	if (helper->keep >= 0 && fcntl(helper->keep, F_SETFD, 0) < 0)
		return err_errno(e, errno, "pass a file on");
	status = child_run(command(tools, helper, &own), helper->folder,
			   (int[]){helper->streams[0], helper->streams[1], err}, e);
	if (status <= 0)
		return status;
	n = pread(err, bytes, sizeof bytes, 0); /* of what it says the first line counts */
	str_add_bytes(&said, bytes, n > 0 ? (size_t)n : 0);
	return child_failed(helper->who, status, &said, e);
}

static int run(const struct image_tools *tools, const char *verb, int folder, const int streams[2], struct err *e)
{
	const char *const words[] = {str_eq(verb, "unpack") ? "--rw=.:/archive" : "--ro=.:/archive",
				     "--chdir=/archive",
				     "--",
				     tools->archive,
				     verb,
				     NULL};
	const struct helper helper = {.who = "sbx-archive",
				      .words = words,
				      .folder = folder,
				      .keep = -1,
				      .streams = {streams[0], streams[1]}};

	return helper_run(tools, &helper, e);
}

int helper_unpack(const struct image_tools *tools, int from, int folder, struct json **ret, struct err *e)
{
	autoclose int out = child_file(NULL, e);
	autostr struct str said = {0};
	int r = out < 0 ? out : run(tools, "unpack", folder, (int[]){from, out}, e);

	if (r == 0)
		r = child_said(out, SAID_MAX, &said, e);
	if (r == 0)
		r = json_parse(&said, ret, e);
	return r == 0 && json_kind(*ret) != JSON_OBJECT ? err_set(e, EPROTO, "sbx-archive says no object") : r;
}

int helper_pack(const struct image_tools *tools, int folder, int to, struct err *e)
{
	autoclose int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	return run(tools, "pack", folder, (int[]){null, to}, e);
}
