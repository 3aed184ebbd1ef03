#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Attacks on the setuid sbx by its caller, who may have no right of root and no file that only root may see. What its
# processes are, and how long one of them is root, is in tests/run/gate.sh; what happens if a call of it fails, in
# tests/fault/gate.sh.
# shellcheck disable=SC2086,SC2317
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"

listed T-U4 "a process that stays root" "tests/run/gate.sh"
listed T-U7 "an fd of root that is kept" "tests/run/gate.sh"
listed T-U14 "a job for uid 0 given to a daemon" "there is no daemon; T-C2 has numbers for users"
listed T-C9 "profiles, arguments and plans made by a fuzzer" "tests/fuzz"

# What only root may see: a file, and one in a folder.
roots_own() {
	mkdir -p "$D/root/locked" "$D/root/open"
	echo SECRET >"$D/root/locked/file"
	echo SECRET >"$D/root/open/file"
	echo SECRET >"$D/root/open/group"
	chown -R root:root "$D/root"
	chmod 755 "$D/root" "$D/root/open"
	chmod 700 "$D/root/locked"
	chmod 600 "$D/root/open/file"
	chmod 660 "$D/root/open/group"
}

claim T-U1 "every option with a path, at what only root may see or write" "root is given up before any input is read" "gated"
t_U1() {
	roots_own
	cp "$A" "$D/root/suid"
	chmod 4755 "$D/root/suid"
	for file in locked/file open/file open/group; do
		control "a setuid program that opens what it is told: $file" "$D/root/suid" read-secret "$D/root/$file"
	done
	victim=$(tree_hash "$D/root")
	for file in locked/file open/file open/group locked open; do
		path=$D/root/$file
		for options in "--ro=$path:/data" "--rw=$path:/data" "--persist=$path" "--persist=$path/new" "--stdin=$path" "--stdout=$path" \
			"--stderr=$path" "--report=$path" "--profile=$path" "--chdir=$path" "--stdout=$path/new" "--report=$path/new" \
			"--set=filesystem.open-arguments=read-write" "--home=private --set=filesystem.view=host"; do
			(cd "$D/root/open" && as_caller $B $options "$A" read-secret /data /data/file "$path" "$path/file" >"$T/out" 2>"$T/err" </dev/null)
			status=$? out=$(cat "$T/out")
			! says OPEN && { [ $status = 125 ] || says SHUT; } && ! grep -q SECRET "$T/err" || verdict 1 "$options"
			[ "$victim" = "$(tree_hash "$D/root")" ] || verdict 1 "$options changed something"
		done
		holds "$file: not seen, and not changed, by any of 14 options" [ "$victim" = "$(tree_hash "$D/root")" ]
	done
	try env XDG_CONFIG_HOME="$D/root/locked" XDG_DATA_HOME="$D/root/locked" XDG_RUNTIME_DIR="$D/root/locked" $B --home=private \
		"$A" read-secret "$D/root/locked/file"
	! says OPEN && [ "$victim" = "$(tree_hash "$D/root")" ]
	verdict $? "nor by variables"
}

# Whether a file is there must not be told to who may not see it. Names are made the same before it is compared.
claim T-U1b "messages that tell whether a hidden file is there" "root is given up before any input is read" "gated"
t_U1b() {
	roots_own
	for option in "--ro=%s" "--rw=%s:/data" "--stdin=%s" "--stdout=%s" "--report=%s" "--profile=%s" "--persist=%s" "--ro=-%s" "--hide=%s"; do
		for name in file none; do
			# shellcheck disable=SC2059 # it is a format
			try $B "$(printf -- "$option" "$D/root/locked/$name")" /bin/true
			{ echo "$status $out"; sed "s/\<$name\>/NAME/g" "$T/err"; } >"$D/said.$name"
		done
		holds "$option: the same is said of a file that is there and one that is not" cmp -s "$D/said.file" "$D/said.none"
	done
	holds "control: root is told more" [ "$(ls "$D/root/locked/file")" = "$D/root/locked/file" ]
}

claim T-U2 "a working directory and groups of root" "root is given up before any input is read" "gated"
t_U2() {
	roots_own
	(cd "$D/root/locked" && "$A" read-secret file >"$T/out")
	holds "control: root's working directory" grep -q OPEN "$T/out"
	for options in "" "--ro=." "--rw=." "--set=filesystem.view=host" "--chdir=$D/root/locked"; do
		out=$(cd "$D/root/locked" && as_caller $B $options "$A" read-secret file "$D/root/locked/file" 2>"$T/err" </dev/null)
		status=$?
		! says OPEN
		verdict $? "root's working directory with '$options'"
	done
	try $B sh -c 'id -G'
	holds "no group of root's" [ "$out" = "$TEST_GID" ]
}

