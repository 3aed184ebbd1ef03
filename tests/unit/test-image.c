/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-image: names, manifests and configurations as texts. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "image/image.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DIGEST "sha256:" HEX
#define PART "{\"digest\":\"" DIGEST "\",\"size\":7}"

static void test_digest(void **state)
{
	static const char *const bad[] = {"",
					  "sha256:",
					  HEX,
					  "sha256:" HEX "0",
					  "sha512:" HEX,
					  "SHA256:" HEX,
					  " " DIGEST,
					  DIGEST "\n",
					  "sha256:../../../../../../../../../../../../../../../../../../../../../etc",
					  "sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef"};

	(void)state;
	assert_true(digest_is(DIGEST));
	assert_string_equal(digest_hex(DIGEST), HEX);
	for (size_t i = 0; i < countof(bad); i++)
		if (digest_is(bad[i]))
			fail_msg("'%s'", bad[i]);
}

static void test_good_names(void **state)
{
	static const char *const rows[][3] = {
		{"a", "a:latest", "a:latest"},
		{"a:1", "a:1", "a:1"},
		{"docker.io/library/a", "a:latest", "a:latest"},
		{"localhost/a/b:1", "a/b:1", "a%b:1"},
		{"docker.io/docker.io/localhost/docker.io/library/a", "a:latest", "a:latest"},
		{"localhost:5000/a", "localhost:5000/a:latest", "localhost:5000%a:latest"},
		{"a/b/c:T_-.9", "a/b/c:T_-.9", "a%b%c:T_-.9"},
		{"host:5000/a", "host:5000/a:latest", "host:5000%a:latest"},
		{"h.x:5000/a-b:c", "h.x:5000/a-b:c", "h.x:5000%a-b:c"},
		{"a:b/c", "a:b/c:latest", "a:b%c:latest"},
		{"sha2560:abcdef0", "sha2560:abcdef0", "sha2560:abcdef0"},
		{"a/sha256:abcdef0", "a/sha256:abcdef0", "a%sha256:abcdef0"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct err e = {0};
		autofree char *full = ref_full(rows[i][0], &e), *file = full ? ref_file(full) : NULL,
			      *back = file ? ref_of_file(file) : NULL, *again = full ? ref_full(full, &e) : NULL;

		assert_non_null(full);
		assert_string_equal(full, rows[i][1]);
		assert_string_equal(file, rows[i][2]);
		assert_string_equal(back, full);
		assert_string_equal(again, full);
	}
}

static void test_bad_names(void **state)
{
	static const char *const rows[] = {"",
					   ":",
					   ":a",
					   "a:",
					   "a::b",
					   "a:b:c",
					   "docker.io/",
					   "localhost/",
					   "docker.io/sha256:abcdef0",
					   "localhost/docker.io/:1",
					   "/a",
					   "a/",
					   "a//b",
					   "..",
					   "../a",
					   "a/..",
					   "a/./b",
					   "a:..",
					   "a:.b",
					   "a b",
					   "a\n",
					   "a%b",
					   "%",
					   "-a",
					   "a/-b",

					   "h:/a",
					   "h:1:2/a",
					   ":1/a",
					   "sha256:abcdef",
					   "sha256:latest",
					   "\xc3\xa9",
					   "a\xff"};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct err e = {0};

		if (ref_full(rows[i], &e) || e.code != EINVAL || !strstr(e.text, "is no name of an image"))
			fail_msg("'%s': %s", rows[i], e.text);
	}
}

/* Whatever is taken is found again by its full name, which has to be one, too. */
static void test_long_names(void **state)
{
	char name[IMAGE_NAME_MAX + 2];

	(void)state;
	for (size_t len = IMAGE_NAME_MAX - 12; len <= IMAGE_NAME_MAX + 1; len++) {
		struct err e = {0};
		autofree char *full = NULL, *again = NULL;

		memset(name, 'a', len);
		name[len] = '\0';
		full = ref_full(name, &e);
		assert_int_equal(full != NULL, len + strlen(":latest") <= IMAGE_NAME_MAX);
		again = full ? ref_full(full, &e) : NULL;
		assert_int_equal(!full, !again);
	}
}

static int read_manifest(const char *text, struct manifest *ret, struct err *e)
{
	autostr struct str bytes = {0};

	str_add(&bytes, text);
	return manifest_read(&bytes, ret, e);
}

static void test_manifest(void **state)
{
	struct manifest m = {0};
	struct err e = {0};

	(void)state;
	assert_int_equal(
		read_manifest("{\"schemaVersion\":2,\"config\":" PART ",\"layers\":[" PART "," PART "]}", &m, &e), 0);
	assert_false(m.is_index);
	assert_int_equal(m.count, 2);
	assert_string_equal(m.entry[1].digest, DIGEST);
	assert_int_equal(m.config.size, 7);
	manifest_done(&m);
	assert_int_equal(
		read_manifest("{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"" DIGEST
			      "\",\"size\":9223372036854775807,\"mediaType\":\"x\",\"platform\":{\"os\":\"linux\","
			      "\"architecture\":\"s390x\"},\"annotations\":{\"org.opencontainers.image.ref.name\":"
			      "\"../../etc\"}}]}",
			      &m, &e),
		0);
	assert_true(m.is_index);
	assert_int_equal(m.count, 1);
	assert_true(m.entry[0].size == INT64_MAX);
	assert_string_equal(m.entry[0].os, "linux");
	assert_string_equal(m.entry[0].architecture, "s390x");
	assert_string_equal(m.entry[0].name, "../../etc");
	manifest_done(&m);
}

