#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A second start of a program that runs once (process.instances), as root and as an ordinary user: it is a command in the
# sandbox of the first, confined as that; its files are shown there; starts and ends at the same moment; refusals.
# shellcheck source=tests/lib.sh
# shellcheck disable=SC2016 # what is single-quoted is for the shell inside
. "${SRCDIR:?}/tests/lib.sh"
test_folder

begin() {
	D=$T/$who
	mkdir -p "$D/run" "$D/config/sbx/profiles" "$D/here" "$D/there" && chmod 700 "$D/run" && cp "$SRCDIR/tests/run/second.py" "$D/"
	cat >"$D/config/sbx/profiles/once.ini" <<-END
		[filesystem]
		home = private
		read-only = $D/second.py
		open-arguments = read-only
		[process]
		instances = profile
		[environment]
		pass = DESKTOP_STARTUP_ID XDG_ACTIVATION_TOKEN
	END
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$D"
}
in_folders() {
	as env XDG_RUNTIME_DIR="$D/run" XDG_STATE_HOME="$D/state" XDG_DATA_HOME="$D/data" XDG_CONFIG_HOME="$D/config" "$@"
}
ctl() { in_folders "$SBXCTL" "$@"; }
# shellcheck disable=SC2086 # a list of words
sbx() { in_folders "$SBX" $EXTRA --profile=once "$@"; }
program() { sbx ${option:+"$option"} -- python3 "$D/second.py" "$@"; }
option=
# first WORD...: the one that runs, in the background; what it says is in $D/first
first() {
	program "$@" >"$D/first" 2>"$D/first.err" &
	one=$!
	wait_for 10 grep -qs "^first$" "$D/first"
}
# second WORD...: its status in $status
second() {
	program "$@" >"$D/out" 2>"$D/err"
	status=$?
}
said() { wait_for 5 grep -qxF "$1" "$D/first"; }
# refused TEXT: the last second was, with this in the message, and a remedy
refused() { [ "$status" = 125 ] && grep -q -- "$1" "$D/err" && grep -q 'hint: ' "$D/err"; }
end_first() {
	second end
	wait "$one"
	ended=$?
	[ "$status" = 7 ] && [ "$ended" = 0 ]
}
running() { ctl list --json | grep -o '"name":' | wc -l; }

files() {
	cd "$D/here" || exit 99
	as sh -c 'echo one >"a b%.txt"; echo two >../there/"a b%.txt"; echo own >own.txt; chmod 666 own.txt'
	first "$D/here/own.txt" plain
	said "$D/here/own.txt = own"
	ok $? "$who: the first runs, and sees the file that it is called with"
	second "a b%.txt" --option word
	result "the second is done by the first: its own status and output" [ "$status $(cat "$D/out")" = "7 handed over" ]
	said "/run/granted/a b%.txt = one" && said "word --option" && said "word word"
	ok $? "$who: a file that the sandbox does not show is shown there, and its word is that path; other words stay"
	[ "$(running)" = 1 ]
	ok $? "$who: one sandbox runs"
	second "file://localhost$D/there/a%20b%25.txt"
	said "file:///run/granted/2/a%20b%25.txt = two"
	ok $? "$who: a URI stays one; a name that is taken is in a folder of its own"
	: >"$D/first"
	second "a b%.txt" && said "/run/granted/a b%.txt = one"
	said "/run/granted/a b%.txt = one" && [ "$(ctl inspect python3 --json | grep -o "\"inode\"" | wc -l)" = 2 ]
	ok $? "$who: the same file again is granted once"
	as sh -c 'echo new >x && mv x "a b%.txt"'
	second "a b%.txt"
	said "/run/granted/a b%.txt = new"
	ok $? "$who: another file of that name is shown when it is named"
	as ln -s "$D/here/own.txt" "$D/here/link"
	[ "$who" = root ] || {
		second link
		result "a link that a sandbox may have made is refused" refused 'is a symbolic link that a sandbox may have made'
	}
	end_first
	ok $? "$who: it ends"
	[ -z "$(ls -A "$D/run/sbx")" ]
	ok $? "$who: and no record is left"
	option=--set=filesystem.open-arguments=read-write
	first
	second own.txt
	[ "$status" = 7 ] && said "/run/granted/own.txt = own" && wait_for 5 grep -q written own.txt
	ok $? "$who: what is opened to be written can be written"
	end_first
	option=--set=filesystem.grants=no
	first
	second own.txt
	result "without filesystem.grants a file that it does not see is refused" refused 'start it with --set=filesystem.grants=yes'
	second word
	result "and what names none is not" [ "$status" = 7 ]
	option=
	second word
	result "with another setting: refused" refused "it was started with another filesystem.grants"
	ctl kill python3 && wait "$one"
	cd /
}

