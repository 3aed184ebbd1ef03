#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What isolation costs: a program that computes, one that waits for memory, and one that handles small files (in a folder of
# the host that is shown to it, and in memory of its own), each bare, under sbx, under podman, and in a virtual machine. The
# times are the work's own (work.c); the start is that of a program that does nothing, from its call to its end. Rounds are
# interleaved; medians, and ratios to bare. sbx and a second podman run as an ordinary user, the others as root.
#
# The machine is QEMU with the cloud kernel of Debian (tests/vm): by KVM where a boot shows that it works, and emulated
# (TCG), of which the ratios say nothing about KVM. It does a quarter of the files, and its time is counted four times.
# What is not installed, or does not run here, is said and not measured, which is no pass. Fails if sbx goes over its budget:
# 1.1 of bare for computing and memory, 1.5 for files. On a busy machine the figures are those of the machine.
# SHORT=1: less than a minute, without virtual machines; a figure over its budget is told, and no failure.
# usage: isolation.sh [ROUNDS] [ROUNDS-OF-MACHINES]     (run by `make bench-isolation`)
set -u
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
if [ -z "${BENCH_FOLDER-}" ]; then
	test_folder
	# podman leaves mounts and processes, which end with these namespaces
	[ "$(id -u)" != 0 ] || set -- unshare --mount --pid --fork --kill-child --mount-proc --propagation private sh "$0" "$@"
	[ "$(id -u)" = 0 ] || set -- sh "$0" "$@"
	BENCH_FOLDER=$T BENCH_GROUP=/sbx-bench-$$ "$@" &
	inside=$!
	trap '[ -z "$inside" ] || { kill -9 "$inside" && sleep 1; }
		rm -rf "$T" "/dev/shm/sbx-bench-$$"
		find /sys/fs/cgroup -depth -type d -path "*/sbx-bench-$$*" -exec rmdir {} + 2>/dev/null' EXIT
	wait $inside
	status=$? inside=
	exit $status
fi
T=$BENCH_FOLDER group=${BENCH_GROUP:?}
short=${SHORT:-0}
rounds=${1:-${ROUNDS:-21}} machine_rounds=${2:-3} starts=20
[ "$short" != 1 ] || rounds=5 starts=10
cpu=25 memory=16 files=100 part=4 # short, and many rounds: of those, half meet a calm moment
bench=${BUILDDIR:?}/tests/bench
mkdir -p "$T/bin" "$T/run" "$T/vm/folder"
mkdir -m 1777 "$T/folder"
mkdir -m 700 "$T/user"
[ "$(id -u)" != 0 ] || chown "$TEST_UID:$TEST_GID" "$T/user"
cp "$bench/work" "$bench/payload" "$T/bin" && cp "$T/bin/work" "$T/vm" && chmod -R a+rX "$T/bin" || exit 2
own=/dev/shm$group
mkdir "$own" || exit 2

# --- the engines ---
flags="--runtime runc --cgroup-manager cgroupfs"
podman="$(command -v podman) --root $T/podman --runroot $T/run/podman $flags"
rootless="$(command -v podman) --root $T/user/podman --runroot $T/user/run --storage-driver overlay $flags"
options="--rm --network none --ulimit nofile=1024:1024 --ulimit nproc=1000:1000 --tmpfs /tmp -v $T/folder:/folder"
run_podman="$podman run --cgroup-parent $group $options bench"
run_rootless="$rootless run $options bench"
run_sbx="${SBX:?} --profile=default --ro=$T/bin:/bench --rw=$T/folder:/folder $EXTRA --"

user_env() {
	as_user env XDG_RUNTIME_DIR="$T/user" TMPDIR="$T/user" "$@"
}

engines="bare sbx"
try() { # ENGINE COMMAND...: it is measured if that works
	try_engine=$1
	shift
	if "$@" >"$T/said" 2>&1; then
		engines="$engines $try_engine"
	else
		echo "$try_engine: not measured: $(grep -v '^ *$' "$T/said" | tail -n 1 | cut -c1-300)"
	fi
}

in_machine() { # ACCELERATION COMMAND...
	machine_accel=$1
	shift
	[ "$machine_accel" != tcg ] || machine_accel=
	SBX_VM_ACCEL=$machine_accel "$SRCDIR/tests/vm/vm-run.sh" -k 6.1 -t "${machine_seconds:-280}" -d "$T/vm" -- "$@"
}

