#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A function has at most 60 lines, a file at most 400, a line at most 120 columns. Tables (*.def) are no functions.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
cd "$SRCDIR" || exit 99

# A function starts where a line that is only "{" stands after its head, and ends at a "}" in the first column.
long_functions() {
	awk '
		/^[A-Za-z].*\(/ { head = $0 }
		/^\{/ { start = FNR }
		/^\}/ && start { if (FNR - start - 1 > 60) print FILENAME ":" start ": " FNR - start - 1 " lines: " head; start = 0 }
	' "$@"
}

files=$(find src tests -name '*.[ch]' | sort)
[ "$(echo "$files" | wc -l)" -gt 20 ]
ok $? "the sources are found"
# shellcheck disable=SC2086 # the names of files here have no blanks
found=$(long_functions $files)
[ -z "$found" ]
ok $? "no function is longer than 60 lines"
[ -z "$found" ] || note "$found"

found=
for file in $files; do
	lines=$(wc -l <"$file")
	[ "$lines" -le 400 ] || found="$found $file:$lines"
done
[ -z "$found" ]
ok $? "no file is longer than 400 lines${found:+, but:$found}"

# A tab goes to the next column that is a multiple of 8.
# shellcheck disable=SC2086
found=$(for file in $files; do expand "$file" | awk -v file="$file" 'length($0) > 120 { print file ":" FNR }'; done)
[ -z "$found" ]
ok $? "no line is wider than 120 columns"
[ -z "$found" ] || note "$found"
done_testing
