#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# `make check-vm`: the tests that depend on the kernel and its cgroups, in guests with kernels of Debian packages. Each row of
# the table below is one boot. Its tests' TAP is printed and kept in vm/ of the build, with the results, which are printed at
# the end: of each test, how many checks passed, failed, and were skipped. Fails if a check failed or a test came to no end.
# GUESTS, in the environment, is an extended regular expression: only guests whose name it matches. JOBS: how many run at once.
#
# guest          its name
# kernel         of vm-build.sh
# options        of vm-run.sh: -S for systemd as the first process, -a for arguments of the kernel
# caller         root; or user: uid 1000, who has a delegated cgroup, or a systemd --user; or gated: a user of the setuid sbx
# tests          paths below tests/, without attack/attack- and .sh: a letter is an attack group; `base` and `images` are what is in $base, $images
#
# To have another command run in a guest, make it a script below tests/ that prints TAP (tests/lib.sh), and name it in the
# last column. It gets SBX, SBXCTL, SRCDIR, BUILDDIR and what tests/lib.sh tells about. (vm-run.sh runs any one command.)
set -u
guests='
uml              | uml    |                                             | root | base
uml              | uml    |                                             | user | base
uml-gate         | uml    |                                             | gated | vm/gate-cgroup
uml-systemd      | uml    | -S                                          | root | unit/test-cgroup run/verdict
uml-systemd      | uml    | -S                                          | user | unit/test-cgroup run/verdict
6.1              | 6.1    |                                             | root | base P S grading/grading
6.1              | 6.1    |                                             | user | base F M N P R S grading/grading
6.1-systemd      | 6.1    | -S                                          | root | unit/test-cgroup run/verdict
6.1-systemd      | 6.1    | -S                                          | user | unit/test-cgroup run/verdict
6.1-no-landlock  | 6.1    | -a lsm=yama,apparmor                        | root | vm/refused P
6.1-no-landlock  | 6.1    | -a lsm=yama,apparmor                        | user | base F N P
6.1-no-clone     | 6.1    | -a sysctl.kernel.unprivileged_userns_clone=0 | root | vm/refused
6.1-no-clone     | 6.1    | -a sysctl.kernel.unprivileged_userns_clone=0 | gated | vm/gate-cgroup run/gate run/basic F N P S
6.1-no-clone     | 6.1    | -a sysctl.kernel.unprivileged_userns_clone=0 | user | vm/refused
6.1-no-userns    | 6.1    | -a sysctl.user.max_user_namespaces=0        | root | vm/refused
6.1-no-userns    | 6.1    | -a sysctl.user.max_user_namespaces=0        | user | vm/refused
newest           | newest |                                             | root | base N P
newest           | newest |                                             | user | base F M N P S
newest-no-userns | newest | -a sysctl.user.max_user_namespaces=0        | root | vm/refused B
newest-no-userns | newest | -a sysctl.user.max_user_namespaces=0        | user | vm/refused
newest-gate      | newest |                                             | gated | vm/gate-cgroup run/gate
newest-apparmor  | newest |                                             | gated | vm/apparmor run/basic
newest-systemd   | newest | -S                                          | root | unit/test-cgroup run/verdict
newest-systemd   | newest | -S                                          | user | unit/test-cgroup run/verdict
uml-images       | uml    | -D 1024                                     | user | image/run
6.1-images       | 6.1    | -D 1024                                     | root | images
6.1-images       | 6.1    | -D 1024                                     | user | images
newest-images    | newest | -D 1024                                     | user | images
'
# The other attack groups are about what sbx does itself, the same on every kernel; B is for where there are no namespaces.
base='unit/test-cgroup vm/refused run/basic run/verdict'
# With a disk for what they write: a tmpfs has extended attributes only from Linux 6.6 on.
images='image/run run/session run/live run/opened'

here=$(cd "$(dirname "$0")" && pwd)
: "${SBX:?}" "${SBXCTL:?}" "${SRCDIR:?}" "${BUILDDIR:?}"
results=$BUILDDIR/vm
mkdir -p "$results"

