#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The short form of `make check-vm`. In user-mode Linux, with a cgroup v2: its groups as root, and all verdicts as a user who
# has a delegated subtree. In QEMU, with the kernel of Debian 12: what sbx refuses there, and attacks on the view and on the
# filter, as that user. The results of the guests are this test's own. Nothing is downloaded unless all must work.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
need linux.uml busybox cpio depmod || skip_all "$missing is not installed"
test_folder
downloaded=${SBX_VM:-/var/tmp/sbx-vm}

# One line of a guest's TAP; its name is put before the result's.
result() {
	name="$guest: ${1#* - }"
	case $1 in
	"ok "*" # SKIP "*) unavailable "${name% # SKIP *}" "${name##* # SKIP }" ;;
	"ok "*) pass "$name" ;;
	"not ok "*) fail "$name" ;;
	1..*)
		count=${1#1..}
		plan=$((plan + ${count%% *}))
		;;
	"== end "*) ended=$((ended + 1)) ;;
	*) printf '%s\n' "$1" ;;
	esac
}

# guest NAME CALLER SLOW OPTIONS TEST...
guest() {
	guest=$1 caller=$2 slow=$3 options=$4 plan=0 ended=0
	shift 4
	# shellcheck disable=SC2086 # a list of words
	"$SRCDIR/tests/vm/vm-run.sh" -d "$BUILDDIR" -m 1024 -t 600 $options -- env SBX="$SBX" SBXCTL="$SBXCTL" SRCDIR="$SRCDIR" \
		BUILDDIR="$BUILDDIR" SBX_HELPERS="$BUILDDIR" SBX_TEST_CALLERS="$caller" SBX_TEST_SLOW="$slow" SBX_MUST_WORK= \
		VERDICT_CGROUP="${caller#root}" sh "$SRCDIR/tests/vm/vm-tests.sh" "$@" >"$T/tap" 2>"$T/err"
	status=$?
	while IFS= read -r line; do
		result "$line"
	done <"$T/tap"
	[ "$status" = 0 ] && [ "$plan" -gt 4 ] && [ "$(grep -c '^ok ' "$T/tap")" = "$plan" ] && [ "$ended" = $# ]
	ok $? "$guest: came to its end, with all of $plan results good"
	[ "$status" = 0 ] || note_file "$T/err"
}

SBX_VM=$T/vm
export SBX_VM
"$SRCDIR/tests/vm/vm-build.sh" uml >"$T/log" 2>&1
ok $? "user-mode Linux is built"
guest "v2, root" root 1 "" unit/test-cgroup
guest "v2, a user" user 2 "-u 1000" run/verdict.sh

if ! need qemu-system-x86_64 apt-get; then
	skip "Linux 6.1" "$missing is not installed"
elif [ "$(id -u)" != 0 ]; then
	skip "Linux 6.1" "its files are shared by root only"
elif [ "${SBX_MUST_WORK-}" != 1 ] && [ ! -e "$downloaded/6.1/package" ]; then
	unavailable "Linux 6.1" "it was not downloaded by tests/vm/vm-build.sh 6.1"
else
	[ ! -e "$downloaded/6.1/package" ] || SBX_VM=$downloaded
	"$SRCDIR/tests/vm/vm-build.sh" 6.1 >"$T/log" 2>&1
	ok $? "Linux 6.1 is unpacked" || note_file "$T/log"
	guest "6.1, a user" user 10 "-k 6.1 -u 1000" unit/test-cgroup vm/refused.sh attack/attack-L.sh attack/attack-T.sh
fi
done_testing
