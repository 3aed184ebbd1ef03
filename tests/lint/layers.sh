#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Includes go only in the directions that CONTRIBUTING.md draws, by "folder/file.h", and a .c file includes its own header first.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
cd "$SRCDIR/src" || exit 99

# allowed FOLDER: the folders whose headers its files may include; "top" is src itself.
allowed() {
	case $1 in
	base) echo base ;;
	policy) echo base policy ;;
	display) echo base display ;;
	host) echo base display host ;;
	plan) echo base plan ;;
	compile) echo base display policy host plan compile open ;;
	open) echo base open ;;
	init) echo base plan init ;;
	box) echo base box ;;
	image) echo base box image ;;
	pack) echo base pack ;;
	live) echo base live ;;
	desktop) echo base desktop ;;
	session) echo base box session ;;
	run) echo base display plan init box session run ;;
	gate) echo base gate ;;
	probe) echo probe ;;
	archive) echo base archive ;;
	sound) echo base sound ;;
	batch) echo base policy run batch top ;;
	isolate) echo base policy host plan run isolate top ;;
	ctl) echo base policy host plan compile box image live pack session desktop probe ctl top ;;
	esac
}

# includes FILE: what it includes in quotes.
includes() {
	sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$1"
}

check_file() {
	folder=${1%/*}
	wrong=
	for header in $(includes "$1"); do
		case $header in
		../* | */../*) wrong="$wrong $header" && continue ;;
		*/*) layer=${header%%/*} ;;
		*) layer=top ;;
		esac
		case " $(allowed "$folder") " in
		*" $layer "*) [ -f "$header" ] || wrong="$wrong $header(missing)" ;;
		*) wrong="$wrong $header" ;;
		esac
	done
	[ -z "$wrong" ]
	ok $? "$1 includes only what its layer may${wrong:+, but:$wrong}"
}

own_header_first() {
	header=${1%.c}.h
	[ -f "$header" ] || return 0
	[ "$(grep -m1 '^#include' "$1")" = "#include \"$header\"" ]
	ok $? "$1 includes its own header first"
}

for folder in *; do
	[ -d "$folder" ] || continue
	[ -n "$(allowed "$folder")" ]
	ok $? "the folder $folder is in the table"
done
for file in */*.[ch]; do
	check_file "$file"
done
for file in *.c */*.c; do
	own_header_first "$file"
done
done_testing
