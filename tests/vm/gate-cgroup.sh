#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The control groups that the setuid sbx makes for its caller, where nobody has delegated any: a cgroup v2 without systemd.
# Limits are held by them, they belong to the caller alone, and nothing of an administrator's is lifted. For guests: it
# makes and limits groups of the machine.
# shellcheck disable=SC2016,SC2086 # inner shells expand them; $EXTRA is a list of words
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

groups=/sys/fs/cgroup
[ "$(stat -fc %T $groups)" = cgroup2fs ] || skip_all "$groups is not a cgroup v2"
[ ! -e /run/systemd/system ] || skip_all "systemd manages the groups"
test_folder
cd / || exit 99
all=$groups/sbx
own=$all/$TEST_UID

gated() {
	as_user "$SBX_GATED" $EXTRA "$@" </dev/null
}
as_other() {
	setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/ "$@"
}
# in_group GROUP COMMAND...
in_group() {
	(echo 0 >"$groups/$1/cgroup.procs" && shift && "$@")
}
made() {
	find "$own" -name 'sbx-*' 2>/dev/null
}
is_made() {
	[ -n "$(made)" ]
}
# number NAME: that field of the report; the first of this name is meant
number() {
	sed -n "s/.*\"$1\": *\\([0-9.]*\\).*/\\1/p" "$T/report" | head -n 1
}
says() { # says NAME TEXT
	grep -q "\"$1\": *\"$2\"" "$T/report"
}
# run VERDICT STATUS OPTION...: what is in $program; sbx ends so, and the report says that a cgroup v2 held the limits
run() {
	verdict=$1 wanted=$2
	shift 2
	gated --report=fd:2 "$@" sh -c "$program" >"$T/out" 2>"$T/report"
	status=$?
	[ "$status" = "$wanted" ] && says verdict "$verdict" && says limits cgroup2 && says namespaces gate
	ok $? "with $*: verdict $verdict, status $wanted, limits by cgroup2, namespaces by the gate"
	{ [ "$status" = "$wanted" ] && says limits cgroup2; } || note "status $status: $(head -c 1500 "$T/report")"
}
# refused NAME COMMAND...: for want of a group
refused() {
	name=$1
	shift
	"$@" >"$T/out" 2>"$T/err" </dev/null
	status=$?
	[ "$status" = 125 ] && [ ! -s "$T/out" ] && grep -q 'needs a cgroup' "$T/err"
	ok $? "$name: a limit of memory is refused"
	[ "$status" = 125 ] || note "status $status: $(head -c 1000 "$T/err")"
}

# --- without the gate there is none ---
[ ! -d $all ] || find $all -depth -type d -exec rmdir {} + # of a test before
[ -z "$(find $groups -user "$TEST_UID")" ] && [ ! -e $all ]
ok $? "control: the user has no group, and nobody has made $all"
[ -z "$(as_user find $groups -writable 2>/dev/null)" ]
ok $? "control: nor one that it may write to"
if as_user unshare -U true 2>/dev/null; then
	refused "control: without the setuid bit" as_user "$SBX" $EXTRA --memory=64M echo ran
fi

need_gated

# --- limits ---
program='echo begun; head -c 300M /dev/zero | tail | cat >/dev/null; echo "it has passed"'
run memory 123 --memory=64M
[ "$(cat "$T/out")" = begun ]
ok $? "all of its processes are ended"
between 32000000 "$(number peak_bytes)" 67108864 && says source cgroup2 && between 1 "$(number oom_kills)" 100
ok $? "the peak, of the group, is $(number peak_bytes) bytes"
program='i=0; while [ $i -lt 40 ]; do sleep 60 & i=$((i + 1)); done; echo "it has passed"'
run processes 2 --processes=10
[ ! -s "$T/out" ] && between 8 "$(number peak)" 11 && between 1 "$(number limit_hits)" 1000
ok $? "at most $(number peak) processes at a time, and the report says that there should have been more"
wall=$(seconds 2)
program='while :; do :; done'
run wall-time 124 --cpu=20 --wall-time="${wall}s"
awk -v cpu="$(number cpu_s)" -v wall="$(number wall_s)" 'BEGIN { exit !(wall > 1 && cpu > 0 && cpu < 0.4 * wall) }'
ok $? "a fifth of a processor: $(number cpu_s) s in $(number wall_s) s"
[ -d "$own" ] && ! is_made
ok $? "no sandbox's group is left"

