#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# sbx against the least that its work can cost (floor) and against bwrap, both with the same namespaces, the mounts, folders
# and links of the plan of sbx, and a filter as long as its, in interleaved rounds, as an ordinary user. Prints minimum,
# median and 95th percentile in microseconds, the ratios of the medians, and pass or fail against the budgets: sbx <= 1.5 of
# the floor with the same libc and an init, <= 0.7 of bwrap. Root sees its own figures as well, without a budget: for it
# sbx maps all ids, which only a process outside can do; the floor and bwrap map one.
# usage: bench.sh [ROUNDS]     (run by `make bench`)
set -eu
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

test_folder
if [ "$(id -u)" = 0 ] && [ -z "${BENCH_BUDGET-}" ]; then
	BENCH_BUDGET=no sh "$0" "$@"
	as_user env BENCH_BUDGET=yes sh "$0" "$@"
	exit
fi
rounds=${1:-${ROUNDS:-300}}
bench=${BUILDDIR:?}/tests/bench
cp "$bench/payload" "$T/payload"
cd "$T" # the working directory is shown, too

# The others get the view of the plan, and a filter as long as its.
set -- --profile=default --ro="$T" "$T/payload"
instructions=$("${SBX:?}" --explain "$@" | sed -n 's/.*[^0-9]\([0-9][0-9]*\) instructions.*/\1/p' | head -n 1)
ranges=$(((${instructions:?} - 3) / 2))
"$SBX" --explain=json "$@" >"$T/plan"
view() { # one argument a line
	python3 "${SRCDIR:?}/tests/bench/view.py" "$1" <"$T/plan"
}
"$bench/floor" -r "$ranges" -w "$T/filter" -- unused
echo "$rounds rounds; $(grep -cE '"do": ?"(bind|scratch-dir|proc|devpts)"' "$T/plan") mounts, a filter of $instructions instructions;" \
	"$(id -un 2>/dev/null || id -u), $(uname -sr), $(nproc) processors"

IFS='
'
set -f
floor="$(view floor)"
# shellcheck disable=SC2086 # one argument a line
set -- bare "$T/payload" :: floor-no-init "$bench/floor" -r "$ranges" $floor -- "$T/payload" \
	:: floor "$bench/floor" -r "$ranges" -I $floor -- "$T/payload"
# shellcheck disable=SC2086
[ ! -x "$bench/floor-musl" ] || set -- "$@" :: floor-musl "$bench/floor-musl" -r "$ranges" -I $floor -- "$T/payload"
set -- "$@" :: sbx "$SBX" --profile=default --ro="$T" "$T/payload"
if command -v bwrap >/dev/null; then
	# shellcheck disable=SC2046
	set -- "$@" :: bwrap "$(command -v bwrap)" --unshare-all --die-with-parent --seccomp 9 $(view bwrap) "$T/payload"
fi
unset IFS
set +f
"$bench/timer" "$rounds" "$@" >"$T/result" 9<"$T/filter"

awk -v budgets="${BENCH_BUDGET-yes}" '
	{ name[NR] = $1; min[$1] = $2; p50[$1] = $3; p95[$1] = $4 }
	function budget(of, limit) {
		if (budgets == "no") limit = 0
		if (!(of in p50)) { printf "%-28s not measured\n", "sbx <= " limit " x " of; return }
		ratio = p50["sbx"] / p50[of]
		if (!limit) { printf "sbx / %-6s %.2f (of the minima: %.2f)\n", of, ratio, min["sbx"] / min[of]; return }
		good = ratio <= limit
		if (!good) bad = 1
		printf "%-28s %s: %.2f (of the minima: %.2f)\n", "sbx <= " limit " x " of, good ? "pass" : "FAIL", ratio, min["sbx"] / min[of]
	}
	END {
		printf "%-14s %9s %9s %9s %8s %8s\n", "", "min", "p50", "p95", "/bare", "/floor"
		for (i = 1; i <= NR; i++) {
			n = name[i]
			printf "%-14s %9.0f %9.0f %9.0f %8.2f %8.2f\n", n, min[n], p50[n], p95[n], p50[n] / p50["bare"], p50[n] / p50["floor"]
		}
		budget("floor", 1.5)
		budget("bwrap", 0.7)
		exit bad
	}' "$T/result"
