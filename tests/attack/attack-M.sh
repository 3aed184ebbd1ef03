#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Attacks by paths and mounts. SBX_RACE: starts of each caller in the race of T-M1, which is 2000 in `make check-race`.
# shellcheck disable=SC2086,SC2317
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"

# What a launcher that goes by paths does: mkdir -p and touch below a root that holds links.
# shellcheck disable=SC2016 # the inner shell expands it
NAIVE='mkdir -p "$1/data" && mount --rbind "$2" "$1/data" && mkdir -p "$1/data/$3/evil"; : >"$1/data/$3/evilfile"'

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

# The attacker swaps a folder and a link to the victim, on the way to a target, and as a source; another caller's sandboxes
# start all the while. Nothing of the victim may be reached, a start may only fail with a message, and none may fail that
# has nothing to do with the folders of the attacker.
claim T-M1 "targets and sources swapped for links while sbx starts" "openat2 without links, kind checked on the fd"
t_M1() {
	for part in t s; do
		mkdir "$D/work/$part" "$D/work/$part/evil"
	done
	mkdir "$D/victim/evil"
	echo SECRET >"$D/victim/evil/inner"
	give "$D"
	limit=$((30 + ${SBX_RACE:-50} / 2))000
	as_caller timeout $limit "$A" swapper "$D/work/t" "$D/victim" $limit >"$T/out" 2>&1 &
	first=$!
	as_caller timeout $limit "$A" swapper "$D/work/s" "$D/victim" $limit >"$T/out" 2>&1 &
	second=$!
	holds "control: the path leads to the victim at times" wait_for 5 [ -e "$D/work/t/evil/inner" ]
	holds "control: so does one that was looked at before" wait_for 20 followed
	victim=$(tree_hash "$D/victim")
	bad='' runs=0 ran=0
	while [ $runs -lt "${SBX_RACE:-50}" ]; do
		race $((runs % 4))
		runs=$((runs + 1))
	done
	kill $first $second 2>/dev/null # they end by themselves, later
	wait $first $second 2>/dev/null
	holds "$runs starts end well or with a message, $ran of them ran${bad:+:$bad}" [ -z "$bad" ]
	holds "control: some of them ran" [ $ran -gt 0 ]
	holds "nothing outside was touched" unchanged
}

# What a launcher does that looks first and opens then.
followed() {
	for try in 1 2 3 4 5 6 7 8 9 10; do
		[ -L "$D/work/s" ] || as_caller "$A" read-secret "$D/work/s/evil/inner" | grep -q OPEN && return 0
	done
	return 1
}

# A target below the folder, it as a persistent folder, one below it, and a start that has nothing to do with it.
race() {
	case $1 in
	0) try $B --rw="$D/work:/data" --tmpfs=/data/t/evil --ro="$T/secret:/data/t/evil/file" "$A" make-file /data/t/evil/made ;;
	1) try $B --user=keep --persist="$D/work/s" "$A" read-secret "$D/work/s/evil/inner" "$D/work/s/inner" ;;
	2) try $B --user=keep --persist="$D/work/s/evil/new/x" "$A" read-secret "$D/work/s/evil/inner" "$D/victim/evil/inner" ;;
	3) try $B --rw="$D/home:/data" "$A" privilege-state ;;
	esac
	[ $status = 125 ] || ran=$((ran + 1))
	case $1:$status in
	0:0 | 0:10 | 0:125 | 1:0 | 1:125 | 2:0 | 2:125 | 3:0) ;;
	*) bad="$bad $1:$status" ;;
	esac
	[ $status != 125 ] || [ -s "$T/err" ] || bad="$bad $1:no message"
}

