#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# sbx-isolate: what graders call isolate for, in their own words, and what it says in its meta file, key by key. As each
# caller; a user without a cgroup gets what needs one as best effort, by a drop-in of the profile.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
if [ "${SANITIZERS-}" = yes ]; then
	# limits of data and of address space are set in the process that becomes the program, which shares the monitor's memory
	unavailable "sbx-isolate" "sanitizers need more memory than its limits leave"
	done_testing
	exit
fi

ISOLATE=${SBX%/*}/sbx-isolate
FIRST=$((1000000 + $$ * 20)) # boxes of root are the machine's
test_folder
umask 022

# isolate WORD...: as the caller, with boxes and profiles of its own
isolate() {
	as env XDG_CONFIG_HOME="$T/config-$who" XDG_STATE_HOME="$T/state-$who" "$ISOLATE" "$@"
}

meta() { # the value of a key
	sed -n "s/^$1://p" "$T/meta"
}

keys() { # all of them, on one line, but for what not every machine counts
	sed -n 's/^\([a-z-]*\):.*/\1/p' "$T/meta" | grep -v '^sbx-\|^csw-' | tr '\n' ' ' | sed 's/ $//'
}

# run WORD...: in box $box, with a meta file; sets $status
run() {
	rm -f "$T/meta"
	isolate "-b$box" --meta=- "$@" >"$T/both" 2>"$T/err" </dev/null
	status=$?
	# what the program printed comes first; the meta file is the last lines
	sed -n '/^\(time\|status\|exitsig\|killed\):/,$p' "$T/both" >"$T/meta"
	sed '/^\(time\|status\|exitsig\|killed\):/,$d' "$T/both" >"$T/out"
}

# ends NAME STATUS KEYS: of the last run
ends() {
	[ "$status" = "$2" ] && [ "$(keys)" = "$3" ]
	ok $? "$who: $1"
	[ "$status" = "$2" ] && [ "$(keys)" = "$3" ] || {
		note "status $status, keys $(keys)"
		note_file "$T/meta"
		note_file "$T/err"
	}
}

# is NAME WHAT WANTED
is() {
	[ "$2" = "$3" ]
	ok $? "$who: $1"
	[ "$2" = "$3" ] || note "'$2' is not '$3'"
}

# refused NAME TEXT: the last run was one, for a reason with TEXT in it
refused() {
	[ "$status" = 2 ] && [ "$(meta status)" = XX ] && meta message | grep -q -- "$2"
	ok $? "$who: $1"
	[ "$status" = 2 ] || note "status $status: $(head -n 1 "$T/err")"
	[ "$(keys)" = "status message" ] || fail "$who: $1: the meta file says that, and nothing else"
}

USED="time time-wall max-rss"

