#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Attacks on what joins, stops or ends a sandbox that runs, and on what takes changes out of one. Nobody joins what the setuid sbx
# has made. That rights, limits and namespaces of a command that joins are those of the first one is in tests/run/live.sh.
# shellcheck disable=SC2016,SC2086,SC2317
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"

# $J begins the command of a sandbox, $C that of sbxctl; $L is where the records are.
set_live() {
	mkdir "$D/run" && chmod 700 "$D/run" && give "$D/run"
	L=$D/run/sbx
	J="env XDG_RUNTIME_DIR=$D/run $S"
	C="env XDG_RUNTIME_DIR=$D/run ${SBXCTL:?}"
}

# In the background, of that name.
detach() { # detach NAME WORDS...
	detach_name=$1
	shift
	try $J --detach --name="$detach_name" --profile=default --ro=$T/bin "$@"
	[ "$status" = 0 ] && as_caller $C list | grep -q "^$detach_name "
	verdict $? "'$detach_name' runs"
}

started() { sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f20; }
state_of() { sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status"; }
child_of() { tr ' ' '\n' <"/proc/$1/task/$1/children" | head -n 1; }
has_child() { [ -n "$(child_of "$1")" ]; }

# record MONITOR START INIT START: as sbx would have written it, of a sandbox with the name false.
record() {
	cat >"$L/false.json" <<-END
		{"sbx":1,"name":"false","monitor":$1,"monitor_start":$2,"init":$3,"init_start":$4,"since":1,"command":["x"],"profile":[],"image":null,"detached":true}
	END
	cp "$L/true.plan" "$L/false.plan"
	give "$L"
}

# Two that are no sandbox: $V, and its child $W. The lock of the false record is this shell's. Nothing is ever frozen by a
# record that could be believed: whoever errs there stops the machine.
victims() {
	start sh -c 'trap "echo hit" USR1; sleep 300 & while :; do wait; done'
	V=$(cat "$D/work/pid")
	wait_for 5 has_child "$V"
	W=$(child_of "$V")
	: >"$L/false.lock"
	give "$L"
	exec 9>"$L/false.lock"
	flock 9
}

victims_live() {
	[ "$(state_of "$V")$(state_of "$W")" = SS ]
}

no_victims() {
	exec 9>&-
	kill "$V" "$W"
	wait
}

# fails TEXT WORDS...: sbxctl says that, and nobody is hit.
fails() {
	text=$1
	shift
	try $C "$@"
	[ "$status" != 0 ] && grep -q "$text" "$T/err" && victims_live
	verdict $? "$1: $text"
}

claim T-J1 "a false sandbox, joined, listed or ended" "records are the caller's alone, and locked" "root user"
t_J1() {
	set_live
	detach true sleep 300
	victims
	record "$V" "$(started "$V")" "$V" "$(started "$V")"
	try $C list
	[ "${out#*false }" != "$out" ]
	verdict $? "control: what has a lock is listed"
	try $C kill -s USR1 false
	wait_for 5 grep -q hit "$T/out"
	verdict $? "control: what is written there is believed"
	fails "join 'false'" exec false true
	exec 9>&-
	fails "no sandbox 'false' runs" kill false
	holds "what has no lock is removed" [ ! -e "$L/false.json" ]
	other=$D/other/sbx/live
	mkdir -p "$other" && cp "$L/true.json" "$L/true.lock" "$L/true.plan" "$other" && chmod 755 "$other"
	[ "$WHO" = user ] || chown -R "$TEST_UID:$TEST_GID" "$D/other"
	try env XDG_RUNTIME_DIR= XDG_STATE_HOME="$D/other" "$SBXCTL" list
	[ "$status" = 1 ] && grep -q "is another user's" "$T/err"
	verdict $? "a folder of records that is another's"
	mkdir -p "$D/state/sbx/runs/x" && give "$D/state" && chmod 777 "$D/state/sbx/runs/x"
	[ "$WHO" != root ] || chown "$TEST_UID" "$D/state/sbx/runs/x"
	refused "a folder for the log in which others can write" env XDG_STATE_HOME="$D/state" $J --detach --name=x --profile=default true
	chmod 770 "$L"
	fails "others can write there" list
	chmod 700 "$L"
	try $C kill true
	holds "control: the true one is ended" [ "$status" = 0 ]
	no_victims
}

claim T-J2 "keys and fds of the caller, in a command that joins" "own session keyring, all fds are closed" "root user"
t_J2() {
	set_live
	control "a key of the caller" "$A" with-key "$A" read-key
	detach keys -s syscalls.base=none sleep 300
	closed "a key of who joins, where no filter denies the call" "$A" with-key $C exec keys "$A" read-key session
	keep=
	for fd in 3 4 5 6 7 8 9; do keep="$keep -s process.keep-fd=$fd"; done
	look='for fd in 3 4 5 6 7 8 9; do [ ! -e /proc/self/fd/$fd ] || { echo "OPEN $fd: $(readlink /proc/self/fd/$fd)"; exit; }; done; echo SHUT none'
	exec 3</dev/null 4</dev/null 5</dev/null 6</dev/null 7</dev/null 8</dev/null 9</dev/null
	control "fds that the first command has" $J --profile=default $keep sh -c "$look"
	detach fds $keep sleep 300
	exec 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-
	closed "numbers that were the first command's are no fds of sbx" $C exec fds sh -c "$look"
	exec 3</ 4</ 5</ 6</ 7</ 8</ 9</
	closed "nor of who joins" $C exec fds sh -c "$look"
	exec 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-
	try $C kill --all
}

claim T-J3 "a pid that is used again" "pidfds, and when a process was started" "root user"
t_J3() {
	set_live
	detach true sleep 300
	victims
	record "$V" 1 "$V" 1
	for words in "kill false" "stop false --grace=0s" "kill -s USR1 false" "exec false true"; do
		fails "'false' has ended" $words
	done
	record "$(as_caller $C list --json | sed -n 's/.*"monitor": \([0-9]*\),/\1/p' | head -n 1)" 1 "$V" "$(started "$V")"
	fails "'false' has ended" kill false
	no_victims
	try $C kill true
}

claim T-J4 "a sandbox of another user" "the kernel's check of signals and namespaces" "user"
t_J4() {
	set_live
	[ "$(id -u)" = 0 ] || {
		unavailable "$ID: a sandbox of root" "this is not root"
		return
	}
	mkdir -m 700 "$D/roots"
	env XDG_RUNTIME_DIR="$D/roots" "$SBX" $EXTRA --detach --name=roots --profile=default sleep 300 >/dev/null 2>&1
	init=$(sed -n 's/.*"init":\([0-9]*\),.*/\1/p' "$D/roots/sbx/roots.json")
	try env XDG_RUNTIME_DIR="$D/roots" "$SBXCTL" kill roots
	holds "it is not seen" grep -q "no sandbox 'roots' runs" "$T/err"
	detach true sleep 300
	for suffix in json plan lock; do cp "$D/roots/sbx/roots.$suffix" "$L"; done
	give "$L"
	exec 9>"$L/roots.lock"
	flock 9
	for words in "kill roots" "kill -s USR1 roots" "exec roots true"; do
		try $C $words
		[ "$status" != 0 ] && [ -s "$T/err" ] && [ "$(state_of "$init")" = S ]
		verdict $? "with its record: $words"
	done
	exec 9>&-
	env XDG_RUNTIME_DIR="$D/roots" "$SBXCTL" kill roots && [ ! -e "/proc/$init" ]
	verdict $? "control: root ends it"
	try $C kill true
}

claim T-J5 "processes that wake each other while they are frozen" "all are looked at until all are stopped" "root user"
t_J5() {
	set_live
	wake='for i in 1 2 3 4 5 6; do while :; do kill -CONT 0; done & done; wait'
	start setsid sh -c "$wake"
	V=$(cat "$D/work/pid")
	wait_for 5 has_child "$V"
	sleep 0.2
	first=$(child_of "$V")
	kill -STOP "$first"
	sleep 0.2
	[ "$(state_of "$first")" != T ]
	verdict $? "control: one that is stopped is woken"
	kill -KILL "-$V"
	wait
	detach wake --user=keep sh -c "$wake"
	sleep 0.3
	round=0 evaded=0 frozen=0
	while [ $round -lt 12 ]; do
		try $C freeze wake
		if [ "$status" = 0 ]; then
			used=$(as_caller $C stats wake --json | grep cpu_s)
			sleep 0.2
			[ "$used" = "$(as_caller $C stats wake --json | grep cpu_s)" ] || evaded=$((evaded + 1))
			frozen=$((frozen + 1))
		fi
		try $C thaw wake
		round=$((round + 1))
	done
	holds "what is said to be frozen is: $frozen of $round times" [ $evaded = 0 ]
	try $C kill wake
}

claim T-J7 "all processes of the machine, frozen with a sandbox without namespaces" "only children of its init, in a pid namespace that others share" "user"
t_J7() {
	[ "$(id -u)" = 0 ] || {
		unavailable "$ID: no namespaces" "this is not root, which makes such a place"
		return
	}
	bare='"$0" --detach --name=bare --profile=default --best-effort=namespaces,limits,landlock sleep 100 >/dev/null || exit
		sleep 100 & other=$!
		state() { sed -n "s/^State:[[:space:]]*\(.\).*/\1/p" /proc/$1/status; }
		init=$(sed -n "s/.*\"init\":\([0-9]*\),.*/\1/p" "$XDG_STATE_HOME/sbx/live/bare.json")
		"$1" freeze bare; status=$?
		first=$(tr " " "\n" <"/proc/$init/task/$init/children" | head -n 1)
		echo "$status $(state "$first") $(state "$other")"; kill "$other"; "$1" thaw bare; "$1" kill bare'
	mkdir "$D/bare" && give "$D/bare"
	out=$(cd / && unshare -fp --mount-proc timeout -k 2 "$(seconds 20)" "$A" no-namespaces "$TEST_UID" "$TEST_GID" \
		env -u XDG_RUNTIME_DIR HOME="$D/bare" XDG_STATE_HOME="$D/bare" sh -c "$bare" "$SBX" "$SBXCTL" 2>"$T/err" </dev/null)
	status=$?
	if grep -q "Landlock ABI 6" "$T/err"; then
		unavailable "$ID: no namespaces" "the kernel has no Landlock ABI 6"
		return
	fi
	[ "${out% *}" = "0 T" ]
	verdict $? "control: what is the sandbox's is stopped"
	[ "${out##* }" = S ]
	verdict $? "what is not is not"
}

# Root commits to a folder in which others may write: there a name may be of another file when it is changed than it was when
# it was read.
claim T-J6 "names exchanged while root commits a session" "a mode is only set where the file is the one that was compared" "root"
t_J6() {
	if ! need python3; then
		skip "$ID: a commit" "there is no python3"
		return
	fi
	mkdir "$D/all" && chmod 777 "$D/all"
	control "a mode is committed, and the name exchanged" env "SBX=$S" "SBXCTL=$SBXCTL" python3 -c "$exchange" "$D/all" "$TEST_UID" 0
	closed "that of a secret is not" env "SBX=$S" "SBXCTL=$SBXCTL" python3 -c "$exchange" "$D/all" "$TEST_UID" 40
}
exchange='import ctypes, os, signal, subprocess, sys, time
folder, uid, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
sbx, ctl = os.environ["SBX"].split(), os.environ["SBXCTL"]
libc = ctypes.CDLL(None)
def write(name, text, mode):
    with open(name, "w") as f: f.write(text)
    os.chmod(name, mode)
def fresh():
    for name in os.listdir("."): os.unlink(name)
    write("plain", "plain", 0o644); write("secret", "SECRET", 0o600)
    subprocess.run([ctl, "session", "discard", "exchange"], stderr=subprocess.DEVNULL)
    subprocess.run(sbx + ["--user=keep", "--overlay=" + folder, "--session=exchange", "sh", "-c",
                           "cd \"$1\" && for i in 1 2 3 4 5 6 7 8 9; do echo x >before$i; done; chmod 666 plain", "-", folder], check=True)
def attacker(times):
    child = os.fork()
    if child: return child
    os.setgid(uid); os.setuid(uid)
    while times:
        if libc.renameat2(-100, b"plain", -100, b"secret", 2): os._exit(1)
        times -= 1
        if times: time.sleep(0.0005) # longer than a look at one file, shorter than a commit
    os._exit(0)
def commit(): return subprocess.run([ctl, "session", "commit", "exchange"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
def mode(name): return os.stat(name).st_mode & 0o777
os.chdir(folder)
if not rounds:
    fresh(); done = commit() == 0 and mode("plain") == 0o666 and os.waitpid(attacker(1), 0)[1] == 0 and open("plain").read() == "SECRET"
    print("OPEN both" if done else "BROKEN")
for i in range(rounds):
    fresh(); child = attacker(-1); commit()
    os.kill(child, signal.SIGKILL); os.waitpid(child, 0)
    for name in "plain", "secret":
        if open(name).read() == "SECRET" and mode(name) != 0o600: print("OPEN round", i); sys.exit()
if rounds: print("SHUT in", rounds, "rounds")
subprocess.run([ctl, "session", "discard", "exchange"], stderr=subprocess.DEVNULL)'

cases "${1-}"
