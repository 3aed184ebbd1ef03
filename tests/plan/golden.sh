#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The plan of every shipped profile, on a host that is the same everywhere, is the one that was read and found good.
# SBX_GOLDEN_UPDATE=1 writes them anew: read the difference before it is committed.
: "${SRCDIR:=.}" "${BUILDDIR:=.}"
. "$SRCDIR/tests/lib.sh"

tool=$BUILDDIR/tests/plan/golden-plan
test_folder

# golden FILE ARGUMENT...
golden() {
	count=$((count + 1))
	file=$SRCDIR/tests/plan/golden/$1.plan
	name=$1
	shift
	"$tool" "$@" >"$T/plan" 2>"$T/errors" || {
		fail "$name: a plan is made"
		note_file "$T/errors"
		return
	}
	if [ "${SBX_GOLDEN_UPDATE-}" = 1 ]; then
		cp "$T/plan" "$file"
		pass "$name: written"
	elif diff -u "$file" "$T/plan" >"$T/difference" 2>&1; then
		pass "$name: the plan is the golden one"
	else
		fail "$name: the plan is the golden one"
		note_file "$T/difference"
	fi
}

[ "${SBX_GOLDEN_UPDATE-}" != 1 ] || mkdir -p "$SRCDIR/tests/plan/golden"
count=0
for profile in "$SRCDIR"/profiles/*.ini; do
	name=$(basename "$profile" .ini)
	golden "$name" "$SRCDIR" "$name"
done
for name in grader compile; do
	golden "$name-root" --root "$SRCDIR" "$name"
done
golden grader-isolated --isolated "$SRCDIR" grader
golden grader-root-isolated --root --isolated "$SRCDIR" grader
golden grader-box --box "$SRCDIR" grader
golden grader-root-box --root --box "$SRCDIR" grader
golden default-overlay --overlay "$SRCDIR" default
golden default-root-overlay --root --overlay "$SRCDIR" default
golden default-bus --bus "$SRCDIR" default
golden default-grants --grants "$SRCDIR" default
golden default-files --files "$SRCDIR" default
golden default-root-files --root --files "$SRCDIR" default
golden default-home --home "$SRCDIR" default
golden default-open --open "$SRCDIR" default
golden default-image --image "$SRCDIR" default
golden default-root-image --root --image "$SRCDIR" default
golden default-image-session --overlay --image "$SRCDIR" default
golden default-image-many --image --many "$SRCDIR" default
golden default-seal --seal "$SRCDIR" default
golden default-root-seal --root --seal "$SRCDIR" default
# A golden plan without its profile would never be compared again.
[ "$(find "$SRCDIR/tests/plan/golden" -name '*.plan' | wc -l)" -eq "$count" ]
ok $? "every golden plan belongs to a profile"
done_testing
