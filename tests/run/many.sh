#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Many starts, one after the other and at once: all are right, and nothing is left of them: no process, mount, cgroup, file,
# key, open file or memory of the kernel. MANY and AT_ONCE: how many; `make check-many` has 10000 and 200.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
test_folder
MANY=${MANY:-200} AT_ONCE=${AT_ONCE:-50}
cd / || exit 99

# NAME NUMBER of what the kernel counts. It counts for all of the machine; what leaked at each start would be there MANY times.
# Its memory goes up and down by megabytes: only many starts tell something.
counts() {
	awk 'NR > 1 { groups += $3 } END { print "cgroups", groups + 0 }' /proc/cgroups
	find /sys/fs/cgroup -type d -name 'sbx-*' 2>/dev/null | wc -l | sed 's/^/sbx-groups /'
	awk -v id="$id:" '$1 == id { keys = $2 } END { print "keys-of-the-user", keys + 0 }' /proc/key-users 2>/dev/null
	cut -f1 /proc/sys/fs/file-nr | sed 's/^/open-files /'
	wc -l </proc/self/mountinfo | sed 's/^/mounts /'
	find /proc -maxdepth 1 -name '[0-9]*' 2>/dev/null | wc -l | sed 's/^/processes /'
	wc -l </proc/sysvipc/shm | sed 's/^/shared-memory /'
	[ "$1" -lt 1000 ] || awk '/^SUnreclaim:/ { print "kernel-memory-in-16-KiB", int($2 / 16) }' /proc/meminfo
}

# What has grown by half of the starts or more.
grown() {
	counts "$1" >"$T/after"
	paste -d' ' "$T/before" "$T/after" | awk -v many="$1" '{ if ($4 - $2 >= many / 2) print $1 ": " $2 " before, " $4 " after" }'
}

nothing_grown() {
	[ -z "$(grown "$1")" ]
}

files() {
	find "$work" "$work.home" | LC_ALL=C sort
}

# shellcheck disable=SC2086 # limits are a list of words
one() {
	as env XDG_RUNTIME_DIR="$work/run" HOME="$work.home" "$SBX" --wall-time=60s $limits --report="$work/report.$1" \
		/bin/echo "$1" >"$T/out/$1" 2>&1 </dev/null
}

# reports NUMBER: that many are there, each of them good, and each with its own output; they are removed
reports() {
	good=$(find "$work" -name 'report.*' -exec grep -l '"verdict": *"ok"' {} + | wc -l)
	said=$(cd "$T/out" && for file in *; do [ "$(cat "$file")" = "$file" ] && echo "$file"; done | wc -l)
	[ "$good" = "$1" ] && [ "$said" = "$1" ]
	ok $? "$who: $good of $1 are right, $said with their output"
	note "$who: from the start of sbx to that of the program: $(find "$work" -name 'report.*' -exec cat {} + |
		sed -n 's/.*"setup_s": *\([0-9.e-]*\).*/\1/p' | LC_ALL=C sort -g |
		awk '{ t[NR] = 1000 * $1 } END { printf "median %.1f ms, 99 %% below %.1f ms, all below %.1f ms", t[int((NR + 1) / 2)], t[int(NR * 0.99 + 0.5)], t[NR] }')"
	rm -rf "$T/out" "$work"/report.*
	mkdir "$T/out"
}

left_behind() {
	wait_for 20 nothing_grown "$1"
	ok $? "$who: $2: nothing has grown that the kernel counts"
	nothing_grown "$1" || note "$(grown "$1")"
	left=$(leftovers)
	[ -z "$left" ]
	ok $? "$who: $2: no process, group or mount is left${left:+: $left}"
	[ "$before_files" = "$(files)" ]
	ok $? "$who: $2: no file is left"
}

all_as() {
	who=$1 limits=$2
	work=$T/$who
	mkdir -p "$work/run" "$work.home" "$T/out"
	chmod 700 "$work/run"
	id=$(id -u)
	if [ "$who" != root ]; then
		chown -R "$TEST_UID:$TEST_GID" "$work" "$work.home"
		id=$TEST_UID
	fi
	one 0 # what the first one makes is no leak
	reports 1
	before_files=$(files)
	counts "$MANY" >"$T/before"
	number=0
	while [ $number -lt "$MANY" ]; do
		one $number
		number=$((number + 1))
	done
	reports "$MANY"
	left_behind "$MANY" "one after the other"
	counts "$AT_ONCE" >"$T/before"
	number=0
	while [ $number -lt "$AT_ONCE" ]; do
		one $number &
		number=$((number + 1))
	done
	wait
	reports "$AT_ONCE"
	left_behind "$AT_ONCE" "at once"
	leak
}

# control: what is left is seen
leak() {
	counts 20 >"$T/before"
	number=0
	while [ $number -lt 20 ]; do
		sleep 30 &
		holders="${holders-} $!"
		number=$((number + 1))
	done
	[ -n "$(grown 20)" ]
	ok $? "$who: control: a leak is seen"
	# shellcheck disable=SC2086 # a list of numbers
	kill ${holders}
	holders=
	wait
}

if [ "$(id -u)" = 0 ]; then all_as root "--processes=10 --memory=64M"; fi
all_as user ""
if gated_sbx; then
	SBX=$SBX_GATED
	all_as gated ""
else
	unavailable "the setuid sbx" "$missing"
fi
note "$MANY and $AT_ONCE starts each"
done_testing
