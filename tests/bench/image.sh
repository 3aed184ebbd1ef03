#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Images of `sbxctl image pack`, of a static program, python3, nginx, gcc and firefox-esr, as far as they are installed:
#   - do they work: each runs a command that needs more than its start, under sbx, podman, crun and docker;
#   - how large they are, against the root folder that debootstrap makes of a minimal Debian with the package in it: at most 1/3,
#     by the bytes of all files on both sides; packed with tar and gzip beside it. Where the program's own files and their
#     libraries, as ldd names them, are more than that already (the floor), nobody can pass: at most 1/4 more than those then;
#   - how long a launch takes, against `podman run` of the same image: at most 1/20, by the static program.
# sbx and a second podman run as an ordinary user, the others as root. Launches are interleaved; medians. What is not
# installed, or does not run here, is said and not measured, which is no pass. Fails if a budget does, or a command under sbx.
#
# All is in mount and process namespaces of this script's own, and ends with them. Kept is $BENCH_STATE, by default
# /var/tmp/sbx-bench: the minimal Debian, and the sizes with each package; remove it to have them made again.
# PROGRAMS: some of "busybox python3 nginx gcc firefox-esr". Packages: build-aux/packages-bench.txt; docker counts if dockerd,
# docker and containerd are in PATH.
# usage: image.sh [ROUNDS]     (run by `make bench-image`, as root)
set -u
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
if [ -z "${BENCH_FOLDER-}" ]; then
	[ "$(id -u)" = 0 ] || { echo "image.sh: podman, crun and debootstrap take root" >&2 && exit 2; }
	test_folder
	BENCH_FOLDER=$T BENCH_GROUP=/sbx-bench-$$ unshare --mount --pid --fork --kill-child --mount-proc --propagation private \
		sh "$0" "$@" &
	inside=$!
	trap '[ -z "$inside" ] || { kill -9 "$inside" && sleep 1; }
		rm -rf "$T"
		find /sys/fs/cgroup -depth -type d \( -path "*/sbx-bench-$$*" -o -path "*/libpod_parent*" \) -exec rmdir {} + 2>/dev/null' EXIT
	wait $inside
	status=$? inside=
	exit $status
fi
T=$BENCH_FOLDER group=${BENCH_GROUP:?}
rounds=${1:-${ROUNDS:-25}}
state=${BENCH_STATE:-/var/tmp/sbx-bench}
timer=${BUILDDIR:?}/tests/bench/timer
bundle="python3 $SRCDIR/tests/bench/bundle.py"
mkdir -p "$state" "$T/run" "$T/user"
mkdir -m 1777 "$T/work"
chown "$TEST_UID:$TEST_GID" "$T/user"
bad=0

# crun takes a machine with both kinds of control groups for a mistake; here, the second kind is not seen.
if [ -e /sys/fs/cgroup/unified ] && ! umount /sys/fs/cgroup/unified; then
	echo "the cgroup v2 beside v1 can't be unmounted here" >&2
fi

# --- the engines; the timer looks no name up ---
run="run --rm --cgroup-parent $group"
limits="--ulimit nofile=1024:1024 --ulimit nproc=1000:1000"
flags="--runtime runc --cgroup-manager cgroupfs"
podman="$(command -v podman) --root $T/podman --runroot $T/run/podman $flags"
rootless="$(command -v podman) --root $T/user/podman --runroot $T/user/run --storage-driver overlay $flags"
docker="$(command -v docker) -H unix://$T/docker.sock"

start_docker() {
	need dockerd docker containerd skopeo || { why="$missing is not installed" && return 1; }
	dockerd --data-root "$T/docker" --exec-root "$T/run/docker" --host "unix://$T/docker.sock" --pidfile "$T/docker.pid" \
		--iptables=false --ip-forward=false --bridge=none --cgroup-parent "$group" >"$T/docker.log" 2>&1 &
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		sleep 1
		$docker version >/dev/null 2>&1 && return
	done
	why=$(grep -E 'level=(fatal|error)' "$T/docker.log" | tail -n 1)
	[ -n "$why" ] || why=$(tail -n 1 "$T/docker.log")
	return 1
}

