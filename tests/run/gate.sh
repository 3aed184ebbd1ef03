#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The setuid sbx: who its processes are, what they hold, what it refuses, and how long it is root.
# shellcheck disable=SC2016
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

S='[[:space:]]'
test_folder
need_gated
cd "$T" || exit 99

gated() {
	as_user "$SBX_GATED" "$@"
}

# refuses NAME PATTERN COMMAND...: 125, and a message
refuses() {
	name=$1 pattern=$2
	shift 2
	"$@" >"$T/out" 2>"$T/err" </dev/null
	status=$?
	[ $status = 125 ] && [ ! -s "$T/out" ] && grep -q -e "$pattern" "$T/err"
	ok $? "$name is refused"
	[ $status = 125 ] || note "status $status: $(cat "$T/err" "$T/out")"
}

# ordinary NAME SBX...: it maps the ids by itself; or, where the kernel forbids user namespaces, it is refused for that
ordinary() {
	name=$1
	shift
	"$@" --explain true >"$T/out" 2>"$T/err" </dev/null
	status=$?
	if [ -n "$forbidden" ]; then
		[ $status = 125 ] && grep -q -e "$forbidden" "$T/err"
	else
		[ $status = 0 ] && grep -q ' id-map ' "$T/out"
	fi
	ok $? "$name${forbidden:+, refused by $forbidden}"
	[ $status = 0 ] || [ -n "$forbidden" ] || note_file "$T/err"
}
forbidden=
[ "$(cat /proc/sys/kernel/unprivileged_userns_clone 2>/dev/null)" != 0 ] || forbidden=kernel.unprivileged_userns_clone

# --- who they are, as seen from outside ---
pids_of() { # the monitor's pid, and all below it
	echo "$1"
	cat "/proc/$1/task/"*/children 2>/dev/null | tr ' ' '\n' | while read -r child; do
		pids_of "$child"
	done
}
all_processes() { # all_processes PATTERN: each process's status has that line
	for pid in $pids; do
		grep -qE "$1" "/proc/$pid/status" || return 1
	done
}
setpriv --reuid="$TEST_UID" --regid="$TEST_GID" --groups="100,$TEST_GID" env -u XDG_RUNTIME_DIR "$SBX_GATED" \
	sh -c 'sleep 1000 & echo ready; wait' >"$T/ready" 2>&1 &
monitor=$!
wait_for 10 grep -q ready "$T/ready"
pids=$(pids_of $monitor)
[ "$(echo "$pids" | wc -l)" -ge 4 ]
ok $? "control: the monitor, its init, the shell and its child are seen"
u=$TEST_UID g=$TEST_GID
all_processes "^Uid:($S$u){4}\$"
ok $? "all four ids of each process are the caller's"
all_processes "^Gid:($S$g){4}\$"
ok $? "and all four group ids"
all_processes "^Groups:${S}100 $g *\$"
ok $? "each has the caller's supplementary groups, no more and no fewer"
for set in I P E B A; do
	all_processes "^Cap$set..:${S}0{16}\$"
	ok $? "no process has a capability in its Cap$set.."
done
all_processes "^NoNewPrivs:${S}1\$"
ok $? "no process can gain any by a program"
own=$(readlink /proc/self/ns/user)
for pid in $pids; do [ "$(readlink "/proc/$pid/ns/user")" != "$own" ] || own=bad; done
[ "$own" != bad ]
ok $? "no process is in the host's user namespace"
wrong=
for pid in $pids; do
	for fd in "/proc/$pid/fd"/*; do
		case $(readlink "$fd") in
		"$T/ready" | /dev/null | /null | socket:* | pipe:* | anon_inode:* | '') ;;
		*/.local/state/sbx/live | */.local/state/sbx/live/*.lock) [ "$(stat -Lc %u "$fd")" != 0 ] || wrong="$wrong $pid:live" ;;
		/proc/[0-9]*/schedstat) ;; # of the payload, which init opened in the sandbox
		/proc) [ "$(stat -Lf -c %T "$fd")" = tmpfs ] || wrong="$wrong $pid:/proc" ;; # init's own, for private folders
		*) wrong="$wrong $pid:$(readlink "$fd")" ;;
		esac
	done
done
[ -z "$wrong" ]
ok $? "no process holds anything that root has opened${wrong:+:$wrong}"
for what in mem environ fd/0 root/etc cwd/x ns/user; do
	! as_user cat "/proc/$monitor/$what" >/dev/null 2>&1
	ok $? "the caller can't look into /proc/MONITOR/$what"
