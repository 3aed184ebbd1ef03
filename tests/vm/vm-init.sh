#!/bin/busybox sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=dash
# The guest's first program, in its initramfs: a folder of the host, read-only, below an overlay in memory, becomes the
# root. The guest may change anything; the host sees only what is written to the shared folder.
B=/bin/busybox
$B --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
exec </dev/null >/dev/console 2>&1

arg() {
	sed -n "s/.*sbx\.$1=\([^ ]*\).*/\1/p" /proc/cmdline
}

# shared NAME TARGET OPTIONS: the host's folder of which the argument sbx.NAME tells
shared() {
	mkdir -p "$2"
	case $files in
	hostfs) mount -t hostfs -o "$3,$(arg "$1")" none "$2" ;;
	*) mount -t "$files" -o "$3" "$1" "$2" ;;
	esac || fail "cannot mount $(arg "$1")"
}

fail() {
	echo "vm-init: $1"
	poweroff -f
}

while read -r module; do
	insmod "/modules/$module"
done </modules/list

files=$(arg files)
shared root /lower ro
mount -t tmpfs -o mode=755,size=75% tmpfs /up
mkdir /up/upper /up/work
mount -t overlay -o lowerdir=/lower,upperdir=/up/upper,workdir=/up/work overlay /new || fail "cannot mount the overlay"
mount -t tmpfs -o mode=755 tmpfs /new/run
mount -t tmpfs -o mode=1777 tmpfs /new/tmp
mkdir -p /new/run/sbx-vm /new/proc /new/sys /new/dev
cp $B /new/run/sbx-vm/busybox
shared share "/new$(arg share)" rw
shared job /new/run/sbx-vm/job rw
shared modules /new/lib/modules ro
cp /new/run/sbx-vm/job/first /new/run/sbx-vm/guest
chmod 755 /new/run/sbx-vm/guest
if [ "$(arg disk)" = yes ]; then
	mkdir /new/disk
	if [ -e /dev/vda ]; then disk=/dev/vda; else disk=/dev/ubda; fi
	mount -t ext4 "$disk" /new/disk || fail "cannot mount the disk"
	chmod 1777 /new/disk
fi
mode=$(arg mode)
umount /proc
mount -o move /dev /new/dev

# Units that have nothing to do in a guest and only slow its start.
mask_units() {
	for unit in systemd-udevd.service systemd-udev-trigger.service systemd-udevd-control.socket \
		systemd-udevd-kernel.socket modprobe@.service systemd-modules-load.service sys-kernel-config.mount \
		sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount systemd-binfmt.service \
		proc-sys-fs-binfmt_misc.automount systemd-random-seed.service systemd-pstore.service \
		systemd-update-utmp.service systemd-firstboot.service systemd-machine-id-commit.service ldconfig.service \
		systemd-hwdb-update.service systemd-journal-catalog-update.service systemd-journal-flush.service \
		systemd-update-done.service systemd-remount-fs.service getty.target; do
		ln -sf /dev/null "/new/run/systemd/system/$unit"
	done
}

# A user 1000, if the host has none.
add_user() {
	grep -q '^[^:]*:[^:]*:1000:' /new/etc/passwd || {
		echo 'tester:x:1000:1000::/home/tester:/bin/sh' >>/new/etc/passwd
		echo 'tester:*:19000:0:99999:7:::' >>/new/etc/shadow
		echo 'tester:x:1000:' >>/new/etc/group
		mkdir -p /new/home/tester
		chown 1000:1000 /new/home/tester
	}
}

# The unit that runs the command; the systemd of user 1000 runs without a login.
add_units() {
	cat >/new/run/systemd/system/sbx-vm.service <<'U'
[Unit]
Description=the command of vm-run.sh
After=basic.target dbus.socket systemd-logind.service systemd-user-sessions.service user@1000.service
Wants=dbus.socket systemd-logind.service systemd-user-sessions.service user@1000.service
[Service]
ExecStart=/run/sbx-vm/guest unit
U
	cat >/new/run/systemd/system/sbx-vm.target <<'U'
[Unit]
Requires=basic.target sbx-vm.service
After=basic.target
AllowIsolate=yes
U
	mkdir -p /new/var/lib/systemd/linger
	touch "/new/var/lib/systemd/linger/$(awk -F: '$3 == 1000 { print $1; exit }' /new/etc/passwd)"
	: >/new/etc/fstab
	echo 0123456789abcdef0123456789abcdef >/new/etc/machine-id
}

add_user
if [ "$mode" = systemd ]; then
	mkdir -p /new/run/systemd/system
	mask_units
	add_units
	exec switch_root /new /lib/systemd/systemd --unit=sbx-vm.target
fi
exec switch_root /new /run/sbx-vm/guest first