# user_env COMMAND...: for podman as the ordinary user
user_env() {
	as_user env XDG_RUNTIME_DIR="$T/user" XDG_DATA_HOME="$T/user" TMPDIR="$T/user" "$@"
}

# try ENGINE COMMAND...: it is measured if that works
engines=sbx
try() {
	try_engine=$1
	shift
	if "$@" >"$T/said" 2>&1; then
		engines="$engines $try_engine"
	else
		echo "$try_engine: not measured: $(tail -n 1 "$T/said")"
	fi
}

# has ENGINE
has() {
	case " $engines " in *" $1 "*) return 0 ;; esac
	return 1
}

# --- images ---
options_of() { # what `image pack` of NAME gets
	case $1 in # GTK would read icons with it, of which no theme is packed; it takes 46 MB of libraries
	firefox-esr) echo "--without=/usr/lib/$(uname -m)-linux-gnu/gdk-pixbuf-2.0/2.10.0/loaders/libpixbufloader-svg.so" ;;
	esac
}
parts_of() { # files without which NAME is nothing
	case $1 in
	gcc) for part in cc1 collect2 as ld; do gcc -print-prog-name=$part; done | xargs which gcc ;;
	firefox-esr) for part in firefox-esr libxul.so omni.ja browser/omni.ja; do echo /usr/lib/firefox-esr/$part; done ;;
	*) $bundle entry "$T/$1/config.json" ;;
	esac
}
floor_of() { # bytes of those and of the libraries that they are linked with
	parts_of "$1" | while read -r part; do
		realpath "$part"
		LD_LIBRARY_PATH=${part%/*} ldd "$part" 2>/dev/null | grep -o '/[^ ]*' | xargs -r realpath
	done | sort -u | xargs stat -c %s | awk '{ bytes += $1 } END { print bytes }'
}
package_of() { # the one that debootstrap gets
	case $1 in
	busybox) echo busybox-static ;;
	nginx) echo nginx-light ;;
	*) echo "$1" ;;
	esac
}
in_store() { as_user env XDG_DATA_HOME="$T/user/data" "$@"; }

pack() { # makes $T/NAME: layout, bundle, and the images of the engines
	mkdir -p "$T/$1" && chown "$TEST_UID:$TEST_GID" "$T/$1"
	# shellcheck disable=SC2046 # a list of words
	in_store "${SBXCTL:?}" image pack --quiet $(options_of "$1") "$1" -o "oci:$T/$1/layout:1" &&
		chmod -R a+rX "$T/$1" && umoci unpack --image "$T/$1/layout:1" "$T/$1/bundle" >/dev/null 2>&1 || return 1
	entry=$($bundle entry "$T/$1/bundle/config.json")
	cp "$T/$1/bundle/config.json" "$T/$1/config.json"
	# the path becomes a name, which has no capitals
	! has podman || (cd "$T/$1" && $podman pull -q oci:layout:1 >podman 2>"$T/said") || return 1
	! has podman-user || (cd "$T/$1" && user_env $rootless pull -q oci:layout:1 >"$T/$1/podman-user" 2>"$T/said") || return 1
	if has docker; then
		skopeo copy -q "oci:$T/$1/layout:1" "docker-archive:$T/$1/docker.tar:$1:1" && $docker load -q -i "$T/$1/docker.tar" &&
			rm "$T/$1/docker.tar"
	fi >"$T/said" 2>&1
}

# commands ENGINE NAME WORK: sets $argv, the words before the program's arguments; WORK is a folder to show as /work, or ''.
# Names of folders here have no blanks.
commands() {
	case $1 in
	sbx) argv="$SBX --profile=default --image=$2 --chdir=/tmp --env=HOME=/tmp ${3:+--rw=$3:/work} $EXTRA -- $entry" ;;
	podman | podman-user)
		argv="--network none $limits --tmpfs /tmp --workdir /tmp --env HOME=/tmp ${3:+-v $3:/work} $(cat "$T/$2/$1")"
		if [ "$1" = podman ]; then argv="$podman $run $argv"; else argv="$rootless run --rm $argv"; fi
		;;
	docker) argv="$docker run --rm --network none --tmpfs /tmp --workdir /tmp --env HOME=/tmp ${3:+-v $3:/work} $2:1" ;;
	crun) argv="$(command -v crun) --root $T/run/crun --cgroup-manager=cgroupfs run --bundle $T/$2/bundle bench-$2" ;;
	esac
}

# in_engine ENGINE NAME ARGUMENT...: for ten seconds at most
in_engine() {
	in_name=$1 in_image=$2
	shift 2
	commands "$in_name" "$in_image" "$T/work"
	[ "$in_name" != crun ] ||
		$bundle arguments "$T/$in_image/config.json" "$T/work" "$group/crun" "$@" >"$T/$in_image/bundle/config.json"
	# shellcheck disable=SC2086 # lists of words
	case $in_name in
	sbx) in_store timeout "$(seconds "${in_time:-60}")" $argv "$@" ;;
	podman-user) user_env timeout "$(seconds "${in_time:-60}")" $argv "$@" ;;
	crun) timeout "$(seconds "${in_time:-60}")" $argv ;;
	*) timeout "$(seconds "${in_time:-60}")" $argv "$@" ;;
	esac >"$T/out" 2>&1 </dev/null
}

# --- does it work: a command that needs more than the program's start; it leaves $T/work/out ---
works() {
	rm -rf "$T"/work/*
	case $2 in
	busybox)
		in_engine "$1" "$2" sh -c 'echo works | tr a-z A-Z >/work/out'
		grep -qx WORKS "$T/work/out"
		;;
	python3)
		in_engine "$1" "$2" -c 'import ssl, sqlite3, json, http.client, zlib
with open("/work/out", "w") as file: print(sqlite3.connect(":memory:").execute("select 40 + 2").fetchone()[0], file=file)'
		grep -qx 42 "$T/work/out"
		;;
	nginx) # a page by a socket
		printf '%s\n' 'user root root; daemon off; master_process off; pid /tmp/pid; events {} http { access_log off; client_body_temp_path /tmp/b;' \
			'proxy_temp_path /tmp/p; fastcgi_temp_path /tmp/f; uwsgi_temp_path /tmp/u; scgi_temp_path /tmp/s;' \
			'server { listen unix:/work/socket; return 200 works; } }' >"$T/work/nginx.conf"
		in_time=5 in_engine "$1" "$2" -e stderr -c /work/nginx.conf &
		nginx=$!
		wait_for 4 test -S "$T/work/socket" && curl -s --unix-socket "$T/work/socket" http://localhost/ >"$T/work/out"
		wait "$nginx"
		grep -q works "$T/work/out"
		;;
	gcc)
		printf '#include <stdio.h>\nint main(void) { return puts("works") < 0; }\n' >"$T/work/a.c"
		in_engine "$1" "$2" -O2 -o /work/a /work/a.c
		"$T/work/a" >"$T/work/out" && grep -qx works "$T/work/out"
		;;
	firefox-esr)
		in_engine "$1" "$2" --headless --screenshot /work/out 'data:text/html,<h1>works</h1>'
		[ "$(head -c 4 "$T/work/out" | tail -c 3)" = PNG ] && [ "$(wc -c <"$T/work/out")" -gt 5000 ]
		;;
	esac
}
trivial() {
	case $1 in
	busybox) echo true ;;
	python3) echo "-S -c 1" ;;
	nginx) echo -v ;;
	*) echo --version ;;
	esac
}

# --- sizes ---
sum_of() { # FOLDER: number and bytes of its files; without what apt downloads
	find "$1" -xdev \( -path '*/var/cache/apt' -o -path '*/var/lib/apt/lists' \) -prune -o -type f -printf '%i %s\n' |
		sort -u | awk '{ bytes += $2 } END { print NR, bytes + 0 }'
}
sources=/etc/apt/sources.list.d/debian.sources
[ -e $sources ] || sources=/etc/apt/sources.list
debian() { # makes $state/minbase
	[ ! -e "$state/minbase/bin/sh" ] || return 0
	mirror=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb [^h]*\(http[^ ]*\).*/\1/p' $sources | head -n 1)
	debootstrap --variant=minbase "$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" "$state/minbase.new" "$mirror" \
		>"$state/log" 2>&1 && mv "$state/minbase.new" "$state/minbase" || { rm -rf "$state/minbase.new" && return 1; }
}
packed() { # FOLDER: bytes of it as tar.gz
	tar -C "$1" --one-file-system --exclude=./var/cache/apt --exclude=./var/lib/apt/lists -cf - . | gzip -6 | wc -c
}
debian_with() { # PACKAGE: $state/PACKAGE.size
	[ ! -e "$state/$1.size" ] || [ "$(wc -w <"$state/$1.size")" != 3 ] || return 0
	debian && cp -a "$state/minbase" "$T/root" || return 1
	cp $sources "$T/root/$sources"
	[ $sources = /etc/apt/sources.list ] || : >"$T/root/etc/apt/sources.list"
	printf '#!/bin/sh\nexit 101\n' >"$T/root/usr/sbin/policy-rc.d"
	chmod 755 "$T/root/usr/sbin/policy-rc.d"
	mount -t proc proc "$T/root/proc" &&
		chroot "$T/root" sh -c "apt-get -qq update && apt-get -qqy install --no-install-recommends $1" >"$state/log" 2>&1
	made=$?
	umount "$T/root/proc"
	[ $made != 0 ] || echo "$(sum_of "$T/root") $(packed "$T/root")" >"$state/$1.size"
	rm -rf "$T/root"
	return $made
}

# launches NAME: lines of the timer, with the program's name before
launches() {
	# shellcheck disable=SC2046 # words
	set -- "$1" bare "$entry" $(trivial "$1")
	launched=$1
	shift
	for engine in $engines; do
		commands "$engine" "$launched" ''
		# shellcheck disable=SC2046,SC2086 # words
		case $engine in
		sbx | podman-user) set -- "$@" :: "$engine" -u "$TEST_UID:$TEST_GID" $argv $(trivial "$launched") ;;
		crun)
			$bundle arguments "$T/$launched/config.json" '' "$group/crun" $(trivial "$launched") >"$T/$launched/bundle/config.json"
			set -- "$@" :: crun $argv
			;;
		*) set -- "$@" :: "$engine" $argv $(trivial "$launched") ;;
		esac
	done
	HOME=$T/user XDG_RUNTIME_DIR=$T/user XDG_DATA_HOME=$T/user/data "$timer" "$rounds" "$@" >"$T/times" || return 1
	sed "s/^/$launched /" "$T/times" >>"$T/launches"
}

