#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Attacks on the caller's terminal.
# shellcheck disable=SC2086,SC2317
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"

claim T-T1 "bytes put into the terminal's input" "own terminal, seccomp, own session"
t_T1() {
	for attack in tiocsti tiocsti-high; do
		control_tiocsti "$attack" "$A" pty-pending "$A" $attack
		walls "$attack" "$A" pty-pending $B "$A" $attack
		for options in "--set=process.terminal=own" "--set=process.terminal=none"; do
			closed "$attack with '$options'" "$A" pty-pending $B $options "$A" $attack
			closed "$attack with '$options', without the filter" "$A" pty-pending $B $options \
				--set=syscalls.base=none "$A" $attack
		done
	done
}

# On a console it pastes what is selected there; on any other terminal the kernel has no answer to it.
claim T-T2 "text pasted into the input of a console" "own terminal, seccomp, own session"
t_T2() {
	control "paste reaches the kernel" "$A" on-pty "$A" tioclinux
	closed "paste" "$A" on-pty $B "$A" tioclinux
	closed "paste on an inherited terminal" "$A" on-pty $B --set=process.terminal=inherit "$A" tioclinux
	if [ "$WHO" != root ] || ! (exec 3<>/dev/tty12) 2>/dev/null; then
		[ "$WHO" != root ] || unavailable "$ID as $WHO: a console" "there is none"
		walls "paste, output of" "$A" pty-pending $B "$A" tioclinux
		return 0
	fi
	control "paste on a console" "$A" on-console "$A" tioclinux only
	walls "paste on a console" "$A" on-console $B "$A" tioclinux only
}

claim T-T3 "the terminal's modes, group and discipline" "own terminal"
t_T3() {
	control "disorder" "$A" pty-mess "$A" tty-mess
	for options in "" "--set=process.terminal=own" "--set=process.terminal=none" "--set=syscalls.base=none"; do
		closed "disorder with '$options'" "$A" pty-mess $B $options "$A" tty-mess
	done
}

# pty-mess says BROKEN, with the status, where the terminal is as before but the command ended badly.
claim T-T4 "a terminal left raw by a program that dies" "own terminal"
t_T4() {
	control "the terminal is left raw" "$A" pty-mess sh -c "'$A' tty-mess; kill -9 \$\$"
	for options in "" "--set=process.terminal=own"; do
		try "$A" pty-mess $B $options sh -c "'$A' tty-mess; kill -9 \$\$"
		says BROKEN && [ "${out#*status 137}" != "$out" ]
		verdict $? "restored after a program that dies of a signal, with '$options'"
	done
	try "$A" pty-mess $B --wall-time=200ms sh -c "'$A' tty-mess; sleep 20"
	says BROKEN && [ "${out#*status 124}" != "$out" ]
	verdict $? "restored after a program that is ended"
	try "$A" pty-mess timeout --foreground -s TERM 1 $B sh -c "trap '' TERM; '$A' tty-mess; sleep 1.2"
	says BROKEN || says SHUT
	verdict $? "restored after sbx is told to end"
}

cases "${1-}"