claim T-M2 "links below the new root, on the way to a target" "openat2 without links"
t_M2() {
	links
	naive_in="unshare -rm" # root, where it stands in for a user, would have no right to the user's files in there
	[ -n "$USERS_UNSHARE" ] || naive_in="unshare -m"
	for link in absolute up far; do
		victim=$(tree_hash "$D/victim")
		mkdir -p "$D/root"
		give "$D/root"
		may_make_namespaces as_caller $naive_in sh -c "$NAIVE" sh "$D/root" "$D/work" $link >"$T/out" 2>&1
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

claim T-M3 "a persistent folder replaced by a link" "openat2 without links"
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
	for rule in read-write read-only; do
		for path in state state/key; do
			refused "nor for any other rule: $rule = $path" $B --user=keep --rw="$D/home/app" \
				--set=filesystem.$rule="$D/home/app/$path" "$A" read-secret "$D/home/app/$path" "$D/home/.ssh/key"
		done
	done
	refused "nor for the working directory" $B --user=keep --rw="$D/home/app" --chdir="$D/home/app/state" "$A" \
		read-secret "$D/home/.ssh/key" key
	holds "nothing was made in the target" [ ! -e "$D/home/.ssh/new" ]
}

claim T-M4 "sources that are FIFOs, sockets, devices, fds, deleted, or hang" "check of sources"
t_M4() {
	mkfifo "$D/work/fifo"
	cp "$T/secret" "$D/work/file"
	give "$D/work"
	control "a file" $B --user=keep --ro="$D/work/file:/data" "$A" read-secret /data
	cp "$T/secret" "$T/gone"
	exec 7<"$T/gone"
	rm -f "$T/gone"
	ln -s /proc/self/fd/7 "$T/gone" # it leads to a file that is deleted
	for source in fifo socket; do
		begin=$(date +%s)
		try "$A" with-unix "$D/work/socket" $B --user=keep --ro="$D/work/$source:/data" "$A" fd-leaked
		is_refused || { [ "$status" = 0 ] && says SHUT; }
		verdict $? "a $source ends well or with a message"
		holds "a $source: without waiting for it" [ $(($(date +%s) - begin)) -le 10 ]
	done
	for source in /dev/null /dev/zero /dev/full /dev/fuse /dev/tty; do
		[ -e $source ] || continue
		safe "$source is no device inside" $B --ro=$source:/data/x sh -c "if (exec </data/x) 2>/dev/null; then echo OPEN it; else echo SHUT it; fi"
	done
	for source in /proc/self/fd/9 /dev/fd/9 /proc/self/fd/8 /proc/self/root /proc/1/root /proc/self/exe /proc/kcore /proc/self; do
		try sh -c "exec $B --ro=$source:/data/x '$A' read-secret /data/x 9<'$T/gone' 8</"
		is_refused || { [ "$status" = 0 ] && says SHUT; }
		verdict $? "$source leads nowhere"
	done
	refused "a deleted file" sh -c "rm -f '$D/work/file' && exec $B --ro='$D/work/file:/data' '$A' uid-zero"
	exec 7<&-
	rm -f "$T/gone"
	[ "$WHO" != gated ] || return 0 # no set-user-id there
	hanging_source
}

# A file system of which the server does not answer holds nobody who does not ask for it, and whoever does can be ended.
hanging_source() {
	mkdir "$D/work/dead"
	give "$D/work"
	dead="unshare -rm $A with-dead-mount $D/work/dead"
	[ "$WHO" != root ] || dead="unshare -m $A with-dead-mount $D/work/dead"
	try $dead timeout -s KILL 1 ls "$D/work/dead"
	if says BROKEN; then
		unavailable "$ID as $WHO: a source that hangs" "FUSE is not to be had"
		return 0
	fi
	holds "control: it hangs" [ "$status" = 137 ]
	for options in "" "--rw=$D/home:/data"; do
		try $dead timeout -s KILL 20 $B $options "$A" fd-leaked
		[ "$status" = 0 ] && says SHUT
		verdict $? "nobody else is held, with '$options'"
	done
	try $dead timeout -k 5 1 $B --ro="$D/work/dead:/data" "$A" uid-zero
	holds "one who asks for it can be ended" [ "$status" = 124 ]
}

claim T-M5 "odd targets: .., too long, newlines, /proc" "check of targets"
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

