#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-run.sh [OPTION]... -- COMMAND [ARGUMENT]...
# Runs a command in a throw-away guest with a cgroup v2 of its own. Its output comes here, its exit status is ours;
# 124: it took too long; 125: the guest gave no result.
#  -k KERNEL  uml, or 6.1 or newest in QEMU, which takes root (default: uml)
#  -S         systemd, of the root, is the first process
#  -u UID     runs as this user; without -S it sits in a leaf of a delegated cgroup
#  -r ROOT    folder that is the root, read-only below an overlay (default: /)
#  -d DIR     folder that is shared, writable, at the same path (default: the current one)
#  -m MB      memory (default: 512)
#  -c CPUS    processors, in QEMU (default: 2)
#  -t SEC     time (default: 300)
#  -D MB      an empty disk of this size at /disk, with ext4: what is in memory has no extended attributes on old kernels
#  -a ARG     an argument of the kernel, as lsm=yama; many times
#  -v         shows the guest's console
# $SBX_VM_ACCEL is what QEMU runs on, by default tcg; kvm where it works.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
kernel=uml mode=plain uid=0 root=/ share=$PWD memory=512 cpus=2 seconds=300 disk=0 verbose=no extra=()

usage() {
	sed -n '3,18s/^# \?//p' "$0" >&2
	exit 2
}

while getopts k:Su:r:d:m:c:t:D:a:v option; do
	case $option in
	k) kernel=$OPTARG ;;
	S) mode=systemd ;;
	u) uid=$OPTARG ;;
	r) root=$OPTARG ;;
	d) share=$OPTARG ;;
	m) memory=$OPTARG ;;
	c) cpus=$OPTARG ;;
	t) seconds=$OPTARG ;;
	D) disk=$OPTARG ;;
	a) extra+=("$OPTARG") ;;
	v) verbose=yes ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || usage
root=$(cd "$root" && pwd -P)
share=$(cd "$share" && pwd -P)
state=${SBX_VM:-/var/tmp/sbx-vm}/$kernel
[ -e "$state/initrd.gz" ] || {
	echo "vm-run: run $here/vm-build.sh $kernel first" >&2
	exit 125
}

job=$(mktemp -d "${TMPDIR:-/tmp}/sbx-vm.XXXXXX")
mkdir "$job/guest"
children=()
end_children() {
	local child
	for child in ${children[@]+"${children[@]}"}; do
		kill "$child" 2>/dev/null || :
	done
	children=()
}
# shellcheck disable=SC2317 # the trap calls it
finish() {
	end_children
	rm -rf "$job"
}
trap finish EXIT
trap 'exit 130' INT TERM

{
	printf 'cd %q || exit 125\n' "$share"
	printf 'exec'
	printf ' %q' "$@"
	echo
} >"$job/guest/command"
install -m 755 "$here/vm-guest.sh" "$job/guest/first"
chmod 755 "$job" "$job/guest" "$job/guest/command"
if [ "$disk" != 0 ]; then
	truncate -s "${disk}M" "$job/disk"
	/sbin/mkfs.ext4 -q -F "$job/disk"
	extra+=(sbx.disk=yes)
fi
: >"$job/console"
arguments=(quiet loglevel=1 panic=-1 systemd.show_status=0 systemd.log_level=warning ${extra[@]+"${extra[@]}"}
	sbx.mode="$mode" sbx.root="$root" sbx.share="$share" sbx.job="$job/guest" sbx.modules="$state/lib/modules" sbx.uid="$uid")

start_uml() {
	[ "$disk" = 0 ] || arguments+=("ubd0=$job/disk")
	timeout -k 5 "$seconds" "$state/kernel" mem="${memory}M" initrd="$state/initrd.gz" umid="sbx$$" uml_dir="$job/" \
		con=null con0=null,fd:3 con1=null,fd:4 "${arguments[@]}" sbx.files=hostfs sbx.out=tty1 \
		3>"$job/console" 4>&1 >>"$job/console" 2>&1 </dev/null &
	children+=($!)
}

# share_by_socket NAME FOLDER CACHE: cloud kernels have virtiofs, and no 9p.
share_by_socket() {
	local tries=0
	/usr/lib/qemu/virtiofsd --socket-path="$job/$1" -o source="$2" -o cache="$3" -o xattr -o sandbox=chroot \
		>>"$job/console" 2>&1 &
	children+=($!)
	# in the state of listening: the name is there a moment before
	while ! grep -q "^[^ ]* [^ ]* [^ ]* 00010000 .* $job/$1\$" /proc/net/unix && [ $((++tries)) -lt 400 ]; do
		sleep 0.05
	done
	devices+=(-chardev "socket,id=$1,path=$job/$1" -device "vhost-user-fs-pci,chardev=$1,tag=$1")
}

start_qemu() {
	local devices=()
	share_by_socket root "$root" always
	share_by_socket share "$share" auto
	share_by_socket job "$job/guest" none
	share_by_socket modules "$state/lib/modules" always
	[ "$disk" = 0 ] || devices+=(-drive "file=$job/disk,format=raw,if=virtio,cache=unsafe")
	timeout -k 5 "$seconds" qemu-system-x86_64 -M pc -accel "${SBX_VM_ACCEL:-tcg,thread=multi,tb-size=512}" -cpu max \
		-smp "$cpus" -m "$memory" -object memory-backend-memfd,id=mem,size="${memory}M",share=on -numa node,memdev=mem \
		-nodefaults -display none -no-reboot -serial "file:$job/console.guest" -serial stdio "${devices[@]}" \
		-kernel "$state/kernel" -initrd "$state/initrd.gz" \
		-append "console=ttyS0 mitigations=off tsc=reliable ${arguments[*]} sbx.files=virtiofs sbx.out=ttyS1" \
		</dev/null 2>>"$job/console" &
	children+=($!)
}

# It was seen, rarely, on a machine with much else to do, that a virtiofsd is gone before QEMU connects to it.
for _ in 1 2 3; do
	ended=0
	if [ "$kernel" = uml ]; then start_uml; else start_qemu; fi
	wait "${children[-1]}" || ended=$?
	unset 'children[-1]'
	grep -q 'Failed to connect' "$job/console" || break
	echo "vm-run: the guest is started again: $(tr '\n' '|' <"$job/console")" >&2
	end_children
	: >"$job/console"
done

if [ $verbose = yes ] || [ ! -s "$job/guest/status" ]; then
	sed '/^fv_\|^virtio_/d; s/^/vm: /' "$job"/console* >&2
fi
[ ! -s "$job/guest/status" ] || exit "$(cat "$job/guest/status")"
[ $ended != 124 ] || exit 124
exit 125
