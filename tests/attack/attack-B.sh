#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Without namespaces: the attacks that Landlock, the filter and the reaper must hold alone, where nobody can make a user
# namespace and the profile has best-effort=namespaces. The control runs are in the same place, without sbx.
# shellcheck disable=SC2016,SC2086
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

test_folder
[ "$(id -u)" = 0 ] || skip_all "this is not root, which makes such a place"
mkdir "$T/bin" "$T/work" "$T/home" "$T/home/.ssh" "$T/secrets"
cp "${BUILDDIR:?}/tests/attack/attack" "$T/bin/"
A=$T/bin/attack
echo SECRET >"$T/secret"
echo SECRET >"$T/home/.ssh/key"
chown -R "$TEST_UID:$TEST_GID" "$T/work" "$T/home" "$T/secret"
cd "$T" || exit 99
forbid="$A no-namespaces $TEST_UID $TEST_GID"
as_user unshare -U true 2>/dev/null || # this machine is such a place already
	forbid="setpriv --reuid=$TEST_UID --regid=$TEST_GID --clear-groups"
N="$forbid env -u XDG_RUNTIME_DIR HOME=$T/home timeout --foreground -k 2 $(seconds 30)"
SANDBOX="$SBX --profile=default --best-effort=namespaces,limits --ro=$T/bin"

landlock=$(sbxctl_abi=$("$SBXCTL" doctor 2>/dev/null | sed -n 's/.*Landlock ABI \([0-9]*\).*/\1/p') && echo "${sbxctl_abi:-0}")
! $N unshare -U true 2>/dev/null
ok $? "control: nobody makes a user namespace here"
for mode in "" --best-effort=landlock --best-effort=limits; do
	$N "$SBX" $mode echo ran >"$T/out" 2>"$T/err"
	[ $? = 125 ] && [ ! -s "$T/out" ] && grep -q "user.max_user_namespaces" "$T/err"
	ok $? "sbx $mode does not start, and names the switch"
done
if [ "$landlock" -lt 6 ]; then
	$N $SANDBOX echo ran >"$T/out" 2>"$T/err"
	[ $? = 125 ] && [ ! -s "$T/out" ] && grep -q "Landlock ABI 6" "$T/err"
	ok $? "with best-effort=namespaces neither: Landlock is too old"
	done_testing
	exit
fi

try() {
	out=$($N "$@" 2>"$T/err" </dev/null)
	status=$?
}
# closed NAME ATTACK...: open without sbx, shut in it
closed() {
	name=$1
	shift
	try $setup "$A" "$@"
	case $out in OPEN*) true ;; *) false ;; esac
	ok $? "control: $name"
	try $setup $SANDBOX $extra "$A" "$@"
	[ $status = 0 ] && case $out in SHUT*) true ;; *) false ;; esac
	ok $? "$name"
	[ $status = 0 ] || note "status $status: $out $(cat "$T/err")"
}
refused() {
	name=$1 pattern=$2
	shift 2
	try $SANDBOX "$@" echo ran
	[ $status = 125 ] && [ -z "$out" ] && grep -q -e "$pattern" "$T/err"
	ok $? "$name is refused"
	[ $status = 125 ] || note "status $status: $out $(cat "$T/err")"
}

setup='' extra='' zero=0000000000000000
try $SANDBOX --report="$T/work/report" echo hello
[ "$status:$out" = 0:hello ]
ok $? "with best-effort=namespaces it runs"
grep -q '"layer": *"namespaces"' "$T/work/report" && grep -qE '"namespaces": *null' "$T/work/report"
ok $? "and the report says what is missing"
try $SANDBOX /bin/echo hello
[ "$status:$out" = 0:hello ]
ok $? "a command that is named below a link to what is shown"
closed "a file of the home" read-secret "$T/home/.ssh/key"
closed "a file elsewhere" read-secret "$T/secret"
closed "writing where nothing is granted" open-write "$T/secret"
closed "making a file" make-file "$T/secrets/../home/new"
extra="--rw=$T/work --set=filesystem.no-exec=$T/work"
closed "executing what it wrote" exec-copy "$T/work"
extra="--ro=$T/work"
echo SECRET >"$T/work/read-only" && chown "$TEST_UID" "$T/work/read-only"
closed "writing to what is read-only" open-write "$T/work/read-only"
extra=''
try "$A" privilege-state
case $out in OPEN*) ok 0 "control: rights" ;; *) ok 1 "control: rights" ;; esac
try $SANDBOX sh -c 'while read -r line; do case $line in Cap[IPEA]*|NoN*|Seccomp:*) echo $line ;; esac; done </proc/self/status'
[ "$(echo "$out" | tr -s '\t\n' ' ')" = "CapInh: $zero CapPrm: $zero CapEff: $zero CapAmb: $zero NoNewPrivs: 1 Seccomp: 2 " ]
ok $? "no capability, no new privileges, a filter"
closed "another process: trace" trace child
closed "memory" vm-write child
closed "fds" get-fd child
try $SANDBOX "$A" ns-clone3
case $out in SHUT*) ok 0 "namespaces: both walls are there" ;; *) ok 1 "namespaces" ;; esac
closed "families of sockets" socket-families
setup="$A with-key"
closed "a key of the caller" read-key
setup="$A with-listener" && extra=''
try $setup "$A" tcp-connect 127.0.0.1 PORT
case $out in OPEN*) ok 0 "control: a TCP port" ;; *) ok 1 "control: a TCP port" ;; esac
try $setup $SANDBOX "$A" tcp-connect 127.0.0.1 PORT
case $out in SHUT*) ok 0 "a TCP port" ;; *) ok 1 "a TCP port" ;; esac
for name in "$T/work/socket" @sbx-bare; do
	try "$A" with-unix "$name" "$A" unix-connect "$name"
	case $out in OPEN*) ok 0 "control: socket $name" ;; *) ok 1 "control: socket $name" ;; esac
	try "$A" with-unix "$name" $SANDBOX --net=host --rw="$T/work" "$A" unix-connect "$name"
	case $out in SHUT*) ok 0 "socket $name" ;; *) ok 1 "socket $name" ;; esac
