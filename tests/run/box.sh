#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Boxes, as root and as an ordinary user: the life of one; a program is compiled in one run, executed in the next and checked
# in a third, each under another profile; bounds; and nothing but files goes from one run to the next.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
test_folder
A=${ATTACK:-${BUILDDIR:-.}/tests/attack/attack}

ctl() {
	as env XDG_STATE_HOME="$H" "${SBXCTL:?}" box "$@" >"$T/out" 2>"$T/err" </dev/null
}

# run BOX OPTION... -- COMMAND...: by sbx itself, with a report; the status is that of sbx.
run() {
	box=$1
	shift
	rm -f "$H/report"
	# shellcheck disable=SC2086 # a list of words
	as env XDG_STATE_HOME="$H" timeout "$(seconds 60)" "$SBX" $EXTRA --report="$H/report" --box="$box" "$@" \
		>"$T/out" 2>"$T/err" </dev/null
	status=$?
	return $status
}

field() { # a part of the report's box, as Python has it
	python3 -c 'import json, sys
print(eval(sys.argv[2], {"b": json.load(open(sys.argv[1]))["box"]}))' "$H/report" "$1"
}

is() { # is VALUE COMMAND...: that is what it prints
	is_wanted=$1
	shift
	[ "$("$@")" = "$is_wanted" ]
}

fails() { # fails STATUS TEXT
	[ "$status" = "$1" ] && grep -qF -- "$2" "$T/err"
}

life() {
	ctl create one --size=2M --inodes=100
	result "a box is made" [ $? = 0 ]
	ctl create one
	status=$?
	result "not twice" fails 1 "File exists"
	ctl create .one
	status=$?
	result "a name is checked" fails 2 "is no name of a box"
	ctl create two --size=1
	status=$?
	result "a size is checked" fails 2 "at least 64K"
	cp "$SRCDIR/tests/run/box.sh" "$H/in.txt"
	mkdir "$H/tree" "$H/tree/sub"
	echo deep >"$H/tree/sub/file"
	give "$H"
	ctl put one "$H/in.txt" "$H/in.txt:a/b/again" "$H/tree"
	result "files and folders are put into it" [ $? = 0 ]
	result "they are where they should be" cmp -s "$H/in.txt" "$H/sbx/boxes/one/files/a/b/again"
	ctl put one "$H/in.txt:../out"
	status=$?
	result "not above it" fails 1 "it is no path below the box"
	ctl list --json
	result "it is listed" is one python3 -c 'import json, sys
print(json.load(open(sys.argv[1]))["boxes"][0]["name"])' "$T/out"
	ctl show one
	result "its files are shown" grep -q ' tree/sub/file$' "$T/out"
	run one -p default -- sh -c 'pwd; cat tree/sub/file; echo new >tree/new; rm in.txt'
	result "a run has them in its working directory" is "/box
deep" cat "$T/out"
	result "its report says what was kept" is "(3, 4, False, 0, [])" field 'b["files"], b["folders"], b["full"], b["dropped_count"], b["missing"]'
	ctl get one 'tree/*' -o "$H/got"
	result "files are fetched" [ "$(cat "$H/got/tree/new" "$H/got/tree/sub/file" 2>/dev/null)" = "new
deep" ]
	[ ! -e "$H/got/a" ] && [ ! -e "$H/sbx/boxes/one/files/in.txt" ]
	result "and others are not, or are gone" [ $? = 0 ]
	ctl get one 'none*' -o "$H/got2"
	status=$?
	result "what is missing is told" fails 1 "nothing in the box is 'none*'"
	owner=$(stat -c %u "$H/sbx/boxes/one/files/tree/new")
	result "what the run made is the caller's" is "$owner" as id -u
	ctl destroy one
	result "it is destroyed" [ -z "$(ls -A "$H/sbx/boxes")" ]
	run one -p default -- true
	result "a box that is not there is refused" fails 125 "there is no box 'one'"
}

# Three profiles, one box.
students() {
	ctl create s
	cat >"$H/main.c" <<-'C'
		#include <stdio.h>
		int main(void) { FILE *f = fopen("out.txt", "w"); return !f || fputs("42\n", f) < 0 || fclose(f); }
	C
	echo 42 >"$H/expected"
	give "$H"
	ctl put s "$H/main.c"
	# shellcheck disable=SC2086
	run s -p grader $weak -s limits.cpu-time=20s -s limits.wall-time=30s -- gcc -static -o prog main.c
	result "it is compiled" [ $? = 0 ]
	# shellcheck disable=SC2086
	run s -p grader $weak -s box.collect='out.txt' -s box.collect='prog' -s box.collect='core?' -s box.collect=extra -- ./prog
	result "it is executed in the next run" [ $? = 0 ]
	result "only what is collected is kept, and what is missing is told" is "(2, ['extra'])" field 'b["files"], b["missing"]'
	ctl put s "$H/expected"
	# shellcheck disable=SC2086
	as env XDG_STATE_HOME="$H" "$SBXCTL" box run s -p grader $weak $EXTRA -- cmp out.txt expected >"$T/out" 2>"$T/err" </dev/null
	result "it is checked in a third" [ $? = 0 ]
	ctl destroy s
}

bounds() {
	ctl create b --size=1M --inodes=50
	run b -p default -- sh -c 'head -c 2M /dev/zero >x; echo $?; ls -l x | cut -d" " -f5'
	result "no more than its size fits" is "1
1048576" cat "$T/out"
	result "the report says that it is full" is True field 'b["full"]'
	run b -p default -- sh -c 'head -c 2M /dev/zero >y'
	result "what was written is carried in again; a program that fails for it is judged" grep -q '"verdict": "disk"' "$H/report"
	run b -p default -- sh -c 'rm -f x y; i=0; while [ $i -lt 60 ]; do : >f$i || break; i=$((i + 1)); done 2>/dev/null; exit 0'
	between 40 "$(field 'b["files"]')" 49
	result "no more files than it holds" [ $? = 0 ]
	run b -p default -- true
	result "a box that was full of files is carried in again" [ "$status" = 0 ]
	run b -p default -s box.inodes=20 -- true
	result "what does not fit is refused, and nothing ran" fails 125 "carry the files of the box in"
	result "its content stays" [ -e "$H/sbx/boxes/b/files/f1" ]
	run b -p default -s box.file-size=10 -- sh -c 'rm f*; echo 123456789 >ok; echo 1234567890 >big'
	result "the largest file" is "('too-big', 1)" field 'b["dropped"][0]["why"], b["files"]'
	if python3 -c 'import jsonschema' 2>/dev/null; then
		python3 -c 'import json, jsonschema, sys
jsonschema.Draft7Validator(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))' \
			"${SBX%/bin/*}/share/sbx/report.schema.json" "$H/report" 2>"$T/err"
		result "the report is as its schema says" [ $? = 0 ]
	else
		skip "$who: the report is as its schema says" "python3-jsonschema is not installed"
	fi
	ln -s /etc/passwd "$H/sbx/boxes/b/files/link"
	run b -p default -- true
	result "a link in it, which only its owner can have made, is refused" fails 125 "'link' is a symbolic link"
	rm "$H/sbx/boxes/b/files/link"
	# as one has it in a worker: few open files
	rm -f "$H/report"
	# shellcheck disable=SC2086
	as env XDG_STATE_HOME="$H" prlimit --nofile=64:64 "$SBX" $EXTRA --report="$H/report" --box=b -p default -- \
		sh -c 'i=0; while [ $i -lt 100 ]; do mkdir d && cd d || exit 1; i=$((i + 1)); done; echo end >f' >"$T/out" 2>"$T/err" </dev/null
	status=$?
	result "64 open files are enough" [ "$status" != 125 ]
	ctl destroy b
}

