/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* use-seal: an image in one file, as facts for the compiler. Its file system is not read. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/child.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "image/seal.h"
#include "use-image.h"

/* May nobody but root write the folder, and what it is in? */
static bool is_roots_way(const struct host *host, const char *file)
{
	autofree char *path = xstrdup(file);

	for (char *slash; (slash = strrchr(path, '/'));) {
		struct node node;

		*slash = '\0';
		host->look(host, *path ? path : "/", &node);
		if (node.type != NODE_FOLDER || node.uid || node.mode & 022)
			return false;
	}
	return true;
}

static bool is_safe(const struct host *host, const char *path, int file)
{
	struct stat st;

	return fstat(file, &st) == 0 && !st.st_uid && !(st.st_mode & 022) && is_roots_way(host, path);
}

static int read_facts(const struct host *host, const char *path, int file, enum seal_form form, struct host_seal *ret,
		      struct err *e)
{
	static const char *const programs[SEAL_FORMS] = {[SEAL_SQUASHFS] = "/usr/bin/squashfuse_ll"};
	char state[FD_IDENTITY];
	int r = fd_identity(file, state);

	if (r < 0)
		return err_errno(e, -r, "look at it");
	ret->file = xstrdup(path);
	ret->form = xstrdup(seal_form_name(form));
	ret->state = xstrdup(state);
	ret->safe = is_safe(host, path, file);
	ret->fuse_known = programs[form] ? strrchr(programs[form], '/') + 1 : NULL;
	ret->program = programs[form] && access(programs[form], X_OK) == 0 ? xstrdup(programs[form]) : NULL;
	ret->fuse_errno = access("/dev/fuse", R_OK | W_OK) == 0 ? 0 : errno;
	ret->sbx = child_sbx(e);
	return ret->sbx ? 0 : -e->code;
}

static void fill(struct seal *seal, struct host_image *ret)
{
	ret->digest = xstrdup(seal->digest);
	use_image_config(ret, &seal->config);
	strv_add_all(&ret->folders, &seal->folders);
	strv_add_all(&ret->files, &seal->files);
	use_image_user(ret, &seal->user);
}

static int read_file(struct host *host, const char *path, int file, struct err *e)
{
	struct seal seal = {0};
	int r = seal_read(file, &seal, e);

	if (r == -ENODATA) {
		r = err_set(e, ENODATA, "it is no image: it says nothing of what is in it");
		(void)err_hint(
			e, "sbxctl image import takes any erofs or squashfs, sbxctl image export makes images of them");
	}
	if (r == 0)
		r = image_check_platform(&seal.config, e);
	if (r == 0) {
		host->image = xcalloc(1, sizeof *host->image);
		host->image->seal = xcalloc(1, sizeof *host->image->seal);
		fill(&seal, host->image);
		r = read_facts(host, path, file, seal.form, host->image->seal, e);
	}
	seal_done(&seal);
	return r;
}

int use_seal(struct host *host, const char *path, struct err *e)
{
	autofree char *absolute = host_absolute_here(host, path), *real = host_real(host, absolute);
	autoclose int file = sys_openat2(AT_FDCWD, real, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0,
					 RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	int r = file < 0 ? err_errno(e, errno, "open '%s'", path) : read_file(host, real, file, e);

	if (r < 0)
		host_free_image(host);
	return r < 0 && file >= 0 ? err_prefix(e, "'%s'", path) : r;
}
