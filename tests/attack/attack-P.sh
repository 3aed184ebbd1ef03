#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Attacks for more rights: T-P1 what the program has, T-P2 set-user-id programs, T-P3 planting such programs, T-P5
# namespaces, T-P6 other processes, T-P7 switches of the kernel, T-P8 keys.
# shellcheck disable=SC2086,SC2317
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"

t_P1() {
	control "rights without sbx" "$A" privilege-state
	for options in "" "--user=keep" "--user=root" "--user=nobody" "--rw=$D/work" "$HOST" "--set=syscalls.base=strict"; do
		closed "rights with '$options'" $B $options "$A" privilege-state
	done
	closed "uid 0" $B "$A" uid-zero
}

t_P2() {
	if [ "$(id -u)" != 0 ]; then
		skip "$ID as $WHO: programs with set-user-id" "only root can make one of another user"
		return 0
	fi
	cp "$A" "$D/suid"
	chown root:root "$D/suid"
	chmod 6755 "$D/suid"
	cp "$D/suid" "$T/bin/suid"
	chmod 6755 "$T/bin/suid"
	control "a program with set-user-id" "$A" exec-suid "$D/suid"
	closed "a program with set-user-id" $B "$A" exec-suid "$T/bin/suid"
	closed "the same in a writable folder" $B --rw="$D" "$A" exec-suid "$D/suid"
	closed "the same without the filter" $B --set=syscalls.base=none "$A" exec-suid "$T/bin/suid"
}

planted() {
	find "$D/work" -perm /6000 | grep -q .
}

t_P3() {
	for method in chmod creat open mknod fchmod fchmodat fchmodat2 high-bits openat openat2 tmpfile mknodat; do
		if [ $method = fchmodat2 ] && ! "$A" has-call 452; then
			unavailable "$ID as $WHO: fchmodat2" "this kernel has none (Linux 6.6)"
			continue
		fi
		control "$method" "$A" suid-bits $method "$D/work"
		rm -f "$D"/work/*
		closed "$method" $B --user=keep --rw="$D/work:/data" "$A" suid-bits $method /data
		! planted
		verdict $? "$method: nothing is on the host"
		rm -f "$D"/work/*
	done
	as_caller sh -c "cp /bin/true '$D/work/x' && chmod 4755 '$D/work/x'"
	holds "control: chmod of a copy" planted
	rm -f "$D"/work/*
	as_caller $B --user=keep --rw="$D/work:/data" sh -c \
		'cd /data || exit; cp /bin/true x; chmod 4755 x; chmod g+s x; install -m 6755 /bin/true y
		mkdir -m 2777 z; tar c --mode=6755 x | (mkdir -p t && cd t && tar xp)' >"$T/out" 2>&1 </dev/null
	[ -e "$D/work/x" ] && ! planted
	verdict $? "chmod, install, mkdir, tar: nothing is on the host"
}

t_P5() {
	for attack in ns-unshare ns-clone ns-clone-high ns-clone3; do
		control "$attack" "$A" $attack
		closed "$attack" $B "$A" $attack
		closed "$attack, without the filter" $B --set=syscalls.base=none "$A" $attack
	done
	control "ns-enter" unshare -rm "$A" ns-enter
	closed "ns-enter" $B "$A" ns-enter
	closed "ns-enter, without the filter" $B --set=syscalls.base=none "$A" ns-enter
	closed "nested namespaces give no mount namespace" $B --set=process.nested-namespaces=4 "$A" mount-new
	control "nested namespaces on request" $B --set=process.nested-namespaces=4 "$A" ns-unshare
}

t_P6() {
	for attack in "trace child" "trace-me" "vm-write child" "vm-read child" "get-fd child" "compare child"; do
		control "$attack" "$A" $attack
		closed "$attack" $B "$A" $attack
	done
	for attack in "trace 1" "vm-write 1" "vm-read 1" "get-fd 1" "compare 1"; do
		closed "$attack, without the filter" $B --set=syscalls.base=none "$A" $attack
		closed "$attack, without the filter, with the caller's id" $B --user=keep --set=syscalls.base=none "$A" $attack
	done
	control "get-fd of pid 1" unshare -rpf --mount-proc sh -c "'$A' get-fd 1; exit \$?"
	closed "signal-one" $B sh -c "'$A' signal-one; exit \$?"
}

t_P7() {
	control "switches of the kernel" unshare -r "$A" kernel-switches
	control "secrets of the kernel" "$A" kernel-secrets
	for options in "" "--user=root" "--set=syscalls.base=none" "--set=filesystem.view=host" "$HOST"; do
		closed "switches with '$options'" $B $options "$A" kernel-switches
		closed "secrets with '$options'" $B $options "$A" kernel-secrets
	done
}

t_P8() {
	control "a key of the caller" "$A" with-key "$A" read-key
	closed "a key of the caller" "$A" with-key $B "$A" read-key
	try "$A" with-key $B --set=syscalls.base=none "$A" read-key
	case $out in
	*"session keyring"* | *request_key*) false ;;
	*) [ "$status" = 0 ] || [ "$status" = 10 ] ;;
	esac
	verdict $? "a key of the caller, without the filter"
}

cases "${1-}" T-P1 T-P2 T-P3 T-P5 T-P6 T-P7 T-P8
