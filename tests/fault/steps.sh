#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Each kind of system call of the set-up fails, in each process that makes it, at its first, second and fourth occurrence:
# the payload never runs, sbx ends with 125 and names what failed, and nothing is left; or, where the call made no
# difference, the payload runs with all layers on; once it does, a failure ends it. "Ran with fewer layers" is a failure. every-call.sh, which takes long, is
# the same for every occurrence of every call.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
need strace || skip_all "$missing is not installed"
test_folder
mkdir "$T/work"
chmod 777 "$T/work"
cd "$T/work" || exit 99

# The payload tells what it is: it is complete only with all of this.
# shellcheck disable=SC2016
PAYLOAD='exec grep -E "^(CapEff|CapBnd|NoNewPrivs|Seccomp):" /proc/self/status'
all_layers() {
	grep -q '^NoNewPrivs:[[:space:]]*1' "$T/out" && grep -q '^Seccomp:[[:space:]]*2' "$T/out" &&
		grep -q '^CapEff:[[:space:]]*0*$' "$T/out" && grep -q '^CapBnd:[[:space:]]*0*$' "$T/out"
}

CALLS='clone3 socketpair execveat faccessat2 signalfd4 mount fsopen fsconfig fsmount move_mount mkdirat symlinkat openat2 open_tree mount_setattr
	fchdir pivot_root umount2 getcwd sethostname keyctl setsid capset prlimit64 personality seccomp
	landlock_create_ruleset landlock_add_rule landlock_restrict_self close_range pipe2 ppoll sendmsg'
count=0
for who in root user; do
	bad=0 refused=0 ran=0 ended=0
	calls=$CALLS
	[ "$who" = root ] && calls="$calls setgroups setresgid setresuid fchownat"
	for call in $calls; do
		for when in 1 2 4; do
			: >"$T/out"
			as timeout "$(seconds 20)" strace -f -qq -o "$T/work/trace-$who" -e trace="$call" -e inject="$call:error=EPERM:when=$when" \
				"$SBX" --profile=default sh -c "$PAYLOAD" >"$T/out" 2>"$T/err" </dev/null
			status=$?
			grep -q INJECTED "$T/work/trace-$who" || break
			count=$((count + 1))
			if [ "$status" = 125 ] && [ ! -s "$T/out" ] && grep -q '^sbx: ' "$T/err"; then
				refused=$((refused + 1))
			elif [ "$status" = 0 ] && all_layers; then
				ran=$((ran + 1))
			elif [ "$status" = 125 ] && all_layers && grep -q '^sbx: ' "$T/err"; then
				ended=$((ended + 1))
			else
				bad=$((bad + 1))
				note "$who: $call, occurrence $when: status $status: $(head -c 300 "$T/err")$(head -c 200 "$T/out")"
			fi
		done
	done
	[ "$bad" = 0 ]
	ok $? "$who: $refused failed calls were refused, $ran made no difference, $ended ended a complete payload, $bad were wrong"
	[ "$ended" -lt 6 ] && [ "$refused" -gt 40 ]
	ok $? "$who: most of them are of a kind that matters"
	left=$(leftovers)
	[ -z "$left" ]
	ok $? "$who: nothing is left${left:+: $left}"
done
note "$count places"

# control: without a fault the payload runs, complete
who=user
as "$SBX" --profile=default sh -c "$PAYLOAD" >"$T/out" 2>"$T/err" </dev/null && all_layers
ok $? "control: without a fault all layers are on"
done_testing
