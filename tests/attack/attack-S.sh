#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Attacks on the system call filter.
# shellcheck disable=SC2086,SC2317
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"

OPEN_FILTER="--set=syscalls.base=none"

claim T-S1 "every system call" "seccomp"
t_S1() {
	control "calls that are closed, without the filter" $B $OPEN_FILTER "$A" closed-calls
	closed "calls that are closed" $B "$A" closed-calls
	closed "calls that are closed, strict" $B --set=syscalls.base=strict "$A" closed-calls
	closed "calls that are closed, answer death" $B --set=syscalls.denied=kill "$A" closed-calls
	closed "calls that are closed, answer counted" $B --set=syscalls.denied=report "$A" closed-calls
	control "every number, without the filter" $B $OPEN_FILTER "$A" all-numbers
	closed "every number" $B "$A" all-numbers
	try $B sh -c "'$A' all-numbers; exit 7"
	holds "pid 1 lives and tells the status" [ "$status" = 7 ]
}

claim T-S2 "the i386 table" "seccomp"
t_S2() {
	[ "$(uname -m)" = x86_64 ] || return 0
	try "$A" int80 20
	case $out in
	*"no i386 table"*)
		unavailable "$ID as $WHO: the i386 table" "this kernel has none"
		return 0
		;;
	esac
	says OPEN
	verdict $? "control: the i386 table"
	closed "the i386 table, each number" $B "$A" int80 0 470
	control "the i386 table on request" $B --set='syscalls.architectures=native x86' "$A" int80 20
}

claim T-S3 "the x32 table" "seccomp"
t_S3() {
	[ "$(uname -m)" = x86_64 ] || return 0
	control "the x32 table" "$A" x32
	closed "the x32 table" $B "$A" x32
}

claim T-S4 "high bits of arguments" "seccomp"
t_S4() {
	control_tiocsti "TIOCSTI" "$A" on-pty "$A" tiocsti
	control_tiocsti "TIOCSTI with high bits" "$A" on-pty "$A" tiocsti-high
	for attack in tiocsti tiocsti-high tioclinux; do
		closed "$attack" "$A" on-pty $B "$A" $attack
		closed "$attack on an inherited terminal" "$A" on-pty $B --set=process.terminal=inherit "$A" $attack
	done
	control_namespace "clone with high bits" "$A" ns-clone-high
	closed "clone with high bits" $B "$A" ns-clone-high
	control "socket with high bits" "$A" socket-one 16 3 12
	closed "socket with high bits" $B "$A" socket-one 16 3 12
	control "address randomization" "$A" no-aslr
	closed "address randomization" $B "$A" no-aslr
}

claim T-S5 "clone3" "seccomp"
t_S5() {
	control "clone3" "$A" clone3-call
	closed "clone3" $B "$A" clone3-call
	closed "clone3, strict" $B --set=syscalls.base=strict "$A" clone3-call
}

claim T-S6 "io_uring, also a ring that is passed in" "seccomp"
t_S6() {
	for attack in ring-setup "ring-openat /etc/hostname" ring-socket; do
		control "$attack" "$A" $attack
		closed "$attack" $B $HOST "$A" $attack
	done
	control "a ring passed in" "$A" with-ring "$A" ring-inherited 9
	allowed --set=process.keep-fd=9 || return 0
	closed "a ring passed in" "$A" with-ring $B --set=process.keep-fd=9 "$A" ring-inherited 9
}

claim T-S7 "filters of the program's own" "seccomp"
t_S7() {
	control "after a filter of its own" "$A" after-filter ring-setup
	closed "after a filter of its own" $B "$A" after-filter ring-setup
	closed "rights after a filter of its own" $B "$A" after-filter privilege-state
}

# T-P3 tries each of these, too; here with the other filters.
claim T-S8 "set-user-id bits under each filter" "seccomp"
t_S8() {
	for method in chmod fchmodat2 high-bits openat tmpfile mknodat; do
		if [ $method = fchmodat2 ] && ! "$A" has-call 452; then
			unavailable "$ID as $WHO: fchmodat2" "this kernel has none (Linux 6.6)"
			continue
		fi
		control "$method" "$A" suid-bits $method "$D/work"
		rm -f "$D"/work/*
		for filter in "--set=syscalls.base=strict" "--set=syscalls.denied=report" "--set=process.writable-code=no"; do
			closed "$method with '$filter'" $B --user=keep --rw="$D/work:/data" $filter "$A" suid-bits $method /data
			rm -f "$D"/work/*
		done
	done
}

# The kernel asks the filter after the tracer, so that even a program that may trace does not pass it by.
claim T-S9 "a number of a call changed by a tracer" "seccomp"
t_S9() {
	control "a number changed by a tracer" "$A" trace-rewrite
	closed "a number changed by a tracer" $B "$A" trace-rewrite
	control "tracing, if it is granted" $B --set=syscalls.allow=ptrace "$A" trace-me
	closed "a number changed by a tracer that is granted" $B --set=syscalls.allow=ptrace "$A" trace-rewrite
	control "the same, without the filter" $B $OPEN_FILTER "$A" trace-rewrite
}

claim T-S10 "rights after exec and fork" "seccomp"
t_S10() {
	control "rights after exec and fork" "$A" again privilege-state
	closed "rights after exec and fork" $B "$A" again privilege-state
	control "a ring after exec and fork" "$A" again ring-setup
	closed "a ring after exec and fork" $B "$A" again ring-setup
	control "writable code" "$A" writable-code
	closed "writable code" $B --set=process.writable-code=no "$A" writable-code
	closed "writable code after exec and fork" $B --set=process.writable-code=no "$A" again writable-code
}

cases "${1-}"
