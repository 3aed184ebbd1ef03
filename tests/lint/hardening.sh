#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The programs as built: position independent, read-only after start, no executable stack, guarded stack, fortified calls.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

if [ "${HARDENING:-yes}" = no ] || [ "${SANITIZERS:-no}" = yes ]; then
	printf '1..0 # SKIP built without hardening or with sanitizers\n'
	exit 0
fi
LC_ALL=C
export LC_ALL
need readelf nm || skip_all "$missing is not installed"

has() { # has NAME PATTERN COMMAND...
	name=$1 pattern=$2
	shift 2
	"$@" 2>/dev/null | grep -qE "$pattern"
	ok $? "$program: $name"
}

has_not() {
	name=$1 pattern=$2
	shift 2
	"$@" >/dev/null 2>&1 && ! "$@" 2>/dev/null | grep -qE "$pattern"
	ok $? "$program: $name"
}

common() {
	has "position independent" 'Type:[[:space:]]*DYN' readelf -hW "$1"
	has "made read-only after relocation" 'GNU_RELRO' readelf -lW "$1"
	has "no executable stack" 'GNU_STACK.* RW  *0x' readelf -lW "$1"
	has_not "no segment writable and executable" '^ *LOAD.* RWE ' readelf -lW "$1"
	has "bound at once" 'BIND_NOW|FLAGS_1.*(NOW|PIE)' readelf -dW "$1"
	has_not "no library path" 'RPATH|RUNPATH' readelf -dW "$1"
	has_not "no text relocation" 'TEXTREL' readelf -dW "$1"
}

symbols() {
	nm "$1" && nm -D "$1"
}

for program in "${BUILDDIR:?}/sbx" "$BUILDDIR/sbxctl" "$BUILDDIR/sbx-isolate" "$BUILDDIR/sbx-probe" "$BUILDDIR/sbx-open" \
	"$BUILDDIR/sbx-broker" "$BUILDDIR/sbx-sound" "$BUILDDIR/sbx-scope" \
	"$BUILDDIR/sbx-archive"; do
	file=$program
	program=${file##*/}
	if [ ! -f "$file" ] && [ "$program" = sbx-scope ]; then
		unavailable "sbx-scope" "built without libsystemd"
		continue
	fi
	if [ ! -f "$file" ] && [ "$program" = sbx-archive ]; then
		unavailable "sbx-archive" "built without libarchive"
		continue
	fi
	common "$file"
	has "guarded stack" '__stack_chk_fail' symbols "$file"
	[ "$program" = sbx-scope ] || has "fortified calls" '__[a-z]+_chk$|__[a-z]+_chk@' symbols "$file"
	case $program:${STATIC_LINK:-yes} in
	sbx-scope:* | sbx-archive:*) ;;
	*:yes) has_not "no interpreter: linked statically" 'INTERP' readelf -lW "$file" ;;
	*) has "an interpreter: linked dynamically" 'INTERP' readelf -lW "$file" ;;
	esac
done

# Pid 1 of every sandbox: as the others, but without anything of libc; nothing in it has to be relocated.
file=$BUILDDIR/sbx-init program=sbx-init
common "$file"
has_not "no interpreter" 'INTERP' readelf -lW "$file"
has_not "nothing of libc" ' (__libc|malloc|printf|U )' nm "$file"
has_not "nothing to relocate" '^[0-9a-f]{8}' readelf -rW "$file"
done_testing
