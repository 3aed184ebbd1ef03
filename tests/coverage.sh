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
	find src -name '*.gcda' -size +0 | while read -r counted; do
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

status=0
rm -rf coverage
for list in ${LISTS-UNIT_TESTS PLAN_TESTS RUN_TESTS ATTACK_TESTS FAULT_TESTS}; do
	for test in $(tests "$list"); do
		begin
		${MAKE:-make} -k check TESTS="$test" >"$folder/log" 2>&1
		grep -E '^(# (TOTAL|FAIL|ERROR)|FAIL:|ERROR:)' "$folder/log" | grep -v ': *0$' | sed "s|^|$test: |"
		add
	done
done
find src -name '*.gcno' | while read -r notes; do # beside the counters, where gcov looks
	[ ! -d "coverage/all/${notes%/*}" ] || cp "$notes" "coverage/all/$notes"
done

# gcov's lines of a file that is in the source folder:   File 'NAME', Lines executed:P% of N, ...
figures() {
	find "coverage/all/src/$1" -name '*.gcda' -size +0 -exec "$gcov" --branch-probabilities --no-output {} + 2>/dev/null |
		awk -v wanted="['/]src/$1/[^/]*[.]c'" '
			/^File / { name = $0 ~ wanted ? $0 : "" }
			name && /^(Lines executed|Taken at least once):/ { sub(/.*:/, ""); part = $0; sub(/%.*/, "", part); sub(/.* of /, "")
				sum[name] = sum[name] " " part * $0 / 100 " " $0 }
			END { for (name in sum) { file = name; gsub(/.*[\x27\/]src\/|\x27$/, "", file); print file, sum[name] } }' | sort
}

report() {
	awk '
		function part(have, all) { return all ? sprintf("%5.1f %% of %4d", 100 * have / all, all) : "     of    0" }
		{ printf "%-26s lines %s   branches %s\n", $1, part($2, $3), part($4, $5)
		  lines += $2; all_lines += $3; taken += $4; branches += $5 }
		END { printf "%-26s lines %s   branches %s\n", "together", part(lines, all_lines), part(taken, branches)
		      exit all_lines == 0 }' "$1"
}

for part in gate init run host; do
	echo
	figures "$part" >"$folder/figures"
	report "$folder/figures" || {
		echo "coverage: nothing of src/$part was counted" >&2
		status=1
	}
done
exit $status
