#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The monitor is killed while init is in the middle of the set-up, where it could miss that: before it has asked the kernel to
# die with the monitor, and where a change of id has taken that back. strace holds init there.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
need strace || skip_all "$missing is not installed"
test_folder
mkdir "$T/work"
chmod 777 "$T/work"
cd "$T/work" || exit 99

# The processes of the case: init has no name of its own yet, so they are found by the length of the sleep.
alive() {
	grep -lzx "[9]${tag#9}" /proc/[0-9]*/cmdline 2>/dev/null # a pattern that is not itself among them
}

# killed CALL WHERE: init is held for a second WHERE (enter, exit) its first CALL is, and sbx is killed meanwhile
killed() {
	tag=97531.$1.$who
	rm -f trace
	as strace -f -qq -o trace -e trace="clone3,$1" -e "inject=$1:delay_$2=1000000:when=1" \
		"$SBX" --wall-time=60s -- sleep "$tag" >/dev/null 2>&1 </dev/null &
	wait_for 10 grep -q 'clone3(.*CLONE_NEWPID' trace
	[ "$1" = prctl ] || wait_for 10 grep -q "$1(" trace
	sleep 0.3
	init=$(grep 'clone3(.*CLONE_NEWPID' trace | cut -d' ' -f1)
	[ -n "$init" ] && [ -n "$(alive)" ] && kill -9 "$init"
	ok $? "$who, $1: control: sbx is there, and is killed"
	wait_for 5 gone
	ok $? "$who, $1: nothing of the sandbox is left"
	for file in $(alive); do
		note "$file: $(tr '\0' ' ' <"$file")"
		kill -9 "$(echo "$file" | cut -d/ -f3)"
	done
	wait
}

gone() {
	[ -z "$(alive)" ]
}

for who in root user; do
	[ "$who" = user ] || [ "$(id -u)" = 0 ] || continue
	killed prctl enter
	[ "$who" = user ] || killed setresuid exit
	killed umount2 exit
done
left=$(leftovers)
[ -z "$left" ]
ok $? "nothing else is left${left:+: $left}"
done_testing
