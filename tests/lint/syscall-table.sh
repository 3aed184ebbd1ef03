#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The table of system calls has each call that the kernel's headers have, with the same number, for both machines.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
test_folder

# rows COLUMN: "name number" of the calls that a machine has; 2 is x86-64, 3 is arm64.
rows() {
	sed -n 's/^C(\([a-z0-9_]*\), \(-\{0,1\}[0-9]*\), \(-\{0,1\}[0-9]*\), [A-Z0-9_]*, [A-Z]*, [A-Z0-9]*)$/\1 \2 \3/p' \
		"$SRCDIR/src/compile/syscalls.def" | awk -v column="$1" '$column >= 0 { print $1, $column }' | sort
}

# calls: the same of a header that is included by what comes in. Some names of the generic header stand for another.
calls() {
	"${CC:-cc}" -E -dM -x c - | sed -n 's/^#define __NR\(3264\)\{0,1\}_\([a-z0-9_]*\) /\1 \2 /p' | awk '
		$1 == "3264" { number["__NR3264_" $2] = $3; next }
		{ name[$1] = $2 }
		END { for (n in name) { v = name[n] in number ? number[name[n]] : name[n]; if (v ~ /^[0-9]+$/) print n, v } }' |
		grep -vE '^(syscalls|arch_specific_syscall) ' | sort
}

# compare COLUMN MACHINE: $T/header against the table.
compare() {
	rows "$1" >"$T/table"
	[ "$(wc -l <"$T/table")" -gt 300 ] && [ "$(wc -l <"$T/header")" -gt 250 ]
	ok $? "$2: $(wc -l <"$T/table") calls in the table, $(wc -l <"$T/header") in the header"
	comm -13 "$T/table" "$T/header" >"$T/missing"
	[ ! -s "$T/missing" ]
	ok $? "$2: the table has each call of the header"
	[ ! -s "$T/missing" ] || note_file "$T/missing"
}

LC_ALL=C
export LC_ALL
header=$(find /usr/include -path '*/asm/unistd_64.h' | head -n 1)
if [ -n "$header" ] && grep -q '__NR_arch_prctl' "$header"; then
	printf '#include "%s"\n' "$header" | calls >"$T/header"
	compare 2 x86-64
else
	skip "x86-64: the table has each call of the header" "no header of that machine"
fi

header=$(find /usr/include -path '*/asm-generic/unistd.h' | head -n 1)
if [ -n "$header" ]; then
	{
		echo '#define __BITS_PER_LONG 64'
		for call in RENAMEAT SET_GET_RLIMIT NEW_STAT SYS_CLONE3 MEMFD_SECRET; do echo "#define __ARCH_WANT_$call"; done
		printf '#include "%s"\n' "$header"
	} | calls >"$T/header"
	compare 3 arm64
else
	skip "arm64: the table has each call of the header" "no generic header"
fi

# A control: a call that the table has not is found.
echo '#define __NR_no_such_call 9999' | calls >"$T/header"
[ "$(comm -13 "$T/table" "$T/header")" = 'no_such_call 9999' ]
ok $? "a call that is missing would be found"
[ "$(grep -c '^C(' "$SRCDIR/src/compile/syscalls.def")" = \
	"$(grep -cE '^C\([a-z0-9_]+, -?[0-9]+, -?[0-9]+, [A-Z0-9_]+, (STRICT|DEFAULT|ASK|NESTED|NEVER|ABSENT), [A-Z0-9]+\)$' \
		"$SRCDIR/src/compile/syscalls.def")" ]
ok $? "each row of the table was read"
done_testing
