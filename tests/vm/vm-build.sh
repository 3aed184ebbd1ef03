#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vm-build.sh - prepares what vm-run.sh boots: user-mode Linux of Debian and an initramfs.
# Packages: user-mode-linux busybox-static cpio kmod. State: $SBX_VM, by default /var/tmp/sbx-vm.
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

build_kernel() {
	local tree version path name
	need linux.uml busybox cpio depmod modprobe
	tree=$(mktemp -d)
	mkdir -p "$tree"/{bin,dev,proc,modules,lower,up,new}
	cp "$(command -v busybox)" "$tree/bin/busybox"
	install -m 755 "$here/vm-init.sh" "$tree/init"
	mkdir -p "$tree/lib"
	cp -a /usr/lib/uml/modules "$tree/lib/modules"
	version=$(basename "$tree"/lib/modules/*)
	depmod -b "$tree" "$version"
	# in the order in which they depend on each other
	modprobe -d "$tree" -S "$version" --show-depends overlay | awk '$1 == "insmod" { print $2 }' | while read -r path; do
		name=$(basename "$path")
		cp "$path" "$tree/modules/$name"
		echo "$name" >>"$tree/modules/list"
	done
	touch "$tree/modules/list"
	rm -rf "${tree:?}/lib"
	(cd "$tree" && find . | cpio -o -H newc --quiet | gzip -1) >"$state/initrd.gz"
	rm -rf "$tree"
	ln -sfn "$(command -v linux.uml)" "$state/kernel"
}

mkdir -p "$state"
state=$(cd "$state" && pwd)
build_kernel
