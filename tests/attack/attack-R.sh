#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Attacks on resources of the host. A run is safe if it gets no more than its limit, ends with the right verdict, and the
# host has back what was used. With control groups as root, as a user who was given one, and by the gate where it makes
# one; who has none has the limits that need none, and is refused the others.
# shellcheck disable=SC2086,SC2317
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"

# MiB of what the kernel holds that belongs to no process: files in memory, shared memory, pipes, sockets.
held() {
	awk '/^(Shmem|SUnreclaim):/ { kib += $2 } END { print int(kib / 1024) }' /proc/meminfo
}

# As the kernel says, not sbx. The gate makes groups of cgroup v2 where no systemd does, below the root, without limits.
has_groups() {
	group=$(sed -n 's/^0:://p' /proc/self/cgroup)
	case $WHO in
	root) ;;
	user) as_user test -w "/sys/fs/cgroup$group/cgroup.procs" && as_user test -w "/sys/fs/cgroup${group%/*}/cgroup.procs" ;;
	gated) [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ] && [ "$group" = / ] && [ ! -e /run/systemd/system ] ;;
	esac
}

gone_again() {
	[ "$(marked)" -le "$1" ]
}

# Processes with the mark of this test.
marked() {
	grep -lzs "^SBX_TEST_MARK=$SBX_TEST_MARK\$" /proc/[0-9]*/environ | wc -l
}

claim T-R1 "fork bombs: fork, vfork, threads, daemons" "process limit"
t_R1() {
	for method in fork vfork thread daemon; do
		control "60 by $method" $B --user=keep "$A" processes $method 60
		before=$(marked)
		closed "60 by $method, limit 20" $B --user=keep --processes=20 "$A" processes $method 60
		wait_for 5 gone_again "$before" || note "$(marked) where $before were"
		verdict $? "60 by $method: the host is as before within five seconds"
	done
}

# Counted within the sandbox's own namespace, so that neither the caller's processes nor another sandbox's count.
claim T-R2 "one sandbox uses up the processes of another" "process limit"
t_R2() {
	control "20 processes" $B --user=keep --processes=30 "$A" processes fork 20
	start $B --user=keep --processes=30 "$A" processes fork 29
	sleep 1
	control "20 processes beside a sandbox that has as many" $B --user=keep --processes=30 "$A" processes fork 20
	closed "and no more than its own" $B --user=keep --processes=30 "$A" processes fork 31
	wait
}

claim T-R3 "memory: anonymous, locked, shared, memfd, mapped, files, pipes, sockets" "memory limit, size of the private folders"
t_R3() {
	before=$(held)
	for kind in anonymous shared memfd mapped file pipes sockets; do
		control "64 MiB of $kind" $B --set=filesystem.tmpfs-size=1G "$A" memory $kind 64
		if has_groups; then
			judged 123 memory "64 MiB of $kind, limit 24" --memory=24M --set=filesystem.tmpfs-size=1G "$A" memory $kind 64
		fi
	done
	closed "16 MiB locked, limit 4" $B --set=limits.locked-memory=4M "$A" memory locked 16
	closed "64 MiB of file in a folder of 24" $B --set=filesystem.tmpfs-size=24M "$A" memory file 64
	judged 135 signal "64 MiB of mapped in a folder of 24, SIGBUS" --set=filesystem.tmpfs-size=24M "$A" memory mapped 64
	if has_groups; then
		walls_of_files
	else
		walls_of=$ID
		for kind in anonymous file; do
			refused "no control group, no limit of $kind" $B --memory=24M "$A" memory $kind 64
		done
		closed "64 MiB of anonymous, each process limited alone" $B --memory=24M --best-effort=limits "$A" memory anonymous 64
	fi
	wait_for 5 memory_is_back
	verdict $? "the host has its memory back: $before MiB were held before, $(held) are after"
}

# Either of the two stops files: the limit ends the run, the size lets a call fail.
walls_of_files() {
	judged 123 memory "files, second wall: size of the private folders off" --memory=24M --set=filesystem.tmpfs-size=1G \
		"$A" memory file 64
	closed "files, second wall: memory limit off" $B --set=filesystem.tmpfs-size=24M "$A" memory file 64
	control "files, all of these layers off" $B --set=filesystem.tmpfs-size=1G "$A" memory file 64
	SECOND_WALLS=$((SECOND_WALLS + 2))
	walls_of=$ID
}

# Others use this machine, too; each kind that leaked would hold 24 MiB and more, and there are seven.
memory_is_back() {
	[ "$(held)" -le $((before + 60)) ]
}

claim T-R4 "one process of many is ended for memory, and the rest go on" "memory limit" "root"
t_R4() {
	control "a parent that does not mind" $B "$A" memory-of-one anonymous 64
	judged 123 memory "the whole sandbox is ended" --memory=24M "$A" memory-of-one anonymous 64
	holds "nothing is left" nothing_left
}

