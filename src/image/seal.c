/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/seal.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sha256.h"
#include "base/units.h"

#define MARK "sbx-image 1 "
enum { LENGTH_DIGITS = 10, SEAL_VERSION = 1, NAME_BYTES = 255 };
_Static_assert(SEAL_FOOTER == sizeof MARK - 1 + LENGTH_DIGITS + 1 + IMAGE_DIGEST, "the line has these parts");

const char *seal_form_name(enum seal_form form)
{
	return form == SEAL_EROFS ? "erofs" : "squashfs";
}

bool seal_is_form(const char head[SEAL_HEAD], enum seal_form *ret)
{
	bool erofs = memcmp(head + 1024, "\xe2\xe1\xf5\xe0", 4) == 0;

	*ret = erofs ? SEAL_EROFS : SEAL_SQUASHFS;
	return erofs || memcmp(head, "hsqs", 4) == 0;
}

static void digest_of(const struct str *text, char ret[IMAGE_DIGEST])
{
	struct sha256 *sha = sha256_begin();

	memcpy(ret, "sha256:", 7);
	sha256_add(sha, text->s, text->len);
	sha256_end(sha, ret + 7);
}

int seal_read_footer(const char line[SEAL_FOOTER], uint64_t size, struct seal_footer *ret, struct err *e)
{
	const char *length = line + strlen(MARK), *digest = length + LENGTH_DIGITS + 1;
	struct seal_footer footer = {0};
	uint64_t room = size > SEAL_HEAD + SEAL_FOOTER ? size - SEAL_HEAD - SEAL_FOOTER : 0;

	if (memcmp(line, MARK, strlen(MARK)) != 0)
		return err_set(e, ENODATA, "it has no line of sbxctl at its end");
	for (int i = 0; i < LENGTH_DIGITS; i++) {
		if (length[i] < '0' || length[i] > '9')
			return err_set(e, EBADMSG, "the line at its end has no length");
		footer.length = footer.length * 10 + (uint64_t)(length[i] - '0');
	}
	memcpy(footer.digest, digest, IMAGE_DIGEST - 1);
	if (length[LENGTH_DIGITS] != ' ' || digest[IMAGE_DIGEST - 1] != '\n' || !digest_is(footer.digest))
		return err_set(e, EBADMSG, "the line at its end has no digest");
	if (!footer.length || footer.length > IMAGE_JSON_MAX || footer.length > room)
		return err_set(e, EBADMSG, "the line at its end says %llu bytes, which are not there, or too many",
			       (unsigned long long)footer.length);
	footer.offset = size - SEAL_FOOTER - footer.length;
	*ret = footer;
	return 0;
}

static int read_names(const struct json *list, struct strv *ret, struct err *e)
{
	if (json_kind(list) != JSON_ARRAY || json_count(list) > SEAL_NAMES_MAX)
		return err_set(e, EINVAL, "it has no list of names, or one of more than %d", SEAL_NAMES_MAX);
	for (size_t i = 0; i < json_count(list); i++) {
		const char *name = json_kind(json_at(list, i)) == JSON_STRING ? json_text(json_at(list, i)) : NULL;

		if (!name || !*name || strlen(name) > NAME_BYTES || strchr(name, '/') || str_eq(name, ".") ||
		    str_eq(name, ".."))
			return err_set(e, EINVAL, "it names what can't lie in a folder");
		strv_add(ret, name);
	}
	return 0;
}

static int read_id(const struct json *object, const char *name, uint32_t *ret, struct err *e)
{
	const struct json *member = json_member(object, name);
	const char *text = json_kind(member) == JSON_NUMBER ? json_text(member) : NULL;
	struct err none = {0};
	uint64_t id;

	if (!text || units_number(text, UINT32_MAX - 1, &id, &none) < 0)
		return err_set(e, EINVAL, "'%s' is no id", name);
	*ret = (uint32_t)id;
	return 0;
}

/* NULL: it is not there. Owned by the caller. */
static char *text_of(const struct json *object, const char *name)
{
	const struct json *member = json_member(object, name);
	const char *text = json_kind(member) == JSON_STRING ? json_text(member) : NULL;

	return text ? xstrdup(text) : NULL;
}

static int read_digest(const struct json *own, const char *name, char ret[IMAGE_DIGEST], struct err *e)
{
	autofree char *digest = text_of(own, name);

	if (!digest || !digest_is(digest))
		return err_set(e, EINVAL, "its '%s' is no digest", name);
	memcpy(ret, digest, IMAGE_DIGEST);
	return 0;
}

