/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sealed: an image as one file, and who reads its file system. The kernel does it for root alone, and would do anything
 * for who finds a hole in it: so it gets only what nobody but root can have written. Else a program does it, which is
 * in a sandbox of its own. */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "compile/context.h"

static bool is_real_root(const struct host *host)
{
	return !host->euid && host->maps_ids && !host->uid_range[0].first && host->uid_range[0].count == UINT32_MAX;
}

static bool has(const struct context *c, const char *path)
{
	struct node node;

	c->host->look(c->host, path, &node);
	return node.type != NODE_NONE;
}

/* An erofs needs a loop device only before Linux 6.12, and on some file systems. */
static bool kernel_reads(const struct context *c, const struct host_seal *seal)
{
	return is_real_root(c->host) && seal->safe && (str_eq(seal->form, "erofs") || has(c, "/dev/loop-control"));
}

static int none_reads(const struct context *c, const struct host_seal *seal, struct err *e)
{
	const char *kernel = !is_real_root(c->host) ? "only for root the kernel mounts it"
			     : !seal->safe ? "others than root could have written it, so the kernel must not read it"
					   : "there are no loop devices";
	autofree char *program = c->isolated ? xstrdup("a user that is not the caller sees nothing of a FUSE")
				 : seal->program
					 ? xasprintf("/dev/fuse can't be opened: %s", strerror(seal->fuse_errno))
				 : seal->fuse_known ? xasprintf("%s is not installed", seal->fuse_known)
						    : xasprintf("no program for FUSE is known for an %s", seal->form);

	(void)refuse(c, SET_filesystem_image, NULL, e, "%s; %s", kernel, program);
	return err_hint(e, "sbxctl image import FILE makes an image of it that all can run");
}

/* A session has changes of layers, and a file's owners are root's or the caller's alone. */
static int stored_only(const struct context *c, struct err *e)
{
	enum setting_id key = c->many ? SET_filesystem_image_ids : SET_filesystem_session;

	(void)refuse(c, key, NULL, e, "an image in one file has one id, and nothing that is written to it stays");
	return err_hint(e, "sbxctl image import FILE makes an image of it that has all that");
}

int compile_sealed(struct context *c, struct err *e)
{
	const struct host_seal *seal = c->host->image ? c->host->image->seal : NULL;
	autofree char *session = compile_image_session(c);
	const char *by = NULL;
	char buf[WHY_SIZE];

	if (!seal)
		return 0;
	if (session || c->many)
		return stored_only(c, e);
	if (kernel_reads(c, seal))
		by = "kernel";
	else if (seal->program && !seal->fuse_errno && !c->isolated)
		by = seal->program;
	else
		return none_reads(c, seal, e);
	{
		const char *const texts[] = {seal->form, seal->state, seal->sbx};
		autostr struct str data = {0};

		for (size_t i = 0; i < countof(texts); i++)
			str_add_bytes(&data, texts[i], strlen(texts[i]) + 1);
		plan_add(c->plan, STEP_SEALED, why(c, SET_filesystem_image, buf), seal->file, by, 0, 0);
		plan_data(c->plan, data.s, data.len);
	}
	return 0;
}
