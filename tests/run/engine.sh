#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What sandboxes leave, and how they are named: sbxctl list --all, wait, logs and forget; and units of systemd: sbxctl generate;
# as root and as an ordinary user.
# shellcheck source=tests/lib.sh
# shellcheck disable=SC2016,SC1003 # what is single-quoted is for eval, or for the shell inside; a lone backslash
. "${SRCDIR:?}/tests/lib.sh"
test_folder

begin() {
	D=$T/$who
	mkdir "$D" "$D/run" "$D/units" "$D/work" "$D/work/a b%c"
	chmod 700 "$D/run"
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$D"
	runs=$D/state/sbx/runs
}
in_folders() { as env XDG_RUNTIME_DIR="$D/run" XDG_STATE_HOME="$D/state" "$@"; }
ctl() { in_folders "$SBXCTL" "$@"; }
# shellcheck disable=SC2086 # a list of words
sbx() { in_folders "$SBX" $EXTRA "$@"; }
has_ended() { ctl list --all "$1" | grep -q "^$1  *ended "; }
# ends NAME COMMAND...: a detached one, that has.
ends() {
	name=$1
	shift
	sbx --detach --name="$name" "$@" >/dev/null && wait_for 5 has_ended "$name"
}
# fails TEXT COMMAND...: with status 1, nothing on standard output, and the text among the errors.
fails() {
	wanted=$1
	shift
	"$@" >"$D/out" 2>"$D/err"
	[ $? = 1 ] && [ ! -s "$D/out" ] && grep -qF -- "$wanted" "$D/err"
}

