#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# No unfinished work is marked in the sources, and no call that is never safe is in the programs.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
cd "$SRCDIR" || exit 99

# The marks are put together here, so that this file does not have them.
marks="TO""DO|FIX""ME|X""XX|HA""CK"
found=$(grep -rnwE "$marks" src tests man profiles README.md SECURITY.md NEWS configure.ac Makefile.am build-aux/sources.sh .ci \
	--include='*' | grep -v '^Binary' | grep -vE 'mktemp|X{4,}')
[ -z "$found" ]
ok $? "no mark of unfinished work"
[ -z "$found" ] || note "$found"

found=$(grep -rnE '\b(system|popen|strcpy|strcat|sprintf|gets|atoi|alloca|tmpnam|mktemp)[[:space:]]*\(' src --include='*.[ch]')
[ -z "$found" ]
ok $? "no call of system, popen, strcpy, strcat, sprintf, gets, atoi, alloca, tmpnam, mktemp"
[ -z "$found" ] || note "$found"

found=$(grep -rlIP --exclude='*.Po' --exclude='*.log' --exclude='*.trs' '\t+$| +$' src man tests/lint .ci build-aux/sources.sh configure.ac Makefile.am)
[ -z "$found" ]
ok $? "no blanks at the end of a line"
[ -z "$found" ] || note "$found"
done_testing
