#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Attacks by what is missing: where a layer or a part of the host is not there, sbx refuses to start or holds all the same.
# shellcheck disable=SC2046,SC2086,SC2317
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"

listed T-D1 "each system call of the set-up fails" "tests/fault/steps.sh, every-call.sh"
listed T-D7 "all that Landlock, the filter and the reaper must hold alone, without namespaces" "attack-B.sh"
listed T-D2 "calls that old kernels lack" "tests/fault/every-call.sh"

# within COMMANDS WORDS...: sbx in a mount namespace where the commands have been run
within() {
	private="unshare -rm"
	[ "$WHO" != root ] || private="unshare -m"
	commands=$1
	shift
	try $private sh -c "{ $commands; } || exit 20; exec \"\$@\"" sh "$@"
}

claim T-D3 "no /proc, no /sys, a false /dev/null, no room in the root, a read-only root" "refusal" "root user"
t_D3() {
	within : $B "$A" privilege-state
	holds "control: as it is" says SHUT
	within "mount -t tmpfs -o ro none /proc" $B "$A" privilege-state
	holds "no /proc: refused" is_refused
	within "mount -t tmpfs -o ro none /sys" $B "$A" privilege-state
	is_refused || says SHUT
	verdict $? "no /sys: refused, or all layers are there"
	: >"$D/work/null"
	give "$D/work"
	within "mount --bind '$D/work/null' /dev/null" sh -c "exec $B sh -c 'echo SECRET >/dev/null; '$A' read-secret /dev/null' </dev/null"
	is_refused || { [ "$status" = 0 ] && says SHUT; }
	verdict $? "a /dev/null that is a file: refused, or not used"
	holds "nothing was written to it" [ ! -s "$D/work/null" ]
	within "mount --bind /dev/zero /dev/null" $B "$A" privilege-state
	is_refused || says SHUT
	verdict $? "a /dev/null that is another device: refused, or not used"
	within "mount -t tmpfs -o ro none /dev" $B "$A" privilege-state
	holds "no /dev: refused" is_refused
	within "mount -t tmpfs none /tmp; mount -o remount,bind,ro / 2>/dev/null || :" "$SBX" --profile=default /bin/true
	holds "a read-only root is no hindrance" [ "$status" = 0 ]
	holds "nothing is left" nothing_left
}

# user.max_user_namespaces counts for each user, and for all namespaces below the one where it is set.
claim T-D4 "user namespaces are forbidden" "refusal" "root user"
t_D4() {
	allow="echo 10 >/proc/sys/user/max_user_namespaces"
	forbid="echo 0 >/proc/sys/user/max_user_namespaces"
	control "a namespace" unshare -r sh -c "$allow && exec '$A' ns-unshare"
	try unshare -r sh -c "$allow && exec $B '$A' privilege-state"
	holds "control: sbx starts where some are allowed" says SHUT
	try unshare -r sh -c "$forbid && exec $B '$A' privilege-state"
	is_refused && grep -q 'user namespaces' "$T/err"
	verdict $? "none: refused, and the message says why"
	for layer in landlock limits; do
		try unshare -r sh -c "$forbid && exec $B --best-effort=$layer '$A' privilege-state"
		holds "none, with best-effort=$layer: refused" is_refused
	done
	try "$A" without-call 435 $B "$A" privilege-state
	holds "no clone3: refused" is_refused
}

claim T-D5 "no Landlock, and no seccomp" "refusal"
t_D5() {
	BEFORE="$A without-call 444"
	[ "$WHO" != gated ] || [ "$(id -u)" = 0 ] || BEFORE=
	[ -n "$BEFORE" ] || return 0
	if [ "$LANDLOCK" = 0 ]; then
		BEFORE=
		unavailable "$ID as $WHO: without Landlock" "this kernel has none: vm/refused.sh"
		return 0
	fi
	try $B "$A" privilege-state
	is_refused && grep -q 'Landlock' "$T/err"
	verdict $? "no Landlock: refused, and the message says why"
	try $B --net=host --set=network.connect-tcp=none "$A" privilege-state
	holds "no Landlock for a list of ports: refused" is_refused
	try $B --best-effort=landlock --report="$D/work/report" "$A" privilege-state
	[ "$status" = 0 ] && says SHUT && grep -q '"degraded"' "$D/work/report" && grep -q landlock "$D/work/report"
	verdict $? "it may be missing: the rest is there, and the report says so"
	BEFORE="$A without-call 317" # seccomp
	try $B "$A" privilege-state
	holds "no seccomp: refused" is_refused
	try $B --best-effort=landlock --best-effort=limits "$A" privilege-state
	holds "no seccomp, whatever may be missing: refused" is_refused
	BEFORE=
	closed "control: with both" $B "$A" privilege-state
}

# The report or the standard output of a full disk, and no processes, files or memory for the set-up.
claim T-D6 "no disk, inodes, files, processes or memory for the set-up" "refusal, no partial start"
t_D6() {
	control "a full disk" sh -c 'echo x >/dev/full || echo OPEN no room'
	try sh -c "exec $B /bin/echo x >/dev/full"
	[ "$status" = 125 ] && [ -s "$T/err" ]
	verdict $? "output that can't be written is an error"
	try $B --report=/dev/full "$A" privilege-state
	[ "$status" = 125 ] && grep -q report "$T/err"
	verdict $? "so is a report that can't be written"
	for limit in nofile=10 nofile=20 nofile=30 nproc=1 as=8388608 as=67108864 data=16777216 memlock=0 sigpending=0 fsize=0; do
		tight $limit "$limit: right, or refused with a message"
	done
	if [ "$WHO" != gated ]; then
		within "mount -t tmpfs -o size=4k,nr_inodes=2 none '$D/home'" $B --persist="$D/home/a/b/c/d" "$A" privilege-state
		is_refused || says SHUT
		verdict $? "no inodes for a persistent folder"
	fi
	small="--set=filesystem.tmpfs-size=64K --set=filesystem.tmpfs-inodes=64"
	try $B $small $(seq 1 100 | sed "s|.*|--tmpfs=/data/&|") "$A" privilege-state
	holds "more private folders than inodes: refused" is_refused
	holds "nothing is left" nothing_left
}

cases "${1-}"