results() {
	run --run -- /bin/true
	ends "a good program" 0 "$USED exitcode"
	is "its exit code" "$(meta exitcode)" 0
	grep -q '^OK ([0-9]*\.[0-9][0-9][0-9] sec real, [0-9]*\.[0-9][0-9][0-9] sec wall)$' "$T/err"
	ok $? "$who: the line on standard error"
	run -s --run -- /bin/true
	is "-s: no line" "$(cat "$T/err")" ""
	run --run -- /bin/sh -c 'echo hello; exit 3'
	ends "exit 3" 1 "$USED exitcode status message"
	is "RE" "$(meta exitcode) $(meta status) $(meta message)" "3 RE Exited with error status 3"
	is "its output" "$(cat "$T/out")" hello
	run --run -- /bin/sh -c 'kill -11 $$'
	ends "a signal" 1 "$USED exitsig status message"
	is "SG" "$(meta exitsig) $(meta status) $(meta message)" "11 SG Caught fatal signal 11"
	run -t 0.3 -w 20 --run -- /bin/sh -c 'while :; do :; done'
	ends "processor time" 1 "$USED killed status message"
	is "TO" "$(meta killed) $(meta status) $(meta message)" "1 TO Time limit exceeded"
	run -t 0.2 -x 0.6 -w 20 --run -- /bin/sh -c 'while :; do :; done'
	in_time 0.55 "$(meta time)" 0.8
	ok $? "$who: the extra time counts from the start: $(meta time)"
	run -t 0.1 -x 5 -w 20 --run -- /bin/sh -c 'i=0; while [ $i -lt 600000 ]; do i=$((i + 1)); done'
	ends "late, but by itself" 1 "$USED status message"
	run -w 0.3 --run -- /bin/sleep 60
	ends "wall time" 1 "$USED killed status message"
	is "TO, wall clock" "$(meta status) $(meta message)" "TO Time limit exceeded (wall clock)"
	run --run -- /box/nothing
	ends "a command that is not there" 1 "$USED exitcode status message"
	is "127" "$(meta exitcode) $(meta status)" "127 RE"
	grep -q 'execve("/box/nothing"): No such file or directory' "$T/err"
	ok $? "$who: and why, on standard error"
	echo 'no secret' >"$T/secret"
	chmod 755 "$T/secret"
	run --run -- "$T/secret"
	is "no file of the host is shown for being the command" "$(meta exitcode)" 127
}

interrupted() {
	for name in TERM ABRT INT HUP QUIT; do
		rm -f "$T/meta" "$T/pid"
		as env XDG_CONFIG_HOME="$T/config-$who" XDG_STATE_HOME="$T/state-$who" sh -c 'echo $$ >"$0"; exec "$@"' \
			"$T/d-$who/pid" "$ISOLATE" "-b$box" --meta="$T/d-$who/meta" --stdout=began --run -- \
			/bin/sh -c 'trap "" TERM ABRT INT HUP QUIT; echo yes; exec sleep 100' 2>"$T/err" &
		wait_for 10 grep -qs yes "$folder/box/began"
		kill -s "$name" "$(cat "$T/d-$who/pid")"
		wait $!
		status=$?
		cp "$T/d-$who/meta" "$T/meta"
		ends "SIG$name ends it, and the meta file is whole" 1 "$USED exitsig killed status message"
		is "$name" "$(meta exitsig) $(meta status) $(meta message)" "$(kill -l "$name" 2>/dev/null | grep '[0-9]' || signal "$name") SG Interrupted"
		rm -f "$folder/box/began"
	done
}

signal() {
	case $1 in HUP) echo 1 ;; INT) echo 2 ;; QUIT) echo 3 ;; ABRT) echo 6 ;; TERM) echo 15 ;; esac
}

streams() {
	echo text >"$folder/box/in"
	chmod 644 "$folder/box/in"
	run -i in -o out -r err --run -- /bin/sh -c 'cat; echo e >&2'
	is "-p 1: it can't fork" "$(grep -c fork "$folder/box/err")" 1
	run -p2 -i in -o out -r err --run -- /bin/sh -c 'cat; echo e >&2'
	is "-i -o -r" "$(cat "$folder/box/out") $(cat "$folder/box/err")" "text e"
	is "they are the caller's" "$(stat -c %u "$folder/box/out")" "$(as id -u)"
	run -o /box/both --stderr-to-stdout --run -- /bin/sh -c 'for i in 1 2 3 4; do echo o$i; echo e$i >&2; done'
	is "--stderr-to-stdout, in order" "$(tr '\n' ' ' <"$folder/box/both")" "o1 e1 o2 e2 o3 e3 o4 e4 "
	run -i missing --run -- /bin/true
	refused "no standard input" "No such file"
	run -i /etc/passwd --run -- /bin/true
	refused "what no rule shows" "no rule"
	run -o /tmp/x --run -- /bin/true
	refused "a private folder" "own"
	run -o /usr/x --run -- /bin/true
	refused "a folder that is read-only" "Read-only"
	run -i ../meta --run -- /bin/true
	refused "a way out" "--stdin"
	run -i /dev/null -p2 --run -- /bin/cat
	ends "/dev/null" 0 "$USED exitcode"
	run -f 4 -o out --run -- /usr/bin/python3 -c 'import os
while 1: os.write(1, b"x" * 1000)'
	is "--fsize of what is redirected" "$(meta exitsig) $(meta status) $(stat -c %s "$folder/box/out")" "25 SG 4096"
	run -f 4 --run -- /usr/bin/python3 -c 'open("/box/big", "wb").write(b"x" * 9000)'
	is "--fsize of a file" "$(stat -c %s "$folder/box/big")" 4096
	isolate "-b$box" --meta="$T/d-$who/meta" --run -- /bin/echo much >/dev/full 2>"$T/err"
	is "no room for the output is no failure of the sandbox" "$? $(sed -n s/^exitsig://p "$T/d-$who/meta")" "1 25"
}

