#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# sbxctl home, as root and as an ordinary user: private homes are listed and shown, and emptied, whatever a program has put into
# them and never more than them; and home = overlay: the real home, of which only a copy is written, with what sbx hides of it.
# shellcheck source=tests/lib.sh
# shellcheck disable=SC2016 # what is single-quoted is for the shell inside
. "${SRCDIR:?}/tests/lib.sh"
need python3 script || skip_all "$missing is not installed"
test_folder

in_folders() {
	as env XDG_DATA_HOME="$H/data" XDG_STATE_HOME="$H/state" XDG_CONFIG_HOME="$H/config" XDG_RUNTIME_DIR="$H/run" "$@"
}
ctl() {
	in_folders "${SBXCTL:?}" "$@" >"$T/out" 2>"$T/err" </dev/null
	status=$?
	return $status
}
# shellcheck disable=SC2086 # a list of words
run() {
	in_folders timeout "$(seconds 60)" "$SBX" $EXTRA "$@" >"$T/out" 2>"$T/err" </dev/null
	status=$?
	return $status
}
private() { run -p default --home=private "$@"; }
fails() { [ "$status" = "$1" ] && grep -qF -- "$2" "$T/err"; }
is() { [ "$1" = "$2" ]; }
items() { python3 -c 'import json, sys; i = json.load(open(sys.argv[1]))["homes"]; print(eval(sys.argv[2]))' "$T/out" "$1"; }

list() {
	ctl home list
	result "without homes there is nothing" is "$status$(cat "$T/out" "$T/err")" 0
	private -- sh -c 'cd && mkdir -p .cache/web .config/app && head -c 200000 /dev/urandom >.cache/web/big && echo x >.config/app/conf && echo y >file'
	run -p default --home=private -- true
	ctl home list
	result "one is listed" grep -qE '^default +0\.2 +7 ' "$T/out"
	ctl home list --json
	result "as JSON" is "$(items '[(x["name"], x["entries"], x["sandboxes"], x["bytes"] > 200000) for x in i]')" "[('default', 7, [], True)]"
	ctl home show default
	result "what is in it is shown, the largest first" is "$(awk '{ print $3 }' "$T/out" | sed 1d | head -n 1)" .cache/web/
	ctl home show --json
	result "as JSON, too" is "$(items '[p["path"] for p in i[0]["parts"]][0], len(i[0]["parts"])')" "('.cache/web', 3)"
	ctl home show none
	result "one that is not there is told" fails 1 "has no private home"
	ctl home show ../homes
	result "and what is no name" fails 1 "no name of a profile"
}

reset() {
	in_folders "$SBX" $EXTRA -p default --home=private --name=holder -- sleep 60 >/dev/null 2>&1 &
	wait_for 5 held
	ctl home list --json
	result "a sandbox that has it is named" is "$(items 'i[0]["sandboxes"]')" "['holder']"
	ctl home reset default --yes
	result "then it is not emptied" fails 1 "the sandbox 'holder' has the private home"
	result "and nothing is gone" [ -e "$H/data/sbx/homes/default/file" ]
	ctl kill holder
	wait $!
	ctl home reset default
	result "nor without being asked for" fails 2 "--yes is missing"
	echo n | in_folders script -qec "'$SBXCTL' home reset default" /dev/null >"$T/out" 2>&1
	[ -e "$H/data/sbx/homes/default/file" ] && grep -q "Empty the private home of default?" "$T/out"
	result "on a terminal it asks, and heeds a no" [ $? = 0 ]
	echo y | in_folders script -qec "'$SBXCTL' home reset default" /dev/null >"$T/out" 2>&1
	result "and a yes" [ ! -e "$H/data/sbx/homes/default" ]
	private -- sh -c 'ls -A ~ && echo new >~/new'
	result "the next run has an empty one" is "$status$(cat "$T/out")" 0
	ctl home reset default none --yes --json
	result "JSON says which was, and which not" is "$status $(items '[(x["name"], x.get("done"), "error" in x) for x in i]')" \
		"1 [('default', 'reset', False), ('none', None, True)]"
}
held() { ctl list --json && grep -q holder "$T/out"; }