# What sbx itself makes on the host: persistent and private folders, mount points in a private home, files for the standard
# streams and the report. None of it may go through a link that the program of an earlier run has left.
claim T-M6 "links where sbx makes files and folders, left by an earlier run" "links are not followed where sbx makes something"
t_M6() {
	echo keep >"$D/victim/file"
	homes=$D/home/.local/share/sbx/homes
	mkdir -p "$homes/default"
	give "$D"
	run="env XDG_DATA_HOME=$D/home/.local/share $B --home=private"
	control "the program leaves a link in its home" $run --user=keep sh -c "ln -s '$D/victim' ~/docs && exec echo OPEN it"
	holds "control: it is there" [ -L "$homes/default/docs" ]
	victim=$(tree_hash "$D/victim")
	home=$(as_caller $run --user=keep sh -c 'echo ~' 2>/dev/null)
	for option in "--ro=$T/secret:$home/docs/new" "--tmpfs=$home/docs/new" "--ro=$T/secret:$home/docs/file" "--tmpfs=$home/docs"; do
		try $run --user=keep "$option" /bin/true
		[ "$status" = 0 ] || is_refused
		verdict $? "${option#*="$D"} ends well or with a message"
		holds "nothing was made through the link" unchanged
	done
	rm -rf "$homes"
	ln -s "$D/victim" "$homes"
	give "$D/home"
	refused "the folder of homes is a link" $run /bin/true
	holds "nothing was made behind it" unchanged
	ln -s "$D/victim/made" "$D/work/link"
	ln -s "$D/victim/file" "$D/work/report"
	ln -s "$D/victim" "$D/work/folder"
	give "$D/work"
	control "a launcher by paths follows it" sh -c "echo >'$D/work/link' && rm '$D/victim/made' && exec echo OPEN it"
	victim=$(tree_hash "$D/victim")
	for option in "--persist=$D/work/link" "--persist=$D/work/folder" "--persist=$D/work/folder/x"; do
		refused "${option%%=*} at ${option##*/}" $B "$option" /bin/true
		holds "nothing was made behind it" unchanged
	done
	for option in --report --stdout --stderr; do
		for name in link report folder/new; do
			try $B --rw="$D/work" "$option=$D/work/$name" /bin/echo x
			holds "$option at $name, which the program can write: nothing was made behind it" unchanged
			rm -f "$D/victim/made" "$D/victim/new"
			echo keep >"$D/victim/file"
			give "$D/victim"
			victim=$(tree_hash "$D/victim")
		done
	done
	t_M6_next_run
}

# What one run renames or puts a link to, the next one must not be shown.
t_M6_next_run() {
	ln -s "$T/secret" "$D/work/document"
	give "$D/work"
	refused "an argument that is a link the program may have made" $B --rw="$D/work" --set=filesystem.open-arguments=read-write \
		/bin/cat "$D/work/document"
	[ "$WHO" != root ] || chown -h nobody "$D/work/document" "$D/work/report" # as its payload would have made them
	refused "an argument that is a link which another program may have made" $B --set=filesystem.open-arguments=read-write \
		/bin/cat "$D/work/document"
	victim=$(tree_hash "$D/victim")
	for option in --stdout --stderr --report; do
		refused "$option at a link which another program may have made" $B "$option=$D/work/report" /bin/echo x
		holds "nothing was written over" unchanged
	done
	refused "--stdin at a link which another program may have made" $B "--stdin=$D/work/document" /bin/cat
	ln -s "$D/home" "$D/of-root" # who runs the tests as another can't have it
	try $B --report="$D/of-root/new" /bin/echo x
	[ "$(stat -c %u "$D/of-root")" != 0 ] || holds "control: root's links are followed" [ "$status" = 0 ]
	mkdir -p "$D/rename/above" && echo hidden >"$D/rename/above/file" && give "$D/rename"
	run="$B --user=keep --rw=$D/rename"
	control "a program may rename what is not protected" $run sh -c "mv '$D/rename/above' '$D/rename/new' && exec echo OPEN it"
	mv "$D/rename/new" "$D/rename/above"
	for option in "--hide=$D/rename/above/file" "--ro=$D/rename/above/file" "--tmpfs=$D/rename/above"; do
		try $run "$option" mv "$D/rename/above" "$D/rename/new"
		holds "${option%%=*}: nor a folder above it" [ "$status" = 1 ]
		holds "and it is where it was" [ -f "$D/rename/above/file" ]
	done
}

