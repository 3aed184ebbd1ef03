/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-bus: names and rules of D-Bus, those behind which the sandbox would end, addresses, and what a filter is told.
 */
#include "tests/unit/plan-of.h"

#include <errno.h>

#include "policy/bus-names.h"
#include "policy/check.h"

static void test_names(void **state)
{
	static const char *const good[] = {"org.example", "org.example.*", "a_b.c-d.E9", "org.mpris.MediaPlayer2.x"};
	static const char *const bad[] = {"",       "org",     "org.*",   "*",       "org.*.x",
					  "org..x", ".org.x",  "org.x.",  "org.9x",  "org.x*",
					  ":1.5",   "org.x y", "org.x=y", "org.x/y", "org.x.**"};
	char longest[300];

	(void)state;
	for (size_t i = 0; i < countof(good); i++)
		assert_true(bus_is_name(good[i]));
	for (size_t i = 0; i < countof(bad); i++)
		assert_false(bus_is_name(bad[i]));
	memset(longest, 'a', sizeof longest);
	longest[1] = '.';
	longest[256] = '\0';
	assert_false(bus_is_name(longest));
	longest[255] = '\0';
	assert_true(bus_is_name(longest));
}

static void test_rules(void **state)
{
	static const char *const good[] = {"org.x=*",   "org.x=org.x.*",      "org.x=org.x.Method",
					   "org.x=*@/", "org.x.*=*@/a/b_9/*", "org.x=@/a",
					   "org.x=*@/a"};
	static const char *const bad[] = {"org.x",       "org.x=",    "=*",          "org.x=*x",      "org.x=Method",
					  "org.x=*@",    "org.x=*@a", "org.x=*@/a/", "org.x=*@//a",   "org.x=*@/a-b",
					  "org.x=*@/*x", "org.x=**",  "org.x=x.*.y", "org.x=*@/a/**", "org=*"};

	(void)state;
	for (size_t i = 0; i < countof(good); i++)
		assert_true(bus_is_rule(good[i]));
	for (size_t i = 0; i < countof(bad); i++)
		assert_false(bus_is_rule(bad[i]));
}

static void test_dangers(void **state)
{
	static const char *const danger[] = {"org.freedesktop.systemd1",
					     "org.freedesktop.systemd1.*",
					     "org.freedesktop.systemd1.X",
					     "org.freedesktop.*",
					     "org.freedesktop.Flatpak",
					     "org.freedesktop.portal.*",
					     "org.gnome.*",
					     "ca.desrt.*",
					     "org.gtk.vfs.Daemon",
					     "org.gnome.Nautilus",
					     "io.snapcraft.Launcher",
					     "org.xfce.FileManager",
					     "org.freedesktop.systemd1=*"};
	static const char *const fine[] = {"org.freedesktop.systemd10",
					   "org.freedesktop.systemd",
					   "org.freedesktop.portal.Desktop",
					   "org.freedesktop.Notifications",
					   "org.gnome.Shellx",
					   "org.gnome.Calculator.*",
					   "org.freedesktop"};
	const char *name, *what;

	(void)state;
	for (size_t i = 0; i < countof(danger); i++)
		assert_true(bus_danger(danger[i], &name, &what));
	for (size_t i = 0; i < countof(fine); i++)
		assert_false(bus_danger(fine[i], &name, &what));
	assert_true(bus_danger("org.freedesktop.*", &name, &what));
	assert_string_equal(name, "org.freedesktop.systemd1");
}

/* The policy so far is refused, and one of the errors says so. */
static void broken(struct plan_of *f, const char *text)
{
	struct errlist errors = {0};
	bool found = false;

	policy_check(&f->policy, &errors);
	for (size_t i = 0; i < errors.count; i++)
		found |= strstr(errors.v[i].text, text) != NULL;
	errlist_done(&errors);
	if (!found)
		fail_msg("'%s' is in no error", text);
}

static void test_checks(void **state)
{
	struct plan_of *f = *state;
	struct errlist errors = {0};

	want(f, SET_desktop_dbus_session, "filter");
	want(f, SET_desktop_dbus_talk, "org.*");
	broken(f, "test.ini:7: desktop.dbus-talk: 'org.*' is not the name of a program");
	again(f);
	want(f, SET_desktop_dbus_session, "filter");
	want(f, SET_desktop_dbus_call, "org.freedesktop.portal.*=*");
	broken(f, "which starts programs outside of the sandbox");
	again(f);
	want(f, SET_desktop_dbus_session, "filter");
	want(f, SET_desktop_dbus_broadcast, "org.freedesktop.systemd1=*"); /* is only heard */
	policy_check(&f->policy, &errors);
	assert_int_equal(errors.count, 0);
	again(f);
	want(f, SET_desktop_portals, "yes");
	broken(f, "it needs desktop.dbus-session = filter");
	want(f, SET_desktop_dbus_session, "filter");
	next_layer(f);
	want(f, SET_desktop_dbus_session, "no"); /* and all its details with it */
	policy_check(&f->policy, &errors);
	assert_int_equal(errors.count, 0);
	again(f);
	want(f, SET_desktop_dbus_session, "filter");
	want(f, SET_desktop_dbus_system_talk, "org.example.x");
	broken(f, "it needs desktop.dbus-system = filter");
}

