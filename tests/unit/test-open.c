/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-open: what a payload may ask to be opened outside, how often, and by whom it is done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/link.h"
#include "base/mem.h"
#include "base/str.h"
#include "open/open.h"
#include "open/pace.h"
#include "open/target.h"

/* NULL where it is refused. Owned by the caller. */
static char *read_text(const char *packet)
{
	struct asked asked = {0};
	struct err e = {0};

	if (asked_read(packet, strlen(packet), &asked, &e) < 0) {
		assert_true(e.text[0]);
		assert_null(asked.text);
		return NULL;
	}
	assert_int_equal(asked.is_file, packet[0] == OPEN_FILE);
	return asked.text;
}

static void test_links(void **state)
{
	static const struct {
		const char *packet, *text;
	} rows[] = {
		{"Lhttps://a/b?c=d&e;f#g", "https://a/b?c=d&e;f#g"},
		{"LHttpS://A", "https://A"},
		{"Lhttp://a/%20", "http://a/%20"},
		{"Lmailto:a@b.c", "mailto:a@b.c"},
		{"Lmailto:?to=a&Subject=b&body=c%0Ad", "mailto:?to=a&Subject=b&body=c%0Ad"},
		{"Lmagnet:?xt=urn:btih:a", "magnet:?xt=urn:btih:a"},
		{"Lhttp://a/%2", NULL},
		{"Lhttp://a/%", NULL},
		{"Lhttp://a/%zz", NULL},
		{"L", NULL},
		{"Lhttps:", NULL},
		{"L:a", NULL},
		{"L-https://a", NULL},
		{"L1a://a", NULL},
		{"L//a", NULL},
		{"Lhttps://a b", NULL},
		{"Lhttps://a\tb", NULL},
		{"Lhttps://a\nb", NULL},
		{"Lhttps://a\177", NULL},
		{"Lhttps://\xc3\xa9", NULL},
		{"Lhttps://a\"", NULL},
		{"Lhttps://a\\b", NULL},
		{"Lhttps://a`b`", NULL},
		{"Lhttps://<a>", NULL},
		{"LFile:///etc/passwd", NULL},
		{"LjavaScript:1", NULL},
		{"Ldata:,a", NULL},
		{"Lmailto:a?attach=/etc/passwd", NULL},
		{"Lmailto:a?subject=b&attachment=/etc/passwd", NULL},
		{"Lmailto:a?subject=b;attach=/etc/passwd", NULL},
		{"Lmailto:a?x-mailer=b", NULL},
		{"Lmailto:a?&attach=b", NULL},
		{"Xhttps://a", NULL},
		{"https://a", NULL},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *text = read_text(rows[i].packet);

		if (rows[i].text ? !text || !str_eq(text, rows[i].text) : text != NULL)
			fail_msg("%s: %s", rows[i].packet, text ? text : "refused");
	}
}

static void test_sizes(void **state)
{
	autofree char *packet = xmalloc(LINK_MAX + 3);
	struct asked asked = {0};
	struct err e = {0};

	(void)state;
	memset(packet, 'a', LINK_MAX + 3);
	memcpy(packet, "Lhttp://", 8);
	assert_int_equal(asked_read(packet, LINK_MAX + 2, &asked, &e), -E2BIG);
	assert_int_equal(asked_read(packet, LINK_MAX + 1, &asked, &e), 0);
	assert_int_equal(strlen(asked.text), LINK_MAX);
	asked_done(&asked);
	packet[100] = '\0';
	assert_int_equal(asked_read(packet, 200, &asked, &e), -EINVAL);
	memset(packet, 'a', 300);
	packet[0] = OPEN_FILE;
	assert_int_equal(asked_read(packet, 257, &asked, &e), -ENAMETOOLONG);
	assert_int_equal(asked_read(packet, 256, &asked, &e), 0);
	asked_done(&asked);
}

