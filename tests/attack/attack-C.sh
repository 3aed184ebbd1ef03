#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Attacks by arguments, profiles and variables: what is wrong is an error with a line number, and nothing runs.
# shellcheck disable=SC2046,SC2086,SC2317
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"

claim T-A1 "control bytes in options, long arguments, 10 000 options" "check of arguments"
t_A1() {
	evil=$(printf 'x\033]0;evil\007\r\001\377')
	for words in "--$evil" "--$evil=1" "-$evil" "--set=$evil=1" "--set=process.$evil=1" "--profile=$evil" "--net=$evil" \
		"--memory=$evil" "--best-effort=$evil"; do
		refused "an option with control bytes" "$SBX" "$words" "$A" uid-zero
		holds "it is shown escaped" is_clean "$T/err"
	done
	long=$(head -c 130000 /dev/zero | tr '\0' a)
	for words in "--$long" "--set=$long" "--set=filesystem.view=$long" "--ro=/$long" "--hostname=$long" "--set=syscalls.deny=$long"; do
		refused "130000 bytes after $(echo "$words" | head -c 24)" "$SBX" "$words" "$A" uid-zero
		holds "the message is short" [ "$(wc -c <"$T/err")" -lt 5000 ]
	done
	out=$(as_caller $B "$A" env-has "$long" "$long" 2>"$T/err" </dev/null)
	holds "control: the command may have them" says SHUT
	for option in --ro=/usr --env=A=b --set=syscalls.deny=kexec_load --tmpfs=/data -q; do
		try $B $(yes -- "$option" | head -n 10000) "$A" uid-zero
		is_refused || { [ "$status" = 0 ] && says SHUT; } || { [ "$status" = 10 ] && says OPEN && [ "$WHO" = root ]; }
		verdict $? "10000 times $option"
	done
}

# wrong NAME PRINTF-FORMAT [LINE]: a profile that must be refused, with the line's number
wrong() {
	printf "$2" >"$D/work/p.ini"
	refused "profile: $1" $S --profile="$D/work/p.ini" --ro="$T/bin" "$A" uid-zero
	grep -q "p.ini:${3:-1}: " "$T/err"
	verdict $? "profile: $1: in line ${3:-1}"
}

claim T-C1 "profiles with wrong lines: no end, BOM, CRLF, comments, unknown keys, too long, too many" "check of profiles"
t_C1() {
	printf '[environment]\nset = TOKEN=abc\n' >"$D/work/p.ini"
	control "a right profile" $S --profile="$D/work/p.ini" --ro="$T/bin" "$A" env-has TOKEN
	wrong "no newline at the end" '[process]\nhostname = x' 2
	wrong "byte order mark" '\357\273\277[process]\n'
	wrong "carriage returns" '[process]\r\nhostname = x\r\n'
	wrong "an unknown key" '[process]\nhostnam = x\n' 2
	wrong "an unknown section" '[processor]\nhostname = x\n'
	wrong "a key without a section" 'hostname = x\n'
	wrong "a comment behind a value" '[process]\nhostname = x ; y\n' 2
	wrong "another one" '[process]\nhostname = x # y\n' 2
	wrong "[" '[\n'
	wrong "[]" '[]\n'
	wrong "[process" '[process\n'
	wrong "[process] x" '[process] x\n'
	wrong "a key without a value" '[process]\nhostname\n' 2
	wrong "a colon for the sign" '[process]\nhostname: x\n' 2
	wrong "a key twice" '[process]\nhostname = x\nhostname = y\n' 3
	wrong "a line that goes on" '[process]\nhostname =\n x\n' 3
	wrong "a NUL" '[process]\nhostname = x\0y\n' 2
	wrong "a control byte" '[process]\nhostname = \001\n' 2
	wrong "a line of 5000 bytes" "[process]\\nhostname = $(head -c 5000 /dev/zero | tr '\0' a)\\n" 2
	wrong "an error far down" "$(i=0; while [ $i -lt 3000 ]; do printf '#\\n'; i=$((i + 1)); done)[process]\\nx = 1\\n" 3002
	for many in "10 MiB in one line" "a million keys"; do
		case $many in
		10*) head -c 10485760 /dev/zero | tr '\0' a >"$D/work/p.ini" ;;
		*) { echo '[environment]'; yes 'pass = A' | head -n 1000000; } >"$D/work/p.ini" ;;
		esac
		refused "profile: $many" timeout 10 $S --profile="$D/work/p.ini" --ro="$T/bin" "$A" uid-zero
	done
	rm -f "$D/work/p.ini"
}

