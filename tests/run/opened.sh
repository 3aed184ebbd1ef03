#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# report.opened: the list of what a program opens and executes has each path as it is in the sandbox, whoever of its
# processes and threads opens it and however it is named; nothing that it does goes another way than without the list.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
need python3 || skip_all "$missing is not installed"
test_folder
mkdir "$T/show" "$T/show/real" && ln -s real "$T/show/link" && echo data >"$T/show/real/file" && : >"$T/show/up"
chmod -R a+rX "$T/show"

# run NAME OPTION... -- COMMAND...: with the list $list; its status must be 0.
run() {
	name=$1
	shift
	list=$T/$who.list
	rm -f "$list"
	# shellcheck disable=SC2086 # a list of words
	(cd "$T/show" && as "${SBX:?}" $EXTRA --ro="$T/show:/show" --chdir=/show --set=report.opened="$list" "$@") >"$T/out" 2>"$T/err" </dev/null
	status=$?
	[ "$status" = 0 ]
	ok $? "$who: $name: runs"
	[ "$status" = 0 ] || note "status $status: $(head -c 1000 "$T/err")"
}

# has LINE WHAT: it is a whole line of the list.
has() {
	grep -qxF -- "$1" "$list"
	ok $? "$who: $2"
}

# has_not TEXT WHAT
has_not() {
	! grep -qF -- "$1" "$list"
	ok $? "$who: $2"
}

cat >"$T/show/paths.py" <<'P'
import ctypes, os, subprocess, sys, threading

def opened(path, flags=os.O_RDONLY, **more):
    try:
        os.close(os.open(path, flags, **more))
        return True
    except OSError:
        return False

os.chdir("/show")
assert opened("real/file") and opened("./real//./file") and opened("real/../real/file") and opened("link/../up")
folder = os.open("/show/real", os.O_PATH)
assert opened("file", dir_fd=folder) and opened("../up", dir_fd=folder)
assert not opened("no/such") and not opened("/show/" + "x" * 5000) and not opened(b"/show/\n\\\xff\x1b[m")
assert not opened("/show/real/file/below") and opened("/proc/self/status")
os.chdir("/tmp")
assert opened("made", os.O_WRONLY | os.O_CREAT) and opened("made", os.O_RDWR) and opened("made", os.O_RDONLY | os.O_TRUNC)
assert opened(".", os.O_PATH)
deep = "d" * 250  # the whole path is longer than any that the kernel takes
for _ in range(18):
    os.mkdir(deep)
    os.chdir(deep)
os.close(os.open("bottom", os.O_WRONLY | os.O_CREAT)) if "bottom" in sys.argv else None
os.chdir("../" * 8)
assert opened("/".join([deep] * 8) + "/bottom", os.O_WRONLY | os.O_CREAT)
os.chdir("/tmp")
libc = ctypes.CDLL(None, use_errno=True)
for address in (1, 0x7fffffffffff):  # no memory is there: the call fails by itself
    assert libc.open(ctypes.c_void_p(address), 0) == -1 and ctypes.get_errno() == 14
assert libc.openat(999, b"x", 0) == -1 and ctypes.get_errno() == 9
subprocess.run(["/bin/true"], check=True)
fd = os.open("/bin/echo", os.O_RDONLY)
if os.fork() == 0:
    os.execve(fd, ["echo"], {})
assert os.wait()[1] == 0

def many(number):
    for i in range(50):
        assert not opened(f"/thread/{number}/{i}")

