#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-tests.sh TEST...: runs in a guest the tests below tests/, one after the other: *.sh of the sources, else of the build.
# Each one's TAP stands between a line "== TEST" and a line "== end STATUS SECONDS".
printf '# %s, as %s, cgroup %s, security modules %s, started %s s after the kernel\n' "$(uname -r)" "$(id -un)" \
	"$(sed -n 's/^0:://p' /proc/self/cgroup)" "$(cat /sys/kernel/security/lsm 2>/dev/null)" "$(cut -d' ' -f1 /proc/uptime)"
# this machine's clock is the tests' own
GRADING_GUEST=1
export GRADING_GUEST
bad=0
for test; do
	echo "== $test"
	began=$(date +%s)
	case $test in
	*.sh) timeout --foreground -k 10 3000 sh "$SRCDIR/tests/$test" 2>&1 ;;
	*) timeout --foreground -k 10 3000 "$BUILDDIR/tests/$test" 2>&1 ;;
	esac
	status=$?
	[ $status = 0 ] || bad=1
	echo "== end $status $(($(date +%s) - began))"
done
exit $bad
