#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# One file for each third-party header, so that a library can be replaced in one place.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
cd "$SRCDIR/src" || exit 99

# one PATTERN FILE: files that include it; there must be just FILE.
one() {
	found=$(grep -rlE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]$1[>\"]" . | sort | tr '\n' ' ')
	[ "$found" = "./$2 " ]
	ok $? "$2 is the only file that includes $1 (found: $found)"
}

one 'ini\.h' policy/ini.c
one 'seccomp\.h' compile/filter-x86.c
one 'cap-ng\.h' init/privilege.c
one '(json-c/)?json[a-z_]*\.h' base/json.c
one 'nettle/.*' base/sha256.c
one 'systemd/.*' sbx-scope.c
one '(archive|archive_entry)\.h' archive/reader.c
one 'zlib\.h' archive/input.c
done_testing