claim T-C2 "numbers that are none, too large, signed, of other digits" "check of values"
t_C2() {
	for option in processes memory cpu-time cpu set=process.nice set=process.umask set=process.keep-fd set=network.connect-tcp; do
		for number in "+1" "0x10" "1e9" "-1" "18446744073709551616" "١" "1,5" "1KK" "K" "infinity"; do
			try "$SBX" --$option="$number" --net=host --ro="$T/bin" "$A" uid-zero
			is_refused || verdict 1 "--$option='$number' is refused"
		done
		holds "--$option: no wrong number is taken" is_refused
	done
	refused "no process is made root by a number" "$SBX" --user=1 --ro="$T/bin" "$A" uid-zero
	refused "nor by one that is too large" "$SBX" --user=4294967296 --ro="$T/bin" "$A" uid-zero
	control "right numbers" "$SBX" --processes=10 --file-size=1K --wall-time=10s --set=process.nice=1 --ro="$T/bin" $TOKEN_PASSED \
		"$A" env-has TOKEN
	for report in fd:99999999999 fd:-1 fd: fd:x fd:65536 fd:77; do
		refused "--report=$report" "$SBX" --report=$report --ro="$T/bin" "$A" uid-zero
	done
}
TOKEN_PASSED="--env=TOKEN=abc"

include() {
	mkdir -p "$2"
	printf '[profile]\ninclude = %s\n' "$3" >"$2/$1.ini"
}

claim T-C3 "includes in a circle, too deep, or from a user's folder into the system's" "check of profiles"
t_C3() {
	mine=$D/home/.config/sbx/profiles
	include a "$mine" b
	include b "$mine" a
	include self "$mine" self
	i=0
	while [ $i -lt 100 ]; do
		include "d$i" "$mine" "d$((i + 1))"
		i=$((i + 1))
	done
	printf '[environment]\nset = TOKEN=abc\n' >"$mine/end.ini"
	include short "$mine" end
	give "$D/home"
	control "an include" "$SBX" --profile=short --ro="$T/bin" "$A" env-has TOKEN
	for name in a self d0; do
		refused "the profile '$name'" timeout 10 "$SBX" --profile=$name --ro="$T/bin" "$A" uid-zero
	done
	[ "$WHO" != gated ] || return 0 # it has no folder but that of its own installation
	mkdir "$T/copy.$WHO"
	cp -r "${SBX%/bin/*}/bin" "${SBX%/bin/*}/share" "$T/copy.$WHO/"
	ln -s "${SBX%/bin/*}/libexec" "$T/copy.$WHO/" # users may run sbx-init, and not read it
	include wide "$T/copy.$WHO/share/sbx/profiles" end
	printf '[environment]\nset = TOKEN=abc\n' >"$T/copy.$WHO/share/sbx/profiles/own.ini"
	include narrow "$T/copy.$WHO/share/sbx/profiles" own
	copy=$T/copy.$WHO/bin/sbx
	control "a profile of the system may include its like" "$copy" --profile=narrow --ro="$T/bin" "$A" env-has TOKEN
	refused "but none of the user" "$copy" --profile=wide --ro="$T/bin" "$A" uid-zero
	rm -rf "$T/copy.$WHO"
}

# Nobody's profile gives rights on the host, so that it need not matter who could write it.
claim T-C5 "rights by profiles that others could write, or by links to them" "no profile gives rights on the host" "gated"
t_C5() {
	printf '[environment]\nset = TOKEN=abc\n' >"$D/work/p.ini"
	control "what any profile may" $S --profile="$D/work/p.ini" --ro="$T/bin" "$A" env-has TOKEN
	for line in "user = root" "user = nobody" "capabilities = sys_admin" "capabilities = net_raw setuid" "nested-namespaces = 4"; do
		printf '[process]\n%s\n' "$line" >"$D/work/p.ini"
		refused "'$line' of a user's file" $S --profile="$D/work/p.ini" --ro="$T/bin" "$A" uid-zero
		chown root:root "$D/work/p.ini"
		refused "'$line' of root's file" $S --profile="$D/work/p.ini" --ro="$T/bin" "$A" uid-zero
		rm -f "$D/work/p.ini"
	done
}

