#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Attacks by one run of a batch on the next one of the same slot, with which it has a template in common: batch.py.
# shellcheck disable=SC2086,SC2317
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"

# runs OPTION...: sets $R, which begins runs in one slot, each behind a --; the program is $P there, for what lies below
# a folder that each run has anew can't be in a template.
P=/attack/attack
NO_SOCKETS="--set=syscalls.deny=socket --set=syscalls.deny=socketpair"
runs() {
	R="python3 $SRCDIR/tests/attack/batch.py $SBX $EXTRA --profile=default --ro=$T/bin:/attack $*"
}

claim T-H1 "files, memory, queues, keys, names and processes of the run before" "all of it ends with its namespaces" "root user"
t_H1() {
	for options in "" "--user=keep" "--user=root" "--set=syscalls.base=none" "--set=syscalls.base=strict $NO_SOCKETS" \
		"--set=filesystem.proc=pids"; do
		runs $options
		control "they are found by the same run, with '$options'" $R -- sh -c "$P leave >/dev/null; exec $P find-left"
		closed "they are not found by the next, with '$options'" $R -- $P leave -- $P find-left
		closed "nor by that after it, with '$options'" $R -- $P leave -- /bin/true -- $P find-left
	done
	runs "--tmpfs=/data" --set=filesystem.home=empty
	left="for folder in /data ~ /run/user/*; do echo SECRET >\$folder/left; done"
	seen="exec $P read-secret /data/left ~/left /run/user/*/left"
	control "files of other folders, by the same run" $R -- sh -c "$left; $seen"
	closed "by the next" $R -- sh -c "$left" -- sh -c "$seen"
	holds "nothing is left" nothing_left
}

claim T-H2 "mounts of the run before, and what lies below those of this one" "seccomp, no nested namespaces, mounts of an outer user namespace" "root user"
t_H2() {
	control "a mount is taken away" unshare -rm sh -c "mount -t tmpfs none /mnt && exec '$A' unmount /mnt"
	for options in "" "--user=root" "--set=syscalls.base=none" "--set=syscalls.base=none --set=process.nested-namespaces=4"; do
		runs $options
		for point in /proc /tmp /dev/shm /dev/pts; do
			closed "unmount $point, with '$options'" $R -- $P unmount $point
			case $options in *nested*) closed "from a namespace of its own" $R -- $P nested unmount $point ;; esac
		done
		for attack in mount-new bind-over move-tree pivot-back make-shared "remount /usr" "remount /"; do
			closed "$attack, with '$options'" $R -- $P $attack
		done
	done
	runs
	walls "what lies below /proc" $R -- $P unmount /proc
	count='wc -l </proc/self/mountinfo'
	try $R -- sh -c "$count"
	before=$out
	try $R -- sh -c "$count" -- sh -c "$count" -- sh -c "$count"
	holds "the tenth run has as many mounts as the first: $out" [ "$out" = "$before" ]
	closed "the root can't be written" $R -- $P make-file /left /etc/left /attack/left /dev/left /proc/left
}

claim T-H3 "user namespaces, which are limited in the payload's own" "seccomp, limit of user namespaces" "root user"
t_H3() {
	for attack in ns-unshare ns-clone ns-clone-high ns-clone3; do
		runs
		walls "$attack" $R -- $P $attack
		runs --set=syscalls.base=none --user=root
		closed "$attack, as root inside" $R -- $P $attack
		runs --set=syscalls.base=none --set=process.nested-namespaces=4
		control "$attack, on request" $R -- $P $attack
	done
	runs --set=syscalls.base=none --user=root
	# shellcheck disable=SC2016
	closed "the limit can't be raised" $R -- sh -c "echo 9 2>/dev/null >/proc/sys/user/max_user_namespaces; exec $P ns-unshare"
	runs --whole --set=syscalls.base=none --user=root --set=process.capabilities=sys_resource
	closed "nor by a right to raise limits" $R -- sh -c "echo 9 2>/dev/null >/proc/sys/user/max_user_namespaces; exec $P ns-unshare"
}

# The namespace is the template's only where no socket can be made at all.
claim T-H4 "a network in common: names, ports and routes of the run before" "network namespace" "root user"
t_H4() {
	listen="python3 -c 'import socket
a = socket.socket(); a.setsockopt(1, 2, 0); a.bind((\"127.0.0.1\", 4567)); a.listen()
c = socket.create_connection((\"127.0.0.1\", 4567)); s = a.accept()[0]; s.close(); c.recv(1); c.close(); a.close()'"
	again="python3 -c 'import socket
a = socket.socket()
try: a.bind((\"127.0.0.1\", 4567)); print(\"SHUT the port is free\")
except OSError: print(\"OPEN the port was used\")'"
	runs
	control "a port that waits is seen by the same run" $R -- sh -c "$listen; $again"
	closed "and not by the next" $R -- sh -c "$listen" -- sh -c "$again"
	for options in "--set=syscalls.deny=socket" "$NO_SOCKETS"; do
		runs $options
		closed "an abstract name, with '$options'" $R -- $P leave -- $P find-left
	done
	runs $NO_SOCKETS
	for attack in "socket-one 1 1 0" "socket-one 2 1 0" "socket-one 16 3 0" socket-families; do
		closed "$attack, where the network is in common" $R -- $P $attack
	done
}

claim T-H5 "the fds of slot, joiner and init" "all fds are closed" "root user"
t_H5() {
	runs
	control "an fd is found" $R -- sh -c "exec $P other-fds 7</dev/null"
	closed "there are three" $R -- $P other-fds
	for attack in "get-fd 1" "trace 1" "vm-read 1" "compare 1"; do
		closed "$attack" $R -- $P $attack
		runs --set=syscalls.base=none --user=keep
		closed "$attack, without a filter" $R -- $P $attack
		runs
	done
}

cases "${1-}"