# --- whose they are ---
gated --memory=64M --processes=20 sh -c 'echo ready; sleep 1000; :' >"$T/ready" 2>&1 &
wait_for 10 grep -q ready "$T/ready"
group=$(made)
monitor=${group##*/sbx-}
monitor=${monitor%-*}
[ "$(made | wc -l)" = 1 ] && [ "$(cat "$group/memory.max" "$group/pids.max" | tr '\n' ' ')" = "67108864 21 " ]
ok $? "a sandbox that runs has one group below $own, with its limits"
between 3 "$(wc -l <"$group/cgroup.procs")" 4
ok $? "its processes are in there, and sbx-init"
grep -qx "0::/sbx/$TEST_UID/monitors" "/proc/$monitor/cgroup"
ok $? "the monitor is beside it"
[ "$(stat -c '%u %a' $all "$own" "$own/monitors" "$group" | tr '\n' ' ')" = "0 755 $TEST_UID 755 0 755 $TEST_UID 700 " ]
ok $? "root owns the upper groups and the monitors', the caller its own and the sandbox's"
as_user find $groups -writable 2>/dev/null | grep -vxF "$own
$own/cgroup.procs
$own/cgroup.threads
$own/cgroup.subtree_control" | grep -v "^$group\(\$\|/\)" >"$T/more"
[ ! -s "$T/more" ]
ok $? "the caller may write to nothing more than what is delegated"
[ ! -s "$T/more" ] || note_file "$T/more"
[ -z "$(as_other find $groups -writable 2>/dev/null)" ]
ok $? "another user may write to nothing"
for file in "$own/cgroup.procs" "$own/monitors/cgroup.procs" "$group/cgroup.procs"; do
	! as_other sh -c 'echo 0 >"$0"' "$file" 2>/dev/null
	ok $? "nor enter by ${file#"$own/"}"
done
! as_other sh -c 'echo 1 >"$0"' "$group/cgroup.kill" 2>/dev/null && ! as_other mkdir "$own/new" 2>/dev/null
ok $? "nor end it, nor make a group"
for file in "$own/cgroup.procs" "$own/monitors/cgroup.procs" "$group/cgroup.procs"; do
	! as_user sh -c 'echo 0 >"$0"' "$file" 2>/dev/null
	ok $? "no process of the caller leaves its own group by ${file#"$own/"}"
done
found=$(gated sh -c 'cat /proc/self/cgroup; find / -path /usr -prune -o -name memory.max -print 2>/dev/null')
[ "$found" = 0::/ ]
ok $? "a program in a sandbox sees no group but its own, as the root, and no file of any"
as_other "$SBX_GATED" $EXTRA --memory=64M --report=fd:2 true 2>"$T/report" </dev/null
says verdict ok && says limits cgroup2 && [ "$(stat -c %u $all/65534)" = 65534 ]
ok $? "another user gets groups of its own"
! as_user mkdir $all/65534/new 2>/dev/null
ok $? "and this one may not write to them"
kill -KILL "$monitor"
wait 2>/dev/null
wait_for 10 sh -c '! grep -q . "$0" 2>/dev/null' "$group/cgroup.procs"
ok $? "when the monitor is killed, all in the group end"
# one younger than 10 s is let alone: its monitor may not have locked it yet
is_swept() {
	gated --memory=64M true && ! is_made
}
wait_for 20 is_swept
ok $? "and the next sandbox removes the group, once it is not young any more"

# --- what is the administrator's ---
program='i=0; while [ $i -lt 12 ]; do sleep 60 & i=$((i + 1)); done; echo "it has passed"'
run ok 0 --processes=30 && grep -q passed "$T/out"
echo 8 >"$own/pids.max"
! gated --processes=30 sh -c "$program" >"$T/out" 2>&1 && ! grep -q passed "$T/out" && [ "$(cat "$own/pids.max")" = 8 ]
ok $? "a limit that root puts on the caller's group holds"
echo max >"$own/pids.max"
mkdir $groups/limited $groups/free
in_group free gated --memory=64M true
ok $? "control: a caller in a group without limits gets a group"
for limit in pids.max=100 memory.max=500M "cpu.max=50000 100000"; do
	echo "${limit#*=}" >"$groups/limited/${limit%%=*}"
	refused "in a group with $limit" in_group limited gated --memory=64M echo ran
	found=$(in_group limited as_user "$SBX_GATED" $EXTRA sh -c 'echo ready; sleep 2' | {
		read -r _
		wc -l <$groups/limited/cgroup.procs
	})
	between 3 "$found" 10
	ok $? "and without one the sandbox stays in the limited group: $found processes"
	echo max >"$groups/limited/${limit%%=*}"
done
# no more groups below that of the gate: a third user gets none
as_third() {
	setpriv --reuid=65533 --regid=65533 --clear-groups env HOME=/ "$@"
}
find $all -mindepth 1 -type d | wc -l >$all/cgroup.max.descendants
refused "where no group can be made" as_third "$SBX_GATED" $EXTRA --memory=64M echo ran
[ "$(as_third "$SBX_GATED" $EXTRA echo ran 2>&1)" = ran ] && [ ! -e $all/65533 ]
ok $? "and a sandbox without a limit goes without one"
echo max >$all/cgroup.max.descendants
[ "$(as_third "$SBX_GATED" $EXTRA --memory=64M echo ran 2>&1)" = ran ] && [ -e $all/65533 ]
ok $? "control: then it can be made"
wait_for 5 rmdir $groups/limited $groups/free
grep -qx 0::/ /proc/self/cgroup
ok $? "who calls sbx stays where it was"
left=$(leftovers)
[ -z "$left" ] && ! is_made
ok $? "nothing is left behind${left:+: $left}"
done_testing
