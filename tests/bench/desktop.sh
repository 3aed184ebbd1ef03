#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# `make bench-desktop`: how soon a viewer shows its window, bare, under sbx and under firejail, as an ordinary user on a headless
# X server. Budgets: sbx adds at most 30 ms, and at most a fifth of what firejail adds.
# usage: desktop.sh [ROUNDS]
# shellcheck source=tests/desktop/display-common.sh
. "${SRCDIR:?}/tests/desktop/display-common.sh"

rounds=${1:-15}
need Xvfb xauth xdotool python3 || {
	echo "not measured: $missing is not installed"
	exit 1
}
start_display >/dev/null
# In the home: firejail's profiles show an empty /tmp.
work=$(as_user mktemp -d "$home/sbx-bench.XXXXXX") || exit 1
trap 'clean_up; rm -rf "$work"' EXIT
as_user cp "$T/xauth" "$work/xauth"
X="$X XAUTHORITY=$work/xauth"
as_user python3 "$SRCDIR/tests/desktop/papers.py" "$work"
echo "$rounds rounds; $(date +%F), $(uname -sr) $(uname -m), $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg)"
version=$(firejail --version 2>/dev/null | head -n 1)
echo "firejail: ${version:-not measured: it is not installed}"
failed=0

# median FILE NAME
median() {
	awk -v name="$2" '$1 == name && $2 != "-" { print $2 }' "$1" | sort -n |
		awk '{ v[NR] = $1 } END { if (NR) print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2; else print "-" }'
}

# budget TEXT CONDITION: of awk
budget() {
	if awk "BEGIN { exit !($2) }"; then
		printf '%-64s pass\n' "$1"
	else
		printf '%-64s FAIL\n' "$1"
		failed=1
	fi
}

printf '\n%-10s %10s %10s %10s %12s %14s\n' "window, ms" bare sbx firejail "sbx adds" "firejail adds"
# viewer PROGRAM FILE
viewer() {
	need "$1" || {
		echo "$1: not measured: it is not installed"
		failed=1
		return
	}
	set -- "$1" "$2" bare "$1" "$2" // sbx "$SBX" -q -- "$1" "$2"
	[ -z "$version" ] || set -- "$@" // firejail firejail --quiet "$1" "$2"
	program=$1
	shift 2
	run_x BENCH_LOG="$T/run/log" python3 "$SRCDIR/tests/bench/windows.py" "$rounds" "$@" >"$T/$program"
	bare=$(median "$T/$program" bare) sbx=$(median "$T/$program" sbx) other=$(median "$T/$program" firejail)
	if [ "$bare" = - ] || [ "$sbx" = - ]; then
		echo "$program: not measured: it shows no window: $(tail -n 1 "$T/run/log")"
		failed=1
		return
	fi
	added=$(awk "BEGIN { printf \"%.1f\", $sbx - $bare }")
	other_added=$([ "$other" = - ] && echo - || awk "BEGIN { printf \"%.1f\", $other - $bare }")
	printf '%-10s %10s %10s %10s %12s %14s\n' "$program" "$bare" "$sbx" "$other" "$added" "$other_added"
	budget "$program: sbx adds at most 30 ms" "$added <= 30"
	if [ "$other" = - ]; then
		echo "$program: at most a fifth of what firejail adds: not measured${version:+: it shows no window under it}"
		[ -n "$version" ] || failed=1
	else
		budget "$program: at most a fifth of what firejail adds" "$added * 5 <= $other_added"
	fi
}
viewer feh red.png
viewer mupdf "a paper's 1.pdf"
viewer evince "a paper's 1.pdf"
exit $failed