# The caller stops the process at any moment, and looks into it then.
claim T-U3 "the process traced or read while it starts" "not dumpable, user namespace of root" "gated"
t_U3() {
	as_caller sleep 5 &
	sleep 0.3
	control "another process of the caller" "$A" reach-pid "$(pgrep -n -f '^sleep 5$')"
	opened=0 roots=0 looked=0
	for delay in $(seq 1 40); do
		start $B sleep 0.2
		pid=$(cat "$D/work/pid")
		[ "$delay" = 1 ] || sleep "$(echo "$delay" | awk '{ print $1 / 4000 }')"
		as_caller kill -STOP "$pid" 2>/dev/null || continue
		# before the exec of sbx it is a shell of the caller, and after its end nothing
		case $(cat "/proc/$pid/comm" 2>/dev/null) in
		sbx)
			looked=$((looked + 1))
			try "$A" reach-pid "$pid"
			says SHUT || { opened=$((opened + 1)); note "$out"; }
			grep -q '^Uid:.*[[:space:]]0[[:space:]]' "/proc/$pid/status" && roots=$((roots + 1))
			;;
		esac
		as_caller kill -CONT "$pid" 2>/dev/null
	done
	wait
	holds "control: it was looked at $looked times, $roots of them while it was root" [ $looked -gt 10 ]
	holds "it was open $opened times" [ $opened = 0 ]
}

claim T-U5 "a setuid program below a changed /etc" "no_new_privs, nosuid mounts" "gated"
t_U5() {
	cp "$A" "$T/bin/suid"
	chown root:root "$T/bin/suid"
	chmod 6755 "$T/bin/suid"
	control "a setuid program" "$A" exec-suid "$T/bin/suid"
	for options in "--tmpfs=/etc" "--set=filesystem.view=host" "--tmpfs=/etc --set=syscalls.base=none"; do
		closed "with '$options'" $B $options "$A" exec-suid "$T/bin/suid"
	done
	rm -f "$T/bin/suid"
}

claim T-U6 "file systems that root could mount for the caller" "no option mounts one" "gated"
t_U6() {
	head -c 1000000 /dev/zero >"$D/work/image"
	control "a new mount" unshare -rm "$A" mount-new
	refused "an image" $B --image="$D/work/image" "$A" uid-zero
	closed "a new mount" $B "$A" mount-new
	closed "a new mount, without the filter" $B --set=syscalls.base=none "$A" mount-new
	try $B grep -vE ' - (tmpfs|devtmpfs|proc|devpts|ext4|btrfs|xfs|overlay|virtiofs|9p|fuse[.a-z]*) ' /proc/self/mountinfo
	holds "no mount is of a type that it did not have" [ -z "$out" ]
}

# By a hard link in a folder of the caller's it finds profiles and helpers of the caller's.
claim T-U8 "a link or copy of sbx, with profiles and helpers planted beside it" "nothing of sbx's own is trusted with rights" "gated"
t_U8() {
	mkdir -p "$D/home/bin" "$D/home/share/sbx/profiles" "$D/home/libexec/sbx"
	printf '[process]\nuser = root\ncapabilities = sys_admin\n' >"$D/home/share/sbx/profiles/default.ini"
	cp "$A" "$D/home/libexec/sbx/sbx-init"
	ln "$SBX" "$D/home/bin/sbx"
	cp "$PLAIN_SBX" "$D/home/bin/copy"
	give "$D/home/share" "$D/home/libexec"
	holds "control: the link has the bit" [ -u "$D/home/bin/sbx" ]
	safe "by a hard link" "$D/home/bin/sbx" --ro="$T/bin" "$A" privilege-state
	printf '[environment]\nset = A=b\n' >"$D/home/share/sbx/profiles/default.ini"
	try "$D/home/bin/sbx" --ro="$T/bin" --rw="$D/work:/data" "$A" privilege-state
	says SHUT || is_refused
	verdict $? "by a hard link, with a planted helper"
	if [ -e "$D/work/rights" ]; then
		! grep -E '^Cap...:' "$D/work/rights" | grep -qv '0000000000000000$'
		verdict $? "the helper ran, without any right"
	fi
	cp "${PLAIN_SBX%/bin/*}/libexec/sbx/sbx-init" "$D/home/libexec/sbx/sbx-init"
	closed "by a hard link, with a true helper" "$D/home/bin/sbx" --ro="$T/bin" "$A" privilege-state
	try sh -c "exec 9<'$SBX' && exec /proc/self/fd/9 --profile=default --ro='$T/bin' '$A' privilege-state"
	is_refused || says SHUT
	verdict $? "by /proc/self/fd"
	rm -f "$D/home/libexec/sbx/sbx-init"
	cp "${PLAIN_SBX%/bin/*}/libexec/sbx/sbx-init" "$D/home/libexec/sbx/sbx-init"
	chmod 755 "$D/home/libexec/sbx/sbx-init"
	closed "by a copy, which has no bit" "$D/home/bin/copy" --ro="$T/bin" "$A" privilege-state
	rm -f "$D/home/bin/sbx"
}

