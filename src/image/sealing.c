/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sealing: the programs that make a file system of a tree, and a tree of a file system. Both run in a sandbox: the
 * trees and the files are a stranger's. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "image/parts.h"
#include "image/seal.h"

enum { WORDS = 32, PART = 1 << 16 };

/* Times stay as they are, since a program may look at them (python does); what else would be of the day and the machine
 * is fixed. Owners and attributes are dropped, as in a layer. */
static const char *const make_erofs[] = {"--env=SOURCE_DATE_EPOCH=2147483647",
					 "--",
					 "mkfs.erofs",
					 "--quiet",
					 "-zlz4hc",
					 "-x-1",
					 "--all-root",
					 "-Eforce-inode-extended",
					 "-U00000000-0000-0000-0000-000000000000",
					 "/out/image",
					 "/tree",
					 NULL};
static const char *const make_squashfs[] = {"--set=limits.processes=64",
					    "--",
					    "mksquashfs",
					    "/tree",
					    "/out/image",
					    "-quiet",
					    "-no-progress",
					    "-noappend",
					    "-exit-on-error",
					    "-all-root",
					    "-no-xattrs",
					    "-mkfs-time",
					    "0",
					    "-comp",
					    "zstd",
					    "-Xcompression-level",
					    "9",
					    "-processors",
					    "4",
					    "-mem",
					    "256M",
					    NULL};
static const char *const take_erofs[] = {
	"--", "fsck.erofs", "--extract=/tree", "--overwrite", "--no-preserve-owner", "--preserve-perms", "IMAGE", NULL};
/* Who is root is given the owners by unsquashfs, and where that fails it leaves out the modes: so it must succeed, and
 * does where all belongs to root. Who is not gets no owners, and no devices, and is not told of either. */
static const char *const take_squashfs[] = {"--set=limits.processes=64",
					    "--set=syscalls.allow=chown lchown fchown fchownat",
					    "--",
					    "unsquashfs",
					    "-quiet",
					    "-no-progress",
					    "-no-xattrs",
					    "ERRORS",
					    "-force",
					    "-dest",
					    "/tree",
					    "IMAGE",
					    NULL};

static const struct tool {
	const char *name, *package;
	const char *const *words;
} makers[SEAL_FORMS] = {[SEAL_EROFS] = {"mkfs.erofs", "erofs-utils", make_erofs},
			[SEAL_SQUASHFS] = {"mksquashfs", "squashfs-tools", make_squashfs}},
  takers[SEAL_FORMS] = {[SEAL_EROFS] = {"fsck.erofs", "erofs-utils", take_erofs},
			[SEAL_SQUASHFS] = {"unsquashfs", "squashfs-tools", take_squashfs}};

/* Its path, owned by the caller; NULL. Where a package puts it, never where the caller's PATH leads. */
static char *find(const struct tool *tool, struct err *e)
{
	static const char *const folders[] = {"/usr/bin", "/usr/sbin"};

	for (size_t i = 0; i < countof(folders); i++) {
		autofree char *path = xasprintf("%s/%s", folders[i], tool->name);

		if (access(path, X_OK) == 0)
			return take(path);
	}
	(void)err_set(e, ENOENT, "%s is missing", tool->name);
	(void)err_hint(e, "apt-get install %s", tool->package);
	return NULL;
}

/* In a temporary folder of the store. `keep`: the file that is read; -1. */
static int run(const struct image_tools *tools, const struct tool *tool, int folder, int keep, struct err *e)
{
	autofree char *path = find(tool, e), *image = xasprintf("/proc/self/fd/%d", keep);
	autoclose int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	const char *errors = geteuid() == 0 ? "-strict-errors" : "-no-exit-code";
	const char *words[WORDS] = {keep < 0 ? "--ro=./tree:/tree" : "--rw=./tree:/tree",
				    keep < 0 ? "--rw=./out:/out" : "--set=limits.file-size=16G"};
	size_t count = 2;

	if (!path)
		return -e->code;
	for (const char *const *word = tool->words; *word; word++)
		words[count++] = str_eq(*word, tool->name) ? path
				 : str_eq(*word, "IMAGE")  ? image
				 : str_eq(*word, "ERRORS") ? errors
							   : *word;
	return helper_run(
		tools,
		&(struct helper){
			.who = tool->name, .words = words, .folder = folder, .keep = keep, .streams = {null, null}},
		e);
}

void image_layers(const struct image_store *store, const struct image *image, const char *path, struct strv *ret)
{
	for (size_t i = image->manifest.count; i-- > 0;) {
		const char *digest = image->manifest.entry[i].digest;
		autofree char *tree = xasprintf("%s/layers/%s/tree", path, digest_hex(digest));

		/* overlayfs takes no layer twice: of those that are the same one only the topmost is seen */
		if (strv_has(ret, tree))
			continue;
		strv_take(ret, take(tree));
		if (layer_hides_lower(store, digest))
			break; /* it does not ask the top of a layer */
	}
}

/* JSON has no place for other bytes; nobody has such names there. */
static int check_names(const struct strv *names, struct err *e)
{
	if (names->count > SEAL_NAMES_MAX)
		return err_set(e, E2BIG, "the image has more than %d names in its root", SEAL_NAMES_MAX);
	for (size_t i = 0; i < names->count; i++) {
		autostr struct str escaped = {0};

		str_add_escaped(&escaped, names->v[i], true);
		if (!str_eq(escaped.s, names->v[i]))
			return err_set(e, EINVAL, "the image has the name '%s' in its root", escaped.s);
	}
	return 0;
}