threads = [threading.Thread(target=many, args=(i,)) for i in range(20)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
P

# A signal of the program does not make a call fail that waits; one that is killed while it waits holds nobody.
cat >"$T/show/pending.py" <<'P'
import os, signal, time

ticks = 0
def tick(*_):
    global ticks
    ticks += 1
signal.signal(signal.SIGALRM, tick)
signal.siginterrupt(signal.SIGALRM, True)
children = []
for _ in range(4):
    pid = os.fork()
    if pid == 0:
        while True:
            try:
                os.open("/busy", os.O_RDONLY)
            except FileNotFoundError:
                pass
    children.append(pid)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
for _ in range(300):
    with open("/show/up"):
        pass
for pid in children:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
signal.setitimer(signal.ITIMER_REAL, 0, 0)
assert ticks > 0
P

cat >"$T/show/too-many.py" <<'P'
import os
for i in range(100100):
    try:
        os.open(f"/many/{i}", os.O_RDONLY)
    except FileNotFoundError:
        pass
P

paths() {
	run "paths of all kinds" -- python3 /show/paths.py
	has "r-- there /show/real/file" "a path, a relative one, one with dots, one of a folder that is open"
	[ "$(grep -c ' /show/real/file$' "$list")" = 1 ]
	ok $? "$who: each path is there once"
	has "r-- there /show/link/../up" "a .. behind a link stays, since it means another folder"
	has "r-- there /show/up" "and goes behind what is no link"
	has "--- there /show/real" "O_PATH is neither reading nor writing"
	has "r-- missing /show/no/such" "what is not there"
	has "r-- missing /show/real/file/below" "and what is below a file"
	has 'r-- missing /show/\x0a\x5c\xff\x1b[m' "odd bytes are escaped"
	has "r-- unknown /proc/self/status" "of /proc/self nobody else knows"
	has "rw- missing /tmp/made" "what the program made was missing, was read and written"
	has "--x there /bin/true" "another program"
	has "--x there /usr/bin/echo" "one that is open, by execveat"
	has_not xxxx "a path that is too long for the kernel is no path"
	grep -q '^-w- unknown /tmp/d\{250\}/.*/bottom$' "$list"
	ok $? "$who: but one that is longer with its working directory is"
	# shellcheck disable=SC2086 # a list of words
	as "$SBX" $EXTRA --ro="$T/show:/show" --set=report.opened="$T/deep.$who" python3 /show/paths.py bottom 2>"$T/err"
	[ $? = 125 ] && grep -q '1 paths that were opened could not be read' "$T/err" && grep -q ' /show/real' "$T/deep.$who"
	ok $? "$who: a path that can't be known is an error"
	[ "$(grep -c ' missing /thread/' "$list")" = 1000 ]
	ok $? "$who: all of 20 threads: $(grep -c ' missing /thread/' "$list")"
	[ "$(cut -d' ' -f3- "$list")" = "$(cut -d' ' -f3- "$list" | LC_ALL=C sort -u)" ]
	ok $? "$who: sorted, and none twice"
}

# The command itself, by the search path, as it is named, and as a script.
command() {
	printf '#!/bin/sh\nexec /bin/true\n' >"$T/show/script" && chmod 755 "$T/show/script"
	run "a command of the search path" --env=PATH=/nowhere:/usr/bin -- true
	has "--x there /usr/bin/true" "the command itself, where it was found"
	run "a script by a relative path" -- ./script
	has "r-x there /show/script" "the command, as it was named"
	has "--x there /bin/true" "and what it executes"
}

# What is denied is denied, and told as such; with a folder of the host that is writable, no file may be set-user-ID.
denied() {
	mkdir -p "$T/$who.rw" && { [ "$who" = root ] || chown "$TEST_UID:$TEST_GID" "$T/$who.rw"; }
	[ "$who" != root ] || chmod 777 "$T/$who.rw"
	run "with syscalls.denied = report" --set=syscalls.denied=report --report="$T/report" --rw="$T/$who.rw:/rw" -- python3 -c '
import ctypes, os
def denied(call):
    try:
        call()
    except PermissionError:
        return True
assert denied(lambda: os.open("/rw/suid", os.O_WRONLY | os.O_CREAT, 0o4755)) and not os.path.exists("/rw/suid")
assert denied(lambda: os.mknod("/rw/device", 0o20600, 0x103))
os.open("/rw/plain", os.O_WRONLY | os.O_CREAT, 0o755)'
	has "-w- missing /rw/plain" "what is allowed is in the list"
	has_not suid "what is denied is not"
	python3 -c '
import json, sys
names = {d["syscall"]: d["count"] for d in json.load(open(sys.argv[1]))["denied"]}
sys.exit(names != {"openat": 1, "mknodat": 1} and names != {"openat": 1, "mknod": 1})' "$T/report"
	ok $? "$who: the report counts what was denied, and not what was opened"
	run "a call that is denied by name" --set=syscalls.deny=execveat --set=syscalls.denied=report --report="$T/report" -- python3 -c '
import os
try:
    os.execve(os.open("/bin/true", os.O_RDONLY), ["true"], {})
except PermissionError:
    pass'
	has "r-- there /bin/true" "its file was opened, and not executed"
	grep -q '"syscall": "execveat"' "$T/report"
	ok $? "$who: it is counted as denied"
	rm -f "$T/report"
}

refused() {
	as "$SBX" --set=syscalls.base=none --set=report.opened="$T/$who.none" true 2>"$T/err"
	[ $? = 125 ] && grep -q 'report.opened: there is no filter' "$T/err" && [ ! -e "$T/$who.none" ]
	ok $? "$who: refused where there is no filter"
	as "$SBX" --set=report.opened="$T/no/such/folder" true 2>"$T/err"
	[ $? = 125 ] && grep -q "for what is opened" "$T/err"
	ok $? "$who: a file that can't be made is an error before anything runs"
	printf '{"id": 1, "command": ["true"], "set": {"report.opened": "%s"}}\n' "$T/$who.none" | as "$SBX" --batch >"$T/out" 2>"$T/err"
	grep -q 'report.opened has no place in a batch' "$T/out" && [ ! -e "$T/$who.none" ]
	ok $? "$who: refused in a batch"
}

# Control: without the setting nothing is told or written, and the plan has no step of it.
control() {
	as "$SBX" --explain true >"$T/plan" && ! grep -q ' record ' "$T/plan" && as "$SBX" true &&
		as "$SBX" --set=report.opened="$T/x" --explain true | grep -q ' record .*/x'
	ok $? "$who: the plan has a step for it only with the setting"
	[ ! -e "$T/x" ]
	ok $? "$who: and a plan alone makes no file"
}

too_many() {
	rm -f "$T/many" "$T/report"
	as "$SBX" --ro="$T/show:/show" --set=report.opened="$T/many" --report="$T/report" python3 /show/too-many.py 2>"$T/err"
	[ $? = 125 ] && grep -q 'more than 100000 paths' "$T/err" && grep -q '"error": "more than 100000 paths' "$T/report"
	ok $? "$who: more than 100,000 paths are an error, in the report too"
	[ "$(wc -l <"$T/many")" = 100000 ]
	ok $? "$who: the list has the first of them"
	rm -f "$T/many" "$T/report"
}

chmod 777 "$T"
for who in $CALLERS; do
	paths
	command
	denied
	refused
	control
	run "signals, and callers that are killed" -- python3 /show/pending.py
	has "r-- missing /busy" "those who were killed are in the list"
	left=$(leftovers)
	[ -z "$left" ]
	ok $? "$who: nothing is left behind${left:+: $left}"
	rm -rf "$T/$who.list" "$T/report"
done
too_many
done_testing
