#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Input methods: of the portals of IBus and Fcitx a program has the calls for contexts of its own, and no others, and only
# where the session names one of the two; the variables that choose one are passed where what they name is there; the
# private bus of IBus is never there. A program outside has the names; real ones are in tests/desktop/long-im.sh.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

need dbus-daemon xdg-dbus-proxy python3 || skip_all "$missing is not installed"
test_folder
pids=
end_all() {
	for pid in $pids; do
		kill "$pid" && wait "$pid"
	done 2>/dev/null
}
# shellcheck disable=SC2154 # of lib.sh
trap 'end_all; rm -rf "$T" ${tap_home:+"$tap_home"}' EXIT
as_user true || skip_all "no ordinary user"
export PATH="/usr/bin:/bin:$PATH" # an interpreter that only root can start is of no use
cp "$SRCDIR/tests/run/bus.py" "$T/bus.py"
ibus=org.freedesktop.portal.IBus
fcitx=org.freedesktop.portal.Fcitx

start() {
	# shellcheck disable=SC2086
	start_as $E "$@" >/dev/null 2>&1
	pids="$pids $!"
}

session_for() {
	who=$1
	R=$T/$who
	mkdir "$R" "$R/cache" "$R/cache/ibus" && chmod 700 "$R"
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$R"
	E="env -i PATH=/usr/bin:/bin HOME=$TEST_HOME USER=$TEST_NAME XDG_RUNTIME_DIR=$R XDG_CONFIG_HOME=$R/config XDG_DATA_HOME=$R/data
		XDG_STATE_HOME=$R/state XDG_CACHE_HOME=$R/cache SBX_TEST_MARK=$SBX_TEST_MARK DBUS_SESSION_BUS_ADDRESS=unix:path=$R/bus"
	[ "$who" != root ] || E="$E HOME=$T"
	start dbus-daemon --session --address="unix:path=$R/bus" --nofork --nopidfile
	wait_for 5 test -S "$R/bus"
	for name in $ibus $fcitx org.freedesktop.IBus org.fcitx.Fcitx5; do
		start python3 "$T/bus.py" serve "$name" "$R/$name.log"
	done
	for name in $ibus $fcitx org.freedesktop.IBus org.fcitx.Fcitx5; do
		wait_for 10 grep -qs ready "$R/$name.log"
	done
}

in_env() {
	# shellcheck disable=SC2086
	as $E "$@"
}

# sandbox "VARIABLE=VALUE..." "KEY=VALUE..." COMMAND...: the variables are the session's, the settings of [desktop]
sandbox() {
	session=$1 settings=
	for rule in $2; do settings="$settings --set=desktop.$rule"; done
	shift 2
	# shellcheck disable=SC2086
	in_env $session "$SBX" $EXTRA --user=keep --best-effort=desktop $settings --ro="$T/bus.py:/srv/bus.py" --report="$R/report" -- \
		"$@" >"$T/out" 2>"$T/err" </dev/stdin
	status=$?
}

# What toolkits call; and what of the same two programs goes further.
wanted() {
	echo "$ibus org.freedesktop.DBus.Peer.Ping /org/freedesktop/IBus"
	echo "$ibus org.freedesktop.IBus.Portal.CreateInputContext /org/freedesktop/IBus"
	for method in ProcessKeyEvent FocusIn FocusOut Reset SetCapabilities SetCursorLocation SetCursorLocationRelative SetSurroundingText; do
		echo "$ibus org.freedesktop.IBus.InputContext.$method /org/freedesktop/IBus/InputContext_1"
	done
	echo "$fcitx org.fcitx.Fcitx.InputMethod1.CreateInputContext /org/freedesktop/portal/inputmethod"
	for method in ProcessKeyEvent ProcessKeyEventBatch FocusIn FocusOut Reset SetCapability SetCursorRect SetSurroundingText DestroyIC; do
		echo "$fcitx org.fcitx.Fcitx.InputContext1.$method /org/freedesktop/portal/inputcontext/1"
	done
}
unwanted() {
	for method in InputContext.SetEngine InputContext.GetEngine InputContext.PropertyActivate Service.Destroy; do
		echo "$ibus org.freedesktop.IBus.$method /org/freedesktop/IBus/InputContext_1"
	done
	echo "$ibus org.freedesktop.DBus.Properties.Set /org/freedesktop/IBus/InputContext_1"
	echo "$ibus org.freedesktop.DBus.Properties.Get /org/freedesktop/IBus"
	echo "$ibus org.freedesktop.DBus.Introspectable.Introspect /org/freedesktop/IBus"
	echo "$ibus org.freedesktop.IBus.SetGlobalEngine /org/freedesktop/IBus"
	echo "$ibus org.freedesktop.IBus.InputContext.ProcessKeyEvent /elsewhere"
	echo "$fcitx org.fcitx.Fcitx.InputContext1.InvokeAction /org/freedesktop/portal/inputcontext/1"
	echo "$fcitx org.fcitx.Fcitx.Controller1.Exit /controller"
	echo "$fcitx org.freedesktop.DBus.Introspectable.Introspect /org/freedesktop/portal/inputmethod"
	echo "org.freedesktop.IBus org.freedesktop.IBus.GetGlobalEngine /org/freedesktop/IBus"
	echo "org.fcitx.Fcitx5 org.fcitx.Fcitx.Controller1.SetConfig /controller"
}
all_are() {
	[ "$status" = 0 ] && [ "$(wc -l <"$T/out")" = "$2" ] && ! grep -qvx "$1" "$T/out"
}
is() {
	[ "$status" = 0 ] && [ "$(cat "$T/out")" = "$1" ]
}
no_variable() {
	[ "$status" = 0 ] && ! grep -q '_IM_MODULE\|XMODIFIERS\|^IBUS' "$T/out"
}
says_nothing() {
	[ ! -s "$T/err" ] && tr -d '\n ' <"$R/report" | grep -q '"degraded":\[\]'
}
refusal='org.freedesktop.DBus.Error.\(AccessDenied\|ServiceUnknown\|NameHasNoOwner\)'
count_wanted=$(wanted | wc -l) count_unwanted=$(unwanted | wc -l)

