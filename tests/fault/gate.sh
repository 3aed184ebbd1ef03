#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The setuid sbx: each system call of its gate fails once, and some say that they were done when they were not. Then nothing
# may run; or, where the gate can do without (a cgroup), what runs must be as closed as ever. The list of calls comes from a
# run that is only watched.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

S='[[:space:]]'
test_folder
need_gated
need strace || skip_all "${missing-} is not installed"
cd / || exit 99

# run STRACE-OPTION...: the payload says what it is
run() {
	timeout --foreground -k 2 20 strace -f -q -u "$TEST_NAME" -o "$T/trace" "$@" "$SBX_GATED" cat /proc/self/status >"$T/out" 2>"$T/err" </dev/null
	status=$?
}

# The payload ran as it should.
closed() {
	[ $status = 0 ] && grep -q -E "^Uid:($S$TEST_UID){4}\$" "$T/out" &&
		[ "$(grep -cE "^Cap...:${S}0{16}\$" "$T/out")" = 5 ] &&
		grep -q "^NoNewPrivs:${S}1\$" "$T/out" && grep -q "^Seccomp:${S}2\$" "$T/out"
}

refused() {
	[ $status = 125 ] && [ ! -s "$T/out" ] && grep -q '^sbx: ' "$T/err"
}

run
closed
ok $? "control: without a fault the payload runs, and is closed"
# Of each process "NAME NUMBER": the first from getuid to the look at its capabilities, the second, the mapper, whole.
awk '{ pid = $1; sub(/^[0-9]+ +/, "") }
	/^\+\+\+|^---|resumed>|^exit_group|^<\.\.\./ { next }
	{ name = $0; sub(/\(.*/, "", name); n = ++count[pid " " name] }
	NR == 1 { main = pid }
	pid == main && name == "getuid" { gate = 1 }
	pid == main && gate && !done { print name, n; if (name == "clone") child = 1 }
	pid == main && name == "capget" && gate { done = 1 }
	pid != main && child && !done { print name, n }' "$T/trace" | sort -u >"$T/calls"
[ "$(wc -l <"$T/calls")" -gt 60 ] && grep -q '^unshare 1$' "$T/calls" && grep -q '^write ' "$T/calls"
ok $? "control: the calls of the gate are known, $(wc -l <"$T/calls")"

bad=0 stopped=0 went_on=''
while read -r name number; do
	run -e inject="$name:error=EPERM:when=$number"
	if refused || { [ "$name" = write ] && [ $status = 125 ] && [ ! -s "$T/out" ]; }; then # its message is a write, too
		stopped=$((stopped + 1))
		sed -n 's/^sbx: gate: //p' "$T/err" >>"$T/said"
	elif closed; then
		went_on="$went_on $name:$number"
	else
		bad=$((bad + 1))
		note "$name $number: status $status: $(cat "$T/err")"
	fi
done <"$T/calls"
[ $bad = 0 ]
ok $? "each call fails once: $stopped runs are refused, $bad are open"
note "not needed:$went_on"
for name in $went_on; do
	case $name in
	close:* | openat2:* | openat:* | faccessat:* | fstatfs:1 | read:1) ;; # a close, the search for a cgroup
	umask:* | prctl:*) ;;                          # they are set once more by the launcher and by the payload's process
	setresuid:2 | setgroups:1) ;;                  # they are expected to fail so
	*) note "why can it do without $name?" && bad=1 ;;
	esac
done
[ $bad = 0 ]
ok $? "what the gate can do without is known"

# every text of the gate was said
texts=$(grep -o '"sbx: gate: [^\\"]*' "$SRCDIR/src/gate/gate.c" | sed 's/"sbx: gate: //' | sort -u)
missing=$(printf '%s\n' "$texts" | while read -r text; do grep -qF -e "$text" "$T/said" || printf '%s; ' "$text"; done)
[ -n "$texts" ] && [ -z "$missing" ]
ok $? "each way out of the gate was taken${missing:+, but: $missing}"

# A call that does nothing and says that it did.
for lie in setresuid:retval=0:when=1 unshare:retval=0:when=1 capset:retval=0:when=1 setresuid:retval=0:when=2 setgroups:retval=0:when=1; do
	run -e inject="$lie"
	refused
	ok $? "a false success of $lie is found out"
done
for lie in setresgid:retval=0:when=1 prctl:retval=0:when=1+; do
	run -e inject="$lie"
	refused || closed
	ok $? "a false success of $lie opens nothing"
done
left=$(leftovers)
[ -z "$left" ]
ok $? "nothing is left behind${left:+: $left}"
done_testing