# The steps of a run up to its setresuid are those that it makes as root.
claim T-U9 "programs executed and libraries loaded as root" "static program, raw calls only" "gated"
t_U9() {
	need strace || { skip "$ID as $WHO: programs" "$missing is not installed"; return 0; }
	env LD_PRELOAD="$D/work/x.so" strace -f -u "$(id -un "$TEST_UID" 2>/dev/null || echo "$TEST_NAME")" -o "$D/trace" \
		$B "$A" uid-zero >"$T/out" 2>"$T/err" </dev/null
	if ! grep -q setresuid "$D/trace"; then
		unavailable "$ID as $WHO: programs" "strace can't start it as a user that has no name"
		return 0
	fi
	sed '/ setresuid(/q' "$D/trace" >"$D/as-root"
	holds "control: the program is executed once" [ "$(grep -c ' execve(' "$D/as-root")" = 1 ]
	! sed '1,/ execve(/d' "$D/as-root" | grep -E ' (execve|execveat|fork|vfork)\('
	verdict $? "no other is executed as root"
	! grep -E '\.so|/etc/(passwd|nsswitch|ld)|\.ini"|locale|gconv' "$D/as-root"
	verdict $? "no library and no file of the system is read as root"
	! sed '/ exec.*"sbx-init"/q' "$D/trace" | sed '1,/ execve(/d' | grep -q '\.so'
	verdict $? "nor is a library loaded after the view has changed (T-U10)"
}
listed T-U10 "libraries loaded after the view has changed" "T-U9"

claim T-U11 "sbx stopped, continued and killed at any moment" "nothing is to be cleaned up" "gated"
t_U11() {
	tag=86420.$$
	for delay in $(seq 1 30); do
		start $B sleep $tag
		pid=$(cat "$D/work/pid")
		[ "$delay" = 1 ] || sleep "$(echo "$delay" | awk '{ print $1 / 2500 }')"
		as_caller kill -STOP "$pid" 2>/dev/null
		as_caller kill -CONT "$pid" 2>/dev/null
		as_caller kill -KILL "$pid" 2>/dev/null
		wait
	done
	wait_for 3 nothing_runs $tag
	verdict $? "nothing outlives it"
	holds "no process, group or mount is left" nothing_left
	start $B sleep $tag
	wait_for 5 something_runs $tag
	verdict $? "control: the program runs"
	as_caller kill -KILL "$(cat "$D/work/pid")"
	wait_for 3 nothing_runs $tag
	verdict $? "and ends with it"
}

something_runs() {
	pgrep -f "^sleep $1\$" >/dev/null
}

nothing_runs() {
	! something_runs "$1"
}

claim T-U12 "the setuid sbx without its rights: no_new_privs, a user namespace, a chroot" "the ordinary way, or refusal" "gated"
t_U12() {
	control "rights without sbx" setpriv --no-new-privs "$A" privilege-state
	closed "no_new_privs" setpriv --no-new-privs $B "$A" privilege-state
	closed "in a user namespace" unshare -r $B "$A" privilege-state
	closed "in a user and mount namespace" unshare -rm $B "$A" privilege-state
	safe "in a sandbox that allows it" "$PLAIN_SBX" --profile=default --set=process.nested-namespaces=10 \
		--set=syscalls.base=none --ro="$T" $B "$A" privilege-state
	mkdir -p "$D/jail/proc" "$D/jail/dev" "$D/jail/bin"
	cp -p "$SBX" "$D/jail/bin/"
	cp "$A" "$D/jail/bin/"
	# shellcheck disable=SC2016 # the inner shell expands it
	jail='mount -t proc none "$1/proc" && mount --bind /dev "$1/dev" && shift && exec "$@"'
	out=$(unshare -m sh -c "$jail" sh "$D/jail" chroot --userspec="$TEST_UID:$TEST_GID" "$D/jail" /bin/attack read-secret /bin/attack \
		2>"$T/err" </dev/null)
	holds "control: the chroot" says SHUT
	out=$(unshare -m sh -c "$jail" sh "$D/jail" chroot --userspec="$TEST_UID:$TEST_GID" "$D/jail" /bin/sbx /bin/attack privilege-state \
		2>"$T/err" </dev/null)
	status=$?
	holds "in a chroot: refused" is_refused
}

claim T-U13 "64 starts at once, of one name" "no state is shared" "gated"
t_U13() {
	for number in $(seq 1 64); do
		{
			as_caller $B --name=same --report="$D/work/$number" "$A" privilege-state >"$D/work/out.$number" 2>&1 </dev/null
			echo $? >"$D/work/status.$number"
		} &
	done
	wait
	holds "control: all of them are there" [ "$(ls "$D"/work/status.* | wc -l)" = 64 ]
	holds "each is right" [ "$(cat "$D"/work/status.* | sort -u)" = 0 ]
	holds "each is closed" [ "$(cut -c1-4 "$D"/work/out.* | sort -u)" = SHUT ]
	holds "each has its report" [ "$(grep -l '"verdict": *"ok"' "$D"/work/[0-9]* | wc -l)" = 64 ]
	holds "nothing is left" nothing_left
}

cases "${1-}"
