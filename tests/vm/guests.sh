#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The short form of `make check-vm`: in guests with a cgroup v2, its groups as root, and all verdicts as a user who has a
# delegated subtree. The results of the guests are this test's own.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
need linux.uml busybox cpio depmod || skip_all "$missing is not installed"
test_folder
SBX_VM=$T/vm
export SBX_VM

# guest NAME OPTIONS COMMAND...: the results of the command's TAP, each with the name before it
guest() {
	name=$1 options=$2
	shift 2
	# shellcheck disable=SC2086 # a list of words
	"$SRCDIR/tests/vm/vm-run.sh" -d "$BUILDDIR" -m 1024 -t 600 $options -- env SBX="$SBX" SRCDIR="$SRCDIR" \
		BUILDDIR="$BUILDDIR" SBX_HELPERS="$BUILDDIR" VERDICT_EXTRA=--best-effort=landlock "$@" >"$T/tap" 2>"$T/err"
	status=$?
	while IFS= read -r line; do
		case $line in
		"ok "*) pass "$name: ${line#* - }" ;;
		"not ok "*) fail "$name: ${line#* - }" ;;
		1..*) plan=${line#1..} ;;
		*) printf '%s\n' "$line" ;;
		esac
	done <"$T/tap"
	[ "$status" = 0 ] && [ "${plan:-0}" -gt 4 ] && [ "$(grep -c '^ok ' "$T/tap")" = "$plan" ]
	ok $? "$name: came to its end, with all of ${plan:-no} results good"
	[ "$status" = 0 ] || note_file "$T/err"
}

"$SRCDIR/tests/vm/vm-build.sh" >"$T/log" 2>&1
ok $? "the guest is built"
guest "v2, root" "" tests/unit/test-cgroup
guest "v2, a user" "-u 1000" env VERDICT_CGROUP=1 sh "$SRCDIR/tests/run/verdict.sh"
done_testing
