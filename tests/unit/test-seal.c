/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-seal: what stands behind the file system of an image in one file, by texts and files that lie; and layers that
 * become one tree. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <cmocka.h>

#include "base/mem.h"
#include "image/seal.h"
#include "tests/unit/own-folder.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DIGEST "sha256:" HEX
#define LINE(length) "sbx-image 1 " length " " DIGEST "\n"

static void test_form(void **state)
{
	char head[SEAL_HEAD] = {0};
	enum seal_form form;

	(void)state;
	assert_false(seal_is_form(head, &form));
	memcpy(head, "hsqs", 4);
	assert_true(seal_is_form(head, &form));
	assert_int_equal(form, SEAL_SQUASHFS);
	memcpy(head + 1024, "\xe2\xe1\xf5\xe0", 4);
	assert_true(seal_is_form(head, &form));
	assert_int_equal(form, SEAL_EROFS);
	assert_string_equal(seal_form_name(form), "erofs");
}

static void test_footer(void **state)
{
	const uint64_t least = SEAL_HEAD + SEAL_FOOTER;
	static const struct {
		const char *line;
		uint64_t more; /* bytes of the file besides the least */
		int code;
	} rows[] = {
		{LINE("0000000225"), 225, 0},
		{LINE("0000000001"), 100, 0},
		{LINE("0004194304"), 4194304, 0},
		{LINE("0000000225"), 224, EBADMSG},     /* it would begin in the first block */
		{LINE("0004194305"), 8 << 20, EBADMSG}, /* more than is read */
		{LINE("4294967295"), UINT64_C(1) << 40, EBADMSG},
		{LINE("9999999999"), UINT64_C(1) << 40, EBADMSG},
		{LINE("0000000000"), 225, EBADMSG},
		{LINE("-000000225"), 225, EBADMSG},
		{LINE("       225"), 225, EBADMSG},
		{"sbx-image 2 0000000225 " DIGEST "\n", 225, ENODATA},
		{"sbx-image 1 0000000225 " DIGEST " ", 225, EBADMSG},
		{"sbx-image 1 0000000225-" DIGEST "\n", 225, EBADMSG},
		{"sbx-image 1 0000000225 sha256:0123456789ABCDEF" HEX, 225, EBADMSG},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		uint64_t size = least + rows[i].more;
		struct seal_footer footer = {0};
		struct err e = {0};
		int r = seal_read_footer(rows[i].line, size, &footer, &e);

		if (r != -rows[i].code)
			fail_msg("row %zu: %d, %s", i, r, e.text);
		if (r == 0)
			assert_true(footer.offset >= SEAL_HEAD && footer.offset + footer.length + SEAL_FOOTER == size &&
				    digest_is(footer.digest));
	}
}

/* The least that is taken, with `more` in "sbx". */
static char *text_with(const char *more)
{
	return xasprintf(
		"{\"config\":{},\"sbx\":{\"version\":1,\"digest\":\"" DIGEST "\",\"content\":\"" DIGEST "\"%s}}", more);
}

