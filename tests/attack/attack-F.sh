#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Attacks by open files, the working directory, and the files of sbx itself.
# shellcheck disable=SC2086,SC2317
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"

claim T-F1 "files and folders that the caller has open" "all fds are closed"
t_F1() {
	control "the secret by a leaked folder" "$A" with-many-fds "$A" fd-walk "$T/secret"
	closed "the secret by a leaked folder" "$A" with-many-fds $B "$A" fd-walk "$T/secret"
	closed "the same without filter" "$A" with-many-fds $B --set=syscalls.base=none "$A" fd-walk "$T/secret"
	try sh -c "exec $B --set=process.keep-fd=9 '$A' fd-walk '$T/secret' 9</"
	is_refused
	verdict $? "a folder is never passed on by keep-fd"
	try python3 -c 'import os, sys
os.dup2(os.open(sys.argv[1], os.O_PATH), 9, inheritable=True)
os.execvp("sh", ["sh", "-c", sys.argv[2]])' "$T/secret" "exec $B --set=process.keep-fd=9 true"
	holds "nor is an O_PATH fd" [ "$status" = 125 ]
	allowed --set=process.keep-fd=9 || return 0
	control "a file that is to be passed on" sh -c "exec $B --set=process.keep-fd=9 '$A' fd-leaked 9<'$T/secret'"
}

claim T-F2 "standard input opened again for writing" "pipes"
t_F2() {
	input=$D/work/input
	for open in "<" "<>"; do
		echo original >"$input"
		chmod 666 "$input"
		out=$(as_caller sh -c "exec '$A' stdin-tamper $open'$input'" 2>"$T/err")
		status=$?
		holds "control: '$open' can be changed" [ "$status" = 10 ]
		echo original >"$input"
		chmod 644 "$input"
		give "$input"
	done
	for way in "<'$input'" "--stdin='$input' </dev/null"; do
		before=$(stat -c '%a %Y' "$input" && sha256sum <"$input")
		out=$(as_caller sh -c "exec $B --user=keep ${way%%<*} '$A' stdin-tamper $(echo "$way" | grep -o '<.*')" 2>"$T/err")
		status=$?
		[ $status = 0 ] && says SHUT
		verdict $? "standard input by ${way%%/*}"
		[ "$before" = "$(stat -c '%a %Y' "$input" && sha256sum <"$input")" ]
		verdict $? "the file is as before"
	done
}

claim T-F3 "standard output read back or emptied" "pipes"
t_F3() {
	output=$D/work/output
	echo SECRET >"$output"
	chmod 666 "$output"
	as_caller sh -c "exec '$A' stdout-tamper >>'$output'" 2>"$T/err" </dev/null
	holds "control: standard output is a file" [ $? = 10 ]
	echo SECRET >"$output"
	for options in "" "--set=limits.output-size=1M"; do
		as_caller sh -c "exec $B --user=keep $options '$A' stdout-tamper >>'$output'" 2>"$T/err" </dev/null
		status=$?
		out=
		[ $status = 0 ] && says SHUT
		verdict $? "standard output, a file of the caller, with '$options'"
		holds "what was there is there" grep -q SECRET "$output"
	done
	rm -f "$output"
	try $B --user=keep --stdout="$output" "$A" stdout-tamper
	[ "$status" = 0 ] && says SHUT
	verdict $? "standard output by --stdout"
	as_caller timeout "$(seconds 20)" $B --stdout="$output" --set=limits.output-size=10K head -c 10M /dev/zero \
		>"$T/out" 2>"$T/err" </dev/null
	holds "what is too much ends it" [ $? = 123 ]
	holds "the file is capped" [ "$(stat -c %s "$output")" -le 10240 ]
}

# A socket that is shown is a grant: what its other end sends, the program has. Landlock closes what lies below it.
claim T-F4 "a folder sent over a socket that is shown" "Landlock"
t_F4() {
	mkdir "$D/victim/folder"
	cp "$T/secret" "$D/victim/folder/"
	give "$D/victim"
	friend="$A with-friend $D/work/socket $D/victim/folder"
	control "the folder of a friend" $friend "$A" take-folder "$D/work/socket" secret
	[ "$LANDLOCK" != 0 ] || { unavailable "$ID as $WHO: the folder of a friend" "no Landlock, the only layer that stops it"; return 0; }
	walls "the folder of a friend" $friend $B --user=keep --ro="$D/work" "$A" take-folder "$D/work/socket" secret
}

claim T-F5 "the secret by way of the working directory" "pivot_root"
t_F5() {
	control "the secret upwards" "$A" cwd-escape "$T/secret"
	closed "the secret upwards" $B "$A" cwd-escape "$T/secret"
	closed "the secret upwards from a folder of the host" sh -c "cd '$D/work' && exec $B '$A' cwd-escape '$T/secret'"
	closed "the secret upwards from a given folder" $B --rw="$D/work" --chdir="$D/work" "$A" cwd-escape "$T/secret"
	closed "the working directory is inside" sh -c "cd '$D/work' && exec $B '$A' cwd-unreachable"
}

claim T-F6 "pid 1 by way of /proc" "user namespace, Landlock"
t_F6() {
	control "pid 1" unshare -rpf --mount-proc sh -c "'$A' proc-one '$T/secret'; exit \$?"
	walls "pid 1" $B "$A" proc-one "$T/secret"
	walls "pid 1, with the caller's id" $B --user=keep "$A" proc-one "$T/secret"
	closed "pid 1, without the filter" $B --set=syscalls.base=none "$A" proc-one "$T/secret"
}

claim T-F7 "flags left on the caller's terminal" "own terminal and pipes"
t_F7() {
	control "flags are left" "$A" pty-mess "$A" set-nonblock
	closed "flags of the caller's terminal" "$A" pty-mess $B "$A" set-nonblock
	closed "flags of the caller's terminal, without filter" "$A" pty-mess $B --set=syscalls.base=none "$A" set-nonblock
}

claim T-F8 "a program put into a no-exec folder" "noexec mount, Landlock"
t_F8() {
	control "a program in a private folder" $B --tmpfs=/data "$A" exec-copy /data
	walls "a program in a no-exec folder" $B --tmpfs=/data --set=filesystem.no-exec=/data "$A" exec-copy /data
	[ "$WHO" = root ] || chmod 777 "$D/work"
	control "a program in a writable folder" $B --user=keep --rw="$D/work:/data" "$A" exec-copy /data
	walls "a program in a no-exec folder of the host" $B --user=keep --rw="$D/work:/data" --set=filesystem.no-exec=/data \
		"$A" exec-copy /data
}

claim T-F9 "profiles and records of sbx" "hidden folders of profiles"
t_F9() {
	profiles=$D/home/.config/sbx/profiles
	mkdir -p "$profiles" "$D/run/sbx"
	printf '[profile]\ndescription = x\n' >"$profiles/x.ini"
	echo SECRET >"$D/run/sbx/record"
	give "$D"
	chmod 700 "$D/run" "$D/run/sbx"
	control "profiles can be written" "$A" open-write "$profiles/x.ini"
	for home in "--home=host" "--rw=$D/home" "--rw=$D" "--set=filesystem.view=host"; do
		closed "profiles with $home" env XDG_RUNTIME_DIR="$D/run" $B $home "$A" open-write "$profiles/x.ini"
		closed "records with $home" env XDG_RUNTIME_DIR="$D/run" $B $home "$A" read-secret "$D/run/sbx/record"
	done
}

cases "${1-}"
