#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# src/init runs in the memory of the monitor (CONTRIBUTING.md): nothing there allocates, keeps static state, or calls a
# function of libc that acts on all threads of a process.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
cd "$SRCDIR/src" || exit 99

# found PATTERN FILE...: the lines that are code
found() {
	pattern=$1
	shift
	grep -nE "$pattern" "$@" | grep -vE ':[0-9]+:[[:space:]]*(\*|/\*)'
}

nothing() { # nothing NAME PATTERN [BUT]
	lines=$(found "$2" init/*.[ch] | grep -vE "${3:-^$}")
	[ -z "$lines" ]
	ok $? "$1"
	[ -z "$lines" ] || note "$lines"
}

nothing "no memory of the heap" '\<(x?(m|c|re)alloc|x?strn?dup|x?asprintf|xgrow|free|autofree|autostrv?|strv_[a-z]+|str_add[a-z_]*|fopen|opendir)\>[ (]'
nothing "no static variable" '^[[:space:]]*static [^(]*[;=]' '\<const\>'
nothing "no change of ids by libc" '[^_](setres[ug]id|setre[ug]id|set[ug]id|setgroups|initgroups)\('
[ -n "$(found '\<(xasprintf|xstrdup)\>[ (]' compile/*.c)" ]
ok $? "control: the same search finds what allocates elsewhere"
done_testing
