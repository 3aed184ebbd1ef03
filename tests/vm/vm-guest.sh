#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs the command in the guest: as its first process ("first"), or as a unit of systemd ("unit").
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
job=/run/sbx-vm/job
busybox=/run/sbx-vm/busybox
groups=/sys/fs/cgroup

arg() {
	sed -n "s/.*sbx\.$1=\([^ ]*\).*/\1/p" /proc/cmdline
}

enable_all() {
	sed 's/[^ ][^ ]*/+&/g' $groups/cgroup.controllers >"$1/cgroup.subtree_control"
}

mount_all() {
	mount -t proc proc /proc
	mount -t sysfs sys /sys
	mount -t securityfs security /sys/kernel/security
	mkdir -p /dev/pts /dev/shm
	mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
	mount -t tmpfs -o mode=1777 tmpfs /dev/shm
	ln -sf /proc/self/fd /dev/fd
	ln -sf /proc/self/fd/0 /dev/stdin
	ln -sf /proc/self/fd/1 /dev/stdout
	ln -sf /proc/self/fd/2 /dev/stderr
	mount -t cgroup2 -o nsdelegate,memory_recursiveprot cgroup2 $groups
	enable_all $groups
	$busybox ip link set lo up
	$busybox hostname sbxvm
}

# What systemd does for Delegate=yes: the user owns the group, its members' lists, and what it enables below.
delegate() {
	mkdir -p $groups/deleg/leaf
	enable_all $groups/deleg
	for folder in $groups/deleg $groups/deleg/leaf; do
		chown "$1" "$folder" "$folder/cgroup.procs" "$folder/cgroup.threads" "$folder/cgroup.subtree_control"
	done
}

wait_for_bus() {
	tries=0
	while [ ! -S "/run/user/$1/systemd/private" ] && [ $tries -lt 100 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	export XDG_RUNTIME_DIR="/run/user/$1" DBUS_SESSION_BUS_ADDRESS="unix:path=/run/user/$1/bus"
}

[ "$1" = first ] && mount_all
uid=$(arg uid)
out=/dev/$(arg out)
$busybox stty -F "$out" raw -echo
if [ "$uid" = 0 ]; then
	setsid -w bash $job/command </dev/null >"$out" 2>&1
else
	join=:
	if [ "$1" = first ]; then
		delegate "$uid"
		join="echo 0 >$groups/deleg/leaf/cgroup.procs"
	else
		wait_for_bus "$uid"
	fi
	HOME=$(awk -F: -v uid="$uid" '$3 == uid { print $6 }' /etc/passwd)
	export HOME="${HOME:-/tmp}"
	# shellcheck disable=SC2016 # the inner shell expands them
	setsid -w sh -c "$join"'; exec setpriv --reuid "$1" --regid "$1" --clear-groups bash "$2"' sh "$uid" $job/command \
		</dev/null >"$out" 2>&1
fi
echo $? >$job/status
sync
$busybox sleep 0.1
$busybox poweroff -f
