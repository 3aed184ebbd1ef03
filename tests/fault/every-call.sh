#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# T-D1, T-D2: every system call that sbx, its init and the payload's process make for a run is made to fail, one in each
# run. A run is good if nothing of the payload ran, the status is 125 and a message says what failed, or if the payload ran
# with all its layers; once the payload runs, a failure may also end it. Nothing may be left behind in any case. The list of
# calls comes from a run that is only watched. It is done for each error of $FAULTS: a right that is missing, a signal, no
# memory, no room. A signal must make no difference where the kernel gives EINTR (signal(7)). Then each of the calls that
# old kernels lack is missing altogether.
#
#   every-call.sh [WHO PROCESS:NUMBER...]    only these, as root or user
# shellcheck disable=SC2086
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

test_folder
mkdir "$T/bin"
cp "${ATTACK:-${BUILDDIR:-.}/tests/attack/attack}" "$T/bin/attack" || exit 99
A=$T/bin/attack
echo SECRET >"$T/secret"
cd / || exit 99
ONLY_WHO=${1-}
[ $# = 0 ] || shift
ONLY=$*
FAULTS=${FAULTS:-EPERM EINTR ENOMEM ENOSPC}

# The last call that libc makes before main, and what comes before it, is not in our hands: main begins with geteuid.
case $(uname -m) in
x86_64) FIRST=107 ;;
*) FIRST=175 ;;
esac

as_caller() {
	if [ "$WHO" = root ]; then
		env XDG_RUNTIME_DIR="$D/run" HOME="$D/home" "$@"
	else
		as_user env XDG_RUNTIME_DIR="$D/run" HOME="$D/home" "$@"
	fi
}

# inject PLACE: one run. The payload tells in a file, so that a broken standard output hides nothing.
inject() {
	rm -f "$D/work/marker" "$D/log"
	as_caller "$A" inject "$1" "$D/log" "$SBX" --profile=default --ro="$T/bin" --rw="$D/work:/data" --net=host \
		--set=network.connect-tcp=none $LIMITS -- "$A" all-layers /data/marker "$T/secret" \
		>"$D/out" 2>"$D/err" </dev/null
	status=$?
	after='' pid=''
	{ read -r _ pid && read -r _ _ _ after; } <"$D/log"
}

