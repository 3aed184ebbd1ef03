#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Attacks on the caller's terminal: T-T1 bytes put into its input, T-T3 and T-T4 its modes, group and discipline.
# shellcheck disable=SC2086,SC2317
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"

t_T1() {
	for attack in tiocsti tiocsti-high; do
		control_tiocsti "$attack" "$A" pty-pending "$A" $attack
		for options in "" "--set=process.terminal=own" "--set=process.terminal=none" "--set=process.terminal=inherit"; do
			closed "$attack with '$options'" "$A" pty-pending $B $options "$A" $attack
		done
		closed "$attack on a terminal of its own, without the filter" "$A" pty-pending $B --set=syscalls.base=none \
			--set=process.terminal=own "$A" $attack
	done
}

t_T3() {
	control "disorder" "$A" pty-mess "$A" tty-mess
	for options in "" "--set=process.terminal=own" "--set=process.terminal=none" "--set=syscalls.base=none"; do
		closed "disorder with '$options'" "$A" pty-mess $B $options "$A" tty-mess
	done
	try "$A" pty-mess $B sh -c "'$A' tty-mess; kill -9 \$\$"
	holds "after a program that dies of a signal: as before" [ "$status" != 10 ]
}

cases "${1-}" T-T1 T-T3