# What the kernel says of a process, from inside.
look='readlink /proc/self/ns/* && grep -E "^(Uid|Gid|Groups|Cap[A-Z][a-z]*|NoNewPrivs|Seccomp|Seccomp_filters|Umask):" /proc/self/status &&
	cat /proc/self/limits /proc/self/cgroup && env | sort && for f in /x "$HOME/x" /tmp/x /etc/x /run/granted/x; do true >$f; done 2>&1; rm -f /tmp/x "$HOME/x"'
confined() {
	option=$1
	rm -f "$D/one" # the DONE of the last time
	sbx ${option:+"$option"} sh -c "$look; echo DONE; sleep 60" >"$D/one" 2>&1 &
	one=$!
	wait_for 10 grep -q DONE "$D/one"
	echo input | sbx ${option:+"$option"} sh -c "$look; echo DONE; read x; echo \$x; echo error >&2; exit 5" >"$D/two" 2>"$D/err"
	# of standard error the end: a build with sanitizers warns of its stack before
	[ $? = 5 ] && [ "$(tail -n 1 "$D/two")" = input ] && [ "$(tail -n 1 "$D/err")" = error ]
	ok $? "$who: the second has its own streams and status${1:+: $1}"
	sed -i '$d' "$D/two"
	[ "$(wc -l <"$D/one")" -gt 30 ] && grep -q '^Seccomp:.2' "$D/one" && cmp -s "$D/one" "$D/two"
	ok $? "$who: namespaces, ids, capabilities, filter, limits, cgroups, environment, what it can write are those of the first${1:+: $1}"
	cmp -s "$D/one" "$D/two" || note "$(diff "$D/one" "$D/two")"
	ctl kill sh && wait "$one"
	option=
}

launcher() {
	sbx sh -c 'sleep 60' &
	one=$!
	wait_for 10 eval '[ "$(running)" = 1 ]'
	[ "$(in_folders env DESKTOP_STARTUP_ID=of-two LANG=of_TWO "$SBX" ${EXTRA:+$EXTRA} -p once sh -c 'echo "$DESKTOP_STARTUP_ID $LANG"')" = "of-two ${LANG-}" ]
	ok $? "$who: of the second's environment it has what a launcher told it, and nothing else"
	ctl kill sh && wait "$one"
}

at_once() { # ROUNDS
	good=0
	for round in $(seq "$1"); do
		rm -f "$D"/at.*
		for i in 1 2 3 4; do
			{ program "w$i" >"$D/at.$i" 2>"$D/at.$i.err"; echo "status $?" >>"$D/at.$i"; } &
		done
		wait_for 20 eval '[ "$(cat "$D"/at.? | grep -cE "^(status 7|first)$")" = 4 ]'
		second end
		wait
		if [ "$(cat "$D"/at.? | grep -c '^first$')" = 1 ] && [ "$(cat "$D"/at.? | grep -c '^status 7$')" = 3 ] &&
			[ "$(grep -hE '^word' "$D"/at.? | sort -u | wc -l)" = 4 ]; then
			good=$((good + 1))
		else
			note "$(tail -n 6 "$D"/at.*)"
		fi
	done
	[ "$good" = "$1" ]
	ok $? "$who: four starts at the same moment are one sandbox and three commands in it ($good of $1 times)"
}

