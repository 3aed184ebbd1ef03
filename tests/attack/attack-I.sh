#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Attacks by state that the caller passes on.
# shellcheck disable=SC2086,SC2317
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"

# With fd 2 closed a control says nothing, so it must end with 10.
claim T-I1 "fds 0 to 2 closed" "check at the start"
t_I1() {
	for digits in 0 1 2 01 02 12 012; do
		words=$(echo $digits | sed 's/./& /g')
		try "$A" with-closed-fds $digits "$A" stdio-hole
		holds "control: fds $digits are closed" [ "$status" = 10 ]
		try "$A" with-closed-fds $digits $B "$A" stdio-hole $words
		holds "fds $digits are on /dev/null inside" [ "$status" = 0 ]
	done
}

claim T-I2 "1000 open files of all kinds" "all fds are closed"
t_I2() {
	control "leaked files" "$A" with-many-fds "$A" fd-leaked
	closed "leaked files" "$A" with-many-fds $B "$A" fd-leaked
}

claim T-I3 "signals blocked and ignored" "reset at the start"
t_I3() {
	control "blocked and ignored signals" "$A" with-no-signals "$A" signal-state
	closed "blocked and ignored signals" "$A" with-no-signals $B "$A" signal-state
	try "$A" with-no-signals $B sh -c 'exit 7'
	holds "the exit status arrives" [ "$status" = 7 ]
	try "$A" with-no-signals $B sh -c 'kill -9 $$'
	holds "the signal arrives" [ "$status" = 137 ]
}

modes() {
	find "$1" -mindepth 1 -printf '%f %m\n' | LC_ALL=C sort
}

claim T-I4 "umask 0 and 0777" "modes are set"
t_I4() {
	control "the caller's umask" "$A" with-umask 0 "$A" umask-other 022
	for mask in 0 0777; do
		rm -rf "${D:?}/work" "${D:?}/home"
		mkdir "$D/work" "$D/home"
		give "$D"
		try "$A" with-umask $mask $B --persist="$D/work/kept" --report="$D/work/report" \
			--stdout="$D/work/out" --stderr=/dev/null sh -c "'$A' umask-other 022 >/dev/null && exec '$A' umask-other 022"
		[ "$status" = 0 ] && out=$(cat "$D/work/out") && says SHUT
		verdict $? "umask $mask: the umask inside is the profile's"
		holds "folders and files have their modes" [ "$(modes "$D/work")" = "kept 700
out 600
report 600" ] || modes "$D/work" | sed 's/^/# /'
	done
}

claim T-I5 "tight limits of the caller" "no partial start"
t_I5() {
	for limit in "nofile=3" "nofile=8" "fsize=0" "stack=65536" "as=16777216" "nproc=1" "core=unlimited"; do
		tight $limit "limit $limit"
	done
	control "without sbx nothing confines" prlimit --nofile=8 "$A" privilege-state
}

claim T-I6 "timers of the caller" "reset at the start"
t_I6() {
	control "a timer" "$A" with-timers "$A" timer-armed
	closed "a timer" "$A" with-timers $B "$A" timer-armed
	try "$A" with-timers sleep "$(seconds 1).3"
	holds "control: it ends a program" [ "$status" = 142 ]
	try "$A" with-timers $B sleep "$(seconds 1).3"
	holds "it ends neither sbx nor the program" [ "$status" = 0 ]
}

claim T-I7 "a working directory that is deleted or locked" "check of the working directory"
t_I7() {
	try sh -c "mkdir '$D/work/gone' && cd '$D/work/gone' && rmdir '$D/work/gone' && pwd -P && exec '$A' cwd-escape '$T/secret'"
	holds "control: no working directory" [ "$status" = 20 ]
	safe "a deleted working directory" \
		sh -c "mkdir '$D/work/gone' && cd '$D/work/gone' && rmdir '$D/work/gone' && exec $B '$A' cwd-escape '$T/secret'"
	mkdir "$D/work/locked"
	give "$D/work/locked"
	safe "an unreadable working directory" \
		sh -c "cd '$D/work/locked' && chmod 0 . && exec $B '$A' cwd-escape '$T/secret'"
}

claim T-I8 "execution domain, real-time scheduling" "reset at the start"
t_I8() {
	control "execution domain" "$A" with-oddities "$A" personality-bits
	closed "execution domain" "$A" with-oddities $B "$A" personality-bits
	[ "$WHO" = root ] || return 0
	control "real-time scheduling" "$A" with-realtime "$A" realtime
	closed "real-time scheduling" "$A" with-realtime $B "$A" realtime
}

# The monitor is killed at ten moments of its life; nothing of the sandbox may live two seconds later.

# Ends what must not be there, so that the next case does not see it.
alive() {
	left=$(pgrep -f "^sleep $1\$")
	for pid in $left; do
		kill -9 "$pid"
	done
	[ -n "$left" ]
}

claim T-I9 "sbx killed at ten moments" "pid namespace, death signal"
t_I9() {
	tag=98765.$$
	[ "$WHO" = root ] || tag=${tag}1
	start sh -c "sleep $tag & wait"
	sleep 0.2
	kill -9 "$(cat "$D/work/pid")"
	holds "control: a program outlives its killed parent" alive $tag
	for delay in 0 0.002 0.004 0.006 0.009 0.013 0.02 0.04 0.1 0.3; do
		start $B sleep $tag
		sleep $delay
		kill -9 "$(cat "$D/work/pid")"
		wait
	done
	start $B sleep $tag
	wait_for 5 pgrep -f "^sleep $tag\$" >"$T/out"
	verdict $? "control: the program runs"
	kill -9 "$(cat "$D/work/pid")"
	sleep "$(seconds 2)"
	! alive $tag
	verdict $? "nothing outlives a killed monitor"
	holds "no process, group or mount is left" nothing_left
	[ "$WHO" != root ] || groups_of_the_killed
}

# An old group of a killed monitor is removed by the next one, that of a living one is not.
groups_of_the_killed() {
	start $B --memory=64M sleep $tag
	wait_for 5 pgrep -f "^sleep $tag\$" >"$T/out"
	monitor=$(cat "$D/work/pid")
	groups_of "$monitor" | xargs touch -d '1 minute ago'
	try $B --memory=64M true
	holds "groups that are in use stay" [ -n "$(groups_of "$monitor")" ]
	kill -9 "$monitor"
	sleep 1
	holds "control: a killed monitor leaves its groups" [ -n "$(groups_of "$monitor")" ]
	groups_of "$monitor" | xargs touch -d '1 minute ago'
	try $B --memory=64M true
	holds "the next one removes them" [ -z "$(groups_of "$monitor")" ]
}

groups_of() {
	find /sys/fs/cgroup -maxdepth 5 -type d -name "sbx-$1-*" 2>/dev/null
}

cases "${1-}"
