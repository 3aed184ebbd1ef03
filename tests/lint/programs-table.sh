#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The table of profiles/README.md is that of the tests and of the profiles as they are; no profile is without a program that a
# test starts, none names a program that no test starts, and none but those of judges is longer than 25 lines.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
test_folder
here=$SRCDIR/tests/desktop

sh "$here/table.sh" --print >"$T/made" 2>"$T/err"
sed -n '/^<!-- table -->$/,/^<!-- end of the table -->$/p' "$SRCDIR/profiles/README.md" | sed '1d;$d' >"$T/written"
[ ! -s "$T/err" ] && cmp -s "$T/made" "$T/written"
result=$?
ok $result "README.md has the table (else: run: sh tests/desktop/table.sh)"
[ $result = 0 ] || note "$(cat "$T/err"; diff "$T/written" "$T/made" | head -n 10)"
count=$(($(wc -l <"$T/made") - 2))
[ "$count" -ge 40 ]
ok $? "it has 40 programs and more ($count)"

# words COLUMN row|name: of the rows, or of the lines with other names
words() {
	sed 's/ | /|/g; /^#/d; /^$/d' "$here/programs.table" | awk -F'|' -v column="$1" -v kind="$2" \
		'($1 == "name") == (kind == "name") { print $column }' | tr ' ' '\n' | sort -u
}

words 4 row >"$T/tried"
{ words 2 row && words 2 name; } | sort -u >"$T/programs"
for file in "$SRCDIR"/profiles/*.ini; do
	profile=$(basename "$file" .ini)
	case $profile in grader | grader-compile) ;; *) [ "$(wc -l <"$file")" -le 25 ] || echo "$profile has more than 25 lines" ;; esac
	sed -n 's/^command *= *//p' "$file" | tr ' ' '\n' | grep -vxFf "$T/programs" | sed "s/^/$profile: no row has /"
	case $profile in
	fonts | themes | gui | input | gpu | audio | session | network-client | tls | service | dbus-proxy | sound | x11-relay | xephyr | default | grader | grader-compile | compile-* | run-* | isolate | archive | fuse) continue ;;
	esac
	grep -qx "$profile" "$T/tried" || echo "$profile: no program of it is tried"
	grep -q "^$profile:" "$here/reach.golden" || echo "$profile: reach.golden does not know it"
	grep -q "^== $profile\$" "$here/verify.golden" || echo "$profile: verify.golden does not know it"
done >"$T/missing"
[ ! -s "$T/missing" ]
ok $? "each profile has a program that is tried, each command a row, and no profile more than 25 lines"
[ ! -s "$T/missing" ] || note_file "$T/missing"

words 3 row >"$T/packages"
{ cat "$SRCDIR/build-aux/packages.txt" "$SRCDIR/build-aux/packages-desktop.txt" && echo tar && echo perl-base; } | sort >"$T/known"
missing=$(grep -vxFf "$T/known" "$T/packages")
[ -z "$missing" ]
ok $? "their packages are in build-aux/packages.txt or packages-desktop.txt"
[ -z "$missing" ] || note "$missing"
done_testing
