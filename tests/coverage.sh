#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs the tests in a build for gcov, and prints which part of the lines and branches of the security-critical code they ran:
# the gate, the steps of a launch, the monitor, the control of paths. The working directory is the build folder. What sbx-init
# does as a program of its own is not counted: it has no libc, and can't write files. Nor are the counters themselves nothing:
# tests that count calls, files or bytes fail in such a build, and are shown; the status tells whether the figures are there.
set -u
[ "${COVERAGE-}" = yes ] || {
	echo "coverage: this build has no counters: ./configure --enable-coverage" >&2
	exit 2
}
gcov=${GCOV:-gcov}
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT

# Root, an ordinary user, and the gate as either write the same files.
begin() {
	find . -path ./coverage -prune -o -name '*.gcda' -exec rm -f {} +
	find . -path ./coverage -prune -o -name '*.gcno' -print | while read -r notes; do
		: >"${notes%.gcno}.gcda"
		chmod 666 "${notes%.gcno}.gcda"
	done
}

# Adds what one test has counted to coverage/all. A process that is killed while it writes loses what was in that file: so no
# more than that of one test.
add() {
	rm -rf coverage/now coverage/sum
	mkdir -p coverage/now
	find src tests/unit -name '*.gcda' -size +0 | while read -r counted; do
		mkdir -p "coverage/now/${counted%/*}"
		cp "$counted" "coverage/now/$counted"
	done
	if [ -d coverage/all ]; then
		"${gcov}-tool" merge coverage/all coverage/now -o coverage/sum >/dev/null 2>&1 && rm -rf coverage/all &&
			mv coverage/sum coverage/all
	else
		mv coverage/now coverage/all
	fi
}

# tests LIST: of sources.mk
tests() {
	# shellcheck disable=SC2016 # make expands it
	printf 'include %s/sources.mk\nall:\n\t@echo $(%s)\n' "$SRCDIR" "$1" | ${MAKE:-make} -s -f - all
}

rm -rf coverage
for list in ${LISTS-UNIT_TESTS PLAN_TESTS RUN_TESTS ATTACK_TESTS FAULT_TESTS}; do
	for test in $(tests "$list"); do
		begin
		${MAKE:-make} -k check TESTS="$test" >"$folder/log" 2>&1
		grep -E '^(# (TOTAL|FAIL|ERROR)|FAIL:|ERROR:)' "$folder/log" | grep -v ': *0$' | sed "s|^|$test: |"
		add
	done
done
# the cgroup that the gate makes where version 2 is alone: in a guest, which writes into this folder too
if [ -z "${LISTS+set}" ] && [ -d "${SBX_VM:-/var/tmp/sbx-vm}/uml" ]; then
	begin
	GUESTS='^uml-gate$' ${MAKE:-make} check-vm 2>&1 | grep -E '^(uml-gate|[0-9]+ passed)'
	add
fi
find src tests/unit -name '*.gcno' | while read -r notes; do # beside the counters, where gcov looks
	[ ! -d "coverage/all/${notes%/*}" ] || cp "$notes" "coverage/all/$notes"
done

python3 "$SRCDIR/tests/coverage.py" "$gcov" coverage/all gate init run host