static void test_text(void **state)
{
#define IDS ",\"uid\":0,\"gid\":4294967294"
	static const struct {
		const char *more;
		bool good;
	} rows[] = {
		{IDS ",\"folders\":[],\"files\":[]", true},
		{IDS ",\"folders\":[\"bin\",\"a b\"],\"files\":[\"...\"],\"home\":\"/\",\"user\":\"x\"", true},
		{IDS ",\"folders\":[],\"files\":[],\"home\":null,\"user\":null", true},
		{"", false},
		{IDS, false},
		{IDS ",\"folders\":[],\"files\":[],\"home\":\"x\"", false},
		{IDS ",\"folders\":{},\"files\":[]", false},
		{IDS ",\"folders\":[1],\"files\":[]", false},
		{IDS ",\"folders\":[\"\"],\"files\":[]", false},
		{IDS ",\"folders\":[\".\"],\"files\":[]", false},
		{IDS ",\"folders\":[\"..\"],\"files\":[]", false},
		{IDS ",\"folders\":[\"a/b\"],\"files\":[]", false},
		{IDS ",\"folders\":[],\"files\":[\"a\\u0000b\"]", false},
		{",\"uid\":\"0\",\"gid\":0,\"folders\":[],\"files\":[]", false},
		{",\"uid\":-1,\"gid\":0,\"folders\":[],\"files\":[]", false},
		{",\"uid\":4294967295,\"gid\":0,\"folders\":[],\"files\":[]", false},
		{",\"uid\":0.5,\"gid\":0,\"folders\":[],\"files\":[]", false},
		{IDS ",\"folders\":[],\"files\":[],\"version\":2", false},
		{IDS ",\"folders\":[],\"files\":[],\"digest\":\"x\"", false},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *json = text_with(rows[i].more);
		autostr struct str text = {0};
		struct seal seal = {0};
		struct err e = {0};
		int r;

		str_add(&text, json);
		r = seal_read_text(&text, &seal, &e);
		if ((r == 0) != rows[i].good)
			fail_msg("row %zu: %d, %s", i, r, e.text);
		seal_done(&seal);
	}
}

/* What is written is what is read. */
static void fill(struct seal *seal)
{
	memcpy(seal->digest, DIGEST, sizeof seal->digest);
	memcpy(seal->content, DIGEST, sizeof seal->content);
	seal->user = (struct image_user){.uid = 7, .gid = 8, .name = xstrdup("app"), .home = xstrdup("/home/app")};
	strv_add(&seal->folders, "bin");
	strv_add(&seal->files, "start");
}

static int sealed_file(const char *name, const struct str *behind, size_t cut)
{
	autofree char *path = below(name);
	char head[SEAL_HEAD] = "hsqs";
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fd_write(fd, head, sizeof head), 0);
	assert_int_equal(fd_write(fd, behind->s, behind->len - cut), 0);
	return fd;
}

static void test_file(void **state)
{
	static const char config[] =
		"{\"architecture\":\"amd64\",\"history\":[1],\"config\":{\"Entrypoint\":[\"/bin/sh\"],"
		"\"Env\":[\"A=\\\"b\\\\\\u001b\"],\"User\":\"app:staff\"}}";
	autostr struct str behind = {0}, text = {0};
	struct seal seal = {0}, again = {0};
	struct err e = {0};
	autoclose int good = -1, cut = -1, changed = -1;

	(void)state;
	fill(&seal);
	str_add(&text, config);
	assert_int_equal(seal_text(&seal, &text, &behind, &e), 0);
	seal_done(&seal);
	good = sealed_file("good", &behind, 0);
	assert_int_equal(seal_read(good, &again, &e), 0);
	assert_int_equal(again.bytes, SEAL_HEAD);
	assert_int_equal(again.form, SEAL_SQUASHFS);
	assert_string_equal(again.config.entrypoint.v[0], "/bin/sh");
	assert_string_equal(again.config.environment.v[0], "A=\"b\\\x1b");
	assert_string_equal(again.config.user, "app:staff");
	assert_string_equal(again.user.home, "/home/app");
	assert_int_equal(again.user.gid, 8);
	assert_string_equal(again.files.v[0], "start");
	seal_done(&again);
	cut = sealed_file("cut", &behind, 1);
	assert_int_equal(seal_read(cut, &again, &e), -ENODATA);
	behind.s[3] ^= 1;
	changed = sealed_file("changed", &behind, 0);
	assert_int_equal(seal_read(changed, &again, &e), -EBADMSG);
	assert_non_null(strstr(e.text, "was changed"));
}

static void test_no_file(void **state)
{
	autofree char *path = below("short");
	autoclose int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600),
		      null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct seal seal = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(seal_read(fd, &seal, &e), -ENOTSUP);
	assert_int_equal(fd_write(fd, "hsqs", 4), 0);
	assert_int_equal(seal_read(fd, &seal, &e), -ENOTSUP);
	assert_int_equal(ftruncate(fd, SEAL_HEAD), 0); /* no room for a line */
	assert_int_equal(seal_read(fd, &seal, &e), -ENODATA);
	assert_int_equal(seal_read(null, &seal, &e), -EINVAL);
}

