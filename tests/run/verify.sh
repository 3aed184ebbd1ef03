#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# sbxctl verify: finds no hole in the default profile, and finds each hole that is made on purpose; and leaves nothing behind.
# The home is made up, with secrets in it; for root that takes an /etc/passwd of its own.
# shellcheck disable=SC2317,SC2154
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
[ "$(id -u)" = 0 ] || skip_all "must be started as root, to be somebody with a home that is made up"
need python3 unshare || skip_all "$missing is not installed"
test_folder
schema=${SBX%/bin/sbx}/share/sbx/sbxctl.schema.json
uid=4711
while getent passwd "$uid" >/dev/null; do uid=$((uid + 1)); done

# --- the homes, and the sockets in them ---
for who in root user; do
	home=$T/$who/home
	mkdir -p "$home/.ssh" "$home/.config/autostart" "$home/Documents" "$home/work" "$T/$who/run" "$T/$who/profiles"
	echo 'PRIVATE-KEY-OF-THE-TEST' >"$home/.ssh/id_rsa"
	echo 'PASSWORD-OF-THE-TEST' >"$home/.netrc"
	echo 'alias a=b' >"$home/.bashrc"
	chmod 700 "$home" "$home/.ssh" "$T/$who/run"
	chmod 600 "$home/.ssh/id_rsa" "$home/.netrc"
	[ "$who" = root ] || chown -R "$uid:$uid" "$T/$who"
done
sed "s|^root:.*|root:x:0:0:root:$T/root/home:/bin/sh|" /etc/passwd >"$T/passwd"

display=700
while [ -e "/tmp/.X11-unix/X$display" ]; do display=$((display + 1)); done
[ -d /tmp/.X11-unix ] || mkdir -m 1777 /tmp/.X11-unix
python3 - "$T" "$display" <<'PYTHON' &
import os, socket, sys, time
folder, display = sys.argv[1:]
paths = [f"{folder}/{who}/run/{name}" for who in ("root", "user") for name in ("bus", "docker.sock")]
paths.append(f"/tmp/.X11-unix/X{display}")
kept = []
for path in paths:
    kept.append(socket.socket(socket.AF_UNIX))
    kept[-1].bind(path)
    os.chmod(path, 0o777)
    kept[-1].listen(100)
open(folder + "/listening", "w").close()
time.sleep(800)
PYTHON
listener=$!
trap 'kill "$listener"; rm -rf "$T" "/tmp/.X11-unix/X$display"' EXIT
wait_for 20 test -e "$T/listening"
ok $? "somebody listens on the sockets"

# as_made_up COMMAND...: as $who, in the made-up home.
as_made_up() {
	# shellcheck disable=SC2016 # for the inner shell
	set -- env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$T/$who/home" XDG_RUNTIME_DIR="$T/$who/run" DISPLAY=":$display" \
		${ASAN_OPTIONS:+ASAN_OPTIONS="$ASAN_OPTIONS"} SBX_TEST_MARK="$SBX_TEST_MARK" GREETING=hello \
		THE_TOKEN=TOKEN-OF-THE-TEST sh -c 'cd "$HOME/work" && exec "$@"' sh "$@"
	if [ "$who" = root ]; then
		# shellcheck disable=SC2016
		unshare --mount sh -c 'mount --bind "$0" /etc/passwd && exec "$@"' "$T/passwd" "$@"
	else
		setpriv --reuid="$uid" --regid="$uid" --clear-groups "$@"
	fi
}

# verify NAME STATUS ARGUMENT...: the text is in $T/out, what is said in $T/err.
verify() {
	name="$who: $1" wanted=$2
	shift 2
	as_made_up timeout --foreground -k 5 120 "${SBXCTL:?}" verify "$@" >"$T/out" 2>"$T/err" </dev/null
	got=$?
	[ "$got" = "$wanted" ]
	ok $? "$name: status $wanted ($got)"
	[ "$got" = "$wanted" ] || { note_file "$T/out" && note_file "$T/err"; }
}