environment() {
	run --run -- /usr/bin/env
	is "nothing but one" "$(sort "$T/out")" "LIBC_FATAL_STDERR_=1"
	run -E A=1 -E B -E C=2 -E C= -E HOME=/tmp -E LIBC_FATAL_STDERR_= --run -- /usr/bin/env
	is "-E" "$(sort "$T/out" | tr '\n' ' ')" "A=1 HOME=/tmp "
	B=x run -E B -E PATH --run -- /usr/bin/env
	is "-E NAME" "$(grep -c '^B=x$\|^PATH=' "$T/out")" 2
	FULL=yes run -e -E HOME= --run -- /usr/bin/env
	is "-e" "$(grep -c '^FULL=yes$\|^PATH=\|^XDG_STATE_HOME=' "$T/out")" 3
	is "-e and less" "$(grep -c '^HOME=' "$T/out")" 0
}

folders() {
	shown=$T/shown-$who
	mkdir "$shown" && chmod 777 "$shown" && cp /bin/true "$shown/program" && chmod 755 "$shown/program"
	run --run -- /bin/sh -c 'echo /*; echo $PWD; echo /tmp/* /dev/shm/*'
	is "what there is" "$(head -n 1 "$T/out" | tr ' ' '\n' | grep -c '^/\(bin\|box\|dev\|lib\|proc\|tmp\|usr\)$')" 7
	is "no /etc" "$(grep -c /etc "$T/out")" 0
	is "the working directory" "$(sed -n 2p "$T/out")" /box
	run -d /x="$shown" --run -- /bin/sh -c 'echo /x/*; echo >/x/new'
	is "-d shows" "$(head -n 1 "$T/out") $([ -e "$shown/new" ] && echo wrote)" "/x/program "
	run -d /x="$shown":rw -c /x --run -- /bin/sh -c 'pwd; echo >/x/new'
	is "-d rw, -c" "$(cat "$T/out") $([ -e "$shown/new" ] && echo wrote)" "/x wrote"
	run -d /x="$shown" --run -- /x/program
	ends "what is shown can be executed" 0 "$USED exitcode"
	run -d /x="$shown":noexec --run -- /x/program
	is "-d noexec" "$(meta exitcode)" 127
	run -d /x="$T/nothing":maybe --run -- /bin/true
	ends "-d maybe" 0 "$USED exitcode"
	run -d /x="$T/nothing" --run -- /bin/true
	refused "-d of what is not there" "does not exist"
	run -d /x:tmp --run -- /bin/sh -c 'echo a >/x/a && echo /x/*'
	is "-d tmp" "$(cat "$T/out")" /x/a
	run -d tmp= --run -- /bin/sh -c 'echo >/tmp/a'
	is "-d IN= takes away" "$(meta status)" RE
	run -d box= --run -- /bin/true
	refused "-c, by default /box, that is not there" "/box"
	run -D -d usr -d lib -d lib64:maybe -d box=./box --run -- /usr/bin/env sh -c 'echo >/box/x'
	[ "$(meta status)" = RE ] && [ ! -e "$folder/box/x" ]
	ok $? "$who: -D, and a box that is read-only"
	for wrong in /x=relative /x=../y /x=/tmp:what /x=sysfs:fs /x=/dev:dev /x="$T":norec; do
		run -d "$wrong" --run -- /bin/true
		refused "-d $wrong" --dir
	done
	run -c /missing --run -- /bin/true
	refused "-c" "no folder"
}

