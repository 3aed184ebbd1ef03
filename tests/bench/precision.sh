#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# How exact the times of the report are, and how late a limit of time ends a program; as root and as an ordinary user:
#   - a program that burns 200 ms, by its own clock: |time.cpu_s - own clock| <= max(1 ms, 0.1 %). To be executed and to
#     start its libc is its own time too, of which it knows only outside of a sandbox: half of the runs there take longer
#     than what is added for it;
#   - one that burns for ever, with cpu-time 500 ms, and one that sleeps, with wall-time 300 ms: ended at most 5 ms late.
# Prints minimum, median and maximum in milliseconds; a median over its budget is a failure, a maximum over it is told. If
# `isolate` is installed, root runs the same with it, in turn. On a busy machine the figures are those of the machine: how
# many of the runs were suspect is told, too.
# usage: precision.sh [ROUNDS]     (run by `make bench-grading`)
#        precision.sh short        in `make check`: three short runs, of which the best must be within twice the budget, or, on
#                                  a busy machine, one of ten
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

test_folder
rounds=${1:-30} burn=200 cpu=500 wall=300
[ "$rounds" != short ] || rounds=10 burn=50 cpu=150 wall=100
cp "${BUILDDIR:?}/tests/bench/burn" "$T/burn" || exit 99
cd "$T" || exit 99

number() { # a number of the report
	sed -n 's/^.*"'"$1"'": \([0-9.]*\),\{0,1\}$/\1/p' "$T/report"
}

# less A B FILE: adds A - B to the file
less() {
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.4f\n", a - b }' >>"$T/$3"
}

# by_sbx FILE OPTION... -- COMMAND...: runs it; the report is in $T/report
by_sbx() {
	# shellcheck disable=SC2086
	as "$SBX" --quiet --profile=grader $no_cgroup $EXTRA --report=fd:9 "$@" 9>"$T/report" >"$T/out" </dev/null
	! grep -q '"suspect": true' "$T/report" || suspects=$((suspects + 1))
}

sbx_round() {
	./burn 1 | awk '{ print $2 / 1e6 }' >>"$T/$who-start"
	by_sbx --cpu-time=10s --wall-time=100s -- ./burn $burn
	less "$(awk -v s="$(number cpu_s)" 'BEGIN { print s * 1000 }')" "$(awk '{ print $1 / 1e6 }' "$T/out")" "$who-sbx-error"
	by_sbx --cpu-time=${cpu}ms --wall-time=100s -- ./burn
	less "$(awk -v s="$(number cpu_s)" 'BEGIN { print s * 1000 }')" $cpu "$who-sbx-cpu"
	by_sbx --wall-time=${wall}ms -- sleep 100
	less "$(awk -v s="$(number wall_s)" 'BEGIN { print s * 1000 }')" $wall "$who-sbx-wall"
}

# by_isolate KEY OPTION... -- COMMAND...: runs it, and prints that time of its, in milliseconds
by_isolate() {
	key=$1
	shift
	isolate --silent --meta="$T/meta" "$@" >"$T/out" 2>/dev/null </dev/null
	awk -F: -v key="$key" '$1 == key { print $2 * 1000 }' "$T/meta"
}

isolate_round() {
	time=$(by_isolate time --time=10 --wall-time=100 --run -- ./burn $burn)
	less "$time" "$(awk '{ print $1 / 1e6 }' "$T/out")" root-isolate-error
	less "$(by_isolate time --time="$(awk "BEGIN { print $cpu / 1000 }")" --wall-time=100 --run -- ./burn)" $cpu root-isolate-cpu
	less "$(by_isolate time-wall --wall-time="$(awk "BEGIN { print $wall / 1000 }")" --run -- /usr/bin/sleep 100)" $wall root-isolate-wall
}

# tell WHO TOOL WHAT BUDGET
tell() {
	start=0
	[ "$3" != error ] || start=$(sort -g "$T/$1-start" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }')
	sort -g "$T/$1-$2-$3" | awk -v budget="$4" -v start="$start" -v short="${short:-0}" -v slow="$SBX_TEST_SLOW" '
		function size(x) { return x < 0 ? -x : x }
		{ v[NR] = $1 - start }
		END {
			low = v[1]; middle = v[int((NR + 1) / 2)]; high = v[NR]
			best = size(low); most = 0
			for (i = 1; i <= NR; i++) {
				if (size(v[i]) < best) best = size(v[i])
				if (size(v[i]) > most) most = size(v[i])
			}
			good = short ? best <= 2 * budget * slow : size(middle) <= budget
			printf("min %.3f, median %.3f, max %.3f ms; budget %g ms: %s%s", low, middle, high, budget, good ? "ok" : "not ok",
				(most > budget) ? ", but not the max" : "")
			exit !good
		}' >"$T/told"
}

judge() { # judge WHO WHAT BUDGET NAME
	tell "$1" sbx "$2" "$3"
	ok $? "$1: $4: $(cat "$T/told")"
	[ -s "$T/$1-isolate-$2" ] || return 0
	tell "$1" isolate "$2" "$3"
	note "isolate: $(cat "$T/told")"
}

all_good() {
	tell "$who" sbx error 1 && tell "$who" sbx cpu 5 && tell "$who" sbx wall 5
}

short=0
[ "${1-}" != short ] || short=1
box=
if [ $short = 0 ] && [ "$(id -u)" = 0 ] && need isolate; then
	box=$(isolate --init) && cp "$T/burn" "$box/box/burn" || box=
fi
for who in $CALLERS; do
	no_cgroup="--memory= --best-effort=limits" suspects=0 round=0
	[ "$who" != root ] || no_cgroup=
	while [ $round -lt "$rounds" ] && ! { [ $short = 1 ] && [ $round -ge 3 ] && all_good; }; do
		sbx_round
		[ -z "$box" ] || [ "$who" != root ] || isolate_round
		round=$((round + 1))
	done
	judge "$who" error 1 "processor time, against the program's own clock"
	judge "$who" cpu 5 "over the limit of processor time"
	judge "$who" wall 5 "over the limit of wall time"
	note "$who: $suspects of $((3 * round)) runs were suspect"
done
[ -z "$box" ] || isolate --cleanup
done_testing