for who in $CALLERS; do
	session_for "$who"
	unwanted >"$T/lines"
	in_env python3 "$T/bus.py" each <"$T/lines" >"$T/out" 2>"$T/err"
	status=$?
	result "control: outside, the calls that are for nobody inside are answered" all_are answer "$count_unwanted"

	on="dbus-session=filter input-method=yes"
	wanted >"$T/lines"
	sandbox GTK_IM_MODULE=ibus "$on" python3 /srv/bus.py each <"$T/lines"
	result "the calls for contexts of its own are answered" all_are answer "$count_wanted"
	unwanted >"$T/lines"
	for name in $ibus $fcitx org.freedesktop.IBus org.fcitx.Fcitx5; do : >"$R/$name.log"; done
	sandbox GTK_IM_MODULE=ibus "$on" python3 /srv/bus.py each <"$T/lines"
	result "no other is, of either program" all_are "$refusal" "$count_unwanted"
	! cat "$R"/org.*.log | grep -q .
	ok $? "$who: none of those arrived"
	wanted >"$T/lines"
	sandbox GTK_IM_MODULE=ibus "dbus-session=filter input-method=no" python3 /srv/bus.py each <"$T/lines"
	result "input-method = no: none is" all_are "$refusal" "$count_wanted"

	# shellcheck disable=SC2016
	sandbox "QT_IM_MODULE=fcitx GTK_IM_MODULE=/tmp/evil.so SDL_IM_MODULE=fcitx XMODIFIERS=@im=fcitx" "$on" sh -c \
		'echo "$GTK_IM_MODULE|$QT_IM_MODULE|$SDL_IM_MODULE|$XMODIFIERS|$IBUS_USE_PORTAL"'
	result "known values are passed; others, and XIM's without its display, are not" is "|fcitx|fcitx||1"
	# shellcheck disable=SC2016
	sandbox "QT_IM_MODULE=fcitx GTK_IM_MODULE=wayland XMODIFIERS=@im=fcitx" "dbus-session=filter input-method=no" env
	result "input-method = no: none is, and nobody is told of a portal" no_variable
	# shellcheck disable=SC2016
	in_env QT_IM_MODULE=ibus GTK_IM_MODULE=ibus "$SBX" $EXTRA --set=environment.pass='QT_* GTK_IM_MODULE' -- \
		sh -c 'echo "$GTK_IM_MODULE|$QT_IM_MODULE"' >"$T/out" 2>"$T/err"
	status=$?
	result "no pattern passes one; its name does" is "ibus|"

	# a session without one, or without a bus
	# shellcheck disable=SC2016
	sandbox GTK_IM_MODULE=xim "$on" sh -c 'echo "$DBUS_SESSION_BUS_ADDRESS|$GTK_IM_MODULE"'
	result "a session that names none has no filter for it" is "|"
	says_nothing
	ok $? "$who: and neither the report nor standard error says a word of it"
	# shellcheck disable=SC2016
	sandbox "GTK_IM_MODULE=ibus DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere" "$on" sh -c 'echo "$GTK_IM_MODULE|$IBUS_USE_PORTAL"'
	result "nobody is told to use what can't be reached" is "|"
	tr -d '\n ' <"$R/report" | grep -q '"degraded":.*"layer":"desktop","why":"[^"]*thereisnosessionbus'
	ok $? "$who: and the report says what is missing"

	# the bus that IBus has for itself: of a cache that is shown, all else is there
	start python3 -c 'import socket, sys, time
kept = []
for path in sys.argv[1:]:
    kept.append(socket.socket(socket.AF_UNIX))
    kept[-1].bind(path)
    kept[-1].listen()
time.sleep(600)' "$R/cache/ibus/dbus-1" "$R/cache/other"
	wait_for 5 test -S "$R/cache/other"
	reach='import socket, sys
for path in sys.argv[1:]:
    try:
        socket.socket(socket.AF_UNIX).connect(path)
        print("reached")
    except OSError as e:
        print(e.strerror)'
	in_env python3 -c "$reach" "$R/cache/ibus/dbus-1" "$R/cache/other" >"$T/out" 2>"$T/err"
	status=$?
	result "control: outside, the private bus of IBus is reached" test "$(grep -cx reached "$T/out")" = 2
	in_env "$SBX" $EXTRA --user=keep --ro="$R/cache" -- python3 -c "$reach" "$R/cache/ibus/dbus-1" "$R/cache/other" >"$T/out" 2>"$T/err"
	status=$?
	result "inside it is not, where the socket beside it is" test "$(sed 's/^Permission denied$\|^No such file or directory$/not/' "$T/out" | tr '\n' ' ')" = "not reached "
done
end_all
nothing_left
done_testing