# Jobs of one slot, in turns in two boxes: from the second on, they are made in one template.
batches() {
	ctl create j1
	ctl create j2
	for i in 1 2 3; do
		for box in j1 j2; do
			printf '{"command":["sh","-c","echo %s >>log; cat log"],"profile":"default","set":{"box.name":"%s"}}\n' $i $box
		done
	done >"$H/jobs"
	# shellcheck disable=SC2086
	as env XDG_STATE_HOME="$H" "$SBX" $EXTRA --batch --slots=1 <"$H/jobs" >"$T/out" 2>"$T/err"
	status=$?
	[ "$status" = 0 ] && [ "$(grep -c '"verdict":"ok"' "$T/out")" = 6 ]
	result "a batch of jobs with boxes" [ $? = 0 ]
	result "each box has what was done in it" is "1
2
3" cat "$H/sbx/boxes/j1/files/log"
	result "and so has the other" cmp -s "$H/sbx/boxes/j1/files/log" "$H/sbx/boxes/j2/files/log"
	ctl destroy j1 j2
}

# One writes each thing that could stay, the next looks for it.
states() {
	ctl create c
	cat >"$H/leave.py" <<-'PYTHON'
		import ctypes, os, sys
		libc = ctypes.CDLL(None, use_errno=True)
		libc.shmat.restype = ctypes.c_void_p
		for folder in "/tmp", "/var/tmp", "/dev/shm", os.environ["HOME"]:
		    open(folder + "/left", "w").write("x")
		made = {
		    "shm": libc.shmget(77, 4096, 0o1666),
		    "sem": libc.semget(77, 1, 0o1666),
		    "msg": libc.msgget(77, 0o1666),
		    "mq": libc.mq_open(b"/left", os.O_CREAT | os.O_RDWR, 0o666, None),
		}
		os.fork() or os.setsid() or os.execvp("sleep", ["sleep", "1000"])
		open("left", "w").write("x")
		print(" ".join(sorted(k for k, v in made.items() if v >= 0)))
	PYTHON
	cat >"$H/look.py" <<-'PYTHON'
		import ctypes, os
		libc = ctypes.CDLL(None, use_errno=True)
		found = [f for f in ("/tmp", "/var/tmp", "/dev/shm", os.environ["HOME"]) if os.path.exists(f + "/left")]
		found += [n for n, v in (("shm", libc.shmget(77, 0, 0)), ("sem", libc.semget(77, 0, 0)), ("msg", libc.msgget(77, 0)),
		    ("mq", libc.mq_open(b"/left", os.O_RDWR, 0, None))) if v >= 0]
		found += [p for p in os.listdir("/proc") if p.isdigit() and open("/proc/" + p + "/comm").read() == "sleep\n"]
		print(found, os.path.exists("left"))
	PYTHON
	give "$H"
	ctl put c "$H/leave.py" "$H/look.py"
	run c -p python -- python3 leave.py
	# POSIX queues are no files that Landlock has been told of
	result "control: memory, semaphores and queues can be made" is "$([ "$LANDLOCK" != 0 ] || echo "mq ")msg sem shm" cat "$T/out"
	run c -p python -- python3 look.py
	result "nothing of them is there in the next run, but the file in the box is" is "[] True" cat "$T/out"
	run c -p default -- "$A" true
	# a peak and a kill for memory of one run are not those of the next
	if [ -z "$weak" ]; then
		run c -p grader --memory=16M -- python3 -c 'x = bytearray(200 << 20)'
		result "control: one run is out of memory" grep -q '"verdict": "memory"' "$H/report"
		run c -p grader --memory=64M -- true
		grep -q '"oom_kills": 0' "$H/report" && python3 -c 'import json, sys
sys.exit(json.load(open(sys.argv[1]))["memory"]["peak_bytes"] > 15 << 20)' "$H/report"
		result "the next one has no part in that" [ $? = 0 ]
		# a box of 40M is not charged to a sandbox that may have 16M
		run c -p grader --memory=256M -s limits.file-size=100M -- head -c 40M /dev/urandom >/dev/null
		run c -p grader -s limits.file-size=100M -- sh -c 'head -c 40M /dev/urandom >data'
		run c -p grader --memory=16M -- true
		result "what is carried in is not charged to the sandbox" [ "$status" = 0 ]
	fi
	ctl destroy c
}