# --- what is here ---
echo "$rounds rounds; $(date +%F), $(uname -srm), $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg); sbx as $TEST_NAME"
for program in podman runc crun umoci debootstrap dockerd; do
	if need $program; then echo "$program: $($program --version 2>/dev/null | head -n 1)"; else echo "$program: not installed"; fi
done
need umoci || exit 2
mkdir -p "$T/tiny/bin" && cp "$BUILDDIR/tests/bench/payload" "$T/tiny/bin/true" && tar -C "$T/tiny" -cf "$T/tiny.tar" . &&
	chmod 644 "$T/tiny.tar"
trial="--network none $limits tiny /bin/true"
# shellcheck disable=SC2086 # words
if need podman runc; then
	try podman sh -c "$podman import $T/tiny.tar tiny && $podman $run $trial"
	try podman-user user_env sh -c "$rootless import $T/tiny.tar tiny && $rootless run --rm $trial"
else
	echo "podman: not measured: $missing is not installed"
fi
if need crun; then engines="$engines crun"; else echo "crun: not measured: it is not installed"; fi
if start_docker; then engines="$engines docker"; else echo "docker: not measured: $why"; fi

: >"$T/table"
for name in ${PROGRAMS:-busybox python3 nginx gcc firefox-esr}; do
	need "$name" || { echo "$name: not measured: it is not installed" && continue; }
	pack "$name" || { echo "$name: FAIL: it can't be packed: $(tail -n 1 "$T/said")" && bad=1 && continue; }
	for engine in $engines; do
		works "$engine" "$name" 2>/dev/null && continue
		case $engine in
		sbx) echo "$name: FAIL: it does not work under sbx: $(tail -n 1 "$T/out")" && bad=1 ;;
		*) echo "$name: does not work under $engine, its launch does: $(tail -n 1 "$T/out")" ;;
		esac
	done
	tree=$(sum_of "$T/$name/bundle/rootfs")
	layer=$(packed "$T/$name/bundle/rootfs")
	package=$(package_of "$name")
	if ! need debootstrap; then
		echo "$name: size of Debian not measured: debootstrap is not installed"
	elif ! debian_with "$package"; then
		echo "$name: size of Debian not measured: $(tail -n 1 "$state/log")"
	fi
	echo "$name $tree $layer $(floor_of "$name") $(cat "$state/$package.size" 2>/dev/null)" >>"$T/table"
	launches "$name" || { echo "$name: FAIL: a launch failed" && bad=1; }
