#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# sbx against the least that its work can cost (floor) and against bwrap with the same namespaces, folders and filter, in
# interleaved rounds. Prints minimum, median and 95th percentile in microseconds, the ratios of the medians, and pass or
# fail against the budgets: sbx <= 1.5 of the floor with the same libc and an init, <= 0.7 of bwrap.
# usage: bench.sh [ROUNDS]     (run by `make bench`)
set -eu

rounds=${1:-${ROUNDS:-300}}
bench=${BUILDDIR:?}/tests/bench
T=$(mktemp -d "${TMPDIR:-/tmp}/sbx-bench.XXXXXX")
chmod 755 "$T"
trap 'rm -rf "$T"' EXIT
trap 'exit 130' INT TERM HUP
cp "$bench/payload" "$T/payload"
FLOOR_BIND=$T
export FLOOR_BIND

# The floor's filter is as long as the one of sbx.
instructions=$("${SBX:?}" --explain "$T/payload" | sed -n 's/.*[^0-9]\([0-9][0-9]*\) instructions.*/\1/p' | head -n 1)
ranges=$(((${instructions:-147} - 3) / 2))
"$bench/floor" -r "$ranges" -w "$T/filter"
echo "$rounds rounds; a filter of ${instructions:-147} instructions; $(uname -sr); $(nproc) processors"

set -- bare "$T/payload" :: \
	floor-no-init "$bench/floor" -r "$ranges" /bench/payload :: \
	floor "$bench/floor" -r "$ranges" -I /bench/payload
[ ! -x "$bench/floor-musl" ] || set -- "$@" :: floor-musl "$bench/floor-musl" -r "$ranges" -I /bench/payload
set -- "$@" :: sbx "$SBX" --profile=default --ro="$T" "$T/payload"
if command -v bwrap >/dev/null; then
	set -- "$@" :: bwrap "$(command -v bwrap)" --unshare-all --die-with-parent --seccomp 9 --ro-bind /usr /usr \
		--ro-bind /etc /etc --ro-bind /dev /dev --ro-bind /opt /opt --ro-bind /srv /srv --ro-bind /var /var \
		--ro-bind /home /home --ro-bind "$T" /bench --proc /proc /bench/payload
fi
"$bench/timer" "$rounds" "$@" >"$T/result" 9<"$T/filter"

awk '
	{ name[NR] = $1; min[$1] = $2; p50[$1] = $3; p95[$1] = $4 }
	function budget(of, limit) {
		if (!(of in p50)) { printf "%-28s not measured\n", "sbx <= " limit " x " of; return }
		ratio = p50["sbx"] / p50[of]
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
