#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Jobs of sbx --batch, a trivial static program each, against bare starts by posix_spawn, with one slot and with one for each
# processor, with and without sockets (without, the network namespace is made once); and one start from a template against
# the floor (bench.sh has the same). Interleaved rounds; medians, and pass or fail against the budgets: a prepared start
# <= 0.5 of the floor, and >= 0.2 of the bare rate with all slots. As an ordinary user.
# usage: batch.sh [ROUNDS] [JOBS]     (run by `make bench-batch`)
set -eu
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

test_folder
if [ "$(id -u)" = 0 ] && [ "$TEST_UID" != 0 ]; then
	as_user sh "$0" "$@"
	exit
fi
rounds=${1:-${ROUNDS:-20}} jobs=${2:-${JOBS:-500}}
bench=${BUILDDIR:?}/tests/bench
cp "$bench/payload" "$T/payload"
chmod 755 "$T/payload"
cd /

# What lies below a private folder is in no template: so it is shown elsewhere.
set -- --profile=default --ro="$T:/bench"
no_sockets="--set=syscalls.deny=socket --set=syscalls.deny=socketpair"
awk -v jobs="$jobs" 'BEGIN { for (i = 0; i < jobs; i++) printf "{\"id\": %d, \"command\": [\"/bench/payload\"]}\n", i }' >"$T/jobs"
instructions=$("${SBX:?}" --explain "$@" /bench/payload | sed -n 's/.*[^0-9]\([0-9][0-9]*\) instructions.*/\1/p' | head -n 1)
ranges=$(((${instructions:?} - 3) / 2))
"$SBX" --explain=json "$@" /bench/payload >"$T/plan"
IFS='
'
set -f
# shellcheck disable=SC2046 # one argument a line
"$bench/timer" 1 floor "$bench/floor" -r "$ranges" -I $(python3 "$SRCDIR/tests/bench/view.py" floor <"$T/plan") -- \
	/bench/payload >/dev/null
python3 "$SRCDIR/tests/bench/view.py" floor <"$T/plan" >"$T/view"
unset IFS
set +f

seconds_of() { # a batch of all jobs
	before=$(date +%s%N)
	"$SBX" --batch "$@" <"$T/jobs" >"$T/answers"
	after=$(date +%s%N)
	[ "$(grep -c '"verdict": *"ok"' "$T/answers")" = "$jobs" ] || { echo "not all jobs went well" >&2 && exit 1; }
	echo "$before $after" | awk '{ printf "%.6f\n", ($2 - $1) / 1e9 }'
}
floor() { # seconds of one start
	IFS='
'
	set -f
	# shellcheck disable=SC2046 # one argument a line
	"$bench/timer" 20 floor "$bench/floor" -r "$ranges" -I $(cat "$T/view") -- /bench/payload | awk '{ printf "%.9f\n", $3 / 1e6 }'
	unset IFS
	set +f
}
all=$(nproc)
echo "$rounds rounds of $jobs jobs; $(id -un 2>/dev/null || id -u), $(uname -sr), $all processors"
round=0
while [ "$round" -lt "$rounds" ]; do
	round=$((round + 1))
	{
		echo "bare-1 $("$bench/spawn" "$jobs" 1 "$T/payload")"
		echo "batch-1 $(seconds_of --slots=1 "$@")"
		# shellcheck disable=SC2086 # a list of words
		echo "no-sockets-1 $(seconds_of --slots=1 "$@" $no_sockets)"
		echo "floor $(floor)"
		echo "bare-all $("$bench/spawn" "$jobs" "$all" "$T/payload")"
		echo "batch-all $(seconds_of --slots="$all" "$@")"
		# shellcheck disable=SC2086
		echo "no-sockets-all $(seconds_of --slots="$all" "$@" $no_sockets)"
	} >>"$T/results"
done

LC_ALL=C sort -k1,1 -k2,2g "$T/results" | awk -v jobs="$jobs" '
	{ n[$1]++; v[$1, n[$1]] = $2 }
	function median(name) { return v[name, int((n[name] + 1) / 2)] }
	function rate(name) { return jobs / median(name) }
	function line(name, bare) {
		printf "%-16s %9.0f jobs/s %9.0f us a job %6.2f of the bare rate\n", name, rate(name), 1e6 / rate(name),
			rate(name) / rate(bare)
	}
	function budget(text, good, value) {
		printf "%-52s %s: %.2f\n", text, good ? "pass" : "FAIL", value
		if (!good) bad = 1
	}
	END {
		line("bare-1", "bare-1"); line("batch-1", "bare-1"); line("no-sockets-1", "bare-1")
		line("bare-all", "bare-all"); line("batch-all", "bare-all"); line("no-sockets-all", "bare-all")
		printf "%-16s %29.0f us a start\n", "floor", median("floor") * 1e6
		ratio = median("no-sockets-1") / jobs / median("floor")
		budget("a prepared start <= 0.5 of the floor (no sockets)", ratio <= 0.5, ratio)
		ratio = rate("no-sockets-all") / rate("bare-all")
		budget(">= 0.2 of the bare rate, all slots (no sockets)", ratio >= 0.2, ratio)
		printf "with sockets: %.2f of the floor, %.2f of the bare rate\n", median("batch-1") / jobs / median("floor"),
			rate("batch-all") / rate("bare-all")
		exit bad
	}'
