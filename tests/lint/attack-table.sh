#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The table of tests/attack/README.md is what the tests claim; each claim has a test, and each test a claim.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
cd "$SRCDIR/tests/attack" || exit 99
test_folder

sh ./table.sh --print >"$T/made" 2>"$T/err"
[ "$(wc -l <"$T/made")" -gt 100 ] && [ ! -s "$T/err" ]
ok $? "the tests claim $(($(wc -l <"$T/made") - 2)) attacks"
sed -n '/^<!-- table -->$/,/^<!-- end of the table -->$/p' README.md | sed '1d;$d' >"$T/written"
cmp -s "$T/made" "$T/written"
result=$?
ok $result "README.md has that table (else: run: sh tests/attack/table.sh)"
[ $result = 0 ] || note "$(diff "$T/written" "$T/made" | head -n 10)"

# attack-B.sh is one test, in a place of its own
scripts=$(grep -l 'attack/common.sh' attack-?.sh)
# shellcheck disable=SC2086 # a list of names
sed -n 's/^t_\([A-Z][0-9a-z]*\)() {$/\1/p' $scripts | sort >"$T/tests"
# shellcheck disable=SC2086
sed -n 's/^claim T-\([A-Z][0-9a-z]*\) .*/\1/p' $scripts | sort >"$T/claims"
[ "$(wc -l <"$T/tests")" -gt 80 ] && cmp -s "$T/tests" "$T/claims"
result=$?
ok $result "each test has a claim, and each claim a test"
[ $result = 0 ] || note "$(diff "$T/tests" "$T/claims")"
twice=$(cut -d'|' -f2 "$T/made" | sort | uniq -d)
[ -z "$twice" ]
ok $? "no id stands twice${twice:+, but: $twice}"
wrong=$(for script in $scripts; do
	awk -v file="$script" '/^claim/ { id = $2; sub("T-", "t_", id); next } id && $0 !~ "^" id "\\(\\)" { print file ": " $0 } { id = "" }' "$script"
done)
[ -z "$wrong" ]
ok $? "each claim stands before its test${wrong:+, but: $wrong}"
done_testing