limits() {
	show='import resource as r, sys
print(*[r.getrlimit(getattr(r, "RLIMIT_" + n))[0] for n in sys.argv[1:]])'
	run --run -- /usr/bin/python3 -c "$show" STACK CORE FSIZE
	is "defaults" "$(cat "$T/out")" "-1 0 -1"
	run -k 8192 -n 64 -f 100 --core=0 --run -- /usr/bin/python3 -c "$show" STACK NOFILE FSIZE CORE
	is "-k -n -f --core" "$(cat "$T/out")" "8388608 64 102400 0"
	run -n 0 --run -- /usr/bin/python3 -c "$show" NOFILE
	[ "$(cat "$T/out")" -ge 1024 ]
	ok $? "$who: -n 0 is all that the caller has"
	run -m 400000 --run -- /usr/bin/python3 -c "$show" AS
	is "-m" "$(cat "$T/out")" 409600000
	run -m 400000 --run -- /usr/bin/python3 -c 'bytearray(1 << 30)'
	is "-m keeps memory away" "$(meta status) $(grep -c MemoryError "$T/err")" "RE 1"
	run -p4 --run -- /bin/sh -c 'sleep 1 & sleep 1 & sleep 1 & sleep 1 & wait'
	is "-p4" "$(meta status) $(grep -c fork "$T/err")" "RE 1"
	for all in -p --processes -p0 --processes=0; do
		run $all --run -- /bin/sh -c 'sleep 0.1 & sleep 0.1 & wait; echo good'
		is "$all" "$(cat "$T/out")" good
	done
	run --run -- /usr/bin/python3 -c 'import socket; socket.create_connection(("127.0.0.1", 9))'
	is "a network of its own" "$(meta status)" RE
	run --run -- /usr/bin/readlink /proc/self/ns/net
	[ "$(cat "$T/out")" != "$(readlink /proc/self/ns/net)" ]
	ok $? "$who: a network namespace of its own"
	run --share-net --run -- /usr/bin/readlink /proc/self/ns/net
	is "--share-net" "$(cat "$T/out")" "$(readlink /proc/self/ns/net)"
	echo kept >"$T/kept"
	run --inherit-fds --run -- /bin/sh -c 'read -r x <&7; echo $x' 7<"$T/kept"
	is "--inherit-fds" "$(cat "$T/out")" kept
	run --run -- /bin/sh -c 'read -r x <&7' 7<"$T/kept"
	is "and without" "$(meta status)" RE
}

others() {
	for words in "--nothing" "-q 1,1" "--syscalls=4" "--syscalls=x" "-t x" "-t -1" "-b -1" "-m 1x" "--cg-mem=5" "--as-uid=5" \
		"-r a --stderr-to-stdout" "--print-cg-root" "--init" "-b 99999999999"; do
		# shellcheck disable=SC2086 # a list of words
		run $words --run -- /bin/true
		refused "refused: $words" .
	done
	run --run
	refused "no command" "no command"
	run -v -v --verbose --syscalls=27 --cg-timing --no-cg-timing --tty-hack --run -- /bin/true
	ends "what changes nothing here" 0 "$USED exitcode"
	isolate --version | grep -q "^sbx-isolate [0-9]"
	ok $? "$who: --version"
	isolate --check-config
	ok $? "$who: --check-config"
	isolate "-b$((box + 1))" --run -- /bin/true 2>"$T/err"
	is "a box that was not made" "$?" 2
	isolate "-b$((box + 1))" --cleanup && isolate "-b$((box + 1))" --cleanup
	ok $? "$who: --cleanup of what is not there"
	isolate -b2147483647 --init >"$T/out" && isolate -b2147483647 --cleanup
	ok $? "$who: the largest box"
	run --cg --run -- /bin/true
	refused "another mode than that of --init" "without --cg"
}