# The first ends by itself while the second comes: that is done by it, or by one that it becomes. Nothing is lost, and never do
# two run.
while_ending() { # ROUNDS
	good=0 became=0 handed=0
	for round in $(seq "$1"); do
		: >"$D/first"
		program --for=0.7 >"$D/first" 2>"$D/err" &
		one=$!
		wait_for 10 grep -qs "^first$" "$D/first"
		sleep "0.$((40 + round * 7 % 30))"
		second --for=0.05 "round-$round"
		wait "$one" && case $status in
		7) handed=$((handed + 1)) && grep -qx "word round-$round" "$D/first" && good=$((good + 1)) ;;
		0) became=$((became + 1)) && grep -qx "word round-$round" "$D/out" && good=$((good + 1)) ;;
		*) note "round $round: status $status: $(cat "$D/out" "$D/err")" ;;
		esac
	done
	[ "$good" = "$1" ]
	ok $? "$who: the first ends while the second comes, $1 times: $handed were done by it, $became became the next, $((($1) - good)) were lost"
}

monitor_of() { ctl list --json | tr ',' '\n' | sed -n 's/.*"monitor": *\([0-9]*\).*/\1/p'; }
# goes_with_first NAME BEGIN COMMAND...: a second that begins so is killed when COMMAND ends the first, and that is all
goes_with_first() {
	result_of=$1 begin=$2
	shift 2
	sbx sh -c 'sleep 60' &
	one=$!
	wait_for 10 eval '[ "$(running)" = 1 ]'
	sbx sh -c "$begin echo in; sleep 60" >"$D/two" 2>&1 &
	two=$!
	wait_for 10 grep -q in "$D/two"
	"$@"
	wait "$two"
	killed=$?
	wait "$one"
	[ "$killed" = 137 ] && [ "$(running)" = 0 ]
	ok $? "$who: $result_of"
}

ends() {
	first
	program end --wait >"$D/out" 2>"$D/err"
	wait "$one"
	result "a first that is asked to end by a second" [ $? = 0 ]
	goes_with_first "a second that is killed with the first is not started again" "" ctl kill sh
	# once: the first ends by it, before sbx has to end it
	goes_with_first "nor is one whose first was asked to end, and did" "trap '' TERM;" eval 'kill -TERM "$(monitor_of)"'
	first
	kill -9 "$(monitor_of)"
	wait "$one"
	first next
	said "word next"
	ok $? "$who: after a monitor that was killed the next is the first"
	end_first
}

detached() {
	[ "$(sbx --detach --name=back sh -c 'sleep 60')" = back ] && [ "$(sbx sh -c 'ls /proc | grep -c "^[0-9]"')" -gt 2 ] && [ "$(running)" = 1 ]
	ok $? "$who: a first that is detached has seconds, too"
	[ "$(sbx --name=back sh -c 'echo ran')" = ran ]
	ok $? "$who: also of its name"
	ctl kill back
}

refusals() {
	first
	second --set=x >/dev/null
	option=--set=process.hostname=other
	second x
	result "another setting is refused" refused "'python3.*' of the profile 'once' runs in one sandbox (process.instances), 'python3-" && grep -q 'another process.hostname' "$D/err" &&
		grep -q 'hint: sbxctl stop python3-[0-9]* ends it; --set=process.instances=many' "$D/err"
	option=--env=X=1
	second x
	result "another variable, too" refused 'another environment.set'
	option=--name=mine
	second x
	result "it has no name" refused 'no name of its own'
	option=--report=$D/report
	second x
	[ ! -e "$D/report" ] && refused 'has no report.file'
	ok $? "$who: nor a report"
	option=--stdin=/dev/null
	second x
	result "nor a file for a stream" refused 'has no process.stdin'
	option=--set=process.die-with-caller=yes
	second x
	result "nor does it end with its caller" refused 'has no process.die-with-caller'
	option=--detach
	second x
	result "nor is it detached" refused "can't be detached"
	option=--ro=$D/there
	second x
	result "what shows more is refused" refused 'another filesystem.read-only'
	option=
	sbx sh -c 'echo ran' >"$D/out" 2>"$D/err"
	status=$?
	[ ! -s "$D/out" ] && refused "for another program, 'python3[^']*'"
	ok $? "$who: another program is refused"
	option=--set=process.instances=many
	second x
	[ "$status $(cat "$D/out")" = "9 TWO" ]
	ok $? "$who: control: with instances = many it is another sandbox on the same home"
	option=--profile=default
	second x
	[ "$status" = 125 ]
	ok $? "$who: as with another profile laid over it"
	option=
	in_folders "$SBX" ${EXTRA:+$EXTRA} --profile=default --set=process.instances=program true
	ok $? "$who: what has another profile does not meet it"
	cp "$D/config/sbx/profiles/once.ini" "$D/config/sbx/profiles/list.ini"
	sed -i '1i[profile]\ncommand = sh dash' "$D/config/sbx/profiles/list.ini"
	in_folders "$SBX" ${EXTRA:+$EXTRA} --profile=list sh -c 'sleep 60' &
	names=$!
	wait_for 10 eval 'ctl list | grep -q "^sh-"'
	[ "$(in_folders "$SBX" ${EXTRA:+$EXTRA} --profile=list dash -c 'echo ran')" = ran ]
	ok $? "$who: all names that a profile gives its program are one"
	ctl kill sh && wait "$names"
	end_first
	printf '{"command": ["true"]}\n' | in_folders "$SBX" ${EXTRA:+$EXTRA} --profile=once --batch >"$D/out" 2>&1
	grep -q 'process.instances is many in a batch' "$D/out"
	ok $? "$who: a batch has no place for it"
	status=125
	in_folders "$SBX" ${EXTRA:+$EXTRA} --profile=once --set=syscalls.denied=report sh -c 'sleep 60' &
	one=$!
	wait_for 10 eval '[ "$(running)" = 1 ]'
	in_folders "$SBX" ${EXTRA:+$EXTRA} --profile=once --set=syscalls.denied=report sh -c 'echo ran' >"$D/out" 2>"$D/err"
	[ $? = 125 ] && [ ! -s "$D/out" ] && refused 'no command can join it'
	ok $? "$who: where no command can join, it is refused, and no second sandbox made"
	ctl kill sh && wait "$one"
}

