# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# What the desktop tests share: a headless X server with a cookie, and an environment of the ordinary user that has it.
# What sbx keeps of its own (private homes, profiles) goes into the test's folder; a secret lies in the user's home.
#
#   start_display            makes $T and starts the server ($server_options); leaves $display; one result
#   run_x COMMAND...         runs it as the ordinary user, with the display, from the user's home
#   start_x COMMAND...       the same in the background: leaves its pid in $started (standard error goes to $T/err)
#   end_of PID               asks it to end, and waits; one that was started by start_x
#   shows PATTERN            true if a window has a title like this
#   shows_or_ended PATTERN   the same, or the program of start_x is gone: not to wait for nothing
#   picture FILE             the screen as PPM
#   tree PID                 the pids of all processes below it
#   kept_of PID              what this monitor of a sandbox has left behind; nothing is good
#
# $home the user's home; $secret a file in it; $X the environment as words.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

pids=
started=
secret=
clean_up() {
	for pid in $pids; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	# shellcheck disable=SC2086
	rm -rf "$T" ${secret:+"$secret"} "/tmp/sbx-canary.$$" ${tap_home:+"$tap_home"}
}

free_display() {
	display_number=$((77 + $$ % 2000)) # tests may run side by side
	while [ -e "/tmp/.X11-unix/X$display_number" ] || [ -e "/tmp/.X$display_number-lock" ]; do
		display_number=$((display_number + 1))
	done
}

start_display() {
	T=$(mktemp -d "${TMPDIR:-/tmp}/sbx-desktop.XXXXXX") || exit 99
	chmod 755 "$T"
	trap clean_up EXIT
	trap 'exit 130' INT TERM HUP
	mkdir "$T/run" "$T/data" "$T/config" "$T/work"
	chmod 700 "$T/run"
	chown "$TEST_UID:$TEST_GID" "$T/run" "$T/data" "$T/config" "$T/work"
	home=$TEST_HOME
	secret=$home/.sbx-test-secret.$$
	# shellcheck disable=SC2016
	as_user sh -c 'echo "TOP SECRET KEY" >"$1"' - "$secret"

	free_display
	display=:$display_number
	xauth -f "$T/xauth" add "$display" . "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')" 2>/dev/null
	chown "$TEST_UID:$TEST_GID" "$T/xauth"
	# -noreset: else a client that connects while the last one leaves is thrown out by the reset that this starts.
	# shellcheck disable=SC2086
	Xvfb "$display" -screen 0 1280x900x24 -noreset -auth "$T/xauth" -nolisten tcp ${server_options:-} >"$T/xvfb.log" 2>&1 &
	pids="$pids $!"
	X="env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=$home USER=$TEST_NAME LANG=C.UTF-8 SBX_TEST_MARK=$SBX_TEST_MARK
		XDG_RUNTIME_DIR=$T/run XDG_DATA_HOME=$T/data XDG_CONFIG_HOME=$T/config DISPLAY=$display XAUTHORITY=$T/xauth"
	wait_for 10 run_x xdotool getdisplaygeometry >"$T/geometry" 2>/dev/null
	ok $? "the X server is there, for who has the cookie"
}

run_x() {
	# shellcheck disable=SC2086
	(cd "${work:-$home}" && as_user $X "$@")
}

# exec: the pid that is left is that of the command itself.
start_x() {
	(
		cd "${work:-$home}" || exit 99
		# shellcheck disable=SC2086
		if [ "$(id -u)" = 0 ]; then
			exec setpriv --reuid="$TEST_UID" --regid="$TEST_GID" --clear-groups $X "$@"
		fi
		exec $X "$@"
	) >"$T/out" 2>"$T/err" </dev/null &
	started=$!
	pids="$pids $started"
}

end_of() {
	kill -TERM "$1" 2>/dev/null
	wait_for 1 has_ended "$1"
	kill -TERM "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

has_ended() {
	! grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$1/status"
}

shows() {
	run_x xdotool search --onlyvisible --name "$1" >"$T/window" 2>/dev/null
}

shows_or_ended() {
	shows "$1" || ! kill -0 "$started" 2>/dev/null
}

# What there is instead, for a human.
titles() {
	for id in $(run_x xdotool search --onlyvisible --name . 2>/dev/null); do
		run_x xdotool getwindowname "$id" 2>/dev/null
	done
}

picture() {
	run_x import -window root -depth 8 ppm:- >"$1" 2>/dev/null
}

tree() {
	pgrep -P "$1" | while read -r below; do
		echo "$below"
		tree "$below"
	done
}

# A cgroup is named after the monitor; other sandboxes of the machine are not of interest.
kept_of() {
	tap_processes 2>/dev/null
	find /sys/fs/cgroup -maxdepth 6 -type d -name "sbx-$1-*" 2>/dev/null
}
