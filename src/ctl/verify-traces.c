/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verify-traces: a launch makes the folders that a profile keeps, and empty files to show others on. What a look at the
 * profile has made goes again, as long as nobody has filled it. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "ctl/verify.h"

/* The path and what is above it, as far as it is not there yet, the lowest first. */
static void add_missing(const struct host *host, const char *path, struct strv *ret)
{
	autofree char *rest = xstrdup(path);
	struct node node;

	for (char *slash = strrchr(rest, '/'); slash && slash > rest; slash = strrchr(rest, '/')) {
		host->look(host, rest, &node);
		if (node.type != NODE_NONE)
			return;
		strv_add(ret, rest);
		*slash = '\0';
	}
}

void traces_expect(const struct planned *planned, struct strv *ret)
{
	for (size_t i = 0; i < planned->plan.count; i++) {
		const struct step *step = &planned->plan.step[i];

		if (step->kind == STEP_HOST_MKDIR || step->kind == STEP_HOST_FILE)
			add_missing(&planned->host, plan_text(&planned->plan, step->a), ret);
	}
}

static size_t depth(const char *path)
{
	size_t count = 0;

	for (; *path; path++)
		count += *path == '/';
	return count;
}

/* What is not empty stays: rmdir(2) sees to it for folders. */
static void remove_empty(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return;
	if (S_ISDIR(st.st_mode))
		(void)rmdir(path);
	else if (S_ISREG(st.st_mode) && st.st_size == 0)
		(void)unlink(path);
}

void traces_remove(const struct strv *traces)
{
	size_t deepest = 0;

	for (size_t i = 0; i < traces->count; i++)
		if (depth(traces->v[i]) > deepest)
			deepest = depth(traces->v[i]);
	for (size_t level = deepest; level > 0; level--)
		for (size_t i = 0; i < traces->count; i++)
			if (depth(traces->v[i]) == level)
				remove_empty(traces->v[i]);
}
