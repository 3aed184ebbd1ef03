#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Attacks by paths and mounts: T-M1 a target swapped while sbx starts, T-M2 links below the new root, T-M3 a persistent
# folder replaced by a link, T-M5 odd targets, T-M8 links that must work, T-M11 links at /dev and /proc, T-M12 the mount
# table, T-M13 mounts changed from inside, T-M15 a mount below a read-only folder.
# shellcheck disable=SC2086,SC2317
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"

# What a launcher that goes by paths does: mkdir -p and touch below a root that holds links.
# shellcheck disable=SC2016 # the inner shell expands it
NAIVE='mkdir -p "$1/data" && mount --rbind "$2" "$1/data" && mkdir -p "$1/data/$3/evil"; : >"$1/data/$3/evilfile"'

unchanged() {
	[ "$(tree_hash "$D/victim")" = "$victim" ]
}

links() {
	ln -s "$D/victim" "$D/work/absolute"
	ln -s "../../victim" "$D/work/up"
	ln -s "../../../../../../../../../../..$D/victim" "$D/work/far"
	ln -s "/proc/self/root$D/victim" "$D/work/proc"
	ln -s "/proc/1/root$D/victim" "$D/work/proc1"
	ln -s "/proc/self/cwd/victim" "$D/work/cwd"
	ln -s "/oldroot$D/victim" "$D/work/oldroot"
	ln -s "absolute" "$D/work/twice"
	ln -s "/data/../..$D/victim" "$D/work/self"
	mkdir "$D/work/folder"
	ln -s "../absolute" "$D/work/folder/deep"
	give "$D/work"
}

t_M1() {
	mkdir "$D/work/t" "$D/work/t/evil" "$D/victim/evil"
	echo SECRET >"$D/victim/evil/inner"
	give "$D"
	as_caller "$A" swapper "$D/work/t" "$D/victim" 25000 >"$T/out" 2>&1 &
	swapper=$!
	holds "control: the path leads to the victim at times" wait_for 5 [ -e "$D/work/t/evil/inner" ]
	bad=0
	victim=$(tree_hash "$D/victim")
	runs=0
	while [ $runs -lt 60 ]; do
		try $B --rw="$D/work:/data" --tmpfs=/data/t/evil --ro="$T/secret:/data/t/evil/file" "$A" make-file /data/t/evil/made
		case $status in
		0 | 10 | 125) ;;
		*) bad=$status ;;
		esac
		runs=$((runs + 1))
	done
	kill $swapper 2>"$T/out" # it ends by itself, later
	wait $swapper 2>"$T/out"
	holds "every start ends well or with a message" [ $bad = 0 ]
	holds "nothing outside was touched" unchanged
}

t_M2() {
	links
	for link in absolute up far; do
		victim=$(tree_hash "$D/victim")
		mkdir -p "$D/root"
		give "$D/root"
		as_caller unshare -rm sh -c "$NAIVE" sh "$D/root" "$D/work" $link >"$T/out" 2>&1
		holds "control: a launcher by paths follows '$link' out" [ -e "$D/victim/evilfile" ]
		rm -rf "$D/victim/evil" "$D/victim/evilfile"
	done
	victim=$(tree_hash "$D/victim")
	work=$(tree_hash "$D/work")
	for link in absolute up far proc proc1 cwd oldroot twice self folder/deep; do
		for option in "--tmpfs=/data/$link/evil" "--ro=$T/secret:/data/$link/evilfile" "--rw=$D/home:/data/$link/evil" \
			"--hide=/data/$link/evil" "--tmpfs=/data/$link" "--ro=$T/secret:/data/$link"; do
			(cd "$D" && as_caller $B --rw="$D/work:/data" "$option" /bin/true >"$T/out" 2>"$T/err" </dev/null)
			status=$?
			[ $status = 0 ] || [ $status = 125 ] || verdict 1 "$option ends with $status"
			unchanged || verdict 1 "$option changed something outside"
		done
		holds "nothing outside was changed through '$link'" unchanged
		[ "$work" = "$(tree_hash "$D/work")" ]
		verdict $? "nor in the folder itself"
	done
	try $B --rw="$D/work:/data" "$A" make-file /data/absolute/a /data/far/a /data/proc1/a /data/proc/a
	holds "nor by the program" unchanged
}

t_M3() {
	mkdir "$D/home/.ssh" "$D/home/app" "$D/home/app/state"
	echo SECRET >"$D/home/.ssh/key"
	give "$D/home"
	control "the program puts a link there" $B --user=keep --rw="$D/home/app" "$A" swap-for-link "$D/home/app/state" ../.ssh
	control "a launcher by paths would follow it" "$A" read-secret "$D/home/app/state/key"
	safe "the next run does not follow it" $B --user=keep --persist="$D/home/app/state" "$A" read-secret \
		"$D/home/app/state/key" "$D/home/.ssh/key"
	safe "nor beside the grant of the folder" $B --user=keep --rw="$D/home/app" --persist="$D/home/app/state" "$A" \
		read-secret "$D/home/app/state/key" "$D/home/.ssh/key"
	safe "nor for a folder below it" $B --user=keep --persist="$D/home/app/state/new" "$A" open-write "$D/home/.ssh/key"
	holds "nothing was made in the target" [ ! -e "$D/home/.ssh/new" ]
}