done

# --- tables ---
awk '
	function budget(text, good, value) {
		printf "%-64s %s: %s\n", text, good ? "pass" : "FAIL", value
		if (!good) bad = 1
	}
	function part(value, whole) { return whole ? sprintf("%.2f", value / whole) : "-" }
	BEGIN { printf "\n%-12s %7s %11s %11s %11s %8s %11s %11s %7s %7s\n", "bytes", "files", "tree", "tar.gz", "floor", "Debian:",
		"tree", "tar.gz", "tree/", "tar.gz/" }
	{
		printf "%-12s %7d %11d %11d %11d %8s %11s %11s %7s %7s\n", $1, $2, $3, $4, $5, $6, $7, $8, part($3, $7), part($4, $8)
		if ($7) ratio[$1] = $3 / $7
		if ($7) least[$1] = $5 / $7
		order[NR] = $1
	}
	END {
		for (i = 1; i <= NR; i++) {
			name = order[i]
			text = name ": at most 1/3 of Debian with its package"
			if (!(name in ratio)) printf "%-64s not measured\n", text
			else if (least[name] <= 1 / 3) budget(text, ratio[name] <= 1 / 3, sprintf("1/%.1f", 1 / ratio[name]))
			else {
				printf "%-64s can not be had: 1/%.1f; the floor is 1/%.1f\n", text, 1 / ratio[name], 1 / least[name]
				budget(name ": at most 1.25 of its floor", ratio[name] <= 1.25 * least[name], sprintf("%.2f", ratio[name] / least[name]))
			}
		}
		exit bad
	}' "$T/table" || bad=1
