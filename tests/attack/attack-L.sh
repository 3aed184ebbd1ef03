#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Attacks by what sbx prints.
# shellcheck disable=SC2086,SC2317
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"

claim T-L1 "control bytes in names, arguments, profiles and reports" "all is printed escaped"
t_L1() {
	evil=$(printf 'x\033]0;evil\007\033[31m\r%%n%%s\377\302\233')
	as_caller sh -c "exec '/nowhere/$evil'" >"$T/out" 2>"$T/err" </dev/null
	! is_clean "$T/err"
	verdict $? "control: a shell prints what it gets"
	printf '[environment]\n%s = 1\n' "$evil" >"$D/work/evil.ini"
	printf '[filesystem]\nread-only = /nowhere/%s\n' "$evil" >"$D/work/path.ini"
	cp "$D/work/path.ini" "$D/work/$evil.ini"
	for words in "--profile=$evil" "--profile=/$evil" "--set=$evil" "--set=filesystem.view=$evil" "--$evil" "--ro=/nowhere/$evil" \
		"--name=$evil" "--hostname=$evil" "--chdir=/$evil" "--env=$evil" "--profile=$D/work/evil.ini" \
		"--profile=$D/work/path.ini" "--profile=$D/work/$evil.ini" "--stdin=/nowhere/$evil" "--set=syscalls.deny=$evil" "--" ; do
		as_caller $S "$words" "/nowhere/$evil" >"$T/out" 2>"$T/err" </dev/null
		status=$?
		shown=$(printf %s "$words" | LC_ALL=C tr -c ' -~' '?' | head -c 24)
		[ $status != 0 ] && [ -s "$T/err" ] && is_clean "$T/err" && is_clean "$T/out"
		verdict $? "$shown"
	done
	as_caller $B --explain sh -c "$evil" >"$T/out" 2>"$T/err" </dev/null
	[ -s "$T/out" ] && is_clean "$T/out"
	verdict $? "--explain"
	as_caller $B --explain=json sh -c "$evil" >"$T/out" 2>"$T/err" </dev/null
	[ -s "$T/out" ] && is_clean "$T/out"
	verdict $? "--explain=json"
	as_caller $B --report="$D/work/report" sh -c "exit 3" "$evil" >"$T/out" 2>"$T/err" </dev/null
	[ -s "$D/work/report" ] && is_clean "$D/work/report" && is_clean "$T/err"
	verdict $? "the report"
}

# The monitor that passes output on keeps nothing of it.
claim T-L2 "endless output" "output limit"
t_L2() {
	as_caller sh -c 'head -c 200000 /dev/zero >&2' >"$T/out" 2>"$T/err" </dev/null
	holds "control: all arrives" [ "$(stat -c %s "$T/err")" = 200000 ]
	as_caller timeout "$(seconds 20)" $B --set=limits.output-size=100K sh -c 'exec head -c 50M /dev/zero >&2' >"$T/out" 2>"$T/err" </dev/null
	status=$?
	holds "too much ends it" [ $status = 123 ]
	holds "what arrives is capped" [ "$(tr -dc '\0' <"$T/err" | wc -c)" -le 102400 ]
}

cases "${1-}"