t_M5() {
	control "a target that is given" $B --ro="$T/secret:/data/x" "$A" read-secret /data/x
	long=$(head -c 4100 /dev/zero | tr '\0' a)
	victim=$(tree_hash "$D/victim")
	for target in "/.." "/../../etc" "relative" "" "/$long" "/$(echo "$long" | head -c 256)" "/a
b" "/data/../../.." "/proc/x" "/proc/self/fd/0" "/dev/../x/.."; do
		try $B --ro="$T/secret:$target" /bin/true
		[ "$status" = 0 ] || [ "$status" = 125 ]
		verdict $? "target '$(echo "$target" | head -c 30 | tr '\n' '?')' ends well or with a message"
	done
	holds "nothing outside was changed" unchanged
}

t_M8() {
	mkdir -p "$D/disk/data"
	echo SECRET >"$D/disk/data/file"
	ln -s "$D/disk" "$D/home/x"
	ln -s "$D/disk" "$D/otherhome"
	give "$D"
	closed "control: it is not there by itself" $B "$A" read-secret "$D/home/x/data/file"
	control "a link as source works" $B --user=keep --ro="$D/home/x" "$A" read-secret "$D/home/x/data/file"
	control "a link on the way works" $B --user=keep --ro="$D/home/x/data" "$A" read-secret "$D/home/x/data/file"
	control "a home that is a link works" env HOME="$D/otherhome" $B --user=keep --ro="$D/otherhome/data" "$A" read-secret \
		"$D/otherhome/data/file"
	for path in /var/run /lib64 /lib /bin; do
		[ -L "$path" ] || continue
		try $B --ro=$path sh -c "test -d $path/."
		holds "$path works as a source" [ "$status" = 0 ]
	done
}

t_M11() {
	mkdir "$D/root" "$D/root/usr" "$D/root/tmp"
	ln -s "$D/victim" "$D/root/dev"
	ln -s "$D/victim" "$D/root/proc"
	ln -s "$D/victim" "$D/root/etc"
	give "$D/root"
	as_caller sh -c ": >'$D/root/dev/null'; mkdir '$D/root/dev/pts'" >"$T/out" 2>&1
	holds "control: a launcher by paths follows /dev out" [ -e "$D/victim/null" ]
	rm -rf "$D/victim/null" "$D/victim/pts"
	victim=$(tree_hash "$D/victim")
	for option in "--ro=$D/root:/" "--rw=$D/root:/" "--rw=$D/root:/srv --ro=/dev/null:/srv/dev/null"; do
		try $S --set=filesystem.view=empty $option --ro=/usr --ro="$T/bin" "$A" fd-leaked
		holds "$option: nothing outside was made" unchanged
	done
	mkdir "$D/work/dev"
	ln -s "$T/secret" "$D/work/dev/null"
	try $B --ro="$D/work/dev:/dev/shm/x" --rw="$D/work:/data" sh -c 'test -c /dev/null && echo x >/dev/null'
	holds "/dev/null is the device" [ "$status" = 0 ]
}

t_M12() {
	control "the host's own table" "$A" mount-table
	for options in "" "--set=filesystem.view=host" "--rw=$D/work" "--tmpfs=/data --home=private" "--set=filesystem.proc=pids"; do
		closed "the table with '$options'" $B $options "$A" mount-table
	done
}

# What must be there for an attack to work at all; its program is at fd 9, for a mount may cover it.
t_M13() {
	for attack in "remount /usr" "unmount /usr" "bind-over" "make-shared" "mount-new" "move-tree" "pivot-back" "change-root"; do
		case $attack in
		remount*) first="mount --rbind /usr /usr && mount -o remount,bind,ro /usr" ;;
		unmount*) first="mount --rbind /usr /usr" ;;
		pivot*) first="mount -t tmpfs none /tmp" ;;
		*) first=: ;;
		esac
		control "$attack" unshare -rm sh -c "exec 9<'$A' && $first && exec /proc/self/fd/9 $attack"
		closed "$attack" $B "$A" $attack
		closed "$attack, without the filter" $B --set=syscalls.base=none "$A" $attack
	done
	closed "remount of a writable folder" $B --rw="$D/work:/data" --set=syscalls.base=none "$A" remount /data
	closed "unmount of a hidden folder" $B --hide=/usr/share --set=syscalls.base=none "$A" unmount /usr/share
}

# A mount below a read-only folder is read-only too. The first way of the control binds as is often done.
t_M15() {
	mkdir "$D/work/sub" "$D/copy"
	give "$D"
	inside="mount -t tmpfs none '$D/work/sub' && : >'$D/work/sub/f' && chmod 666 '$D/work/sub/f'"
	control "mount -o rbind,ro leaves it writable" unshare -rm sh -c \
		"$inside && mount --rbind '$D/work' '$D/copy' && mount -o remount,bind,ro '$D/copy' && exec '$A' open-write '$D/copy/sub/f'"
	closed "a mount below --ro" unshare -rm sh -c "$inside && exec $B --user=keep --ro='$D/work:/data' '$A' open-write /data/sub/f"
	control "a mount below --rw" unshare -rm sh -c "$inside && exec $B --user=keep --rw='$D/work:/data' '$A' open-write /data/sub/f"
}

cases "${1-}" T-M1 T-M2 T-M3 T-M5 T-M8 T-M11 T-M12 T-M13 T-M15