done
try "$A" with-shm "$A" shm-attach KEY
case $out in OPEN*) ok 0 "control: shared memory" ;; *) ok 1 "control: shared memory: $out" ;; esac
try "$A" with-shm $SANDBOX "$A" shm-attach KEY
case $out in SHUT*) ok 0 "shared memory" ;; *) ok 1 "shared memory: $out" ;; esac

# what Landlock does not know: each changes the file outside, and nothing inside
victim=$T/home/victim
for change in "chmod 777" "touch -d 2001-01-01" "setfattr -n user.a -v b" "chown $TEST_UID:$TEST_GID"; do
	command -v "${change%% *}" >/dev/null || { unavailable "$change" "not installed" && continue; }
	rm -f "$victim"
	: >"$victim" && chown "$TEST_UID:0" "$victim"
	before=$(stat -c '%a %Y %g' "$victim" && getfattr -d "$victim" 2>/dev/null)
	try $SANDBOX --ro="$T/home" $change "$victim"
	[ $status != 0 ] && [ "$before" = "$(stat -c '%a %Y %g' "$victim" && getfattr -d "$victim" 2>/dev/null)" ]
	ok $? "$change of a file that is shown read-only"
	[ "${change%% *}" = chown ] && chown "$TEST_UID:0" "$victim" && continue
	$N $change "$victim"
	[ "$before" != "$(stat -c '%a %Y %g' "$victim" && getfattr -d "$victim" 2>/dev/null)" ]
	ok $? "control: $change"
done

# processes: signals stay inside, limits of others too, and all end
setpriv --reuid="$TEST_UID" --regid="$TEST_GID" --clear-groups sleep 60 &
other=$!
try $SANDBOX sh -c "kill -0 $other"
[ $status != 0 ] && $N kill -0 $other
ok $? "a process of the same user can't be signalled, which it can outside"
try $SANDBOX sh -c 'kill -0 $PPID'
[ $status != 0 ]
ok $? "nor sbx-init"
try $SANDBOX prlimit --pid $other --nofile=5
[ $status != 0 ] && $N prlimit --pid $other --nofile=50:500
ok $? "nor its limits set, which can be outside"
try $SANDBOX prlimit --nofile
[ $status = 0 ]
ok $? "control: its own can be read"
try $SANDBOX renice -n 5 -p $other
[ $status != 0 ]
ok $? "nor its niceness"
try $SANDBOX sh -c 'sleep 61.5 & setsid sleep 61.5 & (sleep 61.5 &) ; echo started'
[ "$status:$out" = 0:started ] && wait_for 5 sh -c '! pgrep -xf "sleep 61\.5"' && kill -0 $other
ok $? "what the command leaves is ended, and nothing else of the user"
$N $SANDBOX --wall-time=500ms sh -c 'trap "" TERM INT HUP; while :; do setsid sh -c "trap \"\" TERM; sleep 62.5" & sleep 0.01; done' >/dev/null 2>&1
[ $? = 124 ] && wait_for 5 sh -c '! pgrep -xf "sleep 62\.5"' && kill -0 $other
ok $? "a program that starts others for ever is ended by the time limit"
$N $SANDBOX sh -c 'setsid sleep 63.5 & echo ready; sleep 63.5' >"$T/ready" 2>&1 &
wait_for 10 grep -q ready "$T/ready"
# only this test's own: others run beside it, as the same user
tap_processes | sed -n 's|^process \([0-9]*\) (sbx)$|\1|p' | xargs kill -KILL
wait_for 5 sh -c '! pgrep -xf "sleep 63\.5"' && kill -0 $other
ok $? "when sbx is killed, all of it ends"
kill $other

# what can't be had is not given half
mkdir "$T/work/sub"
refused "something hidden below what is shown" "hidden" --ro="$T/home" --hide="$T/home/.ssh"
refused "something read-only below what is writable" "less open" --rw="$T/work" --ro="$T/work/sub"
refused "something at another place" "something else" --ro="$T/home:/data"
refused "another user" "process.user" --user=root
refused "a private home" "filesystem.home" --home=private
refused "no filter" "syscalls.base" --set=syscalls.base=none
refused "nested namespaces" "nested-namespaces" --set=process.nested-namespaces=1
refused "capabilities" "capabilities" --set=process.capabilities=net_raw
left=$(leftovers)
[ -z "$left" ]
ok $? "nothing is left behind${left:+: $left}"
done_testing