static void test_names(void **state)
{
	static const struct {
		const char *packet, *text;
	} rows[] = {
		{"Fa b.pdf", "a b.pdf"},
		{"F../../x", "_._.._x"},
		{"F-rf", "_rf"},
		{"F.profile", "_profile"},
		{"F a", "_a"},
		{"F/", "_"},
		{"Fa\nb\033[1m", "a_b__1m"},
		{"F%41:~$x", "_41___x"},
		{"F\xc3\x9c.pdf", "\xc3\x9c.pdf"},
		{"F\xc3.pdf", "_.pdf"},
		/* a line separator, and an override of the direction: in a question they would be text of ours */
		{"Fa\xe2\x80\xa8 b.pdf", "a___ b.pdf"},
		{"F\xe2\x80\xae gpj.pdf", "___ gpj.pdf"},
		{"Fa\xc2\x85.pdf", "a__.pdf"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *text = read_text(rows[i].packet);

		assert_non_null(text);
		assert_string_equal(text, rows[i].text);
	}
}

static void test_kinds(void **state)
{
	static const char *const good[] = {"http", "https", "mailto", "irc6", "web+ap", ".pdf", ".tar.gz"};
	static const char *const bad[] = {"",     "file", "javascript", "data", "HTTP",  "http:", "-http", "6irc",
					  ".pd/", ".",    ".PDF",       "a b",  ".a\nb", "*",     "smb",   ".a."};

	(void)state;
	for (size_t i = 0; i < countof(good); i++)
		if (!link_is_kind(good[i]))
			fail_msg("%s", good[i]);
	for (size_t i = 0; i < countof(bad); i++)
		if (link_is_kind(bad[i]))
			fail_msg("%s", bad[i]);
}

static void test_pace(void **state)
{
	const int64_t second = 1000000000;
	struct pace pace = {0};
	int64_t now = 5 * second;
	int taken = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		taken += pace_take(&pace, now);
	assert_int_equal(taken, 5);
	assert_false(pace_take(&pace, now + second / 2));
	assert_true(pace_take(&pace, now + second));
	assert_false(pace_take(&pace, now + second));
	/* ten minutes of trying ten times a second: 30 at once, and one in 20 seconds */
	pace = (struct pace){0};
	taken = 0;
	for (int i = 0; i < 6000; i++)
		taken += pace_take(&pace, now + i * second / 10);
	assert_in_range(taken, 55, 61);
}

static void test_shared_pace(void **state)
{
	const int64_t second = 1000000000;
	char path[] = "/tmp/sbx-test-pace.XXXXXX";
	const int64_t late[2] = {INT64_MAX / 2, 0};
	int64_t now = 5 * second;
	struct err e = {0};
	int fd = mkstemp(path), taken = 0;

	(void)state;
	assert_true(fd >= 0);
	for (int i = 0; i < 100; i++)
		taken += pace_take_shared(path, now, &e) == 0;
	assert_int_equal(taken, 30);
	assert_int_equal(pace_take_shared(path, now + second / 2, &e), -EAGAIN);
	assert_int_equal(pace_take_shared(path, now + second, &e), 0);
	/* of a clock that began anew since */
	assert_int_equal(pwrite(fd, late, sizeof late, 0), sizeof late);
	assert_int_equal(pace_take_shared(path, second, &e), 0);
	/* one alone, which tries ten times a second, never uses it up */
	assert_int_equal(ftruncate(fd, 0), 0);
	for (struct pace pace = {.used = {0}}; taken < 6000; taken++)
		if (pace_take(&pace, now + taken * second / 10))
			assert_int_equal(pace_take_shared(path, now + taken * second / 10, &e), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_true(pace_take_shared(path, now, &e) < 0);
	(void)unlink(path);
	(void)close(fd);
}

static void check_target(const struct targets *targets, const char *packet, const char *profile)
{
	const struct target *target;
	struct asked asked = {0};
	struct err e = {0};

	assert_int_equal(asked_read(packet, strlen(packet), &asked, &e), 0);
	target = targets_find(targets, &asked);
	if (profile ? !target || !str_eq(target->profile, profile) : target != NULL)
		fail_msg("%s: %s", packet, target ? target->profile : "none");
	asked_done(&asked);
}

static void test_targets(void **state)
{
	char socket[] = "--socket=/s", copies[] = "--copies=/c", sbx[] = "--sbx=/x", asker[] = "--asker=a",
	     ask[] = "--ask", first[] = "--to=browser", opens[] = "--opens=http https .html",
	     commands[] = "--commands=not-there sh", second[] = "--to=viewer", more[] = "--opens=.pdf https .tar.gz",
	     wrong[] = "--x";
	char *words[] = {socket, copies, sbx, asker, ask, first, opens, commands, second, more, NULL};
	char *bad[] = {socket, copies, sbx, asker, wrong, NULL}, *less[] = {socket, copies, sbx, NULL},
	     *early[] = {socket, copies, sbx, asker, opens, NULL};
	struct targets targets = {0};
	struct err e = {0};
	autofree char *command = NULL;

	(void)state;
	assert_int_equal(targets_read(words, &targets, &e), 0);
	assert_true(targets.ask);
	assert_int_equal(targets.count, 2);
	check_target(&targets, "Lhttps://a", "browser");
	check_target(&targets, "Lhttp:a", "browser");
	check_target(&targets, "Lmailto:a", NULL);
	check_target(&targets, "Fx.html", "browser");
	check_target(&targets, "Fx.PDF", "viewer");
	check_target(&targets, "Fx.tar.gz", "viewer");
	check_target(&targets, "Fx.gz", NULL);
	check_target(&targets, "Fhttp:", NULL);
	check_target(&targets, "F.pdf", NULL);
	command = target_command(&targets.v[0], "relative:/not/there:/bin:/usr/bin");
	assert_string_equal(command, "sh");
	assert_null(target_command(&targets.v[0], NULL));
	assert_null(target_command(&targets.v[0], "."));
	assert_null(target_command(&targets.v[1], "/bin"));
	targets_done(&targets);
	assert_int_equal(targets_read(bad, &targets, &e), -EINVAL);
	targets_done(&targets);
	assert_int_equal(targets_read(less, &targets, &e), -EINVAL);
	targets_done(&targets);
	assert_int_equal(targets_read(early, &targets, &e), -EINVAL);
	targets_done(&targets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_links),   cmocka_unit_test(test_sizes), cmocka_unit_test(test_names),
		cmocka_unit_test(test_kinds),   cmocka_unit_test(test_pace),  cmocka_unit_test(test_shared_pace),
		cmocka_unit_test(test_targets),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
