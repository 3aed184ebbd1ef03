#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The buses through their filter: what a rule allows works, what none allows gets an error and never arrives. A program
# outside, which has names on the bus, says what arrived.
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

# bus_for CALLER: a bus of its own, and a program with names on it; $R is the runtime folder
bus_for() {
	who=$1
	R=$T/$who
	mkdir "$R" && chmod 700 "$R"
	[ "$who" = root ] || chown "$TEST_UID:$TEST_GID" "$R"
	E="env -i PATH=/usr/bin:/bin HOME=$TEST_HOME USER=$TEST_NAME XDG_RUNTIME_DIR=$R XDG_CONFIG_HOME=$R/config XDG_DATA_HOME=$R/data
		XDG_STATE_HOME=$R/state SBX_TEST_MARK=$SBX_TEST_MARK DBUS_SESSION_BUS_ADDRESS=unix:path=$R/bus
		DBUS_SYSTEM_BUS_ADDRESS=unix:path=$R/system AT_SPI_BUS_ADDRESS=unix:path=$R/a11y,guid=00"
	[ "$who" != root ] || E="$E HOME=$T"
	for socket in bus system a11y; do
		start dbus-daemon --session --address="unix:path=$R/$socket" --nofork --nopidfile
	done
	wait_for 5 test -S "$R/bus" -a -S "$R/system" -a -S "$R/a11y"
	for name in org.example.One org.example.Two org.freedesktop.Notifications org.freedesktop.systemd1; do
		start python3 "$T/bus.py" serve "$name" "$R/$name.log"
	done
	for name in system a11y; do
		start DBUS_SESSION_BUS_ADDRESS="unix:path=$R/$name" python3 "$T/bus.py" serve org.example.Other "$R/$name.log"
	done
	for log in org.example.One org.example.Two org.freedesktop.Notifications org.freedesktop.systemd1 system a11y; do
		wait_for 10 grep -q ready "$R/$log.log"
	done 2>/dev/null
}

in_env() {
	# shellcheck disable=SC2086
	as $E "$@"
}
start() {
	# shellcheck disable=SC2086
	start_as $E "$@" >/dev/null 2>&1
	pids="$pids $!"
}

# bus RULES WORD...: bus.py in the sandbox, with the settings of RULES (of [desktop], separated by blanks); what it prints
# is in $T/out. A test of root keeps its id: its bus knows no other.
bus() {
	settings=
	for rule in $1; do settings="$settings --set=desktop.$rule"; done
	shift
	# shellcheck disable=SC2086
	in_env "$SBX" $EXTRA --user=keep --set=desktop.dbus-session=filter $settings --ro="$T/bus.py:/srv/bus.py" -- \
		python3 /srv/bus.py "$@" >"$T/out" 2>"$T/err"
	status=$?
}

is() {
	[ "$status" = 0 ] && [ "$(cat "$T/out")" = "$1" ]
}
denied() {
	[ "$status" = 0 ] && grep -qx 'org.freedesktop.DBus.Error.\(AccessDenied\|ServiceUnknown\|NameHasNoOwner\)' "$T/out"
}
degraded() {
	tr -d '\n ' <"$R/report" | grep -q "\"degraded\":.*\"layer\":\"desktop\",\"why\":\"$1"
}
# at_most FIELD MOST: of what was printed
at_most() {
	[ "$status" = 0 ] && between 1 "$(cut -d ' ' -f "$1" "$T/out")" "$2"
}
arrived() {
	grep -qx "$2" "$R/$1.log"
}