/* With this DBUS_SESSION_BUS_ADDRESS the filter is told of this one. */
static void address(struct plan_of *f, const char *text, const char *told)
{
	autofree char *variable = xasprintf("DBUS_SESSION_BUS_ADDRESS=%s", text),
		      *look = told ? xasprintf(" unix:path=%s /run/user", told) : NULL;
	char *environment[] = {variable, NULL};

	again(f);
	f->fake.host.environ = environment;
	want(f, SET_desktop_dbus_session, "filter");
	if (look) {
		compile(f);
		sees(f, look);
	} else {
		refused(f, "session bus");
	}
	f->fake.host.environ = NULL;
}

static void test_addresses(void **state)
{
	struct plan_of *f = *state;

	fake_host_add(&f->fake, "s /tmp/a:b");
	fake_host_add(&f->fake, "s /tmp/bus");
	address(f, "", "/run/user/1000/bus");
	address(f, "unix:path=/tmp/bus", "/tmp/bus");
	address(f, "unix:path=/tmp/bus,guid=0123", "/tmp/bus");
	address(f, "unix:guid=0123,path=/tmp/bus", "/tmp/bus");
	address(f, "unix:path=/tmp/none;tcp:host=x,port=1;unix:path=/tmp/bus", "/tmp/bus");
	address(f, "unix:runtime=yes", "/run/user/1000/bus");
	address(f, "unix:path=%2ftmp/a%3Ab", "/tmp/a%3ab");
	sees(f, "--ro=/tmp/a\\x5c:b"); /* printed so: a colon of the path */
	address(f, "unix:path=/tmp/none", NULL);
	address(f, "unix:path=/tmp/../tmp/bus", NULL);
	address(f, "unix:path=tmp/bus", NULL);
	address(f, "unix:path=/tmp/b%", NULL);
	address(f, "unix:path=/tmp/bus%00x", NULL);
	address(f, "unix:path=/srv/notes.txt", NULL);
	address(f, "autolaunch:", NULL);
	address(f, "unix:", NULL);
	address(f, ";;,=", NULL);
	address(f, "unix:abstract=/tmp/x,guid=1", NULL);
	assert_non_null(strstr(f->e.text, "abstract"));
}

static void test_absent(void **state)
{
	struct plan_of *f = *state;
	char nothing[] = "DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere", *environment[] = {nothing, NULL};

	f->fake.host.environ = environment;
	want(f, SET_desktop_dbus_session, "filter");
	want(f, SET_desktop_notifications, "yes");
	want(f, SET_profile_best_effort, "desktop");
	compile(f);
	sees(f, "skip layer=desktop reason=test.ini:7: desktop.dbus-session: there is no session bus");
	sees_not(f, " service ");
	f->fake.host.environ = NULL;
	again(f);
	want(f, SET_desktop_dbus_session, "filter");
	want(f, SET_process_user, "nobody");
	refused(f, "process.user = keep");
	again(f);
	f->fake.host.gated = true;
	f->fake.host.namespaces_errno = EPERM;
	want(f, SET_desktop_dbus_session, "filter");
	refused(f, "behind a setuid sbx");
	again(f);
	f->fake.host.namespaces_errno = 0;
	want(f, SET_desktop_dbus_session, "filter");
	compile(f);
	sees_not(f, "flatpak-info");
	again(f);
	want(f, SET_desktop_dbus_session, "filter");
	want(f, SET_desktop_portals, "yes");
	refused(f, "can't see who asks");
	f->fake.host.gated = false;
}

static void test_words(void **state)
{
	struct plan_of *f = *state;

	f->policy.name = (free(f->policy.name), xstrdup("9a.b_c"));
	want(f, SET_desktop_dbus_session, "filter");
	want(f, SET_desktop_portals, "yes");
	want(f, SET_desktop_mpris, "yes");
	want(f, SET_profile_command, "my.player");
	compile(f);
	assert_non_null(strstr(plan_text(&f->plan, step_of(f, STEP_SERVICE_FILE)->data), "name=io.sbx._39a_2eb_5fc\n"));
	sees(f, "bind source=/run/user/1000/doc/by-app/io.sbx._39a_2eb_5fc target=/run/user/1000/doc ");
	sees(f, "--own=org.mpris.MediaPlayer2.true.* --own=org.mpris.MediaPlayer2.my_player.*");
	sees(f, "GTK_USE_PORTAL");
	sees(f, "portal-instance folder=/run/user/1000/.flatpak/sbx-77 ");
	again(f);
	want(f, SET_desktop_dbus_session, "filter");
	compile(f);
	sees(f, "--ro=/run/user/1000/sbx.services/77/flatpak-info:/.flatpak-info");
	sees_not(f, "--call=");
	sees_not(f, "GTK_USE_PORTAL");
	sees_not(f, "/run/user/1000/doc");
	again(f);
	want(f, SET_desktop_a11y, "yes");
	compile(f);
	sees(f,
	     " unix:path=/run/user/1000/at-spi/bus_0 /run/user/1000/sbx.services/77/a11y-bus --filter --sloppy-names");
	again(f);
	want(f, SET_desktop_printing, "yes");
	compile(f);
	sees(f, "bind source=/run/cups/cups.sock target=/run/cups/cups.sock flags=ro");
	again(f);
	fake_host_add(&f->fake, "d /home/alice/.config/dconf 700 1000");
	want(f, SET_desktop_dconf, "yes");
	compile(f);
	sees(f, "bind source=/home/alice/.config/dconf target=/home/alice/.config/dconf flags=ro");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, plan_of_setup, plan_of_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names),     TEST(test_rules),  TEST(test_dangers), TEST(test_checks),
		TEST(test_addresses), TEST(test_absent), TEST(test_words),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