# No folder of the host is scratch space, so that none can be taken, and none is in the way.
claim T-M7 "names in /tmp, /run and /dev/shm taken by others, or no such folders" "no file of sbx's own on the host but in folders of its user"
t_M7() {
	# those where sbx itself lies are left out
	# shellcheck disable=SC2016 # the inner shell expands it
	hostile='for f in /tmp /var/tmp /run /dev/shm; do
			case $1 in "$f"/*) ;; *) mount -t tmpfs -o ro,mode=0 none $f || exit 20 ;; esac
		done
		exec "$@"'
	if [ "$WHO" != gated ]; then # no set-user-id there
		private="unshare -rm"
		[ "$WHO" != root ] || private="unshare -m"
		try $private sh -c "$hostile" sh /bin/mktemp
		holds "control: there is no room for a file" [ "$status" = 1 ]
		try $private sh -c "$hostile" sh "$SBX" --profile=default /bin/true
		holds "sbx works all the same" [ "$status" = 0 ]
	fi
	[ "$WHO" != gated ] || return 0
	# shellcheck disable=SC2016
	fresh='for f in /tmp /var/tmp /run /dev/shm; do
			case $1 in "$f"/*) ;; *) mount -t tmpfs none $f || exit 20; folders="$folders $f" ;; esac
		done
		"$@" & sleep 1; find $folders -mindepth 1 ! -path "/run/mount*" ! -path "/run/sbx*" | sed "s/^/OPEN /"; wait; echo SHUT nothing is there'
	control "names of a program" $private sh -c "$fresh" sh /bin/sh -c ': >/run/x; : >/tmp/x'
	closed "names of sbx" $private sh -c "$fresh" sh "$SBX" --profile=default sleep 2
}

claim T-M8 "(links as sources work)" "-"
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

# What is private goes with its mount, at once, however it looks; what is the host's stays as the program left it.
claim T-M9 "trees of links, 100 000 entries, 500 deep, without rights, to be removed at the end" "nothing is removed by sbx"
t_M9() {
	echo keep >"$D/victim/file"
	give "$D"
	victim=$(tree_hash "$D/victim")
	# shellcheck disable=SC2016 # the inner shell expands it
	tree='cd "$1" && ln -s "$2" link && mkdir locked many deep && "$4" disk inodes "$1/many" "$3" && exit
		"$4" disk deep "$1/deep" 500 && exit
		chmod 0 many locked'
	control "the tree" sh -c "$tree" sh "$D/work" "$D/victim" 100 "$A"
	control "a cleaner by paths follows the link" sh -c "touch '$D/victim/x' && rm -rf '$D/work/link/x' && ! [ -e '$D/victim/x' ] &&
		echo OPEN it"
	victim=$(tree_hash "$D/victim")
	chmod 700 "$D/work/many" "$D/work/locked"
	rm -rf "$D/work"
	mkdir "$D/work"
	give "$D/work"
	begin=$(date +%s)
	try $B --set=filesystem.tmpfs-inodes=200000 sh -c "$tree" sh /tmp "$D/victim" 100000 "$A"
	holds "the tree is made" says OPEN
	holds "and is gone with its sandbox, in no time" [ $(($(date +%s) - begin)) -le 20 ]
	try $B --user=keep --rw="$D/work:/data" sh -c "$tree" sh /data "$D/victim" 100 "$A"
	holds "the same in a folder of the host" says OPEN
	[ -L "$D/work/link" ] && [ -n "$(ls "$D/work/deep")" ]
	verdict $? "it stays there"
	holds "nothing outside was touched" unchanged
	holds "nothing is left" nothing_left
	chmod 700 "$D/work/many" "$D/work/locked"
}

claim T-M10 "a /proc that is none, of the host or of a given root" "own /proc, refusal"
t_M10() {
	mkdir -p "$D/root/proc/self/attr" "$D/root/usr" "$D/fake/self/attr" "$D/fake/self/fd" "$D/fake/sys/user"
	echo fake >"$D/root/proc/self/status"
	echo victim >"$D/victim/file"
	for name in uid_map gid_map setgroups status mountinfo cgroup; do
		ln -s "$D/victim/file" "$D/fake/self/$name"
	done
	ln -s "$SBX" "$D/fake/self/exe"
	ln -s "$D/victim/file" "$D/fake/sys/user/max_user_namespaces"
	give "$D"
	victim=$(tree_hash "$D/victim")
	control "a false /proc" unshare -rm sh -c "mount --bind '$D/fake' /proc && exec '$A' proc-fake"
	for option in "--ro=$D/root:/" "--rw=$D/root:/"; do
		safe "/proc of a given root, $option" "$SBX" --user=keep --set=filesystem.view=empty $option --ro=/usr --ro="$T/bin" \
			"$A" proc-fake
	done
	closed "/proc shown elsewhere" $B --ro="$D/root/proc:/data" "$A" proc-fake
	[ "$WHO" != gated ] || return 0 # no set-user-id there
	for way in "mount --bind '$D/fake' /proc" "mount -t tmpfs none /proc"; do
		safe "/proc of the host is false: $way" unshare -rm sh -c "$way && exec $B $A proc-fake"
		holds "nothing was written to it" unchanged
	done
}

claim T-M11 "links at /dev and /proc of a given root" "own /dev and /proc"
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

claim T-M12 "a mount that is suid, has devices, or is shared" "flags of all mounts"
t_M12() {
	control "the host's own table" "$A" mount-table
	for options in "" "--set=filesystem.view=host" "--rw=$D/work" "--tmpfs=/data --home=private" "--set=filesystem.proc=pids"; do
		closed "the table with '$options'" $B $options "$A" mount-table
	done
}

# What must be there for an attack to work at all; its program is at fd 9, for a mount may cover it.
claim T-M13 "mounts changed from inside" "seccomp, no capabilities, no nested namespaces, mounts of an outer user namespace"
t_M13() {
	for attack in "remount /usr" "unmount /usr" "bind-over" "make-shared" "mount-new" "move-tree" "pivot-back" "change-root"; do
		case $attack in
		remount*) first="mount --rbind /usr /usr && mount -o remount,bind,ro /usr" ;;
		unmount*) first="mount --rbind /usr /usr" ;;
		pivot*) first="mount -t tmpfs none /tmp" ;;
		*) first=: ;;
		esac
		control "$attack" unshare -rm sh -c "exec 9<'$A' && $first && exec /proc/self/fd/9 $attack"
		walls "$attack" $B "$A" $attack
		allowed "--set=process.capabilities=sys_admin" || continue
		closed "$attack, without the filter, with capabilities" $B --set=syscalls.base=none \
			--set=process.capabilities=sys_admin "$A" $attack
	done
	allowed --set=process.nested-namespaces=4 || return 0
	closed "a new mount, from a namespace of its own" $B --set=process.nested-namespaces=4 "$A" nested mount-new
	closed "remount of a writable folder" $B --rw="$D/work:/data" --set=syscalls.base=none "$A" remount /data
	closed "unmount of a hidden folder" $B --hide=/usr/share --set=syscalls.base=none "$A" unmount /usr/share
}

# A mount below a read-only folder is read-only too. The first way of the control binds as is often done.
# A mount that comes later is not seen inside, and one that was made inside is not seen outside.
claim T-M14 "a file system that the host mounts below a folder that is shown" "private mounts"
t_M14() {
	[ "$WHO" != gated ] || return 0 # it would be another namespace than that of set-user-id
	mkdir "$D/work/sub"
	give "$D/work"
	private="unshare -rm"
	[ "$WHO" != root ] || private="unshare -m"
	# shellcheck disable=SC2016 # the inner shell expands it
	late='work=$1; shift; mount --bind "$work" "$work" && mount --make-shared "$work" && { "$@" & } && sleep 1 &&
		mount -t tmpfs none "$work/sub" && echo SECRET >"$work/sub/file" && wait'
	control "a mount that comes later" $private sh -c "$late" sh "$D/work" unshare -m --propagation slave \
		"$A" wait-secret "$D/work/sub/file" 4000
	closed "a mount that comes later" $private sh -c "$late; sleep 0.1" sh "$D/work" $B --user=keep --ro="$D/work:/data" \
		"$A" wait-secret /data/sub/file 4000
	control "one that was there before" $private sh -c "mount -t tmpfs none '$D/work/sub' && echo SECRET >'$D/work/sub/file' &&
		exec $B --user=keep --ro='$D/work:/data' '$A' wait-secret /data/sub/file 1000"
}

claim T-M15 "a mount below a read-only folder" "flags of the whole tree, Landlock"
t_M15() {
	mkdir "$D/work/sub" "$D/copy"
	give "$D"
	inside="mount -t tmpfs none '$D/work/sub' && : >'$D/work/sub/f' && chmod 666 '$D/work/sub/f'"
	control "mount -o rbind,ro leaves it writable" unshare -rm sh -c \
		"$inside && mount --rbind '$D/work' '$D/copy' && mount -o remount,bind,ro '$D/copy' && exec '$A' open-write '$D/copy/sub/f'"
	if [ "$WHO" = gated ]; then # no set-user-id there
		walls_of=$ID
		return 0
	fi
	walls "a mount below --ro" unshare -rm sh -c "$inside && exec $B --user=keep --ro='$D/work:/data' '$A' open-write /data/sub/f"
	control "a mount below --rw" unshare -rm sh -c "$inside && exec $B --user=keep --rw='$D/work:/data' '$A' open-write /data/sub/f"
}

# Not as gated: there is no set-user-id where the test may mount.
claim T-M16 "a /proc of the host's at another place, as of a chroot" "cover of proc and the like wherever they are mounted" "root user"
t_M16() {
	mkdir -p "$D/work/root/proc" "$D/work/root/etc"
	cp "$T/secret" "$D/work/root/etc/file"
	give "$D/work"
	private="unshare -rmpf"
	[ "$WHO" != root ] || private="unshare -m"
	# shellcheck disable=SC2016 # the inner shell expands it
	mounted='mount -t proc proc "$1/proc" && shift && "$@"; exit $?'
	# shellcheck disable=SC2016
	look='ls "$0/proc" | grep -q "^[0-9]" && exec echo OPEN processes; exec echo SHUT none'
	control "it shows processes" $private sh -c "$mounted" sh "$D/work/root" sh -c "$look" "$D/work/root"
	for option in "--ro=$D/work/root:/data" "--rw=$D/work/root:/data" "--ro=$D/work:/x --ro=$D/work/root:/data"; do
		closed "below ${option%%=*}" $private sh -c "$mounted" sh "$D/work/root" $B --user=keep $option sh -c "$look" /data
	done
	closed "one folder above" $private sh -c "$mounted" sh "$D/work/root" $B --user=keep --ro="$D/work:/data" sh -c "$look" /data/root
	control "what is beside it is shown" $private sh -c "$mounted" sh "$D/work/root" $B --user=keep --ro="$D/work/root:/data" \
		"$A" read-secret /data/etc/file
	for source in proc proc/self proc/1/environ proc/sys; do
		refused "$source itself" $private sh -c "$mounted" sh "$D/work/root" $B --user=keep --ro="$D/work/root/$source:/data" \
			sh -c "$look" /
	done
	refused "as working directory" $private sh -c "$mounted" sh "$D/work/root" $B --user=keep --chdir="$D/work/root/proc/sys" \
		--ro="$D/work/root/proc/sys" sh -c "$look" /
}

cases "${1-}"
