/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-display: forms of DISPLAY, and the reader of Xauthority, which strangers may have written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/mem.h"
#include "tests/plan/fake-host.h"

enum { LOCAL = 256, INTERNET = 0, WILD = 65535 };

static const char magic[] = "MIT-MAGIC-COOKIE-1", cookie[] = "sixteen bytes it";

static void counted(struct str *out, const char *bytes, size_t size)
{
	const char length[2] = {(char)(size >> 8), (char)size};

	str_add_bytes(out, length, sizeof length);
	str_add_bytes(out, bytes, size);
}

static void record(struct str *out, unsigned family, const char *display, const char *name, const char *data)
{
	const char bytes[2] = {(char)(family >> 8), (char)family};

	str_add_bytes(out, bytes, sizeof bytes);
	counted(out, "host", 4);
	counted(out, display, strlen(display));
	counted(out, name, strlen(name));
	counted(out, data, strlen(data));
}

/* Reads the display with the first `size` bytes of a file as Xauthority. */
static void read_with(struct fake_host *fake, const char *display, const struct str *file, size_t size)
{
	char path[] = "/tmp/sbx-display.XXXXXX";
	int fd = mkstemp(path);
	autofree char *shown = xasprintf("DISPLAY=%s", display), *authority = xasprintf("XAUTHORITY=%s", path);
	char *environment[] = {shown, authority, NULL};
	struct err e = {0};

	assert_true(fd >= 0);
	assert_int_equal(fd_write(fd, size ? file->s : "", size), 0);
	assert_int_equal(close(fd), 0);
	fake_host_debian(fake);
	fake_host_add(fake, "s /tmp/.X11-unix/X12");
	free(fake->host.x11_cookie);
	fake->host.x11_cookie = NULL;
	fake->host.environ = environment;
	assert_int_equal(host_read_display(&fake->host, &e), 0);
	fake->host.environ = NULL;
	assert_int_equal(unlink(path), 0);
}

static void check_display(const char *display, int number)
{
	struct fake_host fake;
	struct str none = {0};

	read_with(&fake, display, &none, 0);
	assert_int_equal(fake.host.x11_display, number);
	assert_null(fake.host.x11_cookie);
	fake_host_done(&fake);
}

static void test_forms(void **state)
{
	(void)state;
	check_display(":0", 0);
	check_display(":0.1", 0);
	check_display(":12", 12);
	check_display("unix:12", 12);
	check_display("unix/:12.0", 12);
	check_display(":1", -1); /* no such socket */
	check_display("localhost:0", -1);
	check_display("host:10.0", -1);
	check_display("host/unix:0", -1);
	check_display("tcp/host:0", -1);
	check_display("", -1);
	check_display(":", -1);
	check_display(":-1", -1);
	check_display(":x", -1);
	check_display(":0x", -1);
	check_display(":99999999999999999999", -1);
	check_display("/tmp/launch-xyz/org.xquartz:0", -1);
}

static bool finds(const struct str *file, size_t size)
{
	struct fake_host fake;
	bool found;

	read_with(&fake, ":0", file, size);
	found = fake.host.x11_cookie != NULL;
	if (found)
		assert_memory_equal(fake.host.x11_cookie, cookie, 16);
	fake_host_done(&fake);
	return found;
}

static bool finds_one(unsigned family, const char *display, const char *name, const char *data)
{
	autostr struct str file = {0};

	record(&file, family, display, name, data);
	return finds(&file, file.len);
}

static void test_records(void **state)
{
	autostr struct str file = {0};

	(void)state;
	assert_true(finds_one(LOCAL, "0", magic, cookie));
	assert_true(finds_one(WILD, "0", magic, cookie));
	assert_true(finds_one(LOCAL, "", magic, cookie)); /* of every display */
	assert_false(finds_one(INTERNET, "0", magic, cookie));
	assert_false(finds_one(LOCAL, "1", magic, cookie));
	assert_false(finds_one(LOCAL, "00", magic, cookie));
	assert_false(finds_one(LOCAL, "0", "XDM-AUTHORIZATION-1", cookie));
	assert_false(finds_one(LOCAL, "0", magic, "too short"));
	assert_false(finds_one(LOCAL, "0", magic, "more than the sixteen bytes"));
	record(&file, INTERNET, "0", magic, "another's cookie");
	record(&file, LOCAL, "1", magic, "another's cookie");
	record(&file, LOCAL, "0", magic, cookie);
	record(&file, LOCAL, "0", magic, "another's cookie");
	assert_true(finds(&file, file.len)); /* the first that fits */
}

/* Cut anywhere, nothing is read behind the end, and nothing half is taken. */
static void test_truncated(void **state)
{
	autostr struct str file = {0};

	(void)state;
	record(&file, LOCAL, "0", magic, cookie);
	for (size_t size = 0; size < file.len; size++)
		assert_false(finds(&file, size));
	assert_true(finds(&file, file.len));
	file.s[2] = (char)0xff; /* the length of the address */
	assert_false(finds(&file, file.len));
}

static void check_wayland(const char *value, const char *expected)
{
	struct fake_host fake;
	autofree char *shown = xasprintf("WAYLAND_DISPLAY=%s", value);
	char *environment[] = {shown, NULL};
	struct err e = {0};

	fake_host_debian(&fake);
	fake.host.environ = environment;
	assert_int_equal(host_read_display(&fake.host, &e), 0);
	if (expected)
		assert_string_equal(fake.host.wayland_socket, expected);
	else
		assert_null(fake.host.wayland_socket);
	fake_host_done(&fake);
}

static void test_wayland(void **state)
{
	(void)state;
	check_wayland("wayland-0", "/run/user/1000/wayland-0");
	check_wayland("/run/user/1000/wayland-0", "/run/user/1000/wayland-0");
	check_wayland("wayland-1", NULL);
	check_wayland("../1000/wayland-0", NULL);
	check_wayland("systemd", NULL); /* no socket */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_wayland),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