names() {
	sbx --detach --name=web-one sh -c 'echo one; sleep 60' >/dev/null
	sbx --detach --name=web-two sh -c 'echo two; sleep 60' >/dev/null
	ends work sh -c 'echo work; exit 3'
	wait_for 5 eval '[ "$(ctl logs web-one web-two | grep -c -e one$ -e two$)" = 2 ]'
	[ "$(ctl logs --all)" = "==> web-one <==
one
==> web-two <==
two
==> work <==
work" ]
	ok $? "$who: logs of all, each under its name"
	fails "2 sandboxes have names that begin with 'web'" ctl logs web
	ok $? "$who: a beginning that is that of two is none"
	[ "$(ctl logs wo)" = work ]
	ok $? "$who: one that is that of one is its name, also when it has ended"
	ctl stop web-t
	[ "$(ctl logs web | head -n 1)" = one ]
	ok $? "$who: of those that begin so the one that runs is meant"
	[ "$(ctl list --all | awk 'NR > 1 { print $1, $2, $3 }')" = "web-one running -
web-two ended 143
work ended 3" ]
	ok $? "$who: list --all has the status of those that have ended"
	[ "$(ctl list | awk 'NR > 1 { print $1 }')" = web-one ]
	ok $? "$who: list has those that run"
	ctl wait work web-t >"$D/out"
	[ $? = 3 ] && [ "$(awk 'NR > 1 { print $1, $2 }' "$D/out")" = "work 3
web-two 143" ]
	ok $? "$who: wait for many: the first status that is not 0, and all of them"
	ctl freeze web-one nobody 2>"$D/err"
	[ $? = 1 ] && grep -q "no sandbox 'nobody' runs" "$D/err" && ctl thaw --all
	ok $? "$who: one that is not there is no reason to leave out the others"
	fails "no sandbox 'nobody' runs" ctl stats nobody
	ok $? "$who: stats says so, too"
	sbx --name=work sleep 1 &
	wait_for 5 eval 'ctl list | grep -q "^work "'
	ctl wait work
	ok $? "$who: the report of an older one of that name is not that of one that runs"
	wait $!
	right=0
	for pause in 0 0.01 0.02 0.03 0.04 0.05 0.06 0.07 0.08 0.09 0.1 0.11 0.12 0.13 0.14 0.15; do
		sbx --detach --name=soon sh -c 'sleep 0.05; exit 7' >/dev/null
		sleep $pause
		ctl wait soon
		[ $? != 7 ] || right=$((right + 1))
	done
	[ $right = 16 ]
	ok $? "$who: wait has the status, whenever it comes: $right of 16"
	mkdir "$D/bin" && ln -s /bin/true "$D/bin/odd é name"
	name=$(sbx --detach --rw="$D/bin" -- "$D/bin/odd é name")
	wait_for 5 eval '[ -e "$runs/$(basename "$(echo "$runs"/odd*)")/report.json" ]' && ctl wait odd && ctl forget odd
	ok $? "$who: a name that is none of a file: $name"
	ctl kill --all
}

forgets() {
	sbx --detach --name=runs sleep 60 >/dev/null
	ends past true
	ends past-two true
	[ -e "$runs/past/log" ] && [ "$(stat -c %a "$runs/past/record.json")" = 600 ]
	ok $? "$who: control: what has ended has left something, for its owner only"
	ctl forget runs 2>"$D/err"
	[ $? = 1 ] && grep -q "'runs' runs" "$D/err" && grep -q 'hint: sbxctl stop' "$D/err" && [ -e "$runs/runs/log" ]
	ok $? "$who: forget refuses one that runs"
	as flock "$D/run/sbx/past.lock" env XDG_RUNTIME_DIR="$D/run" XDG_STATE_HOME="$D/state" "$SBXCTL" forget past 2>"$D/err"
	[ $? = 1 ] && grep -q 'runs' "$D/err" && [ -e "$runs/past/log" ]
	ok $? "$who: and one that starts at this moment"
	ctl list >/dev/null
	ctl forget past && [ ! -e "$runs/past" ] && [ -e "$runs/past-two/log" ]
	ok $? "$who: forget removes what one has left"
	[ -z "$(find "$D/run/sbx" -name 'past*')" ]
	ok $? "$who: and its name is free"
	fails "no sandbox 'past-three' runs" ctl forget past-three
	ok $? "$who: what was never there can't be forgotten"
	as mkdir "$D/elsewhere" "$runs/linked" && as touch "$D/elsewhere/keep" && as ln -s "$D/elsewhere" "$runs/link" &&
		as ln -s "$D/elsewhere" "$runs/linked/folder" && as ln -s "$D/elsewhere/keep" "$runs/linked/log"
	fails "open the log" ctl logs linked
	ok $? "$who: a link is no log"
	ctl forget --all && [ -e "$D/elsewhere/keep" ] && [ "$(ls "$runs")" = runs ]
	ok $? "$who: forget --all removes all but what runs, and follows no link"
	ctl kill runs && ctl forget --all && [ -z "$(ls "$runs")" ]
	ok $? "$who: and then that"
	ctl forget 2>"$D/err"
	[ $? = 2 ]
	ok $? "$who: without a name nothing is forgotten"
}

# What is no sandbox's is neither counted nor frozen. It is frozen only if the count is right: else all of the machine would be.
others() {
	sbx --detach --name=reused sleep 60 >/dev/null
	[ "$(count reused)" = 1 ]
	ok $? "$who: control: a process is counted"
	sleep 61 &
	bystander=$!
	sed -i "s/\"init\": *[0-9]*,/\"init\":$bystander,/" "$D/run/sbx/reused.json"
	[ "$(count reused)" = 0 ]
	ok $? "$who: a process that has the number of an init that has ended is not taken for it: $(count reused)"
	ctl kill reused
	if [ "$who" = user ] && [ "$(id -u)" = 0 ] && [ "$LANDLOCK" -ge 6 ]; then
		forbid="${BUILDDIR:?}/tests/attack/attack no-namespaces $TEST_UID $TEST_GID"
		as_user unshare -U true 2>/dev/null || forbid="setpriv --reuid=$TEST_UID --regid=$TEST_GID --clear-groups"
		# shellcheck disable=SC2086 # lists of words
		$forbid env XDG_RUNTIME_DIR="$D/run" HOME="$TEST_HOME" "$SBX" $EXTRA --best-effort=namespaces,limits --name=bare \
			sh -c 'sleep 62 & sleep 63' &
		wait_for 5 eval '[ "$(count bare)" = 3 ]'
		ok $? "$who: without namespaces only what it has made is its own: $(count bare)"
		if [ "$(count bare)" = 3 ]; then
			ctl freeze bare
			[ "$(state_of "$bystander")" = S ] && [ "$(state_of "$(pgrep -x -f 'sleep 63')")" = T ]
			ok $? "$who: and it is frozen, and no other: $(state_of "$bystander")"
			ctl thaw bare
		fi
		ctl kill bare
	fi
	kill "$bystander"
}
count() { ctl stats "$1" | awk 'NR > 1 { print $2 }'; }
state_of() { sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status"; }

# verifies UNIT KIND: systemd's own checker takes it, and says nothing.
verifies() {
	as env XDG_RUNTIME_DIR="$D/run" MANPATH="${SBX%/bin/sbx}/share/man" systemd-analyze verify "--$2" $has_man "$1" >"$D/said" 2>&1 &&
		[ ! -s "$D/said" ]
}
# argv_of UNIT: the words of ExecStart=, as systemd itself has read them, with a NUL after each.
argv_of() {
	as_user cp "$1" "$T/manager/x.service" &&
		as_user env HOME="$T/manager" XDG_RUNTIME_DIR="$T/manager" SYSTEMD_LOG_TARGET=console SYSTEMD_UNIT_PATH="$T/manager:" \
			timeout 60 "$systemd" --user --test --unit=x.service >"$T/dump" 2>&1
	python3 - "$T/dump" <<-'PYTHON'
		import re, shlex, sys
		dump = open(sys.argv[1], errors="surrogateescape").read()
		unit = dump[dump.index("-> Unit x.service:"):]
		line = re.search(r"-> ExecStart:\s*\n\s*Command Line: (.*)", unit).group(1)
		words = shlex.split(line.replace("\\$", "$").replace("\\`", "`"))
		# systemd shows them before it puts in variables, of which there are none: $$ is the way to write a $
		words = [words[0]] + [word.replace("$$", "$") for word in words[1:]]
		sys.stdout.buffer.write(b"".join(word.encode(errors="surrogateescape") + b"\0" for word in words))
	PYTHON
}

units() {
	kind=user
	[ "$who" != root ] || kind=system
	set -- 'a b' '' "it's" '"quoted"' 100% '%h %% %' '$HOME' '${HOME}' '$$' a\$ ';' '\' 'a\nb' '\x41' 'ü' '#' ' lead' "\`id\`" '-x' '&' '!' @
	sbx --detach --name=odd --env='A=b "c" %d $e' --set 'process.hostname=x' -- printf '<%s>' "$@" >/dev/null
	wait_for 5 has_ended odd
	ctl logs odd >"$D/wanted"
	ctl generate systemd odd >"$D/units/odd.service" 2>"$D/err" && grep -qx 'Restart=on-failure' "$D/units/odd.service" &&
		grep -qx 'Delegate=yes' "$D/units/odd.service" && grep -qx "WorkingDirectory=$PWD" "$D/units/odd.service"
	ok $? "$who: a unit of one that has ended"
	verifies "$D/units/odd.service" $kind
	ok $? "$who: systemd-analyze verify accepts it"
	[ ! -s "$D/said" ] || note_file "$D/said"
	sed 's/^Type=.*/Type=none-such/' "$D/units/odd.service" >"$D/units/wrong.service"
	! verifies "$D/units/wrong.service" $kind
	ok $? "$who: control: what is wrong is found"
	argv_of "$D/units/odd.service" >"$D/argv"
	! tr '\0' '\n' <"$D/argv" | grep -qx -e --detach -e --name=odd.*--name && [ "$(tr '\0' '\n' <"$D/argv" | grep -cx -e --name=odd)" = 1 ]
	ok $? "$who: it is not in the background, and has its name once"
	in_folders xargs -0 -a "$D/argv" env >"$D/out" 2>"$D/err" && cmp -s "$D/out" "$D/wanted" && grep -q '<a b><><it' "$D/out"
	ok $? "$who: what systemd would start says the same"
	cmp -s "$D/out" "$D/wanted" || note "$(cat "$D/out" "$D/err" "$D/wanted")"
	(cd "$D/work/a b%c" && ctl generate systemd -- --user=keep -p default sh -c 'pwd; echo "$0"' "x y") >"$D/units/sh.service" &&
		verifies "$D/units/sh.service" $kind && grep -qx "WorkingDirectory=.*a b%%c" "$D/units/sh.service"
	ok $? "$who: a unit of words, in a folder with blanks"
	argv_of "$D/units/sh.service" >"$D/argv"
	[ "$(cd "$D/work/a b%c" && in_folders xargs -0 -a "$D/argv" env)" = "$D/work/a b%c
x y" ]
	ok $? "$who: it does what the words say"
	sbx --detach --name=live sleep 60 >/dev/null
	ctl generate systemd --user live >"$D/out" && grep -qx 'WantedBy=default.target' "$D/out" && ! grep -q '^User=' "$D/out" &&
		ctl generate systemd --system -o "$D/units/live.service" liv && grep -qx 'WantedBy=multi-user.target' "$D/units/live.service" &&
		verifies "$D/units/live.service" system
	ok $? "$who: a unit of one that runs, for a user's manager, and for the system"
	if [ "$who" = root ]; then ! grep -q '^User=' "$D/units/live.service"; else grep -qx "User=$TEST_NAME" "$D/units/live.service"; fi
	ok $? "$who: that of the system runs as the caller"
	ctl kill live
	fails "write '$D/units/live.service'" ctl generate systemd -o "$D/units/live.service" live
	ok $? "$who: a file that is there stays"
	refused
}
refused() {
	fails 'a control byte' ctl generate systemd -- echo 'a
b'
	ok $? "$who: a line end in a word is refused"
	fails 'not UTF-8' ctl generate systemd -- echo "$(printf 'a\377')"
	ok $? "$who: what is not UTF-8 is refused"
	fails "unknown option '--nonesuch'" ctl generate systemd -- --nonesuch true
	ok $? "$who: words that sbx does not know are refused"
	fails 'start no sandbox' ctl generate systemd -- --explain true
	ok $? "$who: words that start nothing are refused"
	fails "no sandbox 'nobody' runs" ctl generate systemd nobody
	ok $? "$who: one that was never there has no unit"
	ends strange printf "$(printf 'a\377')"
	fails "are not known" ctl generate systemd strange
	ok $? "$who: words that no text can be are not told wrongly"
	ctl forget --all
	fails "no sandbox 'odd' runs" ctl generate systemd odd
	ok $? "$who: what is forgotten has no unit"
	for words in "" "systemd" "openrc x" "systemd --user --system x" "systemd x -- true"; do
		# shellcheck disable=SC2086 # a list of words
		ctl generate $words >"$D/out" 2>&1
		[ $? = 2 ]
		ok $? "$who: wrong use is said: generate $words"
	done
}

# on_terminal WORD...: sbxctl, whose standard error is a terminal; what that gets goes to $D/terminal, the rest to $D/told.
on_terminal() {
	in_folders env XDG_DATA_HOME="$D/data" python3 -c 'import os, pty, subprocess, sys
above, below = pty.openpty()
child = subprocess.Popen(sys.argv[3:], stdin=subprocess.DEVNULL, stdout=open(sys.argv[2], "wb"), stderr=below)
os.close(below)
with open(sys.argv[1], "wb") as file:
    while True:
        try:
            file.write(os.read(above, 65536))
        except OSError:
            break
sys.exit(child.wait())' "$D/terminal" "$D/told" "$SBXCTL" "$@"
}
# shows WHAT: a line of its own, from none to all of it, which is gone in the end.
shows() {
	tr '\r' '\n' <"$D/terminal" | grep -q "$1 *\[[.]*\] *0 % 0.0 of 20.0 MiB" &&
		tr '\r' '\n' <"$D/terminal" | grep -q "$1 *\[##*\] 100 % 20.0 of 20.0 MiB" && [ "$(tail -c 4 "$D/terminal" | tr -d '\033')" = "$(printf '\r[K')" ]
}
progress() {
	as mkdir "$D/rootfs" && as sh -c 'head -c 20971520 /dev/urandom >"$1/rootfs/big"' - "$D"
	on_terminal image import "dir:$D/rootfs" one && grep -q '^one:latest sha256:' "$D/told"
	ok $? "$who: an import on a terminal"
	shows copying && shows unpacking
	ok $? "$who: shows how far it is: copying, unpacking"
	in_folders env XDG_DATA_HOME="$D/data" "$SBXCTL" image import "dir:$D/rootfs" two >"$D/out" 2>"$D/err" && [ ! -s "$D/err" ]
	ok $? "$who: where there is no terminal it says nothing of that"
	on_terminal image import "dir:$D/rootfs" three --json && [ ! -s "$D/terminal" ] && on_terminal image import "dir:$D/rootfs" three --quiet &&
		[ ! -s "$D/terminal" ]
	ok $? "$who: nor with --json, nor with --quiet"
	! on_terminal image import "$D/none" && grep -q "look at '$D/none'" "$D/terminal"
	ok $? "$who: an error has a line of its own"
	if [ -x /usr/bin/skopeo ]; then
		on_terminal image export one "oci:$D/layout" && on_terminal image remove one two three && on_terminal image pull "oci:$D/layout:latest" pulled &&
			grep -q "fetching  *[0-9.]* MiB" "$D/terminal" && shows copying && shows unpacking
		ok $? "$who: a pull shows how much is fetched, too"
	else
		unavailable "$who: a pull" "skopeo is not installed"
	fi
	rm -rf "$D/rootfs" "$D/layout" "$D/data"
}

systemd=/lib/systemd/systemd
has_man=
mkdir "$T/manager" && chmod 700 "$T/manager"
[ "$(id -u)" != 0 ] || chown "$TEST_UID:$TEST_GID" "$T/manager"
need man || has_man=--man=no
for who in $CALLERS; do
	begin
	names
	forgets
	others
	if need systemd-analyze && [ -x "$systemd" ]; then units; else skip "$who: units" "systemd is not installed"; fi
	if [ -x "${SBX%/bin/sbx}/libexec/sbx/sbx-archive" ]; then progress; else skip "$who: image" "this sbx was built without images"; fi
done
nothing_left
done_testing