# says NAME TEXT: a line of the output has it.
says() {
	grep -qF -- "$2" "$T/out"
	ok $? "$who: $1"
	grep -qF -- "$2" "$T/out" || note_file "$T/out"
}

says_not() {
	! grep -qF -- "$2" "$T/out"
	ok $? "$who: $1"
}

# profile LINE...: a profile of these lines, for $P.
profile() {
	P=$T/$who/profiles/weak.ini
	printf '%s\n' "[profile]" "description = weak" "$@" >"$P"
	chmod 644 "$P"
}

# hole NAME TEXT LINE...: the profile of these lines has this hole, and the last of them is blamed for it.
hole() {
	hole_name=$1 hole_text=$2
	shift 2
	profile "$@"
	verify "$hole_name" 1 "$P"
	grep -F -- "HOLE" "$T/out" | grep -F -- "$hole_text" | grep -qF "($P:$(wc -l <"$P"))"
	ok $? "$who: $hole_name is a hole, and its line is named"
	grep -F -- "HOLE" "$T/out" | grep -qF -- "$hole_text" || note_file "$T/out"
}

tree_hash() {
	(cd "$1" && find . -printf '%p %y %m %U %s %T@ %l\n' | LC_ALL=C sort && find . -type f -exec sha256sum {} + |
		LC_ALL=C sort) | sha256sum
}

no_hole() {
	before=$(tree_hash "$T/$who/home")
	verify "the default profile" 0
	says "no hole" "default: no hole"
	says "of the home, only the working directory is shown" "granted  can read $T/$who/home/work (working directory)"
	says "the sockets are closed" "ok       sockets"
	says "the network is closed" "ok       network   closed: "
	says "other processes are closed" "ok       processes closed: "
	says "the kernel is closed but for what the profile grants" "granted  kernel"
	says_not "nothing is a hole" HOLE
	says "the secret of the environment is not passed" "ok       variables closed: 1 of 1"
	[ "$before" = "$(tree_hash "$T/$who/home")" ]
	ok $? "$who: the home is as it was, to the second"
	[ -z "$(find /tmp /var/tmp /dev/shm -maxdepth 1 -name '.sbx-probe*')" ]
	ok $? "$who: no file is left where it may write"
	! LC_ALL=C grep -q "$(printf '\033')" "$T/out"
	ok $? "$who: no colour where there is no terminal"
}

# What can't be read or written by the payload of root is no hole: it is nobody, unless it is told to stay root.
weak_files() {
	keep="user = keep"
	hole "the home" "can read $T/$who/home: your whole home" "[process]" "$keep" "[filesystem]" "home = host"
	says "its secrets are told" "$T/$who/home/.ssh: keys, passwords"
	says "so is what is started later" "$T/$who/home/.bashrc, "
	cat "$T/out" "$T/err" >"$T/said"
	! grep -q 'OF-THE-TEST' "$T/said"
	ok $? "$who: no secret is printed"
	hole "a folder of keys" "can write $T/$who/home/.ssh: keys and passwords" "[process]" "$keep" "[filesystem]" \
		"read-write = ~/.ssh"
	hole "keys by another name" "can read $T/$who/home/.ssh: keys, passwords" "[process]" "$keep" "[filesystem]" \
		"read-only = ~/.ssh:/mnt/some"
	hole "the whole host" "can read /etc: the whole configuration" "[filesystem]" "view = host"
	hole "what is started with the session" ".config/autostart: what is written there is started later" "[process]" \
		"$keep" "[filesystem]" "read-write = ~/.config/autostart"
	profile "[process]" "$keep" "[filesystem]" "read-write = ~/Documents"
	verify "a folder of documents" 0 "$P"
	says "it is granted" "granted  can write $T/$who/home/Documents ($P:6)"
}