locks() {
	ctl create l
	as env XDG_STATE_HOME="$H" "$SBX" $EXTRA --box=l -p default -- sh -c 'echo run >ran; sleep 1000' >/dev/null 2>&1 </dev/null &
	wait_for 10 locked
	result "control: a run has the box" [ $? = 0 ]
	run l -p default -- true
	result "a second one at once is refused" fails 125 "is in use"
	ctl put l "$H/in.txt"
	status=$?
	result "so is put" fails 1 "is in use"
	ctl destroy l
	status=$?
	result "and destroy" fails 1 "is in use"
	pid=$(holder)
	kill -9 "$pid"
	wait
	wait_for 10 unlocked
	result "killed, it leaves the lock" [ $? = 0 ]
	result "and the content as it was" [ -z "$(ls -A "$H/sbx/boxes/l/files")" ]
	run l -p default -- sh -c 'echo run >ran'
	result "and the next run goes on" [ -e "$H/sbx/boxes/l/files/ran" ]
	kept=$(ls -A "$H/sbx/boxes/l")
	result "nothing else is in its folder" [ "$kept" = "box.ini
files" ]
	ctl destroy l
}

# The monitor: the process that has the lock.
holder() {
	inode=$(stat -c %i "$H/sbx/boxes/l")
	awk -v end=":$inode" '$2 == "FLOCK" && substr($6, length($6) - length(end) + 1) == end { print $5 }' /proc/locks | head -n 1
}
locked() {
	[ -n "$(holder)" ]
}
unlocked() {
	! locked
}

# A word of sbx's beside: the command can't see where boxes are, but in /box.
hidden() {
	ctl create h
	run h -p default --rw="$H" -- sh -c "ls '$H/sbx/boxes/h' && echo evil >'$H/sbx/boxes/h/files/evil'"
	result "boxes can't be written by a sandbox that is shown their folder" [ ! -e "$H/sbx/boxes/h/files/evil" ]
	run h -p default --hide="$H" -- sh -c "ls '$H/sbx'"
	ctl destroy h
}

give() {
	[ "$who" = root ] || chown -hR "$TEST_UID:$TEST_GID" "$@"
}

for who in $CALLERS; do
	H=$T/$who
	mkdir "$H"
	give "$H"
	weak=
	[ "$who" = root ] || weak="--best-effort=limits --memory="
	life
	students
	bounds
	states
	batches
	locks
	hidden
	left=$(leftovers)
	[ -z "$left" ]
	ok $? "$who: nothing is left${left:+: $left}"
done
done_testing
