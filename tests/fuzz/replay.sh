#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every fuzz target on its seeds, on what was once found, and on a fixed number of mutations of them, the same on every
# machine. `make fuzz` is the search for more: tests/fuzz/README.md.
: "${BUILDDIR:=.}"
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
test_folder
TMPDIR=$T
export TMPDIR SRCDIR

# folders TARGET: where its inputs are.
folders() {
	for folder in "$SRCDIR/tests/fuzz/seeds/$1" "$SRCDIR/tests/fuzz/regressions/$1"; do
		[ ! -d "$folder" ] || printf '%s\n' "$folder"
	done
	case $1 in
	ini | compile) printf '%s\n' "$SRCDIR/profiles" ;;
	esac
}

# replay TARGET FILES MUTATIONS: at least so many files are read, and so many mutations of them.
replay() {
	target=$1 least=$2 runs=$3
	program=$BUILDDIR/tests/fuzz/fuzz-$target
	found=$BUILDDIR/found-$target
	rm -f "$found"
	# shellcheck disable=SC2046 # the names of folders here have no blanks
	"$program" --runs="$runs" --save="$found" $(folders "$target") >"$T/out" 2>"$T/errors"
	status=$?
	read -r files _ mutations _ <"$T/out"
	[ $status = 0 ] && [ "${files:-0}" -ge "$least" ] && [ "${mutations:-0}" -eq "$runs" ]
	ok $? "$target: ${files:-0} files and ${mutations:-0} mutations of them"
	if [ $status != 0 ]; then
		note "status $status; the input is in $found:"
		[ ! -f "$found" ] || note "$(od -c "$found" | head -n 40)"
		note_file "$T/errors"
	fi
	# The same with a check that is wrong by intent: who finds nothing then would find nothing at all.
	# shellcheck disable=SC2046
	"$program" --wrong $(folders "$target") >"$T/out" 2>"$T/errors"
	[ $? -gt 1 ] && grep -q '^fuzz: .*does not hold' "$T/errors"
	ok $? "$target: a check that is wrong by intent is found"
	tried="$tried $target "
}

tried=
replay units 20 20000
replay argv 8 3000
replay job 9 5000
replay plan 12 700
replay resolve 6 3000
replay archive 15 3000
replay ini 29 1500
replay compile 25 300
replay session 3 600
replay display 11 20000
replay elf 8 20000
replay pack 6 1500
replay ref 16 20000
replay asked 6 20000
replay manifest 16 10000
replay config 10 10000
replay seal 12 10000
replay desktop 14 20000
replay sound 10 20000

# A target that is not replayed would be forgotten.
missing=
for source in "$SRCDIR"/tests/fuzz/fuzz-*.c; do
	name=$(basename "$source" .c)
	case $tried in
	*" ${name#fuzz-} "*) ;;
	*) missing="$missing $name" ;;
	esac
done
[ -n "$tried" ] && [ -z "$missing" ]
ok $? "every target is replayed${missing:+, but:$missing}"
done_testing
