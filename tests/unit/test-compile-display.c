/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-compile-display: which way a display is isolated is the server's to say, and none is weaker than asked. */
#include <errno.h>

#include "tests/unit/plan-of.h"

static int setup(void **state)
{
	int r = plan_of_setup(state);
	struct plan_of *f = *state;

	f->fake.host.wayland_socket = xstrdup("/run/user/1000/wayland-0");
	return r;
}

static void no_security(struct plan_of *f)
{
	(void)err_set(&f->fake.host.x11_untrusted, ENOTSUP, "the X11 server has no SECURITY extension");
}

static void no_contexts(struct plan_of *f)
{
	(void)err_set(&f->fake.host.wayland_context, ENOTSUP, "the Wayland compositor does not isolate its clients");
}

static void test_shared(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_desktop_x11, "yes");
	want(f, SET_desktop_wayland, "yes");
	compile(f);
	sees(f, "bind source=/tmp/.X11-unix/X0 target=/tmp/.X11-unix/X5000 flags=ro");
	sees(f, "file path=/run/user/1000/.Xauthority mode=0644");
	sees(f, "bind source=/run/user/1000/wayland-0 target=/run/user/1000/wayland-0 flags=ro");
	sees(f, "DISPLAY XAUTHORITY");
	sees(f, " WAYLAND_DISPLAY");
	sees_not(f, "service");
}

/* The server's socket, and the caller's cookie, are nowhere in the view. */
static void test_untrusted(void **state)
{
	struct plan_of *f = *state;

	want(f, SET_desktop_x11, "isolated");
	compile(f);
	sees(f, "services-folder folder=/run/user/1000/sbx.services/77 # test.ini:7");
	sees(f, "x11-untrusted name=untrusted server=/tmp/.X11-unix/X0 display=5000 # test.ini:7");
	sees(f,
	     "service name=x11-relay socket=X5000 command=/usr/bin/sbx -q --name= --profile=x11-relay --user=keep "
	     "--ro=/tmp/.X11-unix/X0 "
	     "--ro=/usr/libexec/sbx/sbx-x11 --ro=/run/user/1000/sbx.services/77/untrusted -- /usr/libexec/sbx/sbx-x11 "
	     "/tmp/.X11-unix/X0 /run/user/1000/sbx.services/77/untrusted 5000");
	sees(f, "bind source=/run/user/1000/sbx.services/77/X5000 target=/tmp/.X11-unix/X5000 flags=ro");
	sees_not(f, "bind source=/tmp/.X11-unix/X0");
	sees_not(f, ".Xauthority");
	sees_not(f, " XAUTHORITY");
	assert_int_equal(step_of(f, STEP_X11_UNTRUSTED)->size, 16);
	again(f);
	free(f->fake.host.x11_cookie);
	f->fake.host.x11_cookie = NULL;
	want(f, SET_desktop_x11, "isolated");
	compile(f);
	assert_int_equal(step_of(f, STEP_X11_UNTRUSTED)->size, 0);
	again_as_root(f);
	want(f, SET_desktop_x11, "isolated");
	compile(f);
	sees(f, "services-folder folder=/run/sbx.services/77 owner=65534:65534");
}

static void test_nested(void **state)
{
	struct plan_of *f = *state;

	no_security(f);
	want(f, SET_desktop_x11, "isolated");
	refused(f, "test.ini:7: desktop.x11: the X11 server has no SECURITY extension, and Xephyr is not installed");
	again(f);
	fake_host_add(&f->fake, "f /usr/bin/Xephyr 755 0");
	want(f, SET_desktop_x11, "isolated");
	compile(f);
	sees(f, "service-file name=X5000");
	sees(f, "service-file name=authority size=");
	sees(f, "--rw=/run/user/1000/sbx.services/77:/tmp/.X11-unix --ro=/tmp/.X11-unix/X0:/tmp/.X11-unix/X5000 "
		"--env=DISPLAY=:5000 -- /usr/bin/Xephyr :5001 -displayfd 3");
	sees(f, "bind source=/run/user/1000/sbx.services/77/X5001 target=/tmp/.X11-unix/X5001 flags=ro");
	sees_not(f, "bind source=/tmp/.X11-unix/X0");
	sees_not(f, " XAUTHORITY");
}

