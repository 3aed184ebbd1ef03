#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A second start of a browser in the sandbox: the first, which runs, shows what the second is called with, and the second ends;
# one browser uses the profile. The file is one of the host's that the first does not see.
# shellcheck source=tests/desktop/display-common.sh
. "${SRCDIR:?}/tests/desktop/display-common.sh"

need Xvfb xauth xdotool chromium || skip_all "$missing is not installed"
start_display
mkdir "$T/one" "$T/two"
for number in one two three; do
	echo "<!doctype html><title>SBX-PAGE-$number-END</title><p>$number" >"$T/two/page $number é%.html"
done
mv "$T/two/page one é%.html" "$T/one/"

# browsers NAME: how many of them run in sandboxes of this test, without their children
browsers() {
	tap_processes | while read -r _ monitor _; do tree "$monitor"; done | sort -u | while read -r pid; do
		case $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null) in
		*--type=* | *-contentproc* | sbx* | *crashpad*) ;;
		"$1 "* | */"$1 "*) echo "$pid" ;;
		esac
	done | wc -l
}
browsers_are() { [ "$(browsers "$1")" = "$2" ]; }

# second WORD...: another start, while the first runs
second() {
	run_x "$SBX" "$@" >"$T/second" 2>&1
	status=$?
}

# --- chromium: its lock names a process and a host, and its socket is in /tmp ---
set -- -- chromium --no-first-run --disable-background-networking --disable-component-update --disable-sync --password-store=basic
start_x "$SBX" "$@" "$T/one/page one é%.html"
wait_for 40 shows_or_ended SBX-PAGE-one-END
shows SBX-PAGE-one-END
titled=$?
ok $titled "chromium shows the file that it is called with"
[ $titled = 0 ] || note_file "$T/err"
lock=$(find "$T/data/sbx/homes/browser" -name SingletonLock -exec readlink {} \;)
second "$@" "$T/two/page two é%.html"
[ "$status" = 0 ] && grep -q 'Opening in existing browser session' "$T/second"
ok $? "chromium: the second start ends with 0: $(head -n 1 "$T/second")"
wait_for 10 shows SBX-PAGE-two-END
ok $? "chromium: the first shows the file of the second, of a folder that it does not see"
(work=$T/two && second "$@" "file://$T/two/page%20three%20%C3%A9%25.html" && exit "$status") && wait_for 10 shows SBX-PAGE-three-END
ok $? "chromium: and one that is named by a URI"
[ -n "$lock" ] && [ "$lock" = "$(find "$T/data/sbx/homes/browser" -name SingletonLock -exec readlink {} \;)" ]
ok $? "chromium: the lock of its profile is still the first's"
running=$(browsers chromium)
[ "$running" = 1 ] && ! shows 'Profile error'
ok $? "chromium: one browser runs, and none complains about its profile ($running)"
if [ "${SECOND_LONG-}" = 1 ]; then
	first=$started
	start_x "$SBX" --set=process.instances=many "$@" "$T/two/page two é%.html"
	wait_for 20 browsers_are chromium 2
	ok $? "chromium: control: with instances = many another browser runs on the same profile"
	end_of "$started"
	started=$first
fi
[ -z "${SBX_SCREENSHOT:-}" ] || picture "$SBX_SCREENSHOT"
end_of "$started"
[ -z "$(kept_of "$started")" ] && [ -z "$(ls -A "$T/run/sbx")" ]
ok $? "chromium: nothing is left"

# --- firefox: it hands over by the session bus, here one of the test's own, which the profile is told to show ---
missing="the long form only: make check-second-long"
if [ "${SECOND_LONG-}" != 1 ] || ! need firefox-esr dbus-daemon; then
	unavailable "firefox" "$missing"
	nothing_left
	done_testing
	exit
fi
as_user dbus-daemon --session --address="unix:path=$T/work/bus" --nofork --nopidfile >"$T/bus.log" 2>&1 &
pids="$pids $!"
wait_for 5 test -S "$T/work/bus"
set -- --ro="$T/work/bus" --env="DBUS_SESSION_BUS_ADDRESS=unix:path=$T/work/bus" -- firefox-esr
start_x "$SBX" "$@" "$T/one/page one é%.html"
wait_for 60 shows_or_ended SBX-PAGE-one-END
shows SBX-PAGE-one-END
titled=$?
ok $titled "firefox shows the file that it is called with"
[ $titled = 0 ] || note_file "$T/err"
second "$@" "$T/two/page two é%.html"
[ "$status" = 0 ]
ok $? "firefox: the second start ends with 0"
wait_for 10 shows SBX-PAGE-two-END && ! shows 'Close Firefox'
ok $? "firefox: the first shows the file of the second, of a folder that it does not see"
running=$(browsers firefox-esr)
[ "$running" = 1 ]
ok $? "firefox: one browser runs ($running)"
end_of "$started"
[ -z "$(kept_of "$started")" ] && [ -z "$(ls -A "$T/run/sbx")" ]
ok $? "firefox: nothing is left"

# --- LibreOffice: all its names are one program, which hands over by a socket in /tmp ---
if need soffice; then
	echo one >"$T/one/first.txt"
	echo two >"$T/two/second.txt"
	start_x "$SBX" -- lowriter --norestore --nologo "$T/one/first.txt"
	wait_for 60 shows_or_ended 'first.txt'
	second -- soffice "$T/two/second.txt"
	[ "$status" = 0 ] && wait_for 20 shows 'second.txt'
	ok $? "soffice: what another of its names is called with is shown by the one that runs"
	browsers_are soffice.bin 1
	ok $? "soffice: one runs"
	end_of "$started"
else
	unavailable "soffice" "$missing is not installed"
fi

nothing_left
done_testing