static int read_own(const struct json *own, struct seal *ret, struct err *e)
{
	uint32_t version = 0;
	int r;

	if (json_kind(own) != JSON_OBJECT || read_id(own, "version", &version, e) < 0 || version != SEAL_VERSION)
		return err_set(e, EINVAL, "it has no 'sbx' of version %d", SEAL_VERSION);
	if (read_digest(own, "digest", ret->digest, e) < 0 || read_digest(own, "content", ret->content, e) < 0)
		return -e->code;
	ret->user.name = text_of(own, "user");
	ret->user.home = text_of(own, "home");
	if (ret->user.home && ret->user.home[0] != '/')
		return err_set(e, EINVAL, "its 'home' is no absolute path");
	r = read_id(own, "uid", &ret->user.uid, e);
	if (r == 0)
		r = read_id(own, "gid", &ret->user.gid, e);
	if (r == 0)
		r = read_names(json_member(own, "folders"), &ret->folders, e);
	return r < 0 ? r : read_names(json_member(own, "files"), &ret->files, e);
}

int seal_read_text(const struct str *text, struct seal *ret, struct err *e)
{
	struct seal seal = {0};
	struct json *json = NULL;
	int r = image_config_read(text, &seal.config, e);

	if (r == 0)
		r = json_parse(text, &json, e);
	if (r == 0)
		r = read_own(json_member(json, "sbx"), &seal, e);
	json_done(json);
	if (r < 0)
		seal_done(&seal);
	else
		*ret = seal;
	return r;
}

static int read_at(int file, void *bytes, size_t size, uint64_t offset, struct err *e)
{
	ssize_t n = pread(file, bytes, size, (off_t)offset);

	if (n < 0)
		return err_errno(e, errno, "read it");
	return (size_t)n == size ? 0 : err_set(e, EBADMSG, "it is too short");
}

static int read_behind(int file, uint64_t size, struct seal *ret, struct err *e)
{
	autostr struct str text = {0};
	autofree char *bytes = NULL;
	struct seal_footer footer;
	char line[SEAL_FOOTER], digest[IMAGE_DIGEST];
	int r = read_at(file, line, sizeof line, size - sizeof line, e);

	if (r == 0)
		r = seal_read_footer(line, size, &footer, e);
	if (r < 0)
		return r;
	bytes = xmalloc(footer.length);
	r = read_at(file, bytes, footer.length, footer.offset, e);
	if (r < 0)
		return r;
	str_add_bytes(&text, bytes, footer.length);
	digest_of(&text, digest);
	if (!str_eq(digest, footer.digest))
		return err_set(e, EBADMSG, "its configuration was changed: the digest is another");
	r = seal_read_text(&text, ret, e);
	if (r < 0)
		return err_prefix(e, "its configuration");
	ret->bytes = footer.offset;
	return 0;
}

int seal_read(int file, struct seal *ret, struct err *e)
{
	char head[SEAL_HEAD];
	enum seal_form form;
	struct stat st;
	int r;

	if (fstat(file, &st) < 0)
		return err_errno(e, errno, "look at it");
	if (!S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "it is no regular file");
	if (st.st_size < SEAL_HEAD || read_at(file, head, sizeof head, 0, e) < 0 || !seal_is_form(head, &form))
		return err_set(e, ENOTSUP, "it is neither an erofs nor a squashfs");
	r = read_behind(file, (uint64_t)st.st_size, ret, e);
	if (r == 0 || r == -ENODATA)
		ret->form = form;
	return r;
}

int seal_text(const struct seal *seal, const struct str *config, struct str *out, struct err *e)
{
	struct json *own = NULL, *json = NULL;
	autostr struct str text = {0};
	char digest[IMAGE_DIGEST];
	int r = json_parse(config, &json, e);

	if (r == 0 && json_kind(json) != JSON_OBJECT)
		r = err_set(e, EINVAL, "the configuration is no object");
	if (r < 0) {
		json_done(json);
		return r;
	}
	own = json_new_object();
	json_add_int(own, "version", SEAL_VERSION);
	json_add_string(own, "digest", seal->digest);
	json_add_string(own, "content", seal->content);
	json_add_uint(own, "uid", seal->user.uid);
	json_add_uint(own, "gid", seal->user.gid);
	json_add_string(own, "user", seal->user.name);
	json_add_string(own, "home", seal->user.home);
	json_add(own, "folders", json_new_texts(&seal->folders));
	json_add(own, "files", json_new_texts(&seal->files));
	json_add(json, "sbx", own);
	json_print_line(json, &text);
	json_done(json);
	if (text.len > IMAGE_JSON_MAX)
		return err_set(e, EFBIG, "the configuration has more than %d bytes", IMAGE_JSON_MAX);
	digest_of(&text, digest);
	str_add_bytes(out, text.s, text.len);
	str_addf(out, MARK "%0*zu %s\n", LENGTH_DIGITS, text.len, digest);
	return 0;
}

void seal_done(struct seal *seal)
{
	image_config_done(&seal->config);
	image_user_done(&seal->user);
	strv_done(&seal->folders);
	strv_done(&seal->files);
	*seal = (struct seal){0};
}
