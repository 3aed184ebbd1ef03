#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# sbxctl pair: two programs, and three, talk through pipes of their own; who ends first, what the other sees then, that
# nothing is left, and that no byte passes through sbxctl where no transcript is wanted.
# shellcheck disable=SC2016 # the sandboxes expand them
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
test_folder
mkdir "$T/shown"
cat >"$T/shown/judge" <<'END'
#!/usr/bin/python3
import sys
secret, asked = 37, 0
for line in sys.stdin:
    asked += 1
    guess = int(line)
    print("equal" if guess == secret else "lower" if guess > secret else "higher", flush=True)
    if guess == secret:
        print("asked", asked, file=sys.stderr)
        sys.exit(0 if asked <= 7 else 2)
sys.exit(1)
END
cat >"$T/shown/solution" <<'END'
#!/usr/bin/python3
low, high, answer = 0, 100, ""
while answer != "equal":
    guess = (low + high) // 2
    print(guess, flush=True)
    answer = input()
    if answer == "lower":
        high = guess - 1
    else:
        low = guess + 1
END
# The one in the middle of three adds what its two partners say, which are at fds 0 and 1, 3 and 4.
cat >"$T/shown/middle" <<'END'
#!/usr/bin/python3
import os, sys
os.write(1, b"1\n"); os.write(4, b"2\n")
a, b = int(os.read(0, 64)), int(os.read(3, 64))
print(a + b, file=sys.stderr)
sys.exit(0 if a + b == 1003 else 1)
END
chmod -R a+rX "$T/shown" && chmod a+x "$T/shown"/*

# pair WORDS...: as $WHO; the report in $T/report, what is said in $T/said
pair() {
	: >"$T/report"
	if [ "$WHO" = root ]; then
		"${SBXCTL:?}" pair "$@" >"$T/report" 2>"$T/said" </dev/null
	else
		as_user "$SBXCTL" pair "$@" >"$T/report" 2>"$T/said" </dev/null
	fi
}

# is EXPRESSION: of the report, as Python, where r is the report and s its sandboxes
is() {
	/usr/bin/python3 -c 'import json, sys
r = json.load(open(sys.argv[1]))
s = r["sandboxes"]
sys.exit(not eval(sys.argv[2]))' "$T/report" "$1"
}

cases() {
	pair --ro="$T/shown" "$T/shown/judge" -- --ro="$T/shown" "$T/shown/solution"
	status=$?
	[ $status = 0 ] && is 's[0]["verdict"] == "ok" and s[1]["verdict"] == "ok" and len(s) == 2' && grep -q '^asked [1-7]$' "$T/said"
	ok $? "$WHO: a judge and a solution, both ok"
	is 's[0]["time"]["ended_at_ns"] > s[0]["time"]["executed_at_ns"] and s[r["first"]]["time"]["ended_at_ns"] == min(x["time"]["ended_at_ns"] for x in s)'
	ok $? "$WHO: the one that ended first is named"
	is 'all(x["output"]["stdout_bytes"] == 0 for x in s)'
	ok $? "$WHO: no byte passes through sbx"

	pair --ro="$T/shown" "$T/shown/judge" -- true
	status=$?
	[ $status = 1 ] && is 'r["first"] == 1 and s[0]["exit_code"] == 1 and s[1]["verdict"] == "ok"'
	ok $? "$WHO: a partner that ends early: the judge sees the end, and its status is the status"
	pair sh -c 'i=0; while [ $i -lt 40000 ]; do echo line || exit 9; i=$((i + 1)); done' -- true
	status=$?
	[ $status = 0 ] && is 's[0]["verdict"] == "ok"'
	ok $? "$WHO: who writes to one that has ended is not ended by SIGPIPE, and not held"
	sh -c '{ i=0; while [ $i -lt 40000 ]; do echo line || exit 9; i=$((i + 1)); done; echo $? >"$0"; } 2>/dev/null | true' "$T/plain"
	! grep -q '^0$' "$T/plain" 2>/dev/null
	ok $? "$WHO: control: by a plain pipe it is"
	pair --wall-time=1s cat -- --wall-time=3s cat
	status=$?
	[ $status = 124 ] && is 's[0]["verdict"] == "wall-time" and r["first"] == 0 and s[1]["verdict"] == "ok"'
	ok $? "$WHO: both wait: the first limit of wall time ends it"
	pair sh -c 'exec >&-; read x; exit 0' -- sh -c 'read x || exit 7'
	is 's[1]["exit_code"] == 7 and s[0]["verdict"] == "ok"'
	ok $? "$WHO: a closed pipe is seen"
	pair head -c 1000000 /dev/zero -- sh -c 'test $(wc -c) = 1000000'
	is 'all(x["verdict"] == "ok" for x in s)'
	ok $? "$WHO: a megabyte before anything is read"
	pair --ro="$T/shown" "$T/shown/middle" -- sh -c 'read x; echo $((x + 500))' -- sh -c 'read x; echo $((x + 500))'
	status=$?
	[ $status = 0 ] && is 'len(s) == 3 and all(x["verdict"] == "ok" for x in s)'
	ok $? "$WHO: three, the first in the middle"
	pair cat -- --memory=lots cat
	status=$?
	[ $status = 125 ] && grep -q "memory.*'lots'" "$T/said"
	ok $? "$WHO: one that can't be started ends the other"
}

WHO=root
[ "$(id -u)" = 0 ] || WHO=user
cases
if [ "$WHO" = root ]; then
	WHO=user
	cases
fi

"$SBXCTL" pair --report="$T/kept" --transcript="$T/transcript" --ro="$T/shown" "$T/shown/judge" -- --ro="$T/shown" "$T/shown/solution" 2>/dev/null
status=$?
[ $status = 0 ] && grep -q '"first"' "$T/kept" && [ "$(sed -n 1,5p "$T/transcript" | tr '\n' ,)" = '1>0 3,50,,0>1 6,lower,' ]
ok $? "the transcript has who said what, and the report is in a file"
"$SBXCTL" pair --transcript="$T/big" head -c 300000 /dev/zero -- sh -c 'test $(wc -c) = 300000' >"$T/report" 2>/dev/null
is 'all(x["verdict"] == "ok" for x in s)' && [ "$(wc -c <"$T/big")" -gt 300000 ]
ok $? "a transcript of more than a pipe holds"
"$SBXCTL" pair --transcript="$T/big" head -c 80M /dev/zero -- sh -c 'test $(wc -c) = 83886080' >"$T/report" 2>/dev/null
is 'all(x["verdict"] == "ok" for x in s)' && [ "$(wc -c <"$T/big")" -lt 67200000 ] && [ "$(tail -c 5 "$T/big")" = "
cut" ]
ok $? "a transcript has a limit, what is said has none"
rm -f "$T/big"
"$SBXCTL" pair true >/dev/null 2>"$T/said"
status=$?
[ $status = 2 ] && grep -q "'--' between" "$T/said"
ok $? "one command alone is wrong use"

# The first takes back what poll(2) has told sbxctl of, which strace makes slow; what the second partner says must arrive.
cat >"$T/shown/thief" <<'END'
#!/usr/bin/python3
import os, select, sys, time
own, end = os.open("/proc/self/fd/1", os.O_RDONLY | os.O_NONBLOCK), time.time() + 2
while time.time() < end:
    os.write(1, b"x")
    try:
        os.read(own, 64)
    except BlockingIOError:
        pass
sys.exit(not select.select([3], [], [], 6)[0])
END
chmod 755 "$T/shown/thief"
if [ "${SANITIZERS-}" = yes ]; then
	unavailable "a program that takes back what it has written" "sanitizers and strace do not go together"
elif need strace; then
	as_user strace -qq -o "/dev/null" -e trace=read -e inject=read:delay_enter=2000 "$SBXCTL" pair --transcript=/dev/null \
		--ro="$T/shown" "$T/shown/thief" -- sh -c 'cat >/dev/null' -- sh -c 'sleep 3; echo x' >"$T/report" 2>"$T/said" </dev/null
	status=$?
	[ $status = 0 ]
	ok $? "a program that takes back what it has written does not hold the others"
	[ $status = 0 ] || note_file "$T/said"
else
	skip "a program that takes back what it has written" "$missing is not installed"
fi

"$SBXCTL" pair sleep 60 -- sleep 60 >/dev/null 2>&1 &
pid=$!
wait_for 10 pgrep -P $pid >/dev/null
children=$(pgrep -P $pid | tr '\n' ' ')
kill -KILL $pid
wait $pid 2>/dev/null
gone() {
	for child in $children; do
		! kill -0 "$child" 2>/dev/null || return 1
	done
}
[ -n "$children" ] && wait_for 10 gone
ok $? "when sbxctl is killed its sandboxes end"
# strace holds each program where its main begins, and so the kill comes before a sandbox knows whose it is.
if need strace; then
	strace -f -qq -o /dev/null -e trace=geteuid -e inject=geteuid:delay_enter=2000000:when=1 \
		"$SBXCTL" pair sleep 60 -- sleep 60 >/dev/null 2>&1 &
	pid=$!
	started() {
		middle=$(pgrep -P $pid | head -n 1)
		children=$([ -z "$middle" ] || pgrep -P "$middle" | tr '\n' ' ')
		[ "$(echo "$children" | wc -w)" = 2 ]
	}
	wait_for 20 started && kill -KILL "$middle" && sleep 4 && gone
	ok $? "so they do when it is killed as soon as they are started"
	for child in $children; do
		kill -KILL "$child" 2>/dev/null
	done
	wait $pid 2>/dev/null
else
	skip "sbxctl is killed when its sandboxes are just started" "$missing is not installed"
fi
done_testing
