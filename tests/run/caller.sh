#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# process.die-with-caller: the sandbox of a caller that was killed ends, whatever the program does with signals; also where
# sbx is in another pid namespace than its caller.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
test_folder
chmod 777 "$T"

# begin HOW OPTIONS...: a caller that starts sbx by the commands of HOW; its pid is in $T/caller
begin() {
	how=$1
	shift
	rm -f "$T/started" "$T/caller"
	# shellcheck disable=SC2016
	as sh -c "echo \$\$ >'$T/caller'; $how" - "$SBX" --rw="$T" "$@" -- \
		sh -c 'trap "" TERM INT HUP; echo >"$1"; while :; do sleep 0.1; done' - "$T/started" >/dev/null 2>&1 &
	wait_for 10 test -s "$T/started"
}

is_gone() {
	[ -z "$(tap_processes)" ]
}

kill_caller() {
	kill -KILL "$(cat "$T/caller")"
	wait $! 2>/dev/null
}

kill_rest() {
	for process in $(tap_processes | sed 's/process \([0-9]*\).*/\1/'); do
		kill -KILL "$process" 2>/dev/null
	done
	wait_for 5 is_gone
}

# with NAME HOW
with() {
	begin "$2" --set=process.die-with-caller=no
	ok $? "$who: $1: it runs"
	kill_caller
	sleep 1
	! is_gone
	ok $? "$who: $1: control: without the setting it goes on"
	kill_rest
	ok $? "$who: $1: until it is killed"
	begin "$2" --set=process.die-with-caller=yes
	ok $? "$who: $1: it runs"
	kill_caller
	wait_for 5 is_gone
	ok $? "$who: $1: with it, it ends with its caller"
	kill_rest
}

for who in $CALLERS; do
	# shellcheck disable=SC2016
	with "a shell" '"$@" & wait'
	[ "$who" != root ] || with "another pid namespace" 'exec unshare --pid --fork --mount-proc "$@"'
done
done_testing