/* --- layers --- */

static void folder_at(const char *name, mode_t mode)
{
	autofree char *path = below(name);

	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void file_at(const char *name)
{
	autofree char *path = below(name);
	autoclose int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	assert_int_equal(fd_write(fd, name, strlen(name)), 0);
}

static void whiteout(const char *name)
{
	autofree char *path = below(name);

	if (mknod(path, S_IFCHR, makedev(0, 0)) < 0)
		skip();
}

static void opaque(const char *name)
{
	autofree char *path = below(name);

	if (setxattr(path, "user.overlay.opaque", "y", 1, 0) < 0)
		skip(); /* a file system without such attributes */
}

static void assert_is(const char *name, const char *content)
{
	autofree char *path = below(name);
	char is[64] = "";
	ssize_t n = fd_read_file(AT_FDCWD, path, is, sizeof is);

	if (content ? n < 0 || !str_eq(is, content) : n >= 0)
		fail_msg("'%s' is '%s' (%zd)", name, is, n);
}

static void flatten(const char *const *names, size_t count)
{
	autostrv struct strv layers = {0};
	autofree char *out = below("out");
	autoclose int to = -1;
	struct err e = {0};

	for (size_t i = 0; i < count; i++) {
		autofree char *path = below(names[i]);

		strv_add(&layers, path);
	}
	assert_int_equal(mkdir(out, 0700), 0);
	to = open(out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (layers_flatten(&layers, to, &e) < 0)
		fail_msg("%s", e.text);
}

static void test_flatten(void **state)
{
	static const char *const layers[] = {"c", "b", "a"};
	static const char *const folders[] = {"a",   "a/d", "a/d/e",  "a/o", "a/o/in", "a/f", "b",
					      "b/d", "b/o", "b/o/in", "b/x", "c",      "c/d", "c/x"};
	struct stat st;
	autofree char *d = below("out/d"), *link = below("out/d/link"), *from = below("c/d/link");

	(void)state;
	for (size_t i = 0; i < countof(folders); i++)
		folder_at(folders[i], 0755);
	file_at("a/d/low");
	file_at("a/d/gone");
	file_at("a/d/both");
	file_at("a/d/e/deep");
	file_at("a/o/hidden");
	file_at("a/o/in/hidden");
	file_at("a/f/hidden");
	whiteout("b/d/gone");
	file_at("b/d/both");
	opaque("b/o");
	file_at("b/o/in/seen");
	file_at("b/x/hidden");
	file_at("b/f"); /* no folder any more, and again one */
	folder_at("c/f", 0755);
	file_at("c/f/seen");
	opaque("c/x");
	assert_int_equal(symlink("/etc/passwd", from), 0);
	folder_at("c/d/closed", 0500);
	flatten(layers, countof(layers));
	assert_is("out/d/low", "a/d/low");
	assert_is("out/d/gone", NULL);
	assert_is("out/d/both", "b/d/both");
	assert_is("out/d/e/deep", "a/d/e/deep");
	assert_is("out/o/hidden", NULL);
	assert_is("out/o/in/hidden", NULL); /* below what is opaque */
	assert_is("out/o/in/seen", "b/o/in/seen");
	assert_is("out/f/hidden", NULL);
	assert_is("out/f/seen", "c/f/seen");
	assert_is("out/x/hidden", NULL);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(d, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
}

static void test_opaque_top(void **state)
{
	static const char *const layers[] = {"b", "a"};

	(void)state;
	folder_at("a", 0755);
	folder_at("b", 0755);
	file_at("a/hidden");
	file_at("b/seen");
	opaque("b");
	flatten(layers, countof(layers));
	assert_is("out/hidden", NULL);
	assert_is("out/seen", "b/seen");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_footer),
		cmocka_unit_test(test_text),
		cmocka_unit_test_setup_teardown(test_file, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_no_file, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_flatten, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_opaque_top, make_folder, remove_folder),
	};

	(void)setenv("CMOCKA_MESSAGE_OUTPUT", "TAP", 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