awk -v engines="$engines podman-user podman docker crun" '
	{ if (!($1 in seen)) { order[++n] = $1; seen[$1] = 1 } p50[$1, $2] = $4 }
	END {
		split("bare sbx crun podman podman-user docker", column, " ")
		printf "\n%-12s", "launch, ms"
		for (c = 1; c <= 6; c++) printf " %12s", column[c]
		printf " %12s %12s\n", "podman/sbx", "docker/sbx"
		for (i = 1; i <= n; i++) {
			printf "%-12s", order[i]
			for (c = 1; c <= 6; c++)
				printf " %12s", (order[i], column[c]) in p50 ? sprintf("%.1f", p50[order[i], column[c]] / 1e3) : "-"
			for (c = 4; c <= 6; c += 2)
				printf " %12s", (order[i], column[c]) in p50 ? sprintf("%.1f", p50[order[i], column[c]] / p50[order[i], "sbx"]) : "-"
			printf "\n"
		}
		text = "launch of a static program: at most 1/20 of podman run"
		if (!(("busybox", "podman") in p50)) { printf "%-64s not measured\n", text; exit }
		ratio = p50["busybox", "podman"] / p50["busybox", "sbx"]
		printf "%-64s %s: 1/%.1f\n", text, (ratio >= 20 ? "pass" : "FAIL"), ratio
		exit !(ratio >= 20)
	}' "$T/launches" || bad=1
exit $bad
