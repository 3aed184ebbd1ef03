#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-build.sh [KERNEL]... - prepares what vm-run.sh boots: a kernel of a Debian package and an initramfs.
#   uml     user-mode Linux (default); packages: user-mode-linux busybox-static cpio kmod
#   6.1     the cloud kernel of Debian 12, for QEMU; packages: qemu-system-x86 qemu-system-common seabios xz-utils too
#   newest  the newest cloud kernel of all that apt offers here, backports too where they are among apt's sources; with
#           the parser of the package apparmor
# Kernels for QEMU are downloaded and unpacked, not installed; so is the parser. State: $SBX_VM, by default /var/tmp/sbx-vm.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
state=${SBX_VM:-/var/tmp/sbx-vm}

need() {
	local program
	for program in "$@"; do
		command -v "$program" >/dev/null || {
			echo "vm-build: $program is missing; the packages are named in $0" >&2
			exit 1
		}
	done
}

# unpack FOLDER PACKAGE
unpack() {
	mkdir -p "$1"
	(cd "$1" && apt-get -qq -o APT::Sandbox::User=root download "$2" && dpkg-deb -x ./*.deb . && rm ./*.deb)
}

# fetch FOLDER NAME-PREFIX: unpacks the newest cloud kernel whose package's name begins so.
fetch() {
	local package
	need qemu-system-x86_64 apt-get apt-cache dpkg-deb xz
	package=$(apt-cache pkgnames "$2" | grep -E '^linux-image-[0-9.]+[^ ]*-cloud-amd64$' | sort -V | tail -n 1)
	[ -n "$package" ] || {
		echo "vm-build: apt has no $2*-cloud-amd64" >&2
		exit 1
	}
	[ "$(cat "$1/package" 2>/dev/null)" != "$package" ] || return 0
	rm -rf "$1"
	unpack "$1" "$package"
	mv "$1"/boot/vmlinuz-* "$1/kernel"
	echo "$package" >"$1/package"
}

# initramfs FOLDER MODULE...: the modules of FOLDER/lib/modules, in the order in which they depend on each other
initramfs() {
	local tree version path name folder=$1
	shift
	need busybox cpio depmod modprobe
	tree=$(mktemp -d)
	mkdir -p "$tree"/{bin,dev,proc,modules,lower,up,new}
	cp "$(command -v busybox)" "$tree/bin/busybox"
	install -m 755 "$here/vm-init.sh" "$tree/init"
	version=$(basename "$folder"/lib/modules/*)
	[ -e "$folder/lib/modules/$version/modules.dep" ] || depmod -b "$folder" "$version"
	for name; do
		modprobe -d "$folder" -S "$version" --show-depends "$name" | awk '$1 == "insmod" { print $2 }'
	done | awk '!seen[$0]++' | while read -r path; do
		name=$(basename "$path" .xz)
		if [ "$name.xz" = "${path##*/}" ]; then xz -dc "$path"; else cat "$path"; fi >"$tree/modules/$name"
		echo "$name" >>"$tree/modules/list"
	done
	touch "$tree/modules/list"
	(cd "$tree" && find . | cpio -o -H newc --quiet | gzip -1) >"$folder/initrd.gz"
	rm -rf "$tree"
}

[ $# -gt 0 ] || set -- uml
mkdir -p "$state"
state=$(cd "$state" && pwd)
for kernel; do
	folder=$state/$kernel
	case $kernel in
	uml)
		need linux.uml
		rm -rf "$folder"
		mkdir -p "$folder/lib"
		cp -a /usr/lib/uml/modules "$folder/lib/modules"
		ln -s "$(command -v linux.uml)" "$folder/kernel"
		initramfs "$folder" overlay
		;;
	6.1 | newest)
		prefix=linux-image-
		[ "$kernel" = newest ] || prefix=linux-image-$kernel.
		fetch "$folder" "$prefix"
		[ "$kernel" != newest ] || [ -e "$folder/apparmor" ] || unpack "$folder/apparmor" apparmor
		initramfs "$folder" virtio_pci virtiofs overlay virtio_blk ext4
		;;
	*)
		echo "vm-build: there is no kernel '$kernel'" >&2
		exit 2
		;;
	esac
done
