#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# `make check-vm`: what needs a cgroup v2, in guests that have one: as root, as a user with a delegated subtree, and as both
# below systemd. (Debian's user-mode Linux has no Landlock.) Prints the TAP of each guest's tests, and at the end what failed.
set -u
here=$(cd "$(dirname "$0")" && pwd)
: "${SBX:?}" "${SRCDIR:?}" "${BUILDDIR:?}"
failed=

# guest NAME OPTIONS COMMAND...
guest() {
	local name=$1 options=$2
	shift 2
	echo "# $name: ${*: -1}"
	# shellcheck disable=SC2086 # a list of words
	"$here/vm-run.sh" -d "$BUILDDIR" -m 1024 -t 900 $options -- env SBX="$SBX" SRCDIR="$SRCDIR" BUILDDIR="$BUILDDIR" \
		SBX_HELPERS="$BUILDDIR" VERDICT_CGROUP="${cgroup-}" VERDICT_EXTRA=--best-effort=landlock "$@" || failed="$failed
$name: ${*: -1}"
}

"$here/vm-build.sh" || exit 1
for mode in '' -S; do
	kind=${mode:+ below systemd}
	cgroup=
	guest "root$kind" "$mode" tests/unit/test-cgroup
	guest "root$kind" "$mode" sh "$SRCDIR/tests/run/verdict.sh"
	cgroup=1
	guest "a user$kind" "$mode -u 1000" tests/unit/test-cgroup
	guest "a user$kind" "$mode -u 1000" sh "$SRCDIR/tests/run/verdict.sh"
done
[ -z "$failed" ] || echo "# failed:$failed"
[ -z "$failed" ]