done
setpriv --reuid="$TEST_UID" --regid="$TEST_GID" --clear-groups sleep 1000 &
sleep 0.2
as_user cat "/proc/$!/environ" >/dev/null
ok $? "control: into that of another process of its own it can"
kill $!
as_user kill -TERM "$monitor"
wait "$monitor"
ok $(($? != 143)) "but it can end it"
cp "$(command -v sleep)" "$T/rootsleep" && chmod 4755 "$T/rootsleep"
setpriv --reuid="$TEST_UID" --regid="$TEST_GID" --clear-groups "$T/rootsleep" 1000 &
sleep 0.2
pids=$!
! all_processes "^Uid:($S$u){4}\$"
ok $? "control: another setuid program is seen as root"
kill $!

# --- what it does not give ---
profile=$T/weak.ini
for line in "process:user = root" "process:user = nobody" "process:nested-namespaces = 1" "process:capabilities = net_raw"; do
	printf '[%s]\n%s\n' "${line%%:*}" "${line#*:}" >"$profile"
	refuses "'${line#*:}'" "weak.ini:2: .*setuid sbx" gated --profile="$profile" echo ran
	ordinary "control: an ordinary sbx takes '${line#*:}'" as_user "$SBX" --profile="$profile"
done
refuses "an fd to keep, since it closes all," "fd 5 is not open" gated --set=process.keep-fd=5 echo ran 5>"$T/kept"
refuses "a report to such an fd" "report" gated --report=fd:5 echo ran 5>"$T/kept"
refuses "an empty name" "empty" as_user "$BUILDDIR/tests/attack/attack" with-empty-name "$SBX_GATED" echo ran

# --- how it may be installed ---
setuid_copy() { # setuid_copy OWNER MODE
	cp "$SBX_GATED" "$T/gated/bin/other" && chown "$1" "$T/gated/bin/other" && chmod "$2" "$T/gated/bin/other"
}
setuid_copy 1:0 4755
refuses "set-user-id to another user than root" "setuid for another user" as_user "$T/gated/bin/other" echo ran
setuid_copy 0:1 6755
refuses "set-group-id" "setgid" as_user "$T/gated/bin/other" echo ran
setuid_copy 0:0 755
ordinary "without the bit it is an ordinary sbx" as_user "$T/gated/bin/other"
ordinary "for root too" "$SBX_GATED"
ordinary "and where a program can gain nothing" \
	setpriv --reuid="$TEST_UID" --regid="$TEST_GID" --clear-groups --no-new-privs "$SBX_GATED"
cp "$SBX" "$T/gated/bin/other" && chmod 4755 "$T/gated/bin/other"
refuses "a build without --enable-setuid" "this build" as_user "$T/gated/bin/other" echo ran

# --- how long it is root ---
if need strace; then
	strace -f -u "$TEST_NAME" -o "$T/trace" "$SBX_GATED" true >/dev/null 2>"$T/err" </dev/null
	# by the process that was started, up to its setresuid; and by the mapper, whole
	awk '{ pid = $1; sub(/^[0-9]+ +/, "") }
		NR == 1 { main = pid }
		/^\+\+\+|^---|resumed>/ { next }
		pid == main && !dropped { count++; if (/^clone\(/) mapper = $NF; if (/^setresuid\(/) dropped = 1; next }
		pid == main { next }
		!ended[pid] && !first { first = pid }
		pid == first { count++; if (/^exit_group/) { ended[pid] = 1; mapped = 1 } }
		END { print dropped && mapped ? count : "none" }' "$T/trace" >"$T/count"
	stated=$(sed -n 's/.* \([0-9]*\) system calls as root.*/\1/p' "$SRCDIR/SECURITY.md")
	count=$(cat "$T/count")
	between 30 "$count" "${stated:-0}"
	ok $? "$count system calls are made as root, and SECURITY.md says at most ${stated:-nothing}"
	sed '1,/ setresuid(.*) *= 0$/d' "$T/trace" | grep -E ' set(res|re|fs)?[ug]id[0-9]*\(| setgroups' >"$T/later"
	[ -s "$T/later" ] && ! grep -qv EPERM "$T/later"
	ok $? "after it became the caller every change of ids fails"
else
	skip "the number of calls as root" "strace is not installed"
fi
left=$(leftovers)
[ -z "$left" ]
ok $? "nothing is left behind${left:+: $left}"
done_testing
