/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-input-method: which of the session's variables are passed, and when the bus has a filter for them. */
#include "tests/unit/plan-of.h"

#define RULE                                                                                                           \
	"--call=org.freedesktop.portal.IBus=org.freedesktop.IBus.InputContext.ProcessKeyEvent@/org/freedesktop/IBus/*"

/* The caller has this variable, and the profile the filter and an input method. */
static void session(struct plan_of *f, const char *variable)
{
	static char *environment[2]; /* as long as the host */

	free(environment[0]);
	environment[0] = xstrdup(variable);
	again(f);
	f->fake.host.environ = environment;
	want(f, SET_desktop_dbus_session, "filter");
	want(f, SET_desktop_input_method, "yes");
}

static bool told(struct plan_of *f, const char *assignment)
{
	const struct step *step = step_of(f, STEP_ENVIRONMENT);
	const char *data = plan_text(&f->plan, step->data);

	for (size_t at = 0; at < step->size; at += strlen(data + at) + 1)
		if (str_eq(data + at, assignment))
			return true;
	return false;
}

/* Passed, with the filter of the bus if `bus`. */
static void passed(struct plan_of *f, const char *variable, bool bus)
{
	session(f, variable);
	compile(f);
	assert_true(told(f, variable));
	assert_int_equal(told(f, "IBUS_USE_PORTAL=1"), bus);
	assert_int_equal(told(f, "IBUS_DISCARD_PASSWORD=1"), bus);
	(bus ? (void)sees(f, RULE) : sees_not(f, " service "));
}

static void not_passed(struct plan_of *f, const char *variable, bool bus)
{
	session(f, variable);
	compile(f);
	assert_false(told(f, variable));
	(bus ? (void)sees(f, RULE) : sees_not(f, " service "));
}

static void test_values(void **state)
{
	static const char *const by_bus[] = {"GTK_IM_MODULE=ibus", "QT_IM_MODULE=fcitx", "SDL_IM_MODULE=fcitx5",
					     "QT_IM_MODULES=wayland;ibus"};
	static const char *const by_itself[] = {"GTK_IM_MODULE=wayland", "QT_IM_MODULE=compose", "GTK_IM_MODULE=none",
						"GTK_IM_MODULE=simple"};
	static const char *const unknown[] = {"GTK_IM_MODULE=",     "GTK_IM_MODULE=/tmp/x.so", "QT_IM_MODULE=ibusx",
					      "GTK_IM_MODULE=:",    "XMODIFIERS=@im=other",    "XMODIFIERS=ibus",
					      "GTK_IM_MODULE=xim",  "SDL_IM_MODULE=ibu",       "XMODIFIERS=@im=",
					      "XMODIFIERS=@im=none"};

	for (size_t i = 0; i < countof(by_bus); i++)
		passed(*state, by_bus[i], true);
	for (size_t i = 0; i < countof(by_itself); i++)
		passed(*state, by_itself[i], false);
	for (size_t i = 0; i < countof(unknown); i++)
		not_passed(*state, unknown[i], false);
	not_passed(*state, "GTK_IM_MODULE=ibus:other", true);
	not_passed(*state, "XMODIFIERS=@im=ibus", true);
}

/* XIM needs the display that all X11 programs share. */
static void test_xim(void **state)
{
	static const char *const good[] = {"GTK_IM_MODULE=xim", "XMODIFIERS=@im=SCIM_x-1", "GTK_IM_MODULE=simple:xim"};
	static const char *const bad[] = {"XMODIFIERS=@im=a b", "XMODIFIERS=@im=0123456789012345678901234567890123",
					  "XMODIFIERS=@im=x@im=y"};
	struct plan_of *f = *state;

	for (size_t i = 0; i < countof(good) + countof(bad); i++) {
		const char *variable = i < countof(good) ? good[i] : bad[i - countof(good)];

		session(f, variable);
		want(f, SET_desktop_x11, "yes");
		compile(f);
		assert_int_equal(told(f, variable), i < countof(good));
	}
}

/* Without the setting, without a bus, and where the filter is there for another reason, too. */
static void test_filter(void **state)
{
	struct plan_of *f = *state;

	session(f, "GTK_IM_MODULE=ibus");
	want(f, SET_desktop_input_method, "no");
	want(f, SET_environment_pass, "GTK_*");
	compile(f);
	assert_false(told(f, "GTK_IM_MODULE=ibus"));
	assert_false(told(f, "IBUS_USE_PORTAL=1"));
	sees(f, " service ");
	sees_not(f, "portal.IBus");
	session(f, "GTK_IM_MODULE=ibus");
	want(f, SET_desktop_input_method, "no");
	want(f, SET_environment_pass, "GTK_IM_MODULE");
	compile(f);
	assert_true(told(f, "GTK_IM_MODULE=ibus"));

	session(f, "LANG=C");
	want(f, SET_desktop_dbus_talk, "org.example.Talk");
	compile(f);
	sees(f, "--talk=org.example.Talk");
	sees_not(f, "portal.IBus");
	session(f, "LANG=C");
	want(f, SET_desktop_portals, "yes");
	compile(f);
	sees(f, " service ");

	session(f, "GTK_IM_MODULE=ibus");
	fake_host_remove(&f->fake, "/run/user/1000/bus");
	refused(f, "there is no session bus");
	session(f, "GTK_IM_MODULE=ibus");
	want(f, SET_profile_best_effort, "desktop");
	compile(f);
	sees(f, "skip layer=desktop reason=test.ini:7: desktop.dbus-session: there is no session bus");
	assert_false(told(f, "GTK_IM_MODULE=ibus"));
	assert_false(told(f, "IBUS_USE_PORTAL=1"));
	session(f, "LANG=C");
	compile(f);
	sees_not(f, "skip layer=desktop");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, plan_of_setup, plan_of_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(test_values), TEST(test_xim), TEST(test_filter)};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
