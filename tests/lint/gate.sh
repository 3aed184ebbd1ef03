#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# src/gate runs as root: it stays small, and calls nothing but the kernel.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
cd "$SRCDIR/src/gate" || exit 99

lines=$(cat ./*.[ch] | sed 's,^[[:space:]]*,,' | grep -cvE '^$|^/\*|^\*|^ \*')
between 50 "$lines" 250
ok $? "$lines lines of code, of 250"
# every call of a function is one of the gate's own, a word of the language, or raw_call
calls=$(sed 's,/\*.*\*/,,; s/"[^"]*"//g' ./*.[ch] | grep -vE '^[[:space:]]*(\*|/\*)| \*|^#' | grep -oE '\<[a-z_0-9]+\(' | sort -u)
own=$(grep -hoE '^(static )?(inline )?[a-z]+( [a-z]+)* \**[a-z_]+\(' ./*.[ch] | grep -oE '[a-z_]+\($' | sort -u)
foreign=$(printf '%s\n' "$calls" | grep -vxE "raw_call\(|if\(|for\(|while\(|sizeof\(|defined\(|__attribute__\(|section\(|void\(|coverage_keep\(" |
	grep -vxF "$own")
[ -n "$calls" ] && [ -z "$foreign" ]
ok $? "it calls only itself and the kernel${foreign:+, but: $foreign}"
included=$(sed -n 's/^#include <\(.*\)>/\1/p' ./*.[ch] | grep -vxE 'errno.h|fcntl.h|linux/[a-z0-9]*.h|sched.h|stdbool.h|sys/(prctl|vfs|wait).h')
[ -z "$included" ]
ok $? "it includes only constants and structs of the kernel${included:+, but: $included}"
object=$(find "${BUILDDIR:-.}/src/gate" -name '*_a-gate.o' 2>/dev/null | head -n 1)
if [ "${SANITIZERS-}" = yes ] || [ -z "$object" ] || ! need nm; then
	unavailable "its object asks for nothing of libc" "it is built with sanitizers, or not built"
else
	# the stack protector's and gcov's are the compiler's
	wanted=$(nm -u "$object" "${object%gate.o}cgroup.o" | sed -n 's/^ *U //p' |
		grep -vE '^(gate_cgroup|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|__gcov.*|_?_?[a-z]*chk_fail)$')
	[ -z "$wanted" ]
	ok $? "its object asks for nothing of libc${wanted:+, but: $wanted}"
fi
done_testing