static void test_bad_manifests(void **state)
{
	static const char *const rows[][2] = {
		{"", "read JSON"},
		{"null", "no object with schemaVersion 2"},
		{"[]", "no object with schemaVersion 2"},
		{"{\"schemaVersion\":1}", "no object with schemaVersion 2"},
		{"{\"schemaVersion\":2}", "its config: a digest is none"},
		{"{\"schemaVersion\":2,\"manifests\":{}}", "neither 'manifests' nor 'layers'"},
		{"{\"schemaVersion\":2,\"manifests\":[null]}", "entry 1: a digest is none"},
		{"{\"schemaVersion\":2,\"config\":[],\"layers\":[]}", "its config: a digest is none"},
		{"{\"schemaVersion\":2,\"config\":" PART "}", "neither 'manifests' nor 'layers'"},
		{"{\"schemaVersion\":2,\"config\":" PART ",\"layers\":[" PART ",3]}", "entry 2: a digest is none"},
		{"{\"schemaVersion\":2,\"config\":{\"digest\":\"" DIGEST "\"}}", "its config: the size of"},
		{"{\"schemaVersion\":2,\"config\":{\"digest\":\"" DIGEST "\",\"size\":-1}}", "its config: the size of"},
		{"{\"schemaVersion\":2,\"config\":{\"digest\":\"" DIGEST "\",\"size\":9223372036854775808}}",
		 "its config: the size of"},
		{"{\"schemaVersion\":2,\"config\":{\"digest\":\"" DIGEST "\",\"size\":1e3}}",
		 "its config: the size of"},
		{"{\"schemaVersion\":2,\"config\":{\"digest\":\"" DIGEST "\\u0000\",\"size\":1}}",
		 "its config: a digest is none"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct manifest m = {0};
		struct err e = {0};

		if (read_manifest(rows[i][0], &m, &e) != -EINVAL || !strstr(e.text, rows[i][1]) || m.entry)
			fail_msg("%s: %s", rows[i][0], e.text);
	}
}

static void test_many_layers(void **state)
{
	(void)state;
	for (int count = IMAGE_LAYERS_MAX; count <= IMAGE_LAYERS_MAX + 1; count++) {
		autostr struct str text = {0};
		struct manifest m = {0};
		struct err e = {0};

		str_add(&text, "{\"schemaVersion\":2,\"config\":" PART ",\"layers\":[" PART);
		for (int i = 1; i < count; i++)
			str_add(&text, "," PART);
		str_add(&text, "]}");
		assert_int_equal(manifest_read(&text, &m, &e), count > IMAGE_LAYERS_MAX ? -E2BIG : 0);
		manifest_done(&m);
	}
}

static void test_config(void **state)
{
	static const char text[] =
		"{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{\"Entrypoint\":[\"/a\",\"\"],"
		"\"Cmd\":null,\"Env\":[\"A=b\"],\"User\":\"app:7\",\"WorkingDir\":\"/w\"},"
		"\"rootfs\":{\"diff_ids\":[\"" DIGEST "\"]}}";
	static const char *const bad[][2] = {
		{"7", "it is no object"},
		{"{\"config\":{\"Cmd\":\"sh\"}}", "'Cmd' is no list"},
		{"{\"config\":{\"Env\":[1]}}", "'Env' has an entry that is no text"},
		{"{\"config\":{\"Entrypoint\":[\"a\\u0000b\"]}}", "'Entrypoint' has an entry that is no text"},
		{"{\"rootfs\":{\"diff_ids\":[\"sha256:x\"]}}", "'diff_ids' has an entry that is no digest"},
	};
	autostr struct str bytes = {0};
	struct image_config c = {0};
	struct err e = {0};

	(void)state;
	str_add(&bytes, text);
	assert_int_equal(image_config_read(&bytes, &c, &e), 0);
	assert_int_equal(c.entrypoint.count, 2);
	assert_int_equal(c.command.count, 0);
	assert_string_equal(c.environment.v[0], "A=b");
	assert_string_equal(c.user, "app:7");
	assert_string_equal(c.folder, "/w");
	assert_string_equal(c.diff_ids.v[0], DIGEST);
	image_config_done(&c);
	for (size_t i = 0; i < countof(bad); i++) {
		bytes.len = 0;
		str_add(&bytes, bad[i][0]);
		if (image_config_read(&bytes, &c, &e) != -EINVAL || !strstr(e.text, bad[i][1]))
			fail_msg("%s: %s", bad[i][0], e.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_digest),      cmocka_unit_test(test_good_names),
		cmocka_unit_test(test_bad_names),   cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_manifest),    cmocka_unit_test(test_bad_manifests),
		cmocka_unit_test(test_many_layers), cmocka_unit_test(test_config),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