claim T-R5 "time: busy, deaf, many processes, orphans, asleep, stopped" "time limits"
t_R5() {
	kinds="busy ignore nice turns together orphans"
	[ "$WHO" != root ] || kinds="$kinds unseen" # for the others this is why the limit is refused: T-R10
	for kind in $kinds; do
		control "$kind" $B "$A" use-time $kind 0.5
		judged 124 cpu-time "$kind" $WEAKER --cpu-time=250ms --wall-time=25s "$A" use-time $kind 20
	done
	for kind in sleep stop; do
		judged 124 wall-time "$kind" $WEAKER --cpu-time=20s --wall-time=600ms "$A" use-time $kind 20
	done
	try timeout --foreground -s KILL 1 $B "$A" use-time stop 20
	holds "control: a stopped program does not end by itself" [ "$status" = 137 ]
}

claim T-R6 "disks: space, inodes, deep folders, sparse and large files" "size of the private folders"
t_R6() {
	small="--tmpfs=/data --set=filesystem.tmpfs-size=16M --set=filesystem.tmpfs-inodes=500"
	for attack in "fill 40" "file 40" "inodes 2000" "deep 2000"; do
		control "$attack" $B --tmpfs=/data "$A" disk ${attack% *} /data ${attack#* }
		closed "$attack" $B $small "$A" disk ${attack% *} /data ${attack#* }
	done
	[ "$WHO" = root ] || chmod 777 "$D/work"
	for attack in "file 40" "sparse 1000"; do
		control "$attack, in a folder of the host" $B --user=keep --rw="$D/work:/data" "$A" disk ${attack% *} /data ${attack#* }
		rm -f "$D"/work/*
		closed "$attack, in a folder of the host" $B --user=keep --rw="$D/work:/data" --file-size=1M "$A" disk \
			${attack% *} /data ${attack#* }
		[ "$(find "$D/work" -size +2048 | wc -l)" = 0 ]
		verdict $? "$attack: the file is no larger"
		rm -f "$D"/work/*
	done
	refused "a limit of all files, where nothing counts them" $B --rw="$D/work:/data" --set=limits.disk=1M /bin/true
}

claim T-R7 "10 000 open files, sockets, epolls, timers, watches" "limit of open files"
t_R7() {
	for kind in file socket epoll eventfd timerfd memfd inotify; do
		control "100: $kind" $B "$A" open-many $kind 100
		closed "10000: $kind" $B --set=limits.open-files=64 "$A" open-many $kind 10000
	done
}

# What it says first is in $T/out; nothing of it may be there two seconds after it was told to end.
claim T-R8 "a program that will not end: deaf, stopped, forking all the time" "end of the pid namespace"
t_R8() {
	for kind in deaf refork stopped flock; do
		begin=$(date +%s)
		judged 124 wall-time "$kind, by the limit" --wall-time=500ms --processes=60 "$A" refuse-to-end $kind 20
		holds "$kind: at once" [ $(($(date +%s) - begin)) -le 6 ]
		start $B --processes=60 "$A" refuse-to-end $kind 20
		wait_for 10 grep -q READY "$T/out"
		holds "control: $kind: it runs" [ "$(marked)" -gt 1 ]
		kill "$(cat "$D/work/pid")"
		sleep 0.5
		kill "$(cat "$D/work/pid")" 2>/dev/null # the second one ends it, whatever the first was answered with
		wait_for 2 no_sandbox
		verdict $? "$kind: gone within two seconds after the second signal"
		wait
	done
	holds "nothing is left" nothing_left
}

no_sandbox() {
	! pgrep -f "^$A refuse-to-end" >/dev/null
}

claim T-R9 "control groups changed, mounted or left" "view, user namespace"
t_R9() {
	if [ "$WHO" = root ]; then
		control "groups" "$A" groups
	else
		control "groups" unshare -rmC "$A" groups
	fi
	for options in "" "--set=filesystem.view=host" "--user=root" "--set=syscalls.base=none" "--ro=/sys/fs/cgroup"; do
		allowed "$options" || continue
		closed "groups with '$options'" $B $options "$A" groups
	done
}

# without_groups COMMAND...: on a machine where no control group can be written; only in a mount namespace of its own
without_groups() {
	try unshare -m sh -c 'mount -t tmpfs none /sys/fs/cgroup && exec "$@"' sh "$@"
}

claim T-R10 "a limit that can't be kept" "refusal"
t_R10() {
	run=try
	if has_groups; then
		control "control groups are there" $B --memory=64M --processes=20 --cpu=50 "$A" memory anonymous 8
		run=without_groups
	fi
	if [ "$WHO" != root ] && has_groups; then
		unavailable "$ID as $WHO: where there is no control group" "this caller has one, and only root can hide it"
		return 0
	fi
	for limit in --memory=64M --cpu=50 --cpu-time=9s $([ "$WHO" != root ] || echo --processes=20); do
		$run $B $limit "$A" uid-zero
		is_refused && grep -q 'needs a cgroup' "$T/err"
		verdict $? "$limit is refused where there is no control group"
		$run $B $limit --best-effort=limits --report="$D/work/report" "$A" privilege-state
		[ "$status" = 0 ] && says SHUT && grep -q '"degraded"' "$D/work/report" && grep -q 'limits' "$D/work/report"
		verdict $? "$limit is reported where it may be missing"
	done
	[ "$WHO" = root ] || return 0
	try unshare -m sh -c 'for g in /sys/fs/cgroup/*/; do mount -o remount,bind,ro "$g" 2>/dev/null; done; exec "$@"' sh \
		$B --memory=64M "$A" uid-zero
	holds "a group that can't be written is none" is_refused
}

cases "${1-}"