/* What a command will find is said of the tree itself. */
static int describe(const struct image_store *store, const struct image *image, const char *content, const char *tree,
		    struct str *out, struct err *e)
{
	struct seal seal = {0};
	autostrv struct strv layers = {0};
	autostr struct str config = {0};
	int r = store_text(store, image->manifest.config.digest, &config, e);

	memcpy(seal.digest, image->digest, sizeof seal.digest);
	memcpy(seal.content, content, sizeof seal.content);
	strv_add(&layers, tree);
	if (r == 0)
		r = image_user_find(&layers, image->config.user, &seal.user, e);
	if (r == 0)
		r = image_root_names(&layers, &seal.folders, &seal.files, e);
	strv_sort(&seal.folders, 0);
	strv_sort(&seal.files, 0);
	if (r == 0)
		r = check_names(&seal.folders, e);
	if (r == 0)
		r = check_names(&seal.files, e);
	if (r == 0)
		r = seal_text(&seal, &config, out, e);
	seal_done(&seal);
	return r;
}

static int make_folders(int folder, const char *const names[2], int ret[2], struct err *e)
{
	for (int i = 0; i < 2; i++) {
		if (!names[i])
			continue;
		if (mkdirat(folder, names[i], 0700) < 0)
			return err_errno(e, errno, "make a folder in the store of images");
		ret[i] = openat(folder, names[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (ret[i] < 0)
			return err_errno(e, errno, "open a folder in the store of images");
	}
	return 0;
}

/* In the folder `path`, which is open. */
static int make_in(const struct image_store *store, const struct image_tools *tools, const struct image *image,
		   const struct tool *tool, int folder, const char *path, int to, struct err *e)
{
	autoclose int tree = -1, out = -1, made = -1;
	autofree char *root = xasprintf("%s/%s/tree", store->path, path);
	autostrv struct strv layers = {0};
	autostr struct str behind = {0};
	struct descriptor is = {0};
	int fd[2] = {-1, -1}, r = make_folders(folder, (const char *const[]){"tree", "out"}, fd, e);

	tree = fd[0];
	out = fd[1];
	image_layers(store, image, store->path, &layers);
	if (r == 0)
		r = layers_flatten(&layers, tree, e);
	if (r == 0)
		r = run(tools, tool, folder, -1, e);
	if (r < 0)
		return r;
	made = openat(out, "image", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	r = made < 0 ? err_errno(e, errno, "open what %s has made", tool->name)
		     : digest_copy(made, to, INT64_MAX, &is, e);
	if (r == 0)
		r = describe(store, image, is.digest, root, &behind, e);
	if (r == 0 && (fd_write(to, behind.s, behind.len) < 0 || fsync(to) < 0))
		r = err_errno(e, errno, "write the image");
	return r;
}

int seal_make(const struct image_store *store, const struct image_tools *tools, const struct image *image,
	      enum seal_form form, int to, struct err *e)
{
	autofree char *program = find(&makers[form], e), *temporary = program ? store_temporary(store, e) : NULL;
	autoclose int folder = -1;
	struct err none = {0};
	int r;

	if (!temporary)
		return -e->code;
	folder = openat(store->folder, temporary, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	r = folder < 0 ? err_errno(e, errno, "open '%s' in the store of images", temporary)
		       : make_in(store, tools, image, &makers[form], folder, temporary, to, e);
	(void)store_clear(store, temporary, &none);
	return r;
}

/* Neither form has checksums of all. */
static int check_content(int file, const struct seal *seal, struct err *e)
{
	autofree char *bytes = xmalloc(PART);
	struct sha256 *sha = sha256_begin();
	char hex[SHA256_TEXT];
	uint64_t at = 0;
	ssize_t n = 1;

	for (; at < seal->bytes && n > 0; at += (uint64_t)n) {
		uint64_t left = seal->bytes - at;

		n = pread(file, bytes, left < PART ? left : PART, (off_t)at);
		if (n > 0)
			sha256_add(sha, bytes, (size_t)n);
		else
			n = 0;
	}
	sha256_end(sha, hex);
	return str_eq(hex, digest_hex(seal->content))
		       ? 0
		       : err_set(e, EBADMSG, "its file system was changed, or can't be read");
}

static int import_into(const struct image_store *store, const struct image_tools *tools, const struct seal *seal,
		       int folder, int file, char ret_digest[IMAGE_DIGEST], struct err *e)
{
	autoclose int tree = -1;
	int fd[2] = {-1, -1}, r = make_folders(folder, (const char *const[]){"tree", NULL}, fd, e);

	tree = fd[0];
	if (r == 0)
		r = run(tools, &takers[seal->form], folder, file, e);
	return r < 0 ? r : import_folder(store, tools, tree, &seal->config, ret_digest, e);
}

int import_seal(const struct image_store *store, const struct image_tools *tools, int file,
		char ret_digest[IMAGE_DIGEST], struct err *e)
{
	autofree char *temporary = NULL;
	autoclose int folder = -1;
	struct seal seal = {0};
	struct err none = {0};
	int r = seal_read(file, &seal, e);

	if (r == -ENODATA) {
		err_clear(e);
		r = 0;
	}
	if (r == 0 && seal.bytes)
		r = check_content(file, &seal, e);
	if (r == 0)
		r = image_check_platform(&seal.config, e);
	temporary = r == 0 ? store_temporary(store, e) : NULL;
	if (temporary) {
		folder = openat(store->folder, temporary, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		r = folder < 0 ? err_errno(e, errno, "open '%s' in the store of images", temporary)
			       : import_into(store, tools, &seal, folder, file, ret_digest, e);
		(void)store_clear(store, temporary, &none);
	} else if (r == 0) {
		r = -e->code;
	}
	seal_done(&seal);
	return r;
}