# work ENGINE KIND: adds a line "KIND ENGINE NANOSECONDS"
work() {
	case $2 in
	cpu) set -- "$1" "$2" cpu $cpu ;;
	memory) set -- "$1" "$2" memory $memory ;;
	files) set -- "$1" "$2" files $files /folder ;;
	files-in-memory) set -- "$1" "$2" files $files /tmp ;;
	esac
	engine=$1 kind=$2 folder=$T/folder
	shift 2
	[ "$kind" != files-in-memory ] || folder=$own
	# shellcheck disable=SC2086 # lists of words
	case $engine in
	bare) "$T/bin/work" "$1" "$2" ${3:+"$folder"} ;;
	sbx) as_user $run_sbx /bench/work "$@" ;;
	podman) $run_podman /work "$@" ;;
	podman-user) user_env $run_rootless /work "$@" ;;
	esac >"$T/out" 2>"$T/said" </dev/null && [ -s "$T/out" ] || { echo "$kind: FAIL: under $engine: $(tail -n 1 "$T/said")" && return 1; }
	echo "$kind $engine $(cat "$T/out")" >>"$T/results"
}

# machine ENGINE: one start that does nothing, and one for all work
machine() {
	cat >"$T/vm/all" <<END
cd $T/vm && echo cpu \$(./work cpu $cpu) 1 && echo memory \$(./work memory $memory) 1 &&
	echo files \$(./work files $((files / part)) folder) $part && echo files-in-memory \$(./work files $((files / part)) /tmp) $part
END
	before=$(date +%s%N)
	in_machine "${1#vm-}" true 2>"$T/said" || { echo "FAIL: $1 did not start: $(tail -n 1 "$T/said")" && return 1; }
	after=$(date +%s%N)
	echo "start $1 $((after - before))" >>"$T/results"
	in_machine "${1#vm-}" sh all >"$T/out" 2>"$T/said" && [ "$(wc -l <"$T/out")" = 4 ] ||
		{ echo "FAIL: the work in $1: $(tail -n 1 "$T/said")" && return 1; }
	tr -d '\r' <"$T/out" | awk -v engine="$1" '{ printf "%s %s %.0f\n", $1, engine, $2 * $3 }' >>"$T/results"
}

# --- sizes: what has to be on the disk besides the program and libraries ---
installed() { # PACKAGE...: bytes
	dpkg-query -W -f '${Installed-Size}\n' "$@" 2>/dev/null | awk '{ kib += $1 } END { print kib * 1024 }'
}
size_of() {
	case $1 in
	bare) echo 0 ;;
	sbx) find -L "${SBX%/bin/*}" -type f \( -name 'sbx' -o -name sbx-init -o -name '*.ini' \) -printf '%s\n' | awk '{ n += $1 } END { print n }' ;;
	podman*) installed podman conmon runc golang-github-containers-common ;;
	vm-*) echo "$(installed qemu-system-x86 qemu-system-common qemu-system-data seabios)" \
		"$(du -sb "${SBX_VM:-/var/tmp/sbx-vm}/6.1" | cut -f1)" | awk '{ print $1 + $2 }' ;;
	esac
}

# --- what is here ---
echo "$rounds rounds, $machine_rounds of machines, $starts starts; $(date +%F), $(uname -srm), $(nproc) processors," \
	"load $(cut -d' ' -f1 /proc/loadavg); sbx as $TEST_NAME"
for program in podman runc qemu-system-x86_64; do
	if need $program; then echo "$program: $($program --version 2>/dev/null | head -n 1)"; else echo "$program: not installed"; fi
done
tar -C "$T/bin" -cf "$T/image.tar" . && chmod 644 "$T/image.tar"
if ! need podman runc; then
	echo "podman: not measured: $missing is not installed"
elif [ "$(id -u)" != 0 ]; then
	echo "podman: not measured: this is not root"
else
	try podman sh -c "$podman import $T/image.tar bench && $run_podman /payload"
	try podman-user user_env sh -c "$rootless import $T/image.tar bench && $run_rootless /payload"
fi
machines=
if [ "$short" = 1 ]; then
	echo "vm-tcg, vm-kvm: not measured: this is the short form"
elif ! need qemu-system-x86_64 busybox cpio; then
	echo "vm-tcg, vm-kvm: not measured: $missing is not installed"
