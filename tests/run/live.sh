#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Sandboxes that run: sbx --detach and --join, and sbxctl list, inspect, exec, stop, kill, wait, logs, freeze, thaw, stats, top,
# events; as root and as an ordinary user.
# shellcheck source=tests/lib.sh
# shellcheck disable=SC2016 # what is single-quoted is for eval, or for the shell inside
. "${SRCDIR:?}/tests/lib.sh"
test_folder
lasting=$(seconds 60) # what runs until it is ended

begin() {
	D=$T/$who
	mkdir "$D"
	mkdir "$D/run" && chmod 700 "$D/run"
	[ "$who" = root ] || chown "$TEST_UID:$TEST_GID" "$D" "$D/run"
}
in_folders() { as env XDG_RUNTIME_DIR="$D/run" XDG_STATE_HOME="$D/state" SECRET=of-the-caller "$@"; }
ctl() { in_folders "$SBXCTL" "$@"; }
# shellcheck disable=SC2086 # a list of words
sbx() { in_folders "$SBX" $EXTRA "$@"; }
# field NAME KEY: of the record.
field() { ctl list --json | python3 -c '
import json, sys
for record in json.load(sys.stdin)["sandboxes"]:
    if record["name"] == sys.argv[1]:
        print(record[sys.argv[2]])' "$1" "$2"; }
runs() { ctl list | grep -q "^$1 "; }
runs_not() { ! runs "$1"; }
# The first process of a command, on the host.
payload_of() { tr ' ' '\n' <"/proc/$1/task/$1/children" | head -n 1; }

detach() {
	[ "$(sbx --detach --name=web sh -c 'echo one; while [ ! -e /tmp/end ]; do sleep 0.1; done; echo two; exit 3')" = web ]
	ok $? "$who: --detach prints the name"
	runs web && [ "$(field web detached)" = True ] && [ "$(field web profile)" = "['default']" ]
	ok $? "$who: list shows it"
	wait_for 5 eval '[ "$(ctl logs web)" = one ]'
	ok $? "$who: logs has what it has said"
	sbx --detach --name=web true 2>"$D/err"
	[ $? = 125 ] && grep -q "'web': a sandbox of that name runs" "$D/err"
	ok $? "$who: a name is taken once"
	sbx --name=web sleep 2 &
	wait_for 5 eval 'ctl list | grep -q "^web-[0-9]"'
	ok $? "$who: another that is not detached has its number behind it"
	wait $!
	sbx --user=keep --rw="$D" sh -c ': >"$1/free"; for f in run/sbx state/sbx/runs; do true >"$1/$f/x.json"; mkdir "$1/$f/x"; done' - \
		"$D" >"$D/out" 2>"$D/err"
	[ -e "$D/free" ] && [ "$(grep -c -e 'Read-only' -e 'Permission denied' "$D/err")" = 4 ] &&
		[ -z "$(find "$D/run/sbx" "$D/state/sbx/runs" -name 'x*')" ]
	ok $? "$who: no sandbox writes to the records of others"
	before=$(date +%s%N)
	[ "$(sbx --detach --name=pipe sleep 30 2>&1)" = pipe ] && in_time 0 $((($(date +%s%N) - before) / 1000000)) 10000 && ctl kill pipe
	ok $? "$who: --detach keeps none of the caller's streams"
	long=$(head -c 120000 /dev/zero | tr '\0' '\001')
	sbx --detach --name=long sleep 30 >/dev/null
	sbx --detach --name=longer sh -c 'sleep 30' - "$long" "$long" "$long" "$long" "$long" "$long" "$long" "$long" "$long" "$long" "$long" \
		"$long" "$long" "$long" "$long" >/dev/null
	runs long && runs longer && ctl kill long && ctl kill longer
	ok $? "$who: one with as many arguments as the kernel takes is listed, and others beside it"
	ctl inspect web >"$D/out" && grep -q '"name": *"web"' "$D/out" && grep -q ' pivot-root ' "$D/out" && grep -q 'processes: [12]' "$D/out"
	ok $? "$who: inspect shows the record, the use and the plan"
	ctl inspect we >"$D/out" && grep -q '"name": *"web"' "$D/out"
	ok $? "$who: a name is known by its beginning"
	ctl logs web --follow >"$D/follow" &
	follows=$!
	ctl exec web touch /tmp/end
	ctl wait web
	[ $? = 3 ]
	ok $? "$who: wait has the status of the command"
	wait "$follows"
	[ "$(cat "$D/follow")" = "one
two" ]
	ok $? "$who: logs --follow ends with it"
	ctl wait web
	[ $? = 3 ] && runs_not web
	ok $? "$who: also when it has ended"
	[ -z "$(find "$D/run/sbx" -name 'web*')" ]
	ok $? "$who: and nothing of it is left but log and report"
	sbx --detach --name=bad --ro=/nowhere true >"$D/out" 2>"$D/err"
	[ $? = 125 ] && grep -q "/nowhere" "$D/err" && [ ! -s "$D/out" ]
	ok $? "$who: what can't start says so to the caller"
}

exec_is_the_same() { # exec_is_the_same WHAT OPTION...
	what=$1
	shift
	sbx --detach --name=same "$@" sleep "$lasting" >/dev/null
	init=$(field same init)
	first=$(payload_of "$init")
	ctl exec same sleep "$((lasting + 1))" &
	execs=$!
	wait_for 5 eval '[ "$(ctl stats same | awk "/^same/ { print \$2 }")" = 2 ]'
	second=
	for directory in /proc/[0-9]*; do
		[ "$({ tr '\0' ' ' <"$directory/cmdline"; } 2>/dev/null)" != "sleep $((lasting + 1)) " ] || second=${directory#/proc/}
	done
	as sh -c "$(confinement_script)" - "$first" >"$D/first" 2>/dev/null
	as sh -c "$(confinement_script)" - "$second" >"$D/second" 2>/dev/null
	[ "$(wc -l <"$D/first")" -gt 30 ] && cmp -s "$D/first" "$D/second"
	ok $? "$who: exec: namespaces, ids, capabilities, filters, limits, cgroups, environment are the same: $what"
	cmp -s "$D/first" "$D/second" || note "$(diff "$D/first" "$D/second")"
	as sh -c "$(confinement_script)" - "$$" >"$D/own" 2>/dev/null
	! cmp -s "$D/first" "$D/own"
	ok $? "$who: control: those of this shell are others: $what"
	ctl kill same
	wait "$execs"
	[ $? -gt 128 ]
	ok $? "$who: what was executed ends with the sandbox: $what"
}
# What the kernel says of a process: all by which it is confined.
confinement_script() {
	cat <<-'EOF'
		readlink /proc/$1/ns/user /proc/$1/ns/mnt /proc/$1/ns/pid /proc/$1/ns/ipc /proc/$1/ns/uts /proc/$1/ns/net /proc/$1/ns/cgroup
		grep -E '^(Uid|Gid|Groups|Cap[A-Z][a-z]*|NoNewPrivs|Seccomp|Seccomp_filters|Umask):' /proc/$1/status
		cat /proc/$1/limits /proc/$1/cgroup /proc/$1/oom_score_adj
		tr '\0' '\n' </proc/$1/environ | sort
	EOF
}

execs() {
	exec_is_the_same "the default profile"
	exec_is_the_same "limits of a process, another id" --user=root --set=limits.open-files=77 --set=process.umask=077 --env=X=1
	[ "$who" != root ] || exec_is_the_same "cgroups" --memory=100M --processes=20
	sbx --detach --name=x --set=process.nested-namespaces=1 sh -c 'echo "$$"; sleep 300' >/dev/null
	[ "$(ctl exec x -- sh -c 'echo out; echo err >&2; exit 9' 2>"$D/err")" = out ] && grep -qx err "$D/err"
	ok $? "$who: exec: output and errors pass"
	ctl exec x sh -c 'exit 9'
	[ $? = 9 ]
	ok $? "$who: exec: the status is that of the command"
	[ "$(printf 'a\nb\n' | ctl exec x wc -l)" = 2 ]
	ok $? "$who: exec: input passes"
	ctl exec x sh -c 'kill -9 $$'
	[ $? = 137 ]
	ok $? "$who: exec: a signal ends it"
	ctl exec x not-there 2>"$D/err"
	[ $? = 127 ] && grep -q "execute 'not-there'" "$D/err"
	ok $? "$who: exec: a command that is not there: 127"
	ctl exec y true 2>"$D/err"
	[ $? = 125 ] && grep -q "no sandbox 'y' runs" "$D/err"
	ok $? "$who: exec: no such sandbox: 125"
	ctl exec x sh -c 'ls /home; cat /etc/shadow' >"$D/out" 2>"$D/err"
	! grep -q '^root:' "$D/out"
	ok $? "$who: exec: the view is the sandbox's"
	[ "$(ctl exec x cat /proc/self/status | grep -c '^NSpid:.*[0-9]$')" = 1 ] && ctl exec x sh -c 'kill -0 2'
	ok $? "$who: exec: it sees the sandbox's processes"
	ctl kill x
	spy='while :; do cat /proc/[0-9]*/environ /proc/[0-9]*/maps 2>/dev/null; done | tr "\0" "\n" |
		grep -a -m 1 -e of-the-caller -e "bin/sbx$" >/tmp/found; sleep 300'
	sbx --detach --name=spy sh -c "$spy" >/dev/null
	tries=0
	while [ $tries -lt 30 ]; do
		ctl exec spy true
		tries=$((tries + 1))
	done
	[ -z "$(ctl exec spy cat /tmp/found)" ]
	ok $? "$who: exec: nobody inside sees the process before it is the command"
	ctl kill spy
	sbx --detach --name=spy sh -c "SECRET=of-the-caller sleep 50 & $spy" >/dev/null
	wait_for 5 eval '[ -n "$(ctl exec spy cat /tmp/found)" ]'
	ok $? "$who: control: what may be seen is seen"
	ctl kill spy
	for deep in -Ur -Urn; do
		sbx --detach --name=deep --set=process.nested-namespaces=2 unshare $deep sleep "$lasting" >/dev/null
		wait_for 5 eval '[ "$(ctl exec deep readlink /proc/self/ns/user 2>"$D/err")" != "" ] || [ -s "$D/err" ]'
		sleep 0.2
		inner=$(ctl exec deep readlink /proc/self/ns/user 2>"$D/err")
		case $deep in
		*n) [ -z "$inner" ] && grep -q 'has left its net namespace' "$D/err" ;;
		*) [ -n "$inner" ] && [ "$inner" != "$(readlink "/proc/$(payload_of "$(field deep init)")/ns/user")" ] ;;
		esac
		ok $? "$who: exec: a command that has gone into other namespaces is not followed: $deep"
		ctl kill deep
	done
	sbx --detach --name=counted --set=syscalls.denied=report sleep "$lasting" >/dev/null
	ctl exec counted true 2>"$D/err"
	[ $? = 125 ] && grep -q 'no command can join it' "$D/err"
	ok $? "$who: exec: where it can't be the same it is refused"
	ctl kill counted
}

ends() {
	for name in one two three; do sbx --detach --name=e-$name sh -c 'trap "" TERM INT; while :; do sleep 0.1; done' >/dev/null; done
	sbx --detach --name=polite sh -c 'trap "exit 4" TERM; while :; do sleep 0.05; done' >/dev/null
	sleep 0.3
	ctl stop polite
	ctl wait polite
	[ $? = 4 ]
	ok $? "$who: stop asks first"
	ctl stop e-one --grace=200ms && runs_not e-one && runs e-two
	ok $? "$who: stop ends what does not listen"
	ctl kill e-two && runs_not e-two
	ok $? "$who: kill ends at once"
	ctl kill e-three -s USR1 && wait_for 5 runs_not e-three
	ok $? "$who: kill -s passes a signal on"
	sbx --detach --name=left sleep "$lasting" >/dev/null
	monitor=$(field left monitor) init=$(field left init)
	kill -9 "$monitor"
	wait_for 5 eval '[ ! -e "/proc/$init" ]'
	ok $? "$who: kill -9 of sbx ends its sandbox"
	[ -e "$D/run/sbx/left.json" ]
	ok $? "$who: and leaves a record"
	runs_not left && [ ! -e "$D/run/sbx/left.json" ] && [ ! -e "$D/run/sbx/left.lock" ]
	ok $? "$who: which list removes"
	for name in 1 2 3; do sbx --detach --name=all-$name sleep "$lasting" >/dev/null; done
	ctl stop --all && [ -z "$(ctl list)" ]
	ok $? "$who: stop --all"
	for name in 1 2 3; do sbx --detach --name=all-$name sleep "$lasting" >/dev/null; done
	[ "$(ctl list | grep -c '^all-')" = 3 ] && ctl kill --all && [ -z "$(ctl list)" ]
	ok $? "$who: kill --all"
}

# Between the end of the record and the report there was a moment in which whoever waits found neither.
waited() {
	need strace || {
		skip "$who: wait at the moment of the end" "$missing is not installed"
		return
	}
	sbx --detach --name=slow sh -c 'while [ ! -e /tmp/end ]; do sleep 0.05; done; exit 6' >/dev/null
	strace -qq -o "$D/trace" -e trace=unlinkat -e inject=unlinkat:delay_exit=300000 -p "$(field slow monitor)" 2>"$D/err" &
	strace=$!
	wait_for 5 eval 'grep -q "^TracerPid:.*[1-9]" "/proc/$(field slow monitor)/status"'
	ctl exec slow touch /tmp/end
	wait_for 10 eval '[ ! -e "$D/run/sbx/slow.json" ]'
	ctl wait slow 2>"$D/err"
	[ $? = 6 ]
	ok $? "$who: wait has the status at any moment"
	wait "$strace"
	[ "$(grep -c DELAYED "$D/trace")" -gt 1 ]
	ok $? "$who: control: the end was made slow"
}

frozen() {
	sbx --detach --name=busy sh -c 'while :; do :; done & while :; do :; done' >/dev/null
	cpu() { ctl stats busy --json | sed -n 's/.*"cpu_s": *\([0-9.]*\).*/\1/p'; }
	wait_for 5 eval '[ "$(ctl stats busy | awk "/^busy/ { print \$2 }")" = 2 ]' && ctl freeze busy
	before=$(cpu)
	sleep 0.5
	[ "$before" = "$(cpu)" ]
	ok $? "$who: what is frozen uses no time"
	ctl thaw busy
	wait_for 5 eval '[ "$(cpu)" != "$before" ]'
	ok $? "$who: what is thawed does"
	ctl top >"$D/out" && [ "$(grep -c '^busy ' "$D/out")" = 2 ]
	ok $? "$who: top, where there is no terminal, prints twice"
	in_folders sh -c 'echo $$ >"$1"; exec "$2" events' - "$D/pid" "$SBXCTL" >"$D/events" &
	watches=$!
	wait_for 5 grep -q running "$D/events"
	sbx --detach --name=short sh -c 'sleep 0.2' >/dev/null
	wait_for 5 grep -q '"ended","name":"short"' "$D/events"
	result=$?
	kill "$(cat "$D/pid")"
	wait "$watches" 2>/dev/null
	[ $result = 0 ] && grep -q '"running","name":"busy"' "$D/events" && grep -q '"started","name":"short"' "$D/events"
	ok $? "$who: events tells who starts and ends"
	ctl kill busy
}

for who in $CALLERS; do
	begin
	detach
	execs
	ends
	waited
	frozen
done
sbx --name=a/b true 2>/dev/null
[ $? = 125 ]
ok $? "a name with a slash is refused"
nothing_left
done_testing
