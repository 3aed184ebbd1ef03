#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# `make demo`: the main jobs on real input. A student's program is compiled, run, limited and judged; Firefox shows a page.
set -u
: "${SBX:?}" "${SRCDIR:?}" "${BUILDDIR:?}"
work=$(mktemp -d "${TMPDIR:-/tmp}/sbx-demo.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cp "$SRCDIR/tests/run/student.c" "$work/student.c"
cd "$work" || exit 1
bad=0

echo "== a student's program: sbx --profile=compile gcc -O2 -o student student.c"
"$SBX" --profile=compile gcc -O2 -o student student.c || exit 1
for program in ok exit signal cpu wall output; do
	"$SBX" --quiet --profile=grader --wall-time=2s --report=report.json ./student "$program" >output </dev/null
	status=$?
	verdict=$(python3 -c 'import json; r = json.load(open("report.json")); t = r["time"]
print("%-9s %.3f s of processor time, %.3f s on the clock" % (r["verdict"], t["cpu_s"], t["wall_s"]))')
	printf 'sbx --profile=grader ./student %-7s status %-3s verdict %s\n' "$program" "$status" "$verdict"
	case $program:${verdict%% *} in
	ok:ok | exit:exit | signal:signal | cpu:cpu-time | wall:wall-time | output:output) ;;
	*) bad=1 ;;
	esac
done

echo "== a browser: sbx --profile=browser firefox-esr http://127.0.0.1:.../page.html"
SBX_SCREENSHOT=$BUILDDIR/demo.png sh "$SRCDIR/tests/desktop/firefox.sh" || bad=1
[ ! -s "$BUILDDIR/demo.png" ] || echo "== what Firefox shows in the sandbox: $BUILDDIR/demo.png"
[ "$bad" = 0 ] && echo "== all as expected"
exit "$bad"
