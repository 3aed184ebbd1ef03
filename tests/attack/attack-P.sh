#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Attacks for more rights.
# shellcheck disable=SC2086,SC2317
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"

claim T-P1 "rights of the program" "all rights are given up and read back"
t_P1() {
	control "rights without sbx" "$A" privilege-state
	for options in "" "--user=keep" "--user=root" "--user=nobody" "--rw=$D/work" "$HOST" "--set=syscalls.base=strict"; do
		allowed "$options" || continue
		closed "rights with '$options'" $B $options "$A" privilege-state
	done
	closed "uid 0" $B "$A" uid-zero
}

claim T-P2 "programs with set-user-id" "nosuid mounts, no_new_privs, user namespace"
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

claim T-P3 "programs with set-user-id planted in a writable folder" "seccomp"
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

# Where the program is the host's root, it could write what root owns, if it had a way there.
claim T-P4 "programs that were executed, overwritten by host root" "read-only view, user namespace" "root"
t_P4() {
	cp "$A" "$T/bin/other"
	control "a program that ran" "$A" exe-write "$T/bin/other"
	control "pid 1" unshare -rpf --mount-proc sh -c "'$A' exe-write 1; exit \$?"
	for user in keep root; do
		for filter in default none; do
			set -- --user=$user --set=syscalls.base=$filter
			closed "a program that ran: $*" $B "$@" "$A" exe-write "$T/bin/other"
			closed "pid 1: $*" $B "$@" sh -c "'$A' exe-write 1; exit \$?"
			closed "what is installed: $*" $B "$@" --set=filesystem.view=host "$A" open-write "$SBX" \
				"${SBX%/bin/*}/libexec/sbx/sbx-init" /bin/sh /etc/passwd
		done
	done
	control "a program in a folder that is given" $B --user=keep --rw="$T/bin" "$A" exe-write "$T/bin/other"
}

claim T-P5 "new and old namespaces" "seccomp, limit of user namespaces"
t_P5() {
	for attack in ns-unshare ns-clone ns-clone-high ns-clone3; do
		control_namespace "$attack" "$A" $attack
		walls "$attack" $B "$A" $attack
	done
	control "ns-enter" unshare -rm "$A" ns-enter
	walls "ns-enter" $B "$A" ns-enter
	allowed --set=process.nested-namespaces=4 || return 0
	closed "nested namespaces give no mount namespace" $B --set=process.nested-namespaces=4 "$A" mount-new
	closed "nor does one of them" $B --set=process.nested-namespaces=4 "$A" nested mount-new
	control "nested namespaces on request" $B --set=process.nested-namespaces=4 "$A" ns-unshare
}

claim T-P6 "memory, fds and control of other processes" "seccomp, Landlock, user namespace"
t_P6() {
	for attack in "trace child" "trace-me" "vm-write child" "vm-read child" "get-fd child" "compare child"; do
		control "$attack" "$A" $attack
		closed "$attack" $B "$A" $attack
	done
	for attack in "trace 1" "vm-write 1" "vm-read 1" "get-fd 1" "compare 1"; do
		walls "$attack" $B "$A" $attack
		walls "$attack, with the caller's id" $B --user=keep "$A" $attack
	done
	control "get-fd of pid 1" unshare -rpf --mount-proc sh -c "'$A' get-fd 1; exit \$?"
	closed "signal-one" $B sh -c "'$A' signal-one; exit \$?"
}

claim T-P7 "switches and secrets of the kernel" "read-only and masked /proc, Landlock, no nested namespaces"
t_P7() {
	control "switches of the kernel" unshare -r "$A" kernel-switches
	control "secrets of the kernel" "$A" kernel-secrets
	for options in "" "--user=root" "--set=syscalls.base=none" "--set=filesystem.view=host" "$HOST"; do
		allowed "$options" || continue
		closed "switches with '$options'" $B $options "$A" kernel-switches
		closed "secrets with '$options'" $B $options "$A" kernel-secrets
	done
	walls "switches" $B "$A" kernel-switches
	walls "secrets" $B "$A" kernel-secrets
	allowed --set=process.nested-namespaces=4 || return 0
	closed "switches from a namespace of its own" $B --set=process.nested-namespaces=4 "$A" nested kernel-switches
	closed "secrets from a namespace of its own" $B --set=process.nested-namespaces=4 "$A" nested kernel-secrets
}