lock() {
	isolate "-b$box" -o began --run -- /bin/sh -c 'echo yes; exec sleep 2' 2>"$T/err2" &
	wait_for 10 grep -qs yes "$folder/box/began"
	run --run -- /bin/true
	refused "a box in use" "This box is currently in use by another process"
	run --wait --run -- /bin/true
	ends "--wait" 0 "$USED exitcode"
	wait
}

links() { # attacks: each is seen to work on who is not careful
	victim=$T/d-$who/victim
	as sh -c 'echo safe >"$1" && chmod 666 "$1"' - "$victim"
	plant="for n in out meta; do rm -f \$n; ln -s $victim \$n; done; rm -rf way; ln -s $T/d-$who way"
	run --special-files -p9 --run -- /bin/sh -c "$plant"
	[ -L "$folder/box/out" ]
	ok $? "$who: the links are there"
	run --special-files -o out --run -- /bin/echo attacked
	refused "a link at the name of the output" "symbolic links"
	run --special-files -o way/victim --run -- /bin/echo attacked
	refused "a link on the way to the output" "symbolic links"
	run --special-files -i way/victim --run -- /bin/echo attacked
	refused "a link on the way to the input" "symbolic links"
	isolate "-b$box" --special-files --meta="$folder/box/meta" --run -- /bin/true 2>"$T/err"
	is "a link at the name of the meta file" "$?" 2
	is "the victim is as it was" "$(cat "$victim")" safe
	as sh -c 'echo attacked >"$1"' - "$folder/box/out"
	is "control: who opens it by its path writes elsewhere" "$(cat "$victim")" attacked
	run -p9 --run -- /bin/sh -c "mkfifo fifo; ln -s x y; echo >file; mkdir d; mkfifo d/fifo"
	is "special files are removed" "$(find "$folder/box" -type p -o -type l | wc -l) $(find "$folder/box" -name file | wc -l)" "0 1"
}

in_box() {
	(cd "$folder/box" && as "$@")
}

trees() {
	# Landlock looks at each folder on the way, so that a program in the box makes the deeper tree only in minutes
	for depth in 3000 20000; do
		maker="isolate -b$box -p0 --special-files --run --"
		[ "$depth" = 3000 ] || maker=in_box
		$maker /usr/bin/python3 -c '
import os, sys
for name in (b"new\nline", b"-rf", b"\xff\xfe", b"x" * 255):
    os.mkdir(name); open(name + b"/f" if len(name) < 9 else name + b"/g", "w")
os.mkdir("shut"); open("shut/f", "w"); os.chmod("shut", 0)
for i in range(int(sys.argv[1])):
    os.mkdir("d"); os.chdir("d")
open("end", "w")' "$depth" 2>"$T/err"
		ok $? "$who: a tree $depth deep"
		# shellcheck disable=SC3045 # the shells that are /bin/sh have it
		(ulimit -n 64; run --run -- /bin/true; [ "$status" = 0 ])
		ok $? "$who: the box of a tree $depth deep is used again with few files"
		[ "$depth" != 3000 ] || {
			as sh -c 'cp -r "$1" "$2" 2>/dev/null; ulimit -n 64; python3 -c "import shutil, sys; shutil.rmtree(sys.argv[1])" "$1"' - "$folder/box/d" "$T/d-$who/copy" 2>/dev/null
			[ -d "$folder/box/d" ]
			ok $? "$who: control: who recurses, or keeps folders open, fails"
		}
		# shellcheck disable=SC3045
		(ulimit -n 64; isolate "-b$box" --cleanup)
		ok $? "$who: --cleanup of a tree $depth deep with few files"
		[ ! -e "$folder" ]
		ok $? "$who: nothing of it is left"
		isolate "-b$box" --init >"$T/out"
	done
}