# The groups of the last run, by the pid in their names: others on this machine may leave theirs at any time.
groups_left() {
	for group in "/sys/fs/cgroup/sbx-$pid-"* /sys/fs/cgroup/*/"sbx-$pid-"* /sys/fs/cgroup/*/*/"sbx-$pid-"* \
		/sys/fs/cgroup/*/*/*/"sbx-$pid-"* /sys/fs/cgroup/*/*/*/*/"sbx-$pid-"*; do
		[ ! -d "$group" ] || echo "$group"
	done
}

# What a run may leave; the name of the pattern where there is nothing.
left() {
	printf '%s ' "$D"/run/* "$D"/home/* "$D"/work/*
	groups_left
}

# Is the last run one of those that are allowed?
is_good() {
	if [ -s "$D/work/marker" ]; then
		read -r why <"$D/work/marker"
		# while it is being ended the payload may see that its pid 1 is
		[ "$why" = complete ] || { [ "$why" = proc-one ] && [ $status = 125 ] && [ "$after" = after ]; } || return 1
		why="ran, but status $status"
		{ [ $status = 0 ] || { [ $status = 125 ] && [ "$after" = after ]; }; } || return 1
	else
		why="the payload ran, but was ended by a fault before its exec"
		[ ! -e "$D/work/marker" ] || [ "$after" = after ] || return 1
		why="did not run, but status $status"
		# an exec that fails is told as such
		[ $status = 125 ] || { [ $status = 126 ] && grep -q 'exec (command): execute' "$D/err"; } || { [ -n "$early" ] && [ $status -ge 1 ]; } || return 1
	fi
	rm -f "$D/work/marker"
	after_run=$(left)
	why="left behind: $after_run"
	[ "$before" = "$after_run" ]
}

# What libc ended could not remove its groups.
sweep() {
	for group in $(groups_left); do
		rmdir "$group"
	done
}

# Calls that a signal may interrupt: read, write, poll, sendmsg, recvmsg, wait4, waitid, ppoll; what they do is done
# again, so that it makes no difference.
INTERRUPTED=
[ "$(uname -m)" != x86_64 ] || INTERRUPTED=" 0 1 7 46 47 61 247 271 "
makes_no_difference() {
	[ "$FAULT" = EINTR ] && [ -z "$early" ] || return 0
	case $INTERRUPTED in
	*" $(awk 'NR == 2 { print $3 }' "$D/log") "*) ;;
	*) return 0 ;;
	esac
	interrupted=$((interrupted + 1))
	why="a signal made a difference"
	[ "$status" = 0 ]
}

# A message that names the step or the thing has more words than the reason; unless standard error is what failed.
says_what() {
	[ $status = 125 ] || return 0
	read -r _ _ _ _ why <"$D/err"
	[ -n "$why" ] && return 0
	why="the message says too little"
	return 1
}

tell() {
	note "$WHO $1 $FAULT: $(tail -n +2 "$D/log" 2>/dev/null): $why"
	note "$(head -c 300 "$D/err" | tr '\n' '|')"
}

# One fault: `early` if the C library, before main, meets it.
try_place() {
	inject "$1:$FAULT"
	early=
	case $1 in
	0:*) [ "${1#0:}" -ge "$main" ] || early=1 ;;
	esac
	# libc ends a process of which a thread has no rseq
	grep -q 'glibc error: rseq' "$D/err" && early=1 && sweep
	count=$((count + 1))
	[ $status != 125 ] || refused=$((refused + 1))
	{ is_good && { [ -n "$early" ] || says_what; } && makes_no_difference; } && return
	bad=$((bad + 1))
	tell "$1"
}

each_call() {
	inject list
	[ "$status" = 0 ] && [ "$(cat "$D/work/marker")" = complete ]
	ok $? "$WHO: control: without a fault all layers are there"
	awk '$1 != "pid" { print $1 ":" $2 }' "$D/log" >"$D/places"
	main=$(awk -v first=$FIRST '$1 == 0 && $3 == first { print $2; exit }' "$D/log")
	rm -f "$D/work/marker"
	before=$(left)
	[ "$(wc -l <"$D/places")" -gt 100 ] && [ "${main:-0}" -gt 0 ]
	ok $? "$WHO: control: the list has the calls of the set-up"
	[ -z "$ONLY" ] || printf '%s\n' $ONLY >"$D/places"
	for FAULT in $FAULTS; do
		count=0 bad=0 refused=0 interrupted=0
		while read -r place; do
			try_place "$place"
		done <"$D/places"
		[ $bad = 0 ]
		ok $? "$WHO: $FAULT: $count places, $refused refused, $bad bad"
		[ $refused -gt 0 ]
		ok $? "$WHO: $FAULT: control: faults are seen"
		[ "$FAULT" != EINTR ] || [ -z "$INTERRUPTED" ] || { [ $interrupted -gt 20 ] && note "$WHO: $interrupted of them could be interrupted"; }
	done
}

# Calls that a kernel, or the filter of a container, may lack, by number: the same on all architectures. Each that a run
# needs must be named; fsopen and the like are named by what they make.
each_missing() {
	early=
	for pair in 424:pidfd_send_signal 428:mount 429:attach 430:make 431:make 432:mount 435:clone3 436:close_range \
		437:open 442:mount 444:Landlock 445:Landlock 446:Landlock; do
		before=$(left)
		inject "${pair%:*}:ENOSYS"
		is_good && says_what && [ $status = 125 ] && grep -q "${pair#*:}" "$D/err"
		result=$?
		ok $result "$WHO: without call ${pair%:*}: $(head -n 1 "$D/err")"
		[ $result = 0 ] || tell "call ${pair%:*} missing"
	done
}

# In the background: the results of one caller, to be counted with the other's.
all_as() {
	WHO=$1 LIMITS=$2
	D=$T/$WHO
	[ -z "$ONLY_WHO" ] || [ "$WHO" = "$ONLY_WHO" ] || return 0
	mkdir "$D" "$D/work" "$D/home" "$D/run"
	chmod 777 "$D/work"
	chmod 700 "$D/run"
	[ "$WHO" = root ] || chown -R "$TEST_UID:$TEST_GID" "$D"
	each_call
	[ -n "$ONLY" ] || each_missing
	echo "$tap_count $tap_failed" >"$D/counts"
}

# take_over WHO: what a caller's part printed, numbered anew.
take_over() {
	[ -e "$T/$1.tap" ] || return 0
	while IFS= read -r line; do
		case $line in
		"ok "*) pass "${line#* - }" ;;
		"not ok "*) fail "${line#* - }" ;;
		*) printf '%s\n' "$line" ;;
		esac
	done <"$T/$1.tap"
	[ -n "$ONLY_WHO" ] || [ -s "$T/$1/counts" ]
	ok $? "$1: came to its end"
}

if [ "$(id -u)" = 0 ]; then
	all_as root "--memory=64M --processes=20" >"$T/root.tap" &
	root_part=$!
fi
(all_as user "") >"$T/user.tap"
[ -z "${root_part-}" ] || wait "$root_part"
take_over root
take_over user
[ -z "$(leftovers)" ]
ok $? "nothing is left"
finish