# Folders that a profile keeps are made by a launch; verify takes away what it has made, and only that.
kept_folders() {
	mkdir "$T/$who/home/kept"
	[ "$who" = root ] || chown "$uid:$uid" "$T/$who/home/kept"
	before=$(find "$T/$who/home" | sort)
	profile "[process]" "user = keep" "[filesystem]" "home = private" "persist = ~/kept" "persist = ~/made/here"
	verify "a profile that keeps folders" 0 "$P"
	says "a folder is granted" "granted  can write $T/$who/home/kept ($P:7)"
	says "so is one that was not there" "granted  can write $T/$who/home/made/here ($P:8)"
	says "and a home of its own" "granted  can write $T/$who/home/.local/share/sbx/homes/weak"
	[ "$before" = "$(find "$T/$who/home" | sort)" ]
	ok $? "$who: what was made for it is gone, and the rest is there"
}

weak_sockets() {
	hole "the socket of Docker" "can talk to $T/$who/run/docker.sock: Docker starts programs as root" "[process]" "user = keep" \
		"[filesystem]" "read-write = $T/$who/run/docker.sock"
	profile "[process]" "user = keep" "[filesystem]" "read-only = $T/$who/run:/mnt/run"
	verify "sockets of the session by another name" 0 "$P"
	says "they are closed" "ok       sockets"
	hole "X11" "can talk to /tmp/.X11-unix/X$display: every program of the display" "[desktop]" "x11 = yes"
}

weak_others() {
	hole "the network of the host" "reaches TCP ports of 127.0.0.1" "[network]" "mode = host"
	hole "system calls" "can make the system call" "[syscalls]" "base = none"
	says "that there is no filter" "runs without a system call filter"
	hole "namespaces" "can make namespaces: user" "[process]" "nested-namespaces = 9"
	hole "capabilities" "has capabilities" "[process]" "capabilities = CAP_NET_ADMIN"
	hole "a secret of the environment" "is given THE_TOKEN" "[environment]" "pass = THE_TOKEN"
	profile "[syscalls]" "allow = ptrace" "[environment]" "pass = GREETING"
	verify "a system call that is asked for" 0 "$P"
	says "it is granted" "granted  can make the system call ptrace ($P:4)"
	profile "[network]" "mode = host" "connect-tcp = none"
	verify "the network without TCP" 1 "$P"
	says_not "TCP ports are closed" "reaches TCP ports of 127.0.0.1"
	says "UDP ports are not" "reaches UDP ports of 127.0.0.1"
}

not_verified() {
	verify "a profile that is not there" 125 nonesuch
	says "it is not verified" "nonesuch: not verified"
	profile "[filesystem]" "view = empty" "no-exec = /"
	verify "a view in which nothing can be executed" 125 "$P"
	says "it is not verified" "$P: not verified"
	grep -q 'Permission denied' "$T/err"
	ok $? "$who: and says why"
	profile "[syscalls]" "deny = clone fork vfork"
	verify "a profile in which the probe can make no process" 125 "$P"
	profile "[filesystem]" "view = empty"
	if [ "${STATIC_LINK:-yes}" = yes ]; then
		verify "an empty view" 0 "$P"
	else
		unavailable "$who: an empty view" "the probe is linked dynamically"
	fi
	verify "a good profile and one that is not there" 125 --quiet default nonesuch
	says "each has its line" "default: no hole"
}

# None of these may stop or blind the probe, and none may be written.
in_the_way() {
	echo keep >"$T/$who/home/report"
	profile "[profile]" "command = sbx-probe" "[report]" "file = ~/report" "[process]" "stdin = /dev/null" \
		"stdout = ~/report" "stderr = ~/report" "keep-fd = 77" "[limits]" "output-size = 1" \
		"cpu-time = 1ms" "memory = 4M" "processes = 1" "open-files = 5" "[syscalls]" "denied = kill" "base = strict"
	sed -i '1,2d' "$P"
	verify "a profile that is in the way" 0 "$P"
	says "it is verified" "$P: no hole"
	[ "$(cat "$T/$who/home/report")" = keep ]
	ok $? "$who: its files are not written"
	rm "$T/$who/home/report"
}

valid() {
	python3 -c 'import json, jsonschema, sys
schema = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(schema)
jsonschema.Draft7Validator(schema).validate(json.load(open(sys.argv[2])))' "$schema" "$1" 2>"$T/err"
}

