#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# An image of python3 as layers of the store and as one file: bytes on the disk, and how long a launch takes, as root; the file
# is read by the kernel, and by a program for FUSE. Interleaved; no budget.
# usage: sealed.sh [ROUNDS]     (run by `make bench-image`, as root)
set -eu
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
[ "$(id -u)" = 0 ] || { echo "sealed.sh: the kernel mounts images for root alone" >&2 && exit 2; }
need python3 mkfs.erofs mksquashfs squashfuse_ll || { echo "sealed.sh: $missing is not installed" >&2 && exit 2; }
test_folder
safe=$(mktemp -d /root/sbx-bench.XXXXXX)
trap 'rm -rf "$safe" "$T"' EXIT
XDG_DATA_HOME=$T/data
export XDG_DATA_HOME
"${SBXCTL:?}" image pack --quiet --name=bench python3
for form in erofs squashfs; do
	"$SBXCTL" image export bench "$form:$safe/bench.$form"
done
chmod 644 "$safe"/bench.*
cp "$safe/bench.squashfs" "$T/" # where others could have written it

layers=$(find "$T/data/sbx/images/layers" -type f -links 1 -printf '%s\n' | awk '{ sum += $1 } END { print sum }')
printf '%-20s %12s %10s %10s %10s\n' "python3 -S -c 1" bytes "min, ms" "median" "95 %"
"${BUILDDIR:?}/tests/bench/timer" "${1:-${ROUNDS:-25}}" layers "$SBX" --image=bench -- python3 -S -c 1 \
	:: erofs "$SBX" --image="$safe/bench.erofs" -- python3 -S -c 1 \
	:: squashfs "$SBX" --image="$safe/bench.squashfs" -- python3 -S -c 1 \
	:: squashfs-fuse "$SBX" --image="$T/bench.squashfs" -- python3 -S -c 1 >"$T/times"
while read -r name least median most; do
	case $name in
	layers) bytes=$layers ;;
	*) bytes=$(wc -c <"$safe/bench.${name%-fuse}") ;;
	esac
	echo "$name $bytes $least $median $most"
done <"$T/times" | awk '{ printf "%-20s %12d %10.1f %10.1f %10.1f\n", $1, $2, $3 / 1e3, $4 / 1e3, $5 / 1e3 }'