# paths TEST...: as they are named in the last column
paths() {
	local test
	for test; do
		case $test in
		base)
			# shellcheck disable=SC2086 # a list of words
			paths $base
			;;
		images)
			# shellcheck disable=SC2086 # a list of words
			paths $images
			;;
		[A-Z]) echo "attack/attack-$test.sh" ;;
		unit/*) echo "$test" ;;
		*) echo "$test.sh" ;;
		esac
	done
}

# boot KERNEL OPTIONS CALLER PATH...
boot() {
	local kernel=$1 options=$2 caller=$3 uid=0 cgroup='' slow=4 folder=/tmp
	shift 3
	[[ $options != *-D* ]] || folder=/disk
	[ "$caller" != user ] || uid=1000 cgroup=1
	[ "$kernel" = uml ] || [ "${SBX_VM_ACCEL:-tcg}" != tcg ] || slow=10
	# shellcheck disable=SC2086 # a list of words
	"$here/vm-run.sh" -k "$kernel" -u $uid $options -d "$BUILDDIR" -m 1536 -t 7200 -- env TMPDIR=$folder SBX="$SBX" SBXCTL="$SBXCTL" \
		SRCDIR="$SRCDIR" BUILDDIR="$BUILDDIR" SBX_HELPERS="$BUILDDIR" SBX_TEST_CALLERS="$caller" SBX_TEST_SLOW=$slow \
		VERDICT_CGROUP="$cgroup" APPARMOR_PARSER="${SBX_VM:-/var/tmp/sbx-vm}/newest/apparmor/sbin/apparmor_parser" sh "$here/vm-tests.sh" "$@" 2>&1
}

# The lines of the table of results: guest, caller, test, seconds, passed, failed, skipped. A test without an end, or whose
# status or number of checks is not as its TAP says, has one failure more; so has one that a gated row skips as a whole.
count() {
	awk -v guest="$1" -v caller="$2" -v tests="$3" '
		function end(status, time) {
			if (test == "")
				return
			if (status != (failed > 0) || planned != passed + failed + skipped || planned + 0 == 0 || skip_all && caller == "gated")
				failed++
			printf "%s\t%s\t%s\t%s\t%d\t%d\t%d\n", guest, caller, test, time, passed, failed, skipped
			seen[test] = 1
			test = ""
		}
		/^== end / { end($3, $4); next }
		/^== / { end(99, "-"); test = $2; passed = failed = skipped = planned = skip_all = 0 }
		/^ok .*# SKIP/ { skipped++; next }
		/^ok [0-9]/ { passed++ }
		/^not ok / { failed++ }
		/^1\.\.[0-9]+/ { planned = substr($1, 4); if (/# SKIP/) skip_all = skipped = 1; planned += skip_all }
		END {
			end(99, "-")
			n = split(tests, name, " ")
			for (i = 1; i <= n; i++)
				if (!(name[i] in seen))
					printf "%s\t%s\t%s\t-\t0\t1\t0\n", guest, caller, name[i]
		}'
}

# rows COMMAND: calls it for each row that is wanted, with guest, kernel, options, caller and paths
rows() {
	local guest kernel options caller tests
	while IFS='|' read -r guest kernel options caller tests; do
		read -r guest kernel caller <<<"$guest $kernel $caller"
		[[ $guest =~ ${GUESTS:-.} ]] || continue
		# shellcheck disable=SC2046,SC2086 # lists of words
		"$1" "$guest" "$kernel" "$options" "$caller" $(paths $tests) </dev/null
	done < <(grep '|' <<<"$guests")
}

kernel_of() {
	echo "$2"
}

start() {
	local log=$results/$1.$4.log name=$1
	shift
	while [ "$(jobs -rp | wc -l)" -ge "${JOBS:-1}" ]; do
		wait -n
	done
	{
		boot "$@" >"$log"
		echo "# $name, $3"
		cat "$log"
	} &
}

count_row() {
	local guest=$1 caller=$4
	shift 4
	# a guest's output is a terminal, on which sbxctl shows how far it is, and wipes that away
	sed 's/^.*\x1b\[K//' "$results/$guest.$caller.log" | count "$guest" "$caller" "$*"
}

# shellcheck disable=SC2046 # a list of words
"$here/vm-build.sh" $(rows kernel_of | sort -u) || exit 1
rows start
wait
{
	printf 'guest\tcaller\ttest\tseconds\tpassed\tfailed\tskipped\n'
	rows count_row
} >"$results/results"
column -t -s "$(printf '\t')" "$results/results"
awk -F '\t' 'NR > 1 { passed += $5; failed += $6; skipped += $7 }
	END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit failed > 0 || passed == 0 }' "$results/results"
