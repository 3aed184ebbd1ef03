#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Whatever happens while a box is carried, its content is the old one or the new one, whole; sbx says that it failed, and does
# not blame the command; and the next run goes on: sbx is killed before and after the content is exchanged, each call of the
# carrier fails, and the disk of the host is full.
# shellcheck disable=SC2086 # lists of words
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
need strace || skip_all "$missing is not installed"
test_folder

in_box() {
	as env XDG_STATE_HOME="$H" "$@"
}

new_box() {
	[ ! -e "$H/sbx/boxes/f" ] || in_box "${SBXCTL:?}" box destroy f
	in_box "${SBXCTL:?}" box create f
	in_box "$SBX" $EXTRA --box=f -p default -- sh -c 'mkdir d && echo old >d/file' </dev/null
	F=$H/sbx/boxes/f/files
}

is_old() { [ "$(cat "$F/d/file")" = old ] && [ ! -e "$F/new" ]; }
is_new() { [ "$(cat "$F/new")" = new ] && [ ! -e "$F/d" ]; }
change='rm -r d; echo new >new'

next_run() { # next_run NAME
	in_box "$SBX" $EXTRA --box=f -p default -- sh -c 'echo next >next' >"$T/out" 2>"$T/err" </dev/null &&
		[ "$(cat "$F/next")" = next ] && [ "$(ls -A "$H/sbx/boxes/f")" = "box.ini
files" ]
	ok $? "$who: $1: the next run goes on, and nothing else is left"
}

# killed WHERE STATE: strace holds the carrier where it has (exit) or has not (enter) exchanged the content
killed() {
	new_box
	: >"$H/trace"
	chmod 666 "$H/trace"
	in_box strace -f -qq -o "$H/trace" -e trace=renameat2,setns -e "inject=renameat2:delay_$1=3000000:when=1" \
		"$SBX" $EXTRA --box=f -p default -- sh -c "$change" >"$T/out" 2>"$T/err" </dev/null &
	tracer=$!
	wait_for 20 grep -q 'renameat2(' "$H/trace"
	sleep 0.3
	carrier=$(grep 'renameat2(' "$H/trace" | cut -d' ' -f1)
	monitor=$(awk '$1 == "PPid:" { print $2 }' "/proc/$carrier/status")
	[ "$(cat "/proc/$monitor/comm")" = sbx ] && kill -9 "$monitor"
	ok $? "$who: control: sbx is there, and is killed at the exchange ($1)"
	wait "$tracer" 2>/dev/null
	"$2"
	ok $? "$who: killed at the exchange ($1): the content is whole"
	next_run "killed ($1)"
}

# fails CALL ERROR: the first one of each process
fails() {
	new_box
	in_box strace -f -qq -o "$H/trace" -e trace="$1" -e inject="$1:error=$2:when=1" \
		"$SBX" $EXTRA --report="$H/report" --box=f -p default -- sh -c "$change" >"$T/out" 2>"$T/err" </dev/null
	status=$?
	grep -q INJECTED "$H/trace"
	ok $? "$who: control: $1 fails with $2"
	[ $status = 125 ] && is_old && grep -q '"verdict": "internal"' "$H/report"
	ok $? "$who: $1 fails with $2: sbx says so, and the content is the old one"
	[ $status = 125 ] || note "status $status: $(head -c 300 "$T/err")"
	next_run "$1, $2"
}

# In a mount namespace of its own, with a small disk.
full() {
	cat >"$T/full.sh" <<-'SCRIPT'
		. "$SRCDIR/tests/lib.sh"
		T=$1 who=$2 H=$1/small
		small_box() { as env XDG_STATE_HOME="$H" "$@"; }
		mkdir -p "$H" && mount -t tmpfs -o size=1M,mode=777 small "$H" || exit 9
		small_box "$SBXCTL" box create f --size=4M || exit 8
		small_box "$SBX" $EXTRA --box=f -p default -- sh -c 'echo old >old' || exit 7
		small_box "$SBX" $EXTRA --report=fd:3 --box=f -p default -- head -c 2M /dev/urandom >/dev/null 3>"$T/none"
		small_box "$SBX" $EXTRA --report=fd:3 --box=f -p default -- sh -c 'head -c 2M /dev/urandom >new' 3>"$T/report" 2>"$T/err"
		[ $? = 125 ] || exit 6
		grep -q '"verdict": "internal"' "$T/report" && grep -q 'No space left' "$T/err" || exit 5
		[ "$(cat "$H/sbx/boxes/f/files/old")" = old ] && [ ! -e "$H/sbx/boxes/f/files/new" ] || exit 4
		[ "$(df -k "$H" | awk 'END { print $3 }')" -lt 100 ] || exit 3
		small_box "$SBX" $EXTRA --box=f -p default -- sh -c 'echo next >next' || exit 2
		[ "$(cat "$H/sbx/boxes/f/files/next")" = next ]
	SCRIPT
	unshare -m sh "$T/full.sh" "$T" "$who" >"$T/out" 2>&1 </dev/null
	status=$?
	ok $status "$who: the disk is full: sbx says so, the content is the old one, the disk has its room back, the next run goes on"
	[ $status = 0 ] || note "$status: $(head -c 500 "$T/out")$(head -c 300 "$T/err")"
}

for who in $CALLERS; do
	H=$T/$who
	mkdir "$H"
	[ "$who" = root ] || chown "$TEST_UID:$TEST_GID" "$H"
	killed enter is_old
	killed exit is_new
	fails setns EPERM
	fails renameat2 EINVAL
	fails fchmod EIO
	fails lseek EIO
	if [ "$(id -u)" = 0 ]; then full; fi
	left=$(leftovers)
	[ -z "$left" ]
	ok $? "$who: nothing is left${left:+: $left}"
done
done_testing