# --- the graders themselves

cms() {
	home=$T/d-$who/home
	as mkdir -p "$home" && as chmod 777 "$home"
	cat >"$home/program.c" <<-'END'
		#include <stdio.h>
		int main(void) { int a, b; if (scanf("%d %d", &a, &b) != 2) return 1; printf("%d\n", a + b); return 0; }
	END
	echo "20 22" >"$home/input.txt"
	chmod 644 "$home"/*
	isolate --box-id="$box" --cg --cleanup
	ok $? "$who: CMS: a cleanup first"
	isolate --box-id="$box" --cg --init >"$T/out"
	ok $? "$who: CMS: init"
	# shellcheck disable=SC2086
	isolate --cg --box-id="$box" --chdir=/tmp --dir=/tmp="$home":rw --dir=/dev/shm:tmp --dir=/etc/alternatives=/etc/alternatives \
		--dir=/etc=/etc --full-env --env=HOME=/tmp --cg-mem=524288 --stdout=/tmp/compiler_stdout.txt --processes=1000 \
		--stderr=/tmp/compiler_stderr.txt --time=10 --verbose --wall-time=21 --meta="$T/d-$who/meta" --run -- \
		/usr/bin/gcc -O2 -static -s -o program program.c 2>"$T/err"
	is "CMS: compiles" "$? $(sed -n s/^exitcode://p "$T/d-$who/meta")" "0 0"
	for limit in 1 1048576; do
		isolate --cg --box-id="$box" --chdir=/tmp --dir=/tmp="$home":rw --dir=/dev/shm:tmp --env=HOME=/tmp --fsize="$limit" \
			--stdin=/tmp/input.txt --cg-mem=262144 --stdout=/tmp/stdout.txt --processes=1 --stderr=/tmp/stderr.txt \
			--time=1 --wall-time=3 --extra-time=0.5 --meta="$T/d-$who/meta" --run -- ./program 2>"$T/err"
		status=$?
	done
	cp "$T/d-$who/meta" "$T/meta"
	ends "CMS: evaluates" 0 "$USED cg-mem exitcode"
	is "CMS: the answer" "$(as cat "$home/stdout.txt")" 42
	isolate --cg --box-id="$box" --dir=/tmp="$home":rw --run -- /bin/mkdir -m 700 /tmp/theirs 2>"$T/err"
	isolate --box-id="$box" --cg --dir=/tmp="$home":rw --run -- /bin/chmod 777 -R /tmp 2>"$T/err"
	is "CMS: all can be removed" "$(stat -c %a "$home/theirs")" 777
	as rm -rf "$home"
	ok $? "$who: CMS: and is"
	isolate --box-id="$box" --cg --cleanup
	ok $? "$who: CMS: cleanup"
}

fifos() { # CMS Communication: two boxes at once, of which one has its streams there
	other=$((box + 1))
	isolate "-b$box" --init >/dev/null && isolate "-b$other" --init >/dev/null
	for n in 0 1; do
		mkdir "$T/f$n-$who" && chmod 755 "$T/f$n-$who" && mkfifo "$T/f$n-$who/p" && chmod 666 "$T/f$n-$who/p"
	done
	isolate "-b$box" --dir=/fifo0="$T/f0-$who":rw --dir=/fifo1="$T/f1-$who":rw --wall-time=20 --processes=2 --run -- \
		/bin/sh -c 'exec 4>/fifo0/p 3</fifo1/p; echo 5 >&4; read -r x <&3; echo $x; echo 7 >&4; read -r x <&3; echo $x' \
		>"$T/manager" 2>"$T/err" &
	isolate "-b$other" --dir=/fifo0="$T/f0-$who":rw --dir=/fifo1="$T/f1-$who":rw --wall-time=20 --stdin=/fifo0/p \
		--stdout=/fifo1/p --meta="$T/d-$who/meta" --run -- \
		/bin/sh -c 'while read -r n; do echo $((n * n)); done' 2>"$T/err2"
	status=$?
	wait
	is "two boxes talk by FIFOs" "$status $(tr '\n' ' ' <"$T/manager")" "0 25 49 "
	isolate "-b$other" --dir=/fifo1="$T/f1-$who":rw --wall-time=0.3 --stdout=/fifo1/p --meta="$T/d-$who/meta" --run -- \
		/bin/true 2>"$T/err"
	is "nobody reads: the wall time counts" "$? $(sed -n s/^message://p "$T/d-$who/meta")" "1 Time limit exceeded (wall clock)"
	isolate "-b$other" --cleanup && isolate "-b$box" --cleanup
	ok $? "$who: and both are cleaned up"
}

judge0() {
	work=$(isolate --cg -b "$box" --init)
	ok $? "$who: Judge0: init"
	as sh -c 'cd "$1" && cat >box/main.c && for f in stdin stdout stderr metadata compile; do : >$f; done; echo world >stdin
		echo "/usr/bin/gcc -o a.out main.c" >box/compile.sh; echo "./a.out" >box/run.sh' - "$work" <<-'END'
		#include <stdio.h>
		int main(void) { char name[99]; if (scanf("%98s", name) != 1) return 1; printf("hello %s\n", name); fprintf(stderr, "e\n"); return 0; }
	END
	isolate --cg -s -b "$box" -M "$work/metadata" --stderr-to-stdout -i /dev/null -t 15 -x 0 -w 20 -k 128000 -p120 --cg-timing \
		--cg-mem=512000 -f 4096 -E HOME=/tmp -E PATH="/usr/local/bin:/usr/bin:/bin" -E LANG -E LANGUAGE -E LC_ALL \
		-E JUDGE0_HOMEPAGE -E JUDGE0_SOURCE_CODE -d /etc:noexec --run -- /bin/bash compile.sh >"$T/compile" 2>"$T/err"
	is "Judge0: compiles" "$? $(sed -n s/^exitcode://p "$work/metadata")" "0 0"
	isolate --cg -s -b "$box" -M "$work/metadata" -t 5 -x 1 -w 10 -k 64000 -p60 --no-cg-timing --cg-mem=128000 -f 1024 \
		-E HOME=/tmp -E PATH="/usr/local/bin:/usr/bin:/bin" -d /etc:noexec --run -- /bin/bash run.sh \
		<"$work/stdin" >"$T/stdout" 2>"$T/stderr"
	status=$?
	cp "$work/metadata" "$T/meta"
	ends "Judge0: runs" 0 "$USED cg-mem exitcode"
	is "Judge0: what it printed" "$(cat "$T/stdout") $(cat "$T/stderr")" "hello world e"
	isolate --cg -b "$box" --cleanup
	ok $? "$who: Judge0: cleanup"
	[ ! -e "$work" ]
	ok $? "$who: Judge0: with all that lay beside the box"
}

piston() {
	package=$T/package
	mkdir -p "$package" && cp /bin/sh "$package/sh" && echo 'cat submission.txt; echo $PISTON_LANGUAGE' >"$package/run"
	chmod -R a+rX "$package" && chmod 755 "$package/run"
	work=$(isolate --init --cg "-b$box")
	as sh -c 'mkdir "$1/box/submission" && echo mine >"$1/box/submission/submission.txt"' - "$work"
	set -- -s -c /box/submission -E HOME=/tmp -E PISTON_LANGUAGE=x --dir="$package" --dir=/etc:noexec --processes=64 \
		--open-files=64 --fsize=10000 --wall-time=3 --time=3 --extra-time=0
	isolate --run "-b$box" --meta="$T/d-$who/piston" --cg "$@" --cg-mem=128000 -- /bin/bash "$package/run" >"$T/out" 2>"$T/err" \
		</dev/null
	is "Piston: runs" "$? $(tr '\n' ' ' <"$T/out")" "0 mine x "
	! grep -qv '^[a-z-]*:' "$T/d-$who/piston"
	ok $? "$who: Piston: each line of the meta file has a key"
	next=$(isolate --init --cg "-b$((box + 1))")
	as mv "$work/box/submission" "$next/box/submission"
	ok $? "$who: Piston: the folder is the caller's again, and moves to another box"
	isolate --cleanup --cg "-b$box" && isolate --cleanup --cg "-b$((box + 1))"
	ok $? "$who: Piston: cleanup"
}

memory() { # with a cgroup only
	isolate "-b$box" --cg --init >"$T/out"
	run --cg --cg-mem=64000 -p5 --run -- /usr/bin/python3 -c 'bytearray(200 << 20)'
	ends "out of memory" 1 "$USED cg-mem cg-oom-killed exitsig status message"
	is "SG" "$(meta exitsig) $(meta cg-oom-killed)" "9 1"
	run --cg --cg-mem=64000 --run -- /bin/true
	ends "and no word of it in the next run" 0 "$USED cg-mem exitcode"
	[ "$(meta cg-mem)" -lt 30000 ]
	ok $? "$who: nor its peak"
	isolate "-b$box" --cg --cleanup
}

as_other() { # root only
	folder=$(isolate "-b$box" --as-uid="$TEST_UID" --as-gid="$TEST_GID" --init)
	is "--as-uid: whose the box is" "$(stat -c %u "$folder/box")" "$TEST_UID"
	isolate "-b$box" --as-uid="$TEST_UID" --as-gid="$TEST_GID" --meta="$T/other" --run -- /bin/sh -c 'echo >made' 2>"$T/err"
	is "and who owns what is made, and the meta file" "$? $(stat -c %u "$folder/box/made" "$T/other" | tr '\n' ' ')" \
		"0 $TEST_UID $TEST_UID "
	isolate "-b$box" --run -- /bin/true 2>"$T/err"
	is "it is of nobody else" "$?" 2
	isolate "-b$box" --cleanup
}

all_as() {
	mkdir -p "$T/config-$who/sbx/profiles/isolate.d" "$T/state-$who" "$T/d-$who"
	chmod 1777 "$T"
	layers=
	[ -z "$EXTRA" ] || layers=landlock
	[ "$who" = root ] || [ -n "${VERDICT_CGROUP-}" ] || layers="$layers limits"
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$T/config-$who" "$T/state-$who" "$T/d-$who" 2>/dev/null
	box=$FIRST
	[ "$who" = root ] || [ -n "${VERDICT_CGROUP-}" ] || {
		isolate "-b$box" --cg --init >"$T/out"
		run --cg --cg-mem=64000 --run -- /bin/true
		refused "--cg without a cgroup" "cgroup"
	}
	[ -z "$layers" ] || printf '[profile]\nbest-effort = %s\n' "$layers" >"$T/config-$who/sbx/profiles/isolate.d/test.ini"
	for part in "$@"; do
		folder=$(isolate "-b$box" --init)
		"$part"
		isolate "-b$box" --cleanup || fail "$who: --cleanup after $part"
	done
	left=$(leftovers)
	[ -z "$left" ]
	ok $? "$who: nothing is left behind${left:+: $left}"
}

for who in $CALLERS; do
	parts="results interrupted streams environment folders limits others lock links trees cms fifos judge0 piston"
	[ "$who" != root ] || parts="$parts as_other"
	if [ "$who" = root ] || [ -n "${VERDICT_CGROUP-}" ]; then parts="$parts memory"; fi
	# shellcheck disable=SC2086 # a list of words
	all_as ${SBX_PARTS:-$parts}
done
[ "$(id -u)" != 0 ] || rmdir /var/lib/sbx/isolate/locks /var/lib/sbx/isolate /var/lib/sbx 2>/dev/null
done_testing
