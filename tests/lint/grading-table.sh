#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The table of tests/grading/README.md is that of the cases, and has all 80 rows.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
need python3 || skip_all "$missing is not installed"
test_folder

sh "$SRCDIR/tests/grading/table.sh" --print >"$T/made" 2>"$T/err"
[ "$(wc -l <"$T/made")" = 82 ] && [ ! -s "$T/err" ]
ok $? "the corpus has 80 rows"
sed -n '/^<!-- table -->$/,/^<!-- end of the table -->$/p' "$SRCDIR/tests/grading/README.md" | sed '1d;$d' >"$T/written"
cmp -s "$T/made" "$T/written"
result=$?
ok $result "README.md has that table (else: run: sh tests/grading/table.sh)"
[ $result = 0 ] || note "$(diff "$T/written" "$T/made" | head -n 10)"
done_testing
