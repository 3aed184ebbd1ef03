#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The test corpus of graders: rows.py and several.py have the rows, README.md tells about them. As root, as an ordinary user
# without a cgroup, by a setuid sbx, and where no user namespace can be made. In guests: as the one caller that is named, who
# has a cgroup of version 2.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
need python3 tar || skip_all "$missing is not installed"
test_folder
export T EXTRA

mkdir "$T/bin" "$T/home" "$T/archives" "$T/root" "$T/user" "$T/gated" "$T/bare"
cp "${BUILDDIR:?}/tests/grading/grading" "$BUILDDIR/tests/grading/bss" "$BUILDDIR/tests/grading/nolibc" \
	"$BUILDDIR/tests/attack/attack" "$T/bin/" || exit 99
echo SECRET >"$T/secret"
echo SECRET >"$T/home/answers"
chmod 600 "$T/secret" "$T/home/answers"
truncate -s 600M "$T/large"
cp "$T/bin/attack" "$T/suid"
[ "$(id -u)" != 0 ] || chmod 4755 "$T/suid"
(
	cd "$T/archives" || exit 99
	truncate -s 1G zeros && tar -Sczf bomb.tar.gz zeros && rm zeros
	mkdir entries && (cd entries && seq 5000 | xargs touch) && tar -czf many.tar.gz entries && rm -r entries
	: >planted && tar -Pcf outside.tar --transform "s|planted|../../../../../..$T/planted|" planted
	rm planted
)

modes=
for who in $CALLERS; do
	case $who in
	root) modes=$modes"R" ;;
	user) modes=$modes"U" ;;
	gated) need_gated && modes=$modes"G" ;;
	esac
done
if [ "$(id -u)" = 0 ] && [ -z "${SBX_TEST_CALLERS-}" ]; then
	if gated_sbx; then modes=$modes"G"; else unavailable "the setuid sbx" "$missing"; fi
	if [ "$LANDLOCK" -ge 6 ]; then modes=$modes"B"; else unavailable "without namespaces" "it needs Landlock 6"; fi
fi
FORBID="$T/bin/attack no-namespaces $TEST_UID $TEST_GID"
GRADING_MODES=${GRADING_MODES:-$modes}
PYTHONDONTWRITEBYTECODE=1
export SBX_GATED FORBID GRADING_MODES PYTHONDONTWRITEBYTECODE
# shellcheck disable=SC2086 # a list of numbers
python3 "$SRCDIR/tests/grading/grading.py" ${GRADING_ROWS-}