# What a program leaves to be found.
hostile() {
	mkdir -p "$H/victim/sub"
	echo secret >"$H/victim/sub/file"
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$H/victim"
	private -- python3 -c '
import os, socket, sys
os.chdir(os.path.expanduser("~"))
victim = sys.argv[1]
os.symlink(victim, "link")
os.makedirs("a/b")
os.symlink(victim + "/sub", "a/b/link")
os.mkfifo("fifo")
socket.socket(socket.AF_UNIX).bind("socket")
open("-rf *\n\033[31m \u202e", "w").close()
open(b"\xff\xfe", "w").close()
open("immutable", "w").close()
os.chmod("immutable", 0)
for name in ("deep", "closed"):
    os.mkdir(name)
    os.chdir(name)
    for i in range(600 if name == "deep" else 5):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
    open("f", "w").close()
    os.chdir(os.path.expanduser("~"))
os.chmod("closed/" + "d" * 200, 0)
os.chmod("closed", 0)
os.mkdir(".hidden")
os.chmod(".hidden", 0)
os.chmod("a", 0)
' "$H/victim"
	result "a hostile home is made" [ "$status" = 0 ]
	ctl home list --json
	result "it is listed, as far as it can be read" is "$status $(items 'i[0]["complete"], i[0]["entries"] > 10')" "0 (False, True)"
	ctl home show
	result "and shown" grep -q ' deep/ (not all' "$T/out"
	! grep -q "$(printf '\033')" "$T/out"
	result "without a byte that a terminal would obey" [ $? = 0 ]
	ctl home reset default --yes
	result "it is emptied" is "$status $(ls -A "$H/data/sbx/homes")" "0 "
	result "and nothing that it pointed to" is "$(cat "$H/victim/sub/file")" secret
	private -- true
	rm -r "$H/data/sbx/homes/default"
	ln -s "$H/victim" "$H/data/sbx/homes/default"
	[ "$who" = root ] || chown -h "$TEST_UID" "$H/data/sbx/homes/default"
	ctl home reset default --yes
	[ -e "$H/victim/sub/file" ]
	result "a home that is a link: the link goes, at most" [ $? = 0 ]
	rm -f "$H/data/sbx/homes/default"
}

# The caller's own home, in which a test may only make what it takes away.
overlay() {
	as sh -c 'mkdir -p "$0" && echo host >"$0/file"' "$MINE"
	over() { run -p default --user=keep --home=overlay "$@"; }
	over -- sh -c 'cat "$0/file" && echo changed >"$0/file" && echo new >"$0/new" && rm -rf "$0/none"' "$MINE"
	result "home = overlay: the real home is there" is "$status $(cat "$T/out")" "0 host"
	result "and stays as it was" is "$(cat "$MINE/file"; ls "$MINE")" "host
file"
	over -- cat "$MINE/file" "$MINE/new"
	result "the next run goes on with it" is "$(cat "$T/out")" "changed
new"
	run -p default --user=keep --home=overlay --session=other -- cat "$MINE/file"
	result "not that of another session" is "$(cat "$T/out")" host
	over --explain true
	result "--explain says how the session is named" grep -q "open-session .*/sessions/default .*named after the profile" "$T/out"
	over --report="$H/report" -- true
	result "the report, too" is "$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["session"]["name"])' "$H/report")" default
	ctl session diff default
	result "sbxctl session shows what has changed" is "$(awk '{ print $1, $2, $5 }' "$T/out" | grep -F "$MINE/")" \
		"changed file $MINE/file
added file $MINE/new"
	ctl session commit default "$MINE/file"
	result "and commits it" is "$status $(cat "$MINE/file"; ls "$MINE")" "0 changed
file"
	as mkdir -p "$H/config/sbx/profiles" "$H/data/sbx/homes" "$H/state/sbx/boxes"
	# where these lie in the home, as they do of old
	in_home() {
		as env -u XDG_DATA_HOME XDG_STATE_HOME="$MINE/state" XDG_CONFIG_HOME="$MINE/config" XDG_DATA_HOME="$MINE/data" XDG_RUNTIME_DIR="$MINE/run" "$@"
	}
	as mkdir -p "$MINE/config/sbx/profiles" "$MINE/data/sbx/homes/x" "$MINE/state/sbx/boxes/b" "$MINE/run"
	as chmod 700 "$MINE/run"
	as python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$MINE/run/bus"
	as sh -c 'echo x >"$0/config/sbx/profiles/web.ini"' "$MINE"
	# shellcheck disable=SC2086 # a list of words
	in_home "$SBX" $EXTRA -p default --user=keep --home=overlay -- sh -c 'cd "$0"
		for path in config/sbx/profiles data/sbx state/sbx/boxes state/sbx/sessions; do ls "$path"/* && echo "seen: $path"; done 2>/dev/null
		[ ! -S run/bus ] || echo seen: bus
		mkdir -p config/sbx/profiles && echo evil >config/sbx/profiles/evil.ini; true' "$MINE" >"$T/out" 2>"$T/err"
	result "profiles, boxes, homes, sessions and sockets of the session are hidden" is "$(cat "$T/out")" ""
	result "and no profile is made" [ ! -e "$MINE/config/sbx/profiles/evil.ini" ]
	# shellcheck disable=SC2086 # a list of words
	in_home "$SBX" $EXTRA -p default --user=keep --home=host -- cat "$MINE/config/sbx/profiles/web.ini" >"$T/out" 2>"$T/err"
	result "control: home = host shows profiles" is "$(cat "$T/out")" x
	ctl session discard default other
	result "the session is discarded" is "$status" 0
	rm -rf "$MINE"
}

for who in $CALLERS; do
	H=$T/$who
	mkdir -p "$H/run" "$H/config" "$H/data" "$H/state"
	chmod 700 "$H/run"
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$H"
	MINE=$(getent passwd "$(as id -u)" | cut -d: -f6)/.sbx-test-home.$$
	list
	reset
	hostile
	overlay
done
nothing_left
done_testing
