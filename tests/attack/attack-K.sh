#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Attacks on boxes: what a program leaves in its box for those who carry it out, and read it afterwards. The setuid sbx has
# no boxes.
# shellcheck disable=SC2016,SC2086,SC2317
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"

# A program as a student would hand it in; what it makes is made in its working directory. It says OPEN when all is there,
# and each control runs it in a plain folder: that what it plants can be planted, and leads where it should.
set_box() {
	boxes=$D/home/.local/state/sbx/boxes
	new_box "$@"
	mkdir "$D/plain" "$D/victim/folder"
	cp "$T/secret" "$D/victim/secret"
	give "$D/plain" "$D/victim"
	[ "$WHO" = root ] || chmod 600 "$D/victim/secret"
	victim=$(tree_hash "$D/victim")
	F=$boxes/k/files
	K="$S --profile=python --user=keep --ro=$T/bin --box=k --report=$D/work/report"
}

new_box() {
	[ ! -e "$boxes/k" ] || as_caller "${SBXCTL:?}" box destroy k
	as_caller "${SBXCTL:?}" box create k "$@"
}

# planted NAME PROGRAM [OPTION...]: as the control, and then in a box; it must have said OPEN there, too, and sbx must not fail.
planted() {
	plant_name=$1 program=$2
	shift 2
	control "$plant_name is there" sh -c 'cd "$1" && exec python3 -c "$2" "$3"' sh "$D/plain" "$program" "$D/victim"
	try timeout 20 $K "$@" python3 -c "$program" "$D/victim"
	says OPEN
	verdict $? "$plant_name is made in the box"
	holds "$plant_name is no failure of sbx" [ "$status" = 10 ]
}

# What the report says was not kept, one a line: WHY NAME.
dropped() {
	python3 -c 'import json, sys
for d in json.load(open(sys.argv[1]))["box"]["dropped"]: print(d["why"], ascii(d["name"]))' "$D/work/report"
}

drops() { # drops LINE...
	for line; do
		dropped | grep -xF -- "$line" >/dev/null || return 1
	done
}

only_plain_files() {
	[ -z "$(find "$F" ! -type f ! -type d)" ]
}

no_secret() {
	! grep -rqs SECRET "$F"
}

reads_secret() { # as a grader does that believes in names
	try sh -c 'cd "$1" && timeout 5 cat -- "$2" 2>/dev/null | grep -q SECRET && echo OPEN the secret' sh "$1" "$2"
	says OPEN
}

claim T-G1 "output that is a link, .., a hard link, FIFO, socket, device or folder" "only regular files and folders are carried" "root user"
t_G1() {
	set_box
	planted "what is no file" 'import os, socket, sys
victim = sys.argv[1]
os.symlink(victim + "/secret", "out.txt")
os.symlink("..", "up")
os.symlink("/proc/self/root", "root")
os.symlink("/proc/self/fd/0", "fd")
os.symlink(victim, "folder")
os.symlink("loop", "loop")
os.mkfifo("fifo")
os.mkdir("answer.txt")
socket.socket(socket.AF_UNIX).bind("socket")
print("OPEN made")
sys.exit(10)'
	holds "control: a link leads to the secret" reads_secret "$D/plain" out.txt
	holds "control: so does a folder" reads_secret "$D/plain" folder/secret
	holds "nothing else than files and folders is kept" only_plain_files
	holds "it is told what was not" drops "link 'out.txt'" "link 'up'" "link 'root'" "link 'fd'" "link 'folder'" "link 'loop'" \
		"fifo 'fifo'" "socket 'socket'"
	try $K python3 -c 'import os, sys
for name, kind in (("null", 0o020666), ("disk", 0o060666)):
    try: os.mknod(name, kind, os.makedev(1, 3)); print("OPEN", name); sys.exit(10)
    except OSError: pass
try: os.link("/usr/bin/env", "hard"); print("OPEN hard link"); sys.exit(10)
except OSError: print("SHUT as it should be")'
	holds "devices and hard links to other files can't be made" says SHUT
}