claim T-P8 "keys of the caller" "seccomp, own session keyring"
t_P8() {
	control "a key of the caller" "$A" with-key "$A" read-key
	closed "a key of the caller, or of its user" "$A" with-key $B "$A" read-key
	walls "a key of the caller" "$A" with-key $B "$A" read-key session
}

# as_id ID COMMAND...: what a program of that id could do if it were in no namespace. $BEFORE can't do it as a user.
as_id() {
	id=$1
	shift
	out=$(setpriv --reuid="$id" --regid="$id" --clear-groups "$@" 2>"$T/err" </dev/null)
	status=$?
}

# live USER: a sandbox of that process.user, that has made a file for itself alone. Its id is in $D/work/live-id, and on
# the host the pid of its program in $pid.
live() {
	rm -f "$D/work/"*
	start $B --user="$1" --rw="$D/work" sh -c 'umask 077; echo SECRET >"$0/of-other"; id -u >"$0/live-id"; exec sleep 7531' \
		"$D/work"
	wait_for 10 test -s "$D/work/live-id" || note_file "$T/out"
	wait_for 10 find_live
}
find_live() {
	pid=
	for folder in /proc/[0-9]*; do
		[ "$(tr '\0' ' ' <"$folder/cmdline")" != "sleep 7531 " ] || pid=${folder#/proc/}
	done 2>/dev/null
	[ -n "$pid" ]
}
end_live() {
	kill "$pid"
	wait
}

# The control of each is a second sandbox, or a process, of the one id that all sandboxes of the caller have else.
claim T-P9 "files of the caller and of another sandbox, and its processes" "an id of its own (isolated)" "root user"
t_P9() {
	own_ids || { skip "$ID as $WHO: an isolated user" "$missing" && return 0; }
	if [ "$WHO" = user ] && ! need newuidmap; then
		skip "$ID as $WHO: an isolated user" "uidmap is not installed"
		return 0
	fi
	BEFORE="$OWN_IDS $T/ids"
	umask 077
	echo SECRET >"$D/victim/of-caller"
	give "$D/victim"
	umask 022
	chmod 1777 "$D/work"
	chmod 755 "$D/victim" "$D"
	control "a file of the caller, as the caller" $B --user=keep --rw="$D/victim" "$A" read-secret "$D/victim/of-caller"
	closed "a file of the caller" $B --user=isolated --rw="$D/victim" "$A" read-secret "$D/victim/of-caller"
	closed "the same for writing" $B --user=isolated --rw="$D/victim" "$A" open-write "$D/victim/of-caller"
	closed "a new file in the caller's folder" $B --user=isolated --rw="$D/victim" "$A" make-file "$D/victim/new"
	shared=keep id=$TEST_UID
	[ "$WHO" = user ] || shared=nobody id=65534
	live $shared
	control "a file of the other" $B --user=$shared --rw="$D/work" "$A" read-secret "$D/work/of-other"
	as_id "$id" kill -0 "$pid"
	verdict $status "control: a signal"
	if [ "$WHO" = user ]; then # whose namespace it is
		as_id "$id" head -c 1 "/proc/$pid/environ"
		verdict $status "control: the memory"
	fi
	end_live
	live isolated
	other=$(cat "$D/work/live-id")
	closed "a file of the other" $B --user=isolated --rw="$D/work" "$A" read-secret "$D/work/of-other"
	closed "the same for writing" $B --user=isolated --rw="$D/work" "$A" open-write "$D/work/of-other"
	[ "$(stat -c %u "$D/work/of-other" "/proc/$pid/status" | sort -u)" = "$other" ]
	verdict $? "the other is user $other on the host"
	as_caller $B --user=isolated --rw="$D/work" sh -c 'id -u >"$0/second-id"' "$D/work"
	second=$(cat "$D/work/second-id")
	[ "$second" != "$other" ]
	verdict $? "the second is not, but $second"
	as_id "$second" kill -0 "$pid"
	[ $status != 0 ]
	verdict $? "a signal"
	as_id "$second" head -c 1 "/proc/$pid/environ"
	[ $status != 0 ]
	verdict $? "the memory"
	end_live
	BEFORE=
}

cases "${1-}"
