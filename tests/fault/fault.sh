#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# T-D1, T-D2: every system call that sbx, its init and the payload make before the payload's exec is made to fail, one in
# each run. A run is good if nothing of the payload ran, the status is 125 and a message says why, or if the payload ran with
# all its layers. Nothing may be left behind in either case. The list of calls comes from a run that is only watched.
# Then each of the calls that old kernels lack is missing altogether.
#
#   fault.sh [PROCESS:NUMBER]    only that one
# shellcheck disable=SC2086
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

test_folder
mkdir "$T/bin"
cp "${ATTACK:-${BUILDDIR:-.}/tests/attack/attack}" "$T/bin/attack" || exit 99
A=$T/bin/attack
echo SECRET >"$T/secret"
cd / || exit 99
ONLY=${1-}

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
	as_caller timeout -k 1 20 "$A" inject "$1" "$D/log" "$SBX" --profile=default --ro="$T/bin" --rw="$D/work:/data" \
		--net=host --set=network.connect-tcp=none $LIMITS -- "$A" all-layers /data/marker "$T/secret" \
		>"$T/out" 2>"$T/err" </dev/null
	status=$?
}

left() {
	ls -A "$D/run" "$D/home" "$D/work" /dev/shm
	find /sys/fs/cgroup -maxdepth 6 -type d -name 'sbx-*' 2>/dev/null
	wc -l </proc/self/mountinfo
}

# Is the last run one of the two that are allowed?
is_good() {
	if [ -e "$D/work/marker" ]; then
		why="ran with less: $(cat "$D/work/marker")"
		[ "$(cat "$D/work/marker")" = complete ] || return 1
		why="ran, but status $status"
		{ [ $status = 0 ] || { [ $status = 125 ] && [ -s "$T/err" ]; }; } || return 1
	else
		why="did not run, but status $status"
		[ $status = 125 ] || return 1
		why="did not run, and no message"
		[ -s "$T/err" ] || return 1
	fi
	rm -f "$D/work/marker"
	why="left behind"
	[ "$before" = "$(left)" ]
}

# A message that names the step or the thing has more words than the reason.
says_what() {
	why="the message says only: $(cat "$T/err")"
	[ $status != 125 ] || [ "$(wc -w <"$T/err")" -ge 4 ]
}

tell() {
	note "$1: $(cat "$D/log" 2>/dev/null): $why"
	note "$(head -c 300 "$T/err" | tr '\n' '|')"
}

each_call() {
	inject list
	[ "$status" = 0 ] && [ "$(cat "$D/work/marker")" = complete ]
	ok $? "$WHO $NAME: control: without a fault all layers are there"
	sort -u "$D/log" | awk '{ print $1 ":" $2 }' >"$D/places"
	rm -f "$D/work/marker"
	before=$(left)
	[ "$(wc -l <"$D/places")" -gt 100 ]
	ok $? "$WHO $NAME: control: the list has the calls of the set-up"
	[ -z "$ONLY" ] || echo "$ONLY" >"$D/places"
	count=0 bad=0 refused=0
	while read -r place; do
		inject "$place:EPERM"
		count=$((count + 1))
		[ $status != 125 ] || refused=$((refused + 1))
		{ is_good && says_what; } && continue
		bad=$((bad + 1))
		tell "$place"
	done <"$D/places"
	[ $bad = 0 ]
	ok $? "$WHO $NAME: $count faults, $refused refused, $bad bad"
	[ $refused -gt 0 ]
	ok $? "$WHO $NAME: control: faults are seen"
}

# Calls that a kernel may lack, by number: the same on all architectures.
each_missing() {
	bad=0
	for number in 424 428 429 430 431 432 434 435 436 437 442 444 445 446; do
		before=$(left)
		inject "$number:ENOSYS"
		is_good && continue
		bad=$((bad + 1))
		tell "call $number missing"
	done
	[ $bad = 0 ]
	ok $? "$WHO $NAME: calls that a kernel lacks"
}

all_as() {
	WHO=$1 NAME=$2 LIMITS=$3
	D=$T/$WHO.$NAME
	mkdir "$D" "$D/work" "$D/home" "$D/run"
	chmod 700 "$D/run"
	[ "$WHO" = root ] || chown -R "$TEST_UID:$TEST_GID" "$D"
	each_call
	each_missing
}

if [ "$(id -u)" = 0 ]; then
	all_as root limits "--user=keep --memory=64M --processes=20"
fi
all_as user plain ""
[ -z "$(leftovers)" ]
ok $? "nothing is left"
finish