claim T-G2 "chown and chmod by the path of an output" "everything by fds below the box" "root user"
t_G2() {
	set_box
	# names that were folders in one run are links in the next, and the other way
	planted "a tree" 'import os, sys
os.makedirs("a/folder"); open("a/secret", "w").write("x"); os.chmod("a", 0o777); os.chmod("a/folder", 0)
print("OPEN made"); sys.exit(10)'
	try $K python3 -c 'import os, shutil, sys
os.chmod("a/folder", 0o700); shutil.rmtree("a"); os.symlink(sys.argv[1], "a"); print("OPEN made"); sys.exit(10)' "$D/victim"
	says OPEN
	verdict $? "a folder becomes a link"
	holds "the link is not kept" [ ! -e "$F/a" ]
	holds "nothing outside has changed" unchanged
	rm -rf "$F"
	ln -s "$D/victim" "$F"
	refused "a link in the place of the content" $K true
	rm "$F"
	mkdir "$F"
	ln -s "$D/victim" "$boxes/k/files.new"
	give "$boxes"
	try $K sh -c 'echo x >file'
	holds "a link in the place of the next content is removed" [ "$(cat "$F/file")" = x ] && [ ! -e "$boxes/k/files.new" ]
	holds "nothing outside has changed by that" unchanged
	[ "$(find "$boxes" ! -uid "$(as_caller id -u)" | wc -l)" = 0 ]
	verdict $? "all in the box is the caller's"
}

deep='import os, sys
for i in range(int((sys.argv + ["3000"])[2])):
    try: os.mkdir("d")
    except OSError: break
    os.chdir("d")
print("OPEN made"); sys.exit(10)'

is_cut() {
	dropped | grep "^too-deep 'd/d/d/" >/dev/null && [ "$(find "$F" -name d | wc -l)" = 128 ]
	verdict $? "it is cut"
}

# An empty box, and an empty folder.
fresh() {
	new_box --size=8M --inodes=5000
	rm -rf "$D/plain" && mkdir "$D/plain" && give "$D/plain"
}

claim T-G3 "collection of sparse files, many and deep files, odd names and modes" "bounds of the box and of what is carried" "root user"
t_G3() {
	set_box --size=8M --inodes=5000
	before=$(df -P -k "$D" | awk 'END { print $3 }')
	planted "a sparse file of 1 TB, and 3000 names of 4 MB" 'import os, sys
with open("sparse", "w") as f:
    f.truncate(1 << 40) if os.statvfs(".").f_blocks * 4096 <= 64 << 20 else f.truncate(1 << 38)
open("data", "wb").write(b"x" * (4 << 20))
for i in range(3000): os.link("data", "link%d" % i)
print("OPEN made"); sys.exit(10)'
	[ ! -e "$F/sparse" ] && [ "$(du -sk "$F" | cut -f1)" -lt 9000 ]
	verdict $? "neither is expanded"
	fresh
	planted "a sparse file that may be so large" 'import sys
f = open("sparse", "wb"); f.truncate(1 << 34); f.seek(1 << 33); f.write(b"x"); f.close()
print("OPEN made"); sys.exit(10)' --set=box.file-size=32G
	[ "$(stat -c %s "$F/sparse")" = 17179869184 ] && [ "$(du -sk "$F" | cut -f1)" -lt 9000 ]
	verdict $? "it stays sparse"
	try $K --set=box.file-size=32G python3 -c 'f = open("sparse", "rb"); f.seek(1 << 33); print("OPEN it is" if f.read(1) == b"x" else "BROKEN")'
	holds "and goes in again" says OPEN
	fresh
	planted "a folder 3000 deep" "$deep"
	is_cut
	# Landlock looks at all folders above: the deeper it is, the longer each call takes
	fresh
	try $K --set=box.inodes=200000 --wall-time=5s python3 -c "$deep" x 100000
	[ "$status" = 10 ] || { [ "$status" = 124 ] && report_has wall-time; }
	verdict $? "a folder as deep as time allows is no failure of sbx"
	is_cut
	fresh
	planted "odd names" 'import os, sys
names = [b"a\nb", b"-rf", b"\xff\xfe", b"x" * 255, b"$(touch evil)", b"\x1b[2J", b"...", b" ", b"out.txt\n", b"%s%n"]
for n in names: open(n, "w").write("x"); os.mkdir(n[:250] + b".dir")
print("OPEN made"); sys.exit(10)'
	holds "they are kept as they are" [ "$(find "$F" -type f -print0 | tr -cd '\0' | wc -c)" = 10 ]
	holds "the report is clean" is_clean "$D/work/report"
	python3 -m json.tool "$D/work/report" >/dev/null
	verdict $? "and JSON"
	modes_and_many
	holds "the disk is as before" [ "$(($(df -P -k "$D" | awk 'END { print $3 }') - before))" -lt 200000 ]
}

