#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Many sandboxes that live at the same time: list is fast, exec finds the right one, those whose sbx was killed end and are known
# as stale, and stop leaves nothing. LIVE_MANY: how many; `make check-live-many` has 200.
# shellcheck source=tests/lib.sh
# shellcheck disable=SC2016 # what is single-quoted is for eval, or for the shell inside
. "${SRCDIR:?}/tests/lib.sh"
test_folder
LIVE_MANY=${LIVE_MANY:-20}
need shuf || skip_all "$missing is not installed"

in_folders() { as env XDG_RUNTIME_DIR="$D/run" XDG_STATE_HOME="$D/state" "$@"; }
ctl() { in_folders "$SBXCTL" "$@"; }
# Numbers of equal length, so that no name is the beginning of another.
random_ones() { shuf -i "1-$LIVE_MANY" -n "$1" | xargs printf '%03d\n'; } # NUMBER

# Ten at a time; each can be told from the others by its host name and by a variable.
start() {
	limits=
	[ "$who" != root ] || limits="--memory=64M --processes=20"
	number=0
	while [ $number -lt "$LIVE_MANY" ]; do
		number=$((number + 1))
		padded=$(printf %03d $number)
		# shellcheck disable=SC2086 # lists of words
		in_folders "$SBX" $EXTRA --detach --name="m$padded" --hostname="host$padded" --env="MARK=mark$padded" $limits sleep 600 \
			>>"$D/out" 2>>"$D/err" &
		[ $((number % 10)) != 0 ] || wait
	done
	wait
	ctl list --json >"$D/list"
	python3 -c '
import json, sys
for record in json.load(open(sys.argv[1])):
    print(record["name"], record["monitor"], record["init"])' "$D/list" >"$D/all"
	[ "$(wc -l <"$D/out")" = "$LIVE_MANY" ] && [ "$(grep -c '^m[0-9]* ' "$D/all")" = "$LIVE_MANY" ] && [ ! -s "$D/err" ]
	status=$?
	ok $status "$who: $LIVE_MANY live at once, and are listed"
	[ $status = 0 ] || note_file "$D/err"
	while read -r name monitor init; do cat "/proc/$init/task/$init/children"; done <"$D/all" | tr ' ' '\n' | grep . >"$D/payloads"
	[ "$(wc -l <"$D/payloads")" = "$LIVE_MANY" ]
	ok $? "$who: each has its command"
}

# Of the last nine of ten, the middle one, in ms; by a shell that is the caller already.
list_time() {
	in_folders sh -c '
		for number in 0 1 2 3 4 5 6 7 8 9; do
			before=$(date +%s%N)
			"$0" list >/dev/null
			echo $((($(date +%s%N) - before) / 100000))
		done' "$SBXCTL" | tail -n 9 | sort -n | sed -n 5p | awk '{ print $1 / 10 }'
}

listed_fast() {
	if [ "${SANITIZERS-}" = yes ]; then
		unavailable "$who: list takes at most 50 ms" "a build with sanitizers is slower"
		return
	fi
	ctl list >/dev/null
	for try in 1 2 3; do # a machine that others use has slow moments
		[ "$try" = 1 ] || sleep 2
		median=$(list_time)
		in_time 0 "$median" 50 && break
	done
	in_time 0 "$median" 50
	ok $? "$who: list takes at most 50 ms"
	note "$who: list of $LIVE_MANY: $median ms"
}

executes() {
	wrong=
	for one in $(random_ones 10); do
		said=$(ctl exec "m$one" sh -c 'echo "$(cat /proc/sys/kernel/hostname) $MARK"' 2>>"$D/err")
		[ "$said" = "host$one mark$one" ] || wrong="$wrong m$one: $said"
	done
	[ -z "$wrong" ]
	ok $? "$who: exec comes to the one that is named${wrong:+:$wrong}"
}

# The sandboxes of monitors that are killed.
killed() {
	random_ones $((LIVE_MANY / 10)) | sed 's/.*/m&/' >"$D/names"
	while read -r one; do grep "^$one " "$D/all"; done <"$D/names" >"$D/chosen"
	gone=
	while read -r name monitor init; do
		[ -e "/proc/$init" ] || gone="$gone $name"
	done <"$D/chosen"
	[ -z "$gone" ] && [ "$(wc -l <"$D/chosen")" = $((LIVE_MANY / 10)) ]
	ok $? "$who: control: those to be killed live"
	while read -r name monitor init; do kill -9 "$monitor"; done <"$D/chosen"
	none_lives() { while read -r name monitor init; do [ ! -e "/proc/$init" ] || return 1; done <"$D/chosen"; }
	wait_for 10 none_lives
	ok $? "$who: kill -9 of sbx ends its sandbox: $((LIVE_MANY / 10)) of them"
	stale=0
	while read -r name monitor init; do [ ! -e "$D/run/sbx/$name.json" ] || stale=$((stale + 1)); done <"$D/chosen"
	[ $stale = $((LIVE_MANY / 10)) ]
	ok $? "$who: and leaves its record"
	first=$(ctl list | sed -n '1!s/ .*//p' | sort)
	expected=$(cut -d' ' -f1 "$D/all" | grep -vxFf "$D/names" | sort)
	[ "$first" = "$expected" ]
	ok $? "$who: which list knows as stale: it shows the others"
	left=$(while read -r name; do find "$D/run/sbx" -name "$name.*"; done <"$D/names")
	[ -z "$left" ]
	ok $? "$who: and removes${left:+: $left}"
	ctl exec "$(head -n 1 "$D/names")" true 2>"$D/err"
	[ $? = 125 ] && grep -q 'no sandbox .* runs' "$D/err"
	ok $? "$who: no command joins one"
}

stopped() {
	[ "$(find "$D/run/sbx" -name '*.lock' | wc -l)" = $((LIVE_MANY - LIVE_MANY / 10)) ]
	ok $? "$who: control: the others have their files"
	before=$(date +%s%N)
	ctl stop --all
	ok $? "$who: stop --all"
	note "$who: stop of $((LIVE_MANY - LIVE_MANY / 10)): $((($(date +%s%N) - before) / 1000000)) ms"
	[ -z "$(ctl list)" ] && [ -z "$(find "$D/run/sbx" -mindepth 1)" ]
	ok $? "$who: none is listed, and no file is left where they were"
	none_runs() { for one in $(cut -d' ' -f2,3 "$D/all") $(cat "$D/payloads"); do [ ! -e "/proc/$one" ] || return 1; done; }
	wait_for 5 none_runs
	ok $? "$who: no process is left, of sbx or of a command"
	kept=$(find "$D/state" -type f ! -path '*/runs/m*/log' ! -path '*/runs/m*/report.json')
	[ -z "$kept" ]
	ok $? "$who: kept are their logs and reports${kept:+, and $kept}"
}

# What was killed has left cgroups, which the next one removes once they are older than 10 seconds.
swept() {
	# shellcheck disable=SC2086 # a list of words
	"$SBX" $EXTRA --best-effort=limits --memory=64M true >/dev/null 2>&1
	[ -z "$(leftovers)" ]
}

for who in $CALLERS; do
	D=$T/$who
	mkdir -p "$D/run" && chmod 700 "$D/run"
	: >"$D/out"
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$D"
	start
	listed_fast
	executes
	killed
	listed_fast
	stopped
done
wait_for 20 swept
ok $? "no cgroup or mount is left, once others have run"
left=$(leftovers)
[ -z "$left" ] || note "$left"
done_testing
