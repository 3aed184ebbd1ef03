#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# report.instructions: refused where the machine counts none. That the count is right is seen with page faults, which the
# kernel counts on every machine in the same way (counted.c).
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
test_folder
mkdir "$T/bin"
cp "${BUILDDIR:?}/tests/run/counted" "$T/bin/sbx"
cp "$BUILDDIR/tests/run/student" "$T/"
ln -s "${SBX%/bin/*}/libexec" "${SBX%/bin/*}/share" "$T/"
chmod -R a+rX "$T"

# faults WORDS: how many the program made, in $faults; its status in $status
faults() {
	as "$T/bin/sbx" --profile=default "--ro=$T:/bench" "$@" 2>"$T/err" >/dev/null </dev/null
	status=$?
	faults=$(tail -n 1 "$T/err")
}

for who in $CALLERS; do
	faults /bench/student ok
	few=$faults
	[ "$status" = 0 ] && between 1 "$few" 500
	ok $? "$who: a program that does nothing makes few: $few"
	# sbx-init, which is counted as well, makes dozens
	faults /bench/student ok
	between $((few - 5)) "$faults" $((few + 5))
	ok $? "$who: and as many again: $faults"
	faults /bench/student faults
	[ "$status" = 0 ] && between $((few + 990)) "$faults" $((few + 1040))
	ok $? "$who: a thousand of its own are counted: $faults"
	faults /bench/student faults-below
	between $((few + 1990)) "$faults" $((few + 2200))
	ok $? "$who: and those of what it makes, a process and a thread: $faults"
	faults /bench/student faults-hidden
	between $((few + 990)) "$faults" $((few + 1040))
	ok $? "$who: it can't stop the counters, nor those of a parent that asked: $faults"

	as "$SBX" --set=report.instructions=yes --report="fd:3" /bin/true 3>"$T/report" 2>"$T/err" >/dev/null </dev/null
	status=$?
	count=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["time"]["instructions"])' <"$T/report" 2>/dev/null)
	case $status in
	125) grep -q 'report.instructions: .*\(counts no instructions\|may not be counted\)' "$T/err" ;;
	0) between 1000 "$count" 10000000 ;;
	*) false ;;
	esac
	ok $? "$who: instructions are counted, or refused with a word: $count $(head -n 1 "$T/err")"
	as "$SBX" --report="fd:3" /bin/true 3>"$T/report" </dev/null
	tr -d ' ' <"$T/report" | grep -q '"instructions":null'
	ok $? "$who: they are not where nobody asks"
done
done_testing