modes_and_many() {
	fresh
	planted "a tree of mode 000" 'import os, sys
os.makedirs("m/n/o"); open("m/n/f", "w").write("x")
for n in "m/n/f", "m/n/o", "m/n", "m", ".": os.chmod(n, 0)
os.write(1, b"OPEN made\n"); os._exit(10)'
	chmod 755 "$D/plain"
	holds "it is kept, and its owner can read and remove it" as_caller sh -c 'cat "$1/m/n/f" >/dev/null && rm -r "$1/m"' sh "$F"
	try $K python3 -c 'import os
made = 0
try:
    for i in range(1000000): os.symlink("x", "s%d" % i) if i % 2 else os.mkdir("t%d" % i); made += 1
except OSError as e: print("OPEN" if made < 5000 else "BROKEN", made, e)'
	says OPEN
	verdict $? "a million files end at the bound"
	python3 -c 'import json, sys
b = json.load(open(sys.argv[1]))["box"]; sys.exit(not (b["full"] and b["dropped_count"] > 1000 and len(b["dropped"]) == 64))' "$D/work/report"
	verdict $? "what is not kept is counted, and the first are listed"
}

claim T-G11 "output changed while it is collected" "all processes are dead before" "root user"
t_G11() {
	set_box
	change='import os, signal, sys, time
if os.fork():
    while not os.path.lexists("l"): time.sleep(0.01)
    time.sleep(0.1); print("OPEN made", flush=True); os._exit(10)
os.setsid()
if os.fork(): os._exit(0)
null = os.open("/dev/null", os.O_RDWR); os.dup2(null, 1); os.dup2(null, 2) # nobody waits for it
for s in set(range(1, 32)) - {signal.SIGKILL, signal.SIGSTOP}: signal.signal(s, signal.SIG_IGN)
end = time.monotonic() + 30
while time.monotonic() < end:
    for n in "a", "b": open(n + ".new", "w").write("%f\n" % time.monotonic() * 1000); os.rename(n + ".new", n)
    os.symlink(sys.argv[1] + "/secret", "l.new"); os.rename("l.new", "l"); time.sleep(0.002)
    os.unlink("l"); open("l", "w").write("x")'
	try sh -c 'cd "$1" && python3 -c "$2" "$3"; i=0; while [ $i -lt 400 ]; do cat l 2>/dev/null; i=$((i + 1)); done | grep SECRET >/dev/null && echo OPEN secret' \
		sh "$D/plain" "$change" "$D/victim"
	pkill_changer
	holds "control: a daemon changes files while they are read" [ "${out#*OPEN secret}" != "$out" ]
	for round in 1 2 3; do
		try $K python3 -c "$change" "$D/victim"
		holds "the run ends, round $round" [ "$status" = 10 ]
		sum=$(tree_hash "$F")
		no_secret && only_plain_files && [ "$(sort -u "$F/a" | wc -l)" = 1 ]
		verdict $? "what was kept is whole, and no secret"
		sleep 0.2
		holds "and stays as it is" [ "$sum" = "$(tree_hash "$F")" ]
	done
	holds "nothing is left" nothing_left
}

# The daemon of the control: that which works in the folder of this test.
pkill_changer() {
	for folder in /proc/[0-9]*; do
		[ "$(readlink "$folder/cwd")" = "$D/plain" ] && kill -9 "${folder#/proc/}"
	done 2>/dev/null
}

claim T-G8 "compile bombs" "limits, size of the box" "root user"
t_G8() {
	set_box --size=16M
	printf 'static char a[1 << 26] = {1}; int main(void) { return a[5]; }\n' >"$D/plain/large.c"
	printf '#include "/dev/zero"\nint main(void) { return 0; }\n' >"$D/plain/zero.c"
	printf '#define A(x) x x x x x x x x\n#define B(x) A(A(A(A(x))))\nint main(void) { return 0 B(B(B(+1))); }\n' >"$D/plain/macro.c"
	printf '#include "self.c"\n#include "self.c"\n' >"$D/plain/self.c"
	give "$D/plain"
	control "a large program" sh -c 'cd "$1" && gcc -o large large.c && [ "$(stat -c %s large)" -gt 60000000 ] && echo OPEN large' sh "$D/plain"
	for bomb in large zero macro self; do
		as_caller "$SBXCTL" box put k "$D/plain/$bomb.c"
		try $S --profile=grader $WEAKER ${WEAKER:+--memory=} --box=k --report="$D/work/report" -s limits.cpu-time=4s -s limits.wall-time=10s \
			gcc -o "$bomb" "$bomb.c"
		[ "$status" != 0 ] && [ "$status" != 125 ] && ! report_has internal
		verdict $? "$bomb.c is judged"
		holds "the box is not larger than it may be" [ "$(du -sk "$F" | cut -f1)" -le 17000 ]
	done
	try $S --profile=grader $WEAKER ${WEAKER:+--memory=} --box=k sh -c 'rm -f *; echo OPEN all is well'
	holds "the next run is as if nothing had been" says OPEN
}

cases "${1-}"