elif [ "$(id -u)" != 0 ]; then
	echo "vm-tcg, vm-kvm: not measured: this is not root"
elif ! "$SRCDIR/tests/vm/vm-build.sh" 6.1 >"$T/said" 2>&1; then
	echo "vm-tcg, vm-kvm: not measured: $(tail -n 1 "$T/said")"
else
	before=$engines
	try vm-tcg in_machine tcg true
	if [ -w /dev/kvm ]; then
		machine_seconds=30 try vm-kvm in_machine kvm true
	else
		echo "vm-kvm: not measured: there is no /dev/kvm"
	fi
	machines=${engines#"$before"} engines=$before
fi

# --- rounds ---
bad=0 round=0
while [ $round -lt "$rounds" ]; do
	for kind in cpu memory files files-in-memory; do
		for engine in $engines; do
			work "$engine" $kind || bad=1
		done
	done
	if [ $round -lt "$machine_rounds" ]; then
		for engine in $machines; do
			machine "$engine" || bad=1
		done
	fi
	round=$((round + 1))
done
user="-u $TEST_UID:$TEST_GID"
[ "$(id -u)" = 0 ] || user=
# shellcheck disable=SC2086 # lists of words
set -- bare "$T/bin/payload" :: sbx $user $run_sbx /bench/payload
for engine in $engines; do
	# shellcheck disable=SC2086
	case $engine in
	podman) set -- "$@" :: podman $run_podman /payload ;;
	podman-user) set -- "$@" :: podman-user $user $run_rootless /payload ;;
	esac
done
HOME=$T/user XDG_RUNTIME_DIR=$T/user "$bench/timer" $starts "$@" >"$T/starts" || bad=1
awk '{ printf "start %s %.0f\n", $1, $3 * 1000 }' "$T/starts" >>"$T/results"
for engine in $engines $machines; do
	echo "size $engine $(size_of "$engine")" >>"$T/results"
done

# --- the table ---
LC_ALL=C sort -k1,1 -k2,2 -k3,3g "$T/results" | awk -v engines="$engines$machines" -v short="$short" '
	{ n[$1, $2]++; v[$1, $2, n[$1, $2]] = $3 }
	function median(kind, engine) { return v[kind, engine, int((n[kind, engine] + 1) / 2)] }
	function budget(kind, limit,    ratio, good) {
		if (!n[kind, "sbx"] || !n[kind, "bare"]) { printf "%-40s not measured\n", kind ": sbx <= " limit " of bare"; bad = 1; return }
		ratio = median(kind, "sbx") / median(kind, "bare")
		good = ratio <= limit
		printf "%-40s %s: %.2f (of the minima: %.2f)\n", kind ": sbx <= " limit " of bare", (good ? "pass" : short == 1 ? "over" : "FAIL"),
			ratio, v[kind, "sbx", 1] / v[kind, "bare", 1]
		if (!good && short != 1) bad = 1
	}
	END {
		count = split("bare sbx podman podman-user vm-tcg vm-kvm", column, " ")
		printf "\n%-12s %9s %9s %9s %16s %12s %12s\n", "work, /bare", "cpu", "memory", "files", "files-in-memory", "start, ms", "MB on disk"
		for (c = 1; c <= count; c++) {
			engine = column[c]
			if (index(" " engines " ", " " engine " ") == 0) { printf "%-12s not measured\n", engine; continue }
			printf "%-12s", engine
			split("cpu memory files files-in-memory", kinds, " ")
			for (k = 1; k <= 4; k++) {
				cell = n[kinds[k], engine] ? sprintf("%.2f", median(kinds[k], engine) / median(kinds[k], "bare")) : "-"
				printf "%s%s", (k == 4 ? " " : ""), sprintf(k == 4 ? "%16s" : " %9s", cell)
			}
			printf " %12s %12.1f\n", n["start", engine] ? sprintf("%.1f", median("start", engine) / 1e6) : "-", median("size", engine) / 1e6
		}
		printf "bare, ms:    %9.0f %9.0f %9.0f %16.0f\n", median("cpu", "bare") / 1e6, median("memory", "bare") / 1e6,
			median("files", "bare") / 1e6, median("files-in-memory", "bare") / 1e6
		budget("cpu", 1.1); budget("memory", 1.1); budget("files", 1.5); budget("files-in-memory", 1.5)
		exit bad
	}' || bad=1
exit $bad
