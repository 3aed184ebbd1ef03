#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Services: what stands between a sandbox and the host is there before the command, is confined, and is gone after it. The
# one that is looked at is the filter of the session bus.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

need dbus-daemon dbus-send xdg-dbus-proxy || skip_all "$missing is not installed"
test_folder
as_user true || skip_all "no ordinary user"
mkdir "$T/run" && chmod 700 "$T/run" && chown "$TEST_UID:$TEST_GID" "$T/run"
who=user
E="env -i SBX_TEST_MARK=$SBX_TEST_MARK PATH=/usr/bin:/bin HOME=$TEST_HOME USER=$TEST_NAME XDG_RUNTIME_DIR=$T/run
	DBUS_SESSION_BUS_ADDRESS=unix:path=$T/run/bus"
in_env() {
	# shellcheck disable=SC2086
	as_user $E "$@"
}
# shellcheck disable=SC2086
start_as $E dbus-daemon --session --address="unix:path=$T/run/bus" --nofork --nopidfile >/dev/null 2>&1
daemon=$!
trap 'kill $daemon 2>/dev/null; rm -rf "$T"' EXIT
wait_for 5 test -S "$T/run/bus"
list="dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.ListActivatableNames"

# shellcheck disable=SC2086
in_env "$SBX" --set=desktop.dbus-session=filter -- $list >"$T/out" 2>&1
ok $? "the command talks to the bus through the filter, as the ordinary user"
# shellcheck disable=SC2086
in_env "$SBX" -- $list >"$T/out" 2>&1
[ $? != 0 ]
ok $? "control: without the setting there is no bus"
[ -d "$T/run/sbx.services" ] && [ -z "$(ls "$T/run/sbx.services")" ]
ok $? "nothing is left in the folder of the services"

# What a killed sbx has left is removed by the next; what another one uses is not.
in_env "$SBX" --set=desktop.dbus-session=filter -- sleep 30 &
wait_for 5 sh -c "[ -S '$T'/run/sbx.services/*/session-bus ]"
left=$(ls "$T/run/sbx.services")
# shellcheck disable=SC2086
in_env "$SBX" --set=desktop.dbus-session=filter -- $list >"$T/out" 2>&1
[ -S "$T/run/sbx.services/$left/session-bus" ]
ok $? "a second run leaves the folder of the first alone"
proxies=$(pgrep -P "$left" | head -1)
kill -KILL "$left"
wait_for 5 sh -c "! kill -0 $proxies 2>/dev/null"
ok $? "a service ends with a killed sbx"
# shellcheck disable=SC2086
in_env "$SBX" --set=desktop.dbus-session=filter -- $list >"$T/out" 2>&1
[ -n "$left" ] && [ -z "$(ls "$T/run/sbx.services")" ]
ok $? "what the killed one has left is removed by the next"

# Side by side: none takes the folder of another for one that was left.
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
	# shellcheck disable=SC2086
	in_env sh -c '"$0" --set=desktop.dbus-session=filter -- "$@" >/dev/null 2>&1 && echo well' "$SBX" $list &
done >"$T/many"
wait_for 20 sh -c "[ \"\$(wc -l <'$T/many')\" = 12 ]"
ok $? "twelve at once all run"

# A sandbox that sees the folder above, and was there before the first of all services, does not see them.
mkdir -m 700 "$T/early" && chown "$TEST_UID:$TEST_GID" "$T/early"
# shellcheck disable=SC2016
in_env XDG_RUNTIME_DIR="$T/early" "$SBX" --rw="$T/early" -- sh -c 'cd "$0" && echo up >up; until [ -e go ]; do sleep 0.1; done; find . -name session-bus || true' "$T/early" \
	>"$T/seen" 2>/dev/null &
early=$!
wait_for 5 test -e "$T/early/up"
in_env XDG_RUNTIME_DIR="$T/early" "$SBX" --set=desktop.dbus-session=filter -- sleep 3 &
late=$!
wait_for 5 sh -c "find '$T/early' -name session-bus | grep -q ."
ok $? "control: it is there, outside"
touch "$T/early/go"
wait $early && [ -e "$T/early/up" ] && [ ! -s "$T/seen" ]
ok $? "a sandbox that sees the folder above, and began before all services, does not see them"
wait $late

# One that can't start: the command does not run, and the message is the service's.
mkdir -p "$T/config/sbx/profiles"
printf '[profile]\ndescription = broken\n[filesystem]\nhide = /usr/bin/xdg-dbus-proxy\n' >"$T/config/sbx/profiles/dbus-proxy.ini"
chmod -R a+rX "$T/config"
in_env XDG_CONFIG_HOME="$T/config" "$SBX" --set=desktop.dbus-session=filter -- touch "$T/run/ran" 2>"$T/err"
[ $? = 125 ] && grep -q 'dbus-proxy ended with status' "$T/err" && [ ! -e "$T/run/ran" ]
ok $? "a service that can't start ends it before the command runs: $(head -1 "$T/err")"
kill $daemon
wait $daemon
nothing_left
done_testing