# The home is that of /etc/passwd for those who are in it; ${CONFIG} and the like are the caller's to set.
claim T-C7 "a HOME or XDG folder that is /, empty, relative, of another, or has : or .. in it" "check of values"
t_C7() {
	evil=$D/evil
	mkdir "$evil" "$D/a:b" "$D/a b"
	for folder in "$evil" "$D/a:b" "$D/a b"; do
		cp "$T/secret" "$folder/file"
	done
	give "$evil"
	[ "$WHO" != root ] || chown 1:1 "$evil"
	control "the file by its path" $B --ro="$evil/file:/data/file" "$A" read-secret /data/file
	if getent passwd "$(as_caller id -u)" >/dev/null; then
		safe "the home of /etc/passwd counts" env HOME="$evil" $B --ro='-~/file:/data/file' "$A" read-secret /data/file
		safe "and not as a variable" env HOME="$evil" $B --ro='-${HOME}/file:/data/file' "$A" read-secret /data/file
	fi
	[ "$WHO" = root ] || chown root:root "$evil"
	safe "a home of another" env HOME="$evil" $B --ro='~/file:/data/file' "$A" read-secret /data/file
	for home in / "" relative "$D/work/../evil" "$D/." "$D//evil" "$(printf '%s/evil\n/x' "$D")"; do
		safe "HOME is '$home'" env HOME="$home" $B --ro='-~/file:/data/file' "$A" read-secret /data/file
		safe "XDG_CONFIG_HOME is '$home'" env XDG_CONFIG_HOME="$home" $B --ro='-${CONFIG}/file:/data/file' "$A" \
			read-secret /data/file
	done
	for folder in "$D/a:b" "$D/a b"; do
		control "a folder with a special byte is one path" env XDG_CONFIG_HOME="$folder" $B --user=keep \
			--ro='${CONFIG}/file' "$A" read-secret "$folder/file"
	done
	refused "an unknown variable" $B --ro='${ROOT}/file' "$A" uid-zero
	refused "a variable without an end" $B --ro='${HOME/file' "$A" uid-zero
}