as_json() {
	profile "[filesystem]" "view = host"
	verify "--json" 125 --json default "$P" nonesuch
	if ! python3 -c 'import jsonschema' 2>/dev/null; then
		skip "$who: the JSON is valid" "python3-jsonschema is not installed"
		return
	fi
	valid "$T/out"
	ok $? "$who: the JSON is valid"
	[ -s "$T/err" ] && note_file "$T/err"
	sed 's/"verdict"/"more": 1, "verdict"/' "$T/out" >"$T/more.json"
	! valid "$T/more.json"
	ok $? "$who: control: a field that the schema does not know is found"
	python3 - "$T/out" "$P" >"$T/err" 2>&1 <<'PYTHON'
import json, sys
default, weak, missing = json.load(open(sys.argv[1]))["profiles"]
assert [p["verdict"] for p in (default, weak, missing)] == ["ok", "holes", "unverified"]
assert len(default["groups"]) == 9 and missing["groups"] == [] and missing["error"]
etc = [i for g in weak["groups"] for i in g["items"] if i["name"] == "/etc" and g["group"] == "files"]
assert [(i["state"], i["why"]) for i in etc] == [("hole", sys.argv[2] + ":4")], etc
for group in default["groups"]:
    known = [i for i in group["items"] if i["state"] != "nothing"]
    assert len(known) == group["tried"] and sum(i["state"] == "closed" for i in known) == group["closed"]
PYTHON
	ok $? "$who: it says the same"
	[ -s "$T/err" ] && note_file "$T/err"
}

for who in root user; do
	no_hole
	weak_files
	kept_folders
	weak_sockets
	weak_others
	not_verified
	in_the_way
	as_json
done

# --- the probe itself: outside of a sandbox it reaches what it must not reach inside ---
who=root
probe=${SBX%/bin/sbx}/libexec/sbx/sbx-probe
python3 - "$probe" "$T/root/home/.ssh" >"$T/err" 2>&1 <<'PYTHON'
import subprocess, sys
probe, ssh = sys.argv[1:]
waiting = subprocess.Popen([probe, "wait", "a-word-of-the-test"], stdin=subprocess.PIPE)
tasks = [("read", ssh), ("write", ssh), ("read", ssh + "/none"), ("find", "a-word-of-the-test"), ("signal", "a-word-of-the-test"),
         ("memory", "a-word-of-the-test"), ("find", "no-word-of-the-test"), ("state", "filter"), ("nonsense", "")]
text = b"".join(f"{i}\0{verb}\0{what}\0".encode() for i, (verb, what) in enumerate(tasks))
lines = subprocess.run([probe], input=text, stdout=subprocess.PIPE).stdout.decode().splitlines()
waiting.stdin.close()
assert waiting.wait() == 0
states = [line.split()[1] for line in lines]
assert states == ["open", "open", "closed", "open", "open", "open", "closed", "open", "failed", "open"], lines
assert lines[-1] == "done open ", lines
assert subprocess.run([probe], input=b"1\0read\0/etc").returncode == 1
PYTHON
ok $? "control: outside of a sandbox, files and processes are reached"
[ -s "$T/err" ] && note_file "$T/err"

if need script; then
	script -qec "'$SBXCTL' verify --set=network.mode=host" /dev/null </dev/null >"$T/out" 2>&1
	LC_ALL=C grep -q "$(printf '\033')\[31mHOLE" "$T/out"
	ok $? "a hole is red on a terminal"
	NO_COLOR=1 script -qec "'$SBXCTL' verify --set=network.mode=host" /dev/null </dev/null >"$T/out" 2>&1
	grep -q HOLE "$T/out" && ! LC_ALL=C grep -q "$(printf '\033')\[31m" "$T/out"
	ok $? "but not with NO_COLOR"
fi
"$SBXCTL" verify --quiet default tls >"$T/out" 2>&1
[ "$(wc -l <"$T/out")" = 2 ]
ok $? "--quiet: a line a profile"
"$SBXCTL" verify --fix >"$T/out" 2>&1
[ $? = 2 ]
ok $? "an option that it does not know: status 2"
left=$(leftovers)
[ -z "$left" ]
ok $? "nothing is left behind${left:+: $left}"
done_testing