/* Xwayland has no such extension: with a Wayland display, an X11 one that would share is left out. */
static void test_both(void **state)
{
	struct plan_of *f = *state;

	no_security(f);
	want(f, SET_desktop_x11, "isolated");
	want(f, SET_desktop_wayland, "isolated");
	compile(f);
	sees(f,
	     "wayland-context name=wayland compositor=/run/user/1000/wayland-0 as=io.sbx io.sbx.test 77 # test.ini:7");
	sees(f, "bind source=/run/user/1000/sbx.services/77/wayland target=/run/user/1000/wayland-0 flags=ro");
	sees_not(f, "bind source=/run/user/1000/wayland-0");
	sees(f, "skip layer=x11 reason=the X11 server has no SECURITY extension, and the Wayland display is there");
	sees(f, " WAYLAND_DISPLAY");
	sees_not(f, " DISPLAY");
	sees_not(f, "target=/tmp/.X11-unix/X");
}

static void test_wayland(void **state)
{
	struct plan_of *f = *state;

	no_contexts(f);
	want(f, SET_desktop_wayland, "isolated");
	refused(f, "test.ini:7: desktop.wayland: the Wayland compositor does not isolate its clients (layer wayland)");
	again(f);
	want(f, SET_desktop_wayland, "isolated");
	want(f, SET_profile_best_effort, "wayland");
	compile(f);
	sees(f, "skip layer=wayland reason=the Wayland compositor does not isolate its clients");
	sees(f, "bind source=/run/user/1000/wayland-0 target=/run/user/1000/wayland-0 flags=ro");
	again(f);
	free(f->policy.name);
	f->policy.name = xstrdup("my own.ini");
	f->fake.host.wayland_context = (struct err){0};
	want(f, SET_desktop_wayland, "isolated");
	compile(f);
	sees(f, "as=io.sbx io.sbx.my_own_ini 77");
}

static void test_refused(void **state)
{
	struct plan_of *f = *state;

	(void)err_set(&f->fake.host.x11_untrusted, EACCES, "the X11 server does not let the caller in: no");
	want(f, SET_desktop_x11, "isolated");
	refused(f, "test.ini:7: desktop.x11: the X11 server does not let the caller in: no");
	again(f);
	(void)err_set(&f->fake.host.wayland_context, ETIMEDOUT, "the display has not answered for 5 seconds");
	want(f, SET_desktop_wayland, "isolated");
	want(f, SET_profile_best_effort, "wayland"); /* that it can't is not known */
	refused(f, "test.ini:7: desktop.wayland: the display has not answered for 5 seconds");
	again(f);
	f->fake.host.x11_display = -1;
	want(f, SET_desktop_x11, "isolated");
	refused(f, "test.ini:7: desktop.x11: there is no display");
}

/* What run/display.c takes for granted. */
static void test_verified(void **state)
{
	static const enum step_kind kinds[] = {STEP_SERVICES, STEP_SERVICE, STEP_SERVICE_FILE, STEP_X11_UNTRUSTED,
					       STEP_WAYLAND_CONTEXT};
	struct plan_of *f = *state;
	struct err e = {0};

	for (size_t i = 0; i < countof(kinds); i++) {
		uint32_t one = i == 0 ? 0 : 1;

		again(f);
		want(f, SET_desktop_x11, "isolated");
		want(f, SET_desktop_wayland, "isolated");
		compile(f);
		plan_add(&f->plan, STEP_SERVICE_FILE, "test", "name", NULL, 0, 0);
		for (size_t at = f->plan.count - 1; at > 1; at--) {
			struct step step = f->plan.step[at];

			f->plan.step[at] = f->plan.step[at - 1];
			f->plan.step[at - 1] = step;
		}
		assert_int_equal(plan_verify(&f->plan, &e), 0);
		step_of(f, kinds[i])->size = one;
		step_of(f, kinds[i])->a = 0;
		assert_true(plan_verify(&f->plan, &e) < 0);
	}
	again(f);
	want(f, SET_desktop_x11, "isolated");
	compile(f);
	assert_int_equal(plan_verify(&f->plan, &e), 0);
	step_of(f, STEP_SERVICE)->b = step_of(f, STEP_SERVICES)->a; /* a socket elsewhere */
	assert_true(plan_verify(&f->plan, &e) < 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, plan_of_teardown)
	const struct CMUnitTest tests[] = {T(test_shared),  T(test_untrusted), T(test_nested),  T(test_both),
					   T(test_wayland), T(test_refused),   T(test_verified)};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