# A program that is hostile, and knows that a second start will come.
hostile() {
	sbx --set=process.nested-namespaces=5 --set=syscalls.base=none unshare -U -m -r --propagation unchanged sh -c 'echo moved; sleep 60' >"$D/one" 2>&1 &
	one=$!
	wait_for 10 grep -q moved "$D/one"
	sbx --set=process.nested-namespaces=5 --set=syscalls.base=none unshare -U true >"$D/out" 2>"$D/err"
	status=$?
	refused 'has left its mnt namespace'
	ok $? "$who: a first that has gone elsewhere does not take the second with it: it is refused"
	[ "$status" = 125 ] || note "$(cat "$D/one" "$D/out" "$D/err")"
	ctl kill unshare && wait "$one"
	sbx sh -c 'mkdir /tmp/bin; cp /bin/false /tmp/bin/sh; rm -rf "$HOME/x"; ln -s / "$HOME/x"; ln -s / /tmp/y; cd /tmp; echo ready; exec sleep 60' >"$D/one" 2>&1 &
	one=$!
	wait_for 10 grep -q ready "$D/one"
	cd "$D/here" || exit 99
	[ "$(sbx sh -c 'cat "$1"; pwd; ls /proc | grep -c "^[0-9]"' - own.txt | tr '\n' ' ')" = "own /tmp 4 " ] ||
		[ "$(sbx sh -c 'cat "$1" | head -n 1' - own.txt)" = own ]
	ok $? "$who: what it has left in its folders leads the second nowhere"
	cd /
	ctl kill sh && wait "$one"
}

gate() {
	who=user
	D=$T/gated-user
	begin
	D=$T/user
	SBX=$SBX_GATED
	sbx sh -c 'sleep 60' &
	one=$!
	wait_for 10 eval '[ "$(running)" = 1 ]'
	sbx sh -c 'echo ran' >"$D/out" 2>"$D/err"
	status=$?
	[ ! -s "$D/out" ] && refused 'it was made by the setuid sbx'
	ok $? "gate: a second start is refused: nothing joins a sandbox of the setuid sbx"
	[ "$(running)" = 1 ]
	ok $? "gate: and no second sandbox is made"
	ctl kill sh && wait "$one"
}

rounds=6
[ "${SECOND_LONG-}" != 1 ] || rounds=200
for who in $CALLERS; do
	begin
	files
	confined ""
	confined --set=limits.open-files=77
	launcher
	at_once $((rounds / 4))
	while_ending "$rounds"
	ends
	detached
	refusals
	hostile
done
if gated_sbx; then
	gate
else
	unavailable "the setuid sbx" "$missing"
fi
nothing_left
done_testing