claim T-C8 "granted, denied and granted again, in three files" "denials win"
t_C8() {
	cp "$T/secret" "$D/work/file"
	give "$D/work"
	for word in read-only read-write persist; do
		[ $word != persist ] || word="persist = $D/work #"
		printf '[filesystem]\n%s = %s/work\n' "${word%% *}" "$D" >"$D/allow.ini"
		printf '[filesystem]\nhide = %s/work\n' "$D" >"$D/deny.ini"
		cp "$D/allow.ini" "$D/again.ini"
		chmod 644 "$D"/*.ini
		control "${word%% *}" $B --user=keep --profile="$D/allow.ini" "$A" read-secret "$D/work/file"
		closed "${word%% *}, then hidden, then granted again" $B --user=keep --profile="$D/allow.ini" \
			--profile="$D/deny.ini" --profile="$D/again.ini" "$A" read-secret "$D/work/file"
		closed "${word%% *}, then hidden, then granted by an option" $B --user=keep --profile="$D/allow.ini" \
			--profile="$D/deny.ini" --ro="$D/work" "$A" read-secret "$D/work/file"
	done
	printf '[syscalls]\nallow = ptrace\n' >"$D/allow.ini"
	printf '[syscalls]\ndeny = ptrace\n' >"$D/deny.ini"
	cp "$D/allow.ini" "$D/again.ini"
	control "a system call" $B --profile="$D/allow.ini" "$A" trace-me
	closed "a system call, denied, and allowed again" $B --profile="$D/allow.ini" --profile="$D/deny.ini" \
		--profile="$D/again.ini" "$A" trace-me
	printf '[environment]\npass = TOKEN\n' >"$D/allow.ini"
	printf '[environment]\nunset = TOKEN\n' >"$D/deny.ini"
	cp "$D/allow.ini" "$D/again.ini"
	control "a variable" env TOKEN=abc $B --profile="$D/allow.ini" "$A" env-has TOKEN
	closed "a variable, unset, and passed again" env TOKEN=abc $B --profile="$D/allow.ini" --profile="$D/deny.ini" \
		--profile="$D/again.ini" "$A" env-has TOKEN
}

# No file that a variable names may be opened by sbx, and no variable of the loader reaches the command.
claim T-E2 "LD_PRELOAD and other variables of the loader and libc" "list of variables, static program"
t_E2() {
	walls_of=$ID # neither can be switched off
	set --
	for name in LD_PRELOAD LD_AUDIT LD_LIBRARY_PATH GCONV_PATH LOCPATH NLSPATH MALLOC_CHECK_ MALLOC_ARENA_MAX MALLOC_TRACE \
		GLIBC_TUNABLES HOSTALIASES RES_OPTIONS TZDIR TMPDIR LD_DEBUG_OUTPUT BASH_ENV ENV IFS PYTHONPATH; do
		set -- "$@" "$name=$D/work/planted"
		control "$name" env $name="$D/work/planted" "$A" env-has $name
	done
	set -- "$@" LANG=xx_XX LC_ALL=xx_XX
	for name in LD_PRELOAD LD_AUDIT LD_LIBRARY_PATH GCONV_PATH LOCPATH NLSPATH MALLOC_CHECK_ MALLOC_ARENA_MAX MALLOC_TRACE \
		GLIBC_TUNABLES HOSTALIASES RES_OPTIONS TZDIR LD_DEBUG_OUTPUT BASH_ENV ENV IFS PYTHONPATH; do
		closed "$name" env "$@" $B "$A" env-has $name
	done
	need strace || { skip "$ID as $WHO: files opened" "$missing is not installed"; return 0; }
	traced cat /dev/null
	grep -q planted "$D/trace"
	holds "control: strace sees what a program opens" [ $? = 0 ]
	traced $B "$A" uid-zero
	[ -s "$D/trace" ] && ! grep -q planted "$D/trace"
	holds "sbx opens nothing that a variable names" [ $? = 0 ]
}

# As root, strace leaves set-user-id what it is.
traced() {
	: >"$D/trace"
	if [ "$WHO" = root ] || [ "$(id -u)" != 0 ]; then
		as_caller env LD_LIBRARY_PATH="$D/work/planted" strace -f -o "$D/trace" -e trace=file -- "$@" >"$T/out" 2>&1 </dev/null
	else
		env $BEFORE strace -f -o "$D/trace" -e trace=openat,open,execve,execveat,access,readlink,stat,newfstatat,faccessat2 \
			setpriv --reuid="$TEST_UID" --regid="$TEST_GID" --clear-groups env LD_LIBRARY_PATH="$D/work/planted" \
			HOME="$D/home" "$@" >"$T/out" 2>&1 </dev/null
	fi
	sed -i '/execve("/d' "$D/trace" # the words of the command, not what was opened
}

claim T-E5 "programs with the names of helpers in the PATH and the working directory" "helpers by fixed paths"
t_E5() {
	for name in newuidmap newgidmap sh sbx-init sbx-scope xdg-dbus-proxy mount umount evil systemd-run; do
		printf '#!/bin/sh\n: >"%s/work/ran"\n' "$D" >"$D/work/$name"
		chmod 755 "$D/work/$name"
	done
	give "$D/work"
	mkdir -p "$D/work/libexec/sbx" "$D/work/share/sbx/profiles"
	cp "$D/work/evil" "$D/work/libexec/sbx/sbx-init"
	try sh -c "cd '$D/work' && PATH=.:$D/work exec evil"
	holds "control: a program of the PATH" [ -e "$D/work/ran" ]
	rm -f "$D/work/ran"
	for options in "" "--net=host" "--user=keep" "--wall-time=5s" "$([ "$WHO" != root ] || echo --memory=64M)"; do
		try sh -c "cd '$D/work' && PATH=.:$D/work exec $B $options $A privilege-state"
		says SHUT
		verdict $? "sbx works, with '$options'"
		holds "and nothing of them ran" [ ! -e "$D/work/ran" ]
	done
}

cases "${1-}"