for who in $CALLERS; do
	bus_for "$who"
	in_env python3 "$T/bus.py" names >"$T/out" 2>"$T/err"
	status=$?
	result "control: outside, the bus shows its programs" grep -qx org.freedesktop.systemd1 "$T/out"
	in_env python3 "$T/bus.py" call org.example.One org.example.Good.Outside >"$T/out" 2>"$T/err"
	status=$?
	result "control: outside, a call arrives" arrived org.example.One org.example.Good.Outside

	bus "" names
	result "no rule: the bus shows itself and the caller" test "$(grep -cv '^:\|^org.freedesktop.DBus$' "$T/out")" = 0 -a "$status" = 0
	bus "" call org.example.One org.example.Good.None
	result "no rule: a call is denied" denied
	bus dbus-talk=org.example.One names
	result "talk: the one name is shown" test "$(grep -v '^:\|^org.freedesktop.DBus$' "$T/out")" = org.example.One
	bus dbus-talk=org.example.One call org.example.One org.example.Good.Talk
	result "talk: a call is answered" is answer
	bus dbus-talk=org.example.One call org.example.Two org.example.Good.Talk
	result "talk: another name is denied" denied
	! arrived org.example.One org.example.Good.None && ! arrived org.example.Two org.example.Good.Talk
	ok $? "$who: what was denied never arrived"

	rule="dbus-call=org.example.Two=org.example.Good.*@/org/example"
	bus "$rule" call org.example.Two org.example.Good.Call
	result "call: what the rule names is answered" is answer
	bus "$rule" call org.example.Two org.example.Bad.Call
	result "call: another interface is denied" denied
	bus "$rule" call org.example.Two org.example.Good.Elsewhere /org/example/below
	result "call: another object is denied" denied
	arrived org.example.Two org.example.Good.Call && ! arrived org.example.Two org.example.Bad.Call &&
		! arrived org.example.Two org.example.Good.Elsewhere
	ok $? "$who: call: only that arrived"

	bus "dbus-own=org.example.Mine.*" own org.example.Mine.More
	result "own: a name below the wildcard" is owned
	bus "dbus-own=org.example.Mine.*" own org.example.Minerals
	result "own: another name is denied" denied
	bus "dbus-talk=org.example.Mine" own org.example.Mine
	result "own: who may talk to a name may not own it" denied

	bus "dbus-call=org.example.One=org.example.Good.Emit dbus-broadcast=org.example.One=org.example.Good.*" listen org.example.One
	result "broadcast: the signals that the rule names are received, and no others" is org.example.Good
	bus "dbus-call=org.example.One=org.example.Good.Emit" listen org.example.One
	result "broadcast: without a rule none is" is ""
	bus "dbus-talk=org.example.One" listen org.example.One
	result "control: who may talk receives both" test "$(sort "$T/out" | tr '\n' ' ')" = "org.example.Bad org.example.Good "

	[ "$who" = user ] || continue # the rest is the same for both
	# what the filter does for the command is in no limit of it
	if [ "${SANITIZERS-}" = yes ]; then
		unavailable "the filter keeps no more than its own limit" "sanitizers need more address space"
	else
		bus "" fill 6 110
		result "the filter keeps no more than its own limit" at_most 2 400
	fi
	bus "" fill 300 0
	result "and takes no more connections than that" at_most 1 140
	as mkdir -p "$R/config/sbx/profiles"
	printf '[profile]\ndescription = without a limit\ninclude = service\n' | as tee "$R/config/sbx/profiles/dbus-proxy.ini" >/dev/null
	bus "" fill 6 110
	result "control: without the limit it keeps all" test "$(cat "$T/out")" = "6 660"
	bus "" fill 300 0
	result "control: without the limit it takes all" test "$(cat "$T/out")" = "300 0"
	rm "$R/config/sbx/profiles/dbus-proxy.ini"

	# words
	bus notifications=yes call org.freedesktop.Notifications org.freedesktop.Notifications.Notify /org/freedesktop/Notifications
	result "notifications: one is shown" is answer
	bus notifications=yes call org.freedesktop.Notifications org.gnome.Shell.Eval /org/freedesktop/Notifications
	result "notifications: the rest of the program that shows them is denied" denied
	bus notifications=yes call @org.freedesktop.Notifications org.gnome.Shell.Eval /org/freedesktop/Notifications
	result "notifications: also by the number that the bus gives it" denied
	bus notifications=yes call @org.freedesktop.Notifications org.freedesktop.Notifications.Notify /org/freedesktop/Notifications
	result "control: the number is the right one" is answer
	bus mpris=yes own org.mpris.MediaPlayer2.python3.instance1
	result "mpris: a player has the name of its program" is owned
	bus mpris=yes own org.mpris.MediaPlayer2.other
	result "mpris: and no other's" denied

	as mkdir -p "$R/config/dconf"
	echo SETTINGS | as tee "$R/config/dconf/user" >/dev/null
	# shellcheck disable=SC2016
	in_env "$SBX" $EXTRA --set=desktop.dconf=yes -- sh -c 'cat ~/.config/dconf/user; echo more >~/.config/dconf/user' >"$T/out" 2>"$T/err"
	status=$?
	result "dconf: the settings are read, and not written" \
		test $status != 0 -a "$(cat "$T/out")" = SETTINGS -a "$(cat "$R/config/dconf/user")" = SETTINGS

	# names that no rule may have
	for name in org.freedesktop.systemd1 'org.freedesktop.*' org.freedesktop.Flatpak org.gnome.Shell 'org.freedesktop.portal.*' \
		org.freedesktop.secrets ca.desrt.dconf 'org.gtk.vfs.*'; do
		for list in talk own "call"; do
			[ $list = call ] && rule="$name=*" || rule=$name
			in_env "$SBX" --set=desktop.dbus-session=filter --set="desktop.dbus-$list=$rule" -- touch "$R/ran" >"$T/out" 2>"$T/err"
			if [ $? != 125 ] || ! grep -q "covers" "$T/err"; then echo "$list $name" >>"$R/let"; fi
		done
	done
	[ ! -e "$R/let" ] && [ ! -e "$R/ran" ] && ! grep -qv ready "$R/org.freedesktop.systemd1.log"
	ok $? "$who: names that would end the sandbox are refused for talk, own and call, also below a wildcard"

	# the other two buses
	# shellcheck disable=SC2016
	in_env "$SBX" $EXTRA --user=keep --set=desktop.dbus-system=filter --set=desktop.dbus-system-talk=org.example.Other --ro="$T/bus.py:/srv/bus.py" -- \
		sh -c 'DBUS_SESSION_BUS_ADDRESS=$DBUS_SYSTEM_BUS_ADDRESS exec python3 /srv/bus.py call org.example.Other org.example.Good.System' >"$T/out" 2>"$T/err"
	status=$?
	result "the system bus has rules of its own" is answer
	bus "dbus-system=filter dbus-system-talk=org.example.Other" call org.example.Other org.example.Good.Mixed
	result "which are not the session bus's" denied
	# shellcheck disable=SC2016
	in_env "$SBX" $EXTRA --user=keep --set=desktop.a11y=yes --ro="$T/bus.py:/srv/bus.py" -- \
		sh -c 'DBUS_SESSION_BUS_ADDRESS=$AT_SPI_BUS_ADDRESS exec python3 /srv/bus.py call org.example.Other org.example.Good.A11y' >"$T/out" 2>"$T/err"
	status=$?
	result "the accessibility bus is there, and its programs are no one's but the registry's" denied
	! grep -q A11y "$R/a11y.log"
	ok $? "$who: nothing arrived there"

	# what is not there
	in_env env -u DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR="$T" "$SBX" $EXTRA --user=keep --set=desktop.dbus-session=filter -- true >"$T/out" 2>"$T/err"
	status=$?
	result "without a bus it is refused" test $status = 125
	in_env DBUS_SESSION_BUS_ADDRESS="unix:abstract=/tmp/none" "$SBX" $EXTRA --user=keep --set=desktop.dbus-session=filter -- true >"$T/out" 2>"$T/err"
	status=$?
	result "an abstract address is refused, and the message says what would do" grep -q "unix:path=" "$T/err"
	in_env DBUS_SESSION_BUS_ADDRESS="unix:path=/nowhere" "$SBX" $EXTRA --user=keep --best-effort=desktop --set=desktop.dbus-session=filter \
		--report="$R/report" -- true >"$T/out" 2>"$T/err"
	status=$?
	result "with best-effort it starts, and the report says so" degraded "[^\"]*thereisnosessionbus"

	# a filter that ends while the sandbox lives
	rm -f "$R/report"
	in_env "$SBX" $EXTRA --user=keep --set=desktop.dbus-session=filter --report="$R/report" -- sh -c 'echo up; exec sleep 20' >"$T/up" &
	sandbox=$!
	wait_for 10 grep -q up "$T/up"
	for pid in $(pgrep -x xdg-dbus-proxy); do
		tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q "$R/sbx.services/" && kill "$pid"
	done
	sleep 0.3
	pkill -P $sandbox
	wait $sandbox
	result "a filter that has ended before the sandbox is in the report" degraded "dbus-proxyended"
done

# process.user is another: the bus would know the command by an id that it has not.
who=user
R=$T/user
in_env "$SBX" $EXTRA --user=nobody --set=desktop.dbus-session=filter -- true >"$T/out" 2>"$T/err"
status=$?
result "a command with another id is refused" grep -q "process.user = keep" "$T/err"
# behind the gate the filter makes namespaces by itself, as any sbx of the user
if gated_sbx; then
	in_env "$SBX_GATED" $EXTRA --set=desktop.dbus-session=filter --set=desktop.dbus-talk=org.example.One --ro="$T/bus.py:/srv/bus.py" -- \
		python3 /srv/bus.py call org.example.One org.example.Good.Gated >"$T/out" 2>"$T/err"
	status=$?
	result "the setuid sbx has the filter, too" is answer
	in_env "$SBX_GATED" $EXTRA --set=desktop.dbus-session=filter --set=desktop.portals=yes -- true >"$T/out" 2>"$T/err"
	status=$?
	result "and no portals" grep -q "can't see who asks" "$T/err"
else
	unavailable "the setuid sbx" "$missing"
fi
end_all
nothing_left
done_testing
