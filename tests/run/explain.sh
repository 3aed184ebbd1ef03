#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What is printed is what is done: the steps of --explain are the system calls of the run, in order (strace).
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
need strace python3 || skip_all "$missing is not installed"
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 # the leak checker can't work under strace
export ASAN_OPTIONS
test_folder
chmod 777 "$T"

compare() { # compare KINDS PLAN TRACE
	python3 "$SRCDIR/tests/run/explain.py" "$@"
}

for who in root user; do
	for profile in default grader python viewer; do
		case $profile in
		grader) set -- --memory= --set=limits.cpu-time= ;;
		viewer) set -- --set=desktop.x11=no --set=desktop.wayland=no ;;
		*) set -- ;;
		esac
		rm -f "$T/plan" "$T/trace"
		as "$SBX" --profile="$profile" "$@" --explain=json true >"$T/plan" 2>"$T/err" </dev/null &&
			as strace -f -o "$T/trace" "$SBX" --profile="$profile" "$@" true >"$T/out" 2>>"$T/err" </dev/null
		ok $? "$who, $profile: runs under strace"
		compare "$SRCDIR/src/plan/kinds.def" "$T/plan" "$T/trace" >"$T/said" 2>&1
		ok $? "$who, $profile: $(head -1 "$T/said")"
		[ -s "$T/err" ] && note_file "$T/err"
	done
done

# control: a plan with one step more than was done is found out
python3 - "$T/plan" <<'P'
import json, sys
plan = json.load(open(sys.argv[1]))
bind = next(s for s in plan["steps"] if s["do"] == "bind")
at = plan["steps"].index(bind)
plan["steps"][at:at] = [bind] * 40
json.dump(plan, open(sys.argv[1], "w"))
P
! compare "$SRCDIR/src/plan/kinds.def" "$T/plan" "$T/trace" >"$T/said" 2>&1
ok $? "control: steps that were not done are found: $(head -1 "$T/said")"
done_testing
