#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# process.user = isolated: an id of the sandbox's own, for as long as it lives. /etc/subuid is a private one of the test.
# shellcheck disable=SC2016 # the shells inside expand it
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
test_folder
own_ids || skip_all "$missing"
IDS=$T/ids

# as the caller, where the ids are those of $IDS; a program, since script(1) and wait(1p) know no functions
cat >"$T/caller" <<'END'
#!/bin/sh
if [ "$who" = root ]; then exec "$OWN_IDS" "$IDS" "$@"; fi
exec "$OWN_IDS" "$IDS" setpriv --reuid="$TEST_UID" --regid="$TEST_GID" --clear-groups env -u XDG_RUNTIME_DIR \
	HOME="$TEST_HOME" "$@"
END
chmod 755 "$T/caller"
export who IDS OWN_IDS

isolated() {
	# shellcheck disable=SC2086 # a list of words
	"$T/caller" timeout --foreground -k 2 "$(seconds 60)" "$SBX" $EXTRA --profile=default --user=isolated "$@"
}

is() { # is NAME WANTED COMMAND...
	name=$1 wanted=$2
	shift 2
	got=$("$@" 2>"$T/err" </dev/null)
	[ "$got" = "$wanted" ]
	result=$?
	ok $result "$who: $name"
	[ $result = 0 ] || { note "got: $got"; note_file "$T/err"; }
}

refuses() { # refuses NAME TEXT COMMAND...
	name=$1 wanted=$2
	shift 2
	"$@" >"$T/out" 2>"$T/err" </dev/null
	[ $? = 125 ] && [ ! -s "$T/out" ] && grep -q -- "$wanted" "$T/err"
	result=$?
	ok $result "$who: $name is refused"
	[ $result = 0 ] || note_file "$T/err"
}

# hold NAME: a sandbox that stays until $D/work/NAME.end is there; its id is in $D/work/NAME. Its sbx is in $D/NAME.pid.
hold() {
	isolated --rw="$D/work" sh -c 'id -u >"$1.new" && mv "$1.new" "$1"; while [ ! -e "$1.end" ]; do sleep 0.1; done' sh \
		"$D/work/$1" 2>"$D/$1.err" </dev/null &
	echo $! >"$D/$1.pid"
}
held() {
	wait_for 20 test -s "$D/work/$1"
}

in_range() { # the id is of the caller's range: for root from its first, for others from its second
	first=1879048192 last=1879113727
	[ "$who" = root ] || first=1879113729 last=1879179263
	[ "$1" -ge $first ] && [ "$1" -le $last ]
}

about_the_id() {
	uid=$(isolated --report="$D/report" id -u 2>"$T/err")
	in_range "$uid"
	ok $? "$who: the id is of the caller's range: $uid"
	grep -A1 '"identity"' "$D/report" | grep -q "\"uid\": $uid,"
	ok $? "$who: the report says so"
	is "no group but its own" "isolated isolated isolated" isolated sh -c 'echo $(id -un) $(id -gn) $(id -Gn)'
	is "no group that has no name here" "" isolated sh -c 'sed -n "s/^Groups:[[:space:]]*//p" /proc/self/status | tr -d " "'
	is "home and /tmp are its own" "isolated isolated" isolated sh -c 'touch ~/x /tmp/x && echo $(stat -c %U ~/x /tmp/x)'
	is "no file but the streams" "0 1 2 3" isolated sh -c 'cd /proc/self/fd && echo *'
	in_range "$(isolated --rw="$D/work" sh -c 'umask 077; id -u >"$0"/made' "$D/work"; stat -c %u "$D/work/made")"
	ok $? "$who: what it makes belongs to that id on the host"
	is "what is the caller's alone is shut" "shut" isolated --ro="$D/closed" sh -c 'cat "$0"/file 2>/dev/null || echo shut' "$D/closed"
	is "what it makes is shut for pid 1's group too" "" isolated find / /dev /etc -xdev -perm /020 ! -perm /002 ! -type l
	isolated --explain true >"$T/out" 2>&1
	grep -q 'set-ids .*uid=[0-9]' "$T/out"
	ok $? "$who: --explain says it"
}

about_the_end() {
	isolated --wall-time=300ms sleep 60
	[ $? = 124 ]
	ok $? "$who: the wall time ends it"
	isolated sh -c 'exit 7'
	[ $? = 7 ]
	ok $? "$who: its status is passed on"
	hold term
	held term
	sbx_of term && kill -TERM "$sbx" && wait "$(cat "$D/term.pid")"
	[ $? = 143 ]
	ok $? "$who: SIGTERM ends it"
	if need script; then
		is "it may open its terminal" isolated sh -c '"$@" | grep -ow isolated' sh "$T/caller" script -qec \
			"'$SBX' $EXTRA --profile=default --user=isolated sh -c 'exec 3<>\$(tty) && stat -L -c %U /proc/self/fd/3'" /dev/null
	fi
	# without a cgroup memory is a limit of the process that becomes the program, where sanitizers need more
	memory=--memory=64M
	[ "${SANITIZERS-}" != yes ] || memory=
	# shellcheck disable=SC2086 # none or one word
	isolated --best-effort=limits --processes=20 $memory true
	ok $? "$who: with limits"
}

# The sbx of hold: below the shell and the timeout that it was started with.
sbx_of() {
	sbx=$(cat "$D/$1.pid")
	until [ "$(cat "/proc/$sbx/comm")" = sbx ]; do
		sbx=$(cut -d' ' -f1 "/proc/$sbx/task/$sbx/children") || return 1
		[ -n "$sbx" ] || return 1
	done
}

about_many() {
	hold one
	hold two
	held one && held two
	[ "$(cat "$D/work/one")" != "$(cat "$D/work/two")" ]
	ok $? "$who: two that live have ids of their own"
	touch "$D/work/one.end" "$D/work/two.end"
	count=0
	while [ $count -lt 20 ]; do
		count=$((count + 1))
		hold "many$count"
	done
	count=0
	while [ $count -lt 20 ]; do
		count=$((count + 1))
		held "many$count"
	done
	[ "$(cat "$D"/work/many*[0-9] | sort -u | wc -l)" = 20 ]
	ok $? "$who: so have 20"
	while [ $count -gt 0 ]; do
		touch "$D/work/many$count.end"
		count=$((count - 1))
	done
	wait
}

about_the_range() {
	few=1
	[ "$who" = root ] || few=2 # one is kept
	printf 'sbx:1879200000:%d\n%s:1879300000:%d\n' $few "$TEST_NAME" $few >"$T/few"
	IDS=$T/few
	hold last
	held last
	refuses "one more than there are ids" "all 1 ids of the range are in use" isolated true
	sbx_of last && kill -KILL "$sbx"
	wait "$(cat "$D/last.pid")" 2>/dev/null
	wait_for 10 isolated true 2>/dev/null
	ok $? "$who: the id of a killed sbx is free again"
	: >"$T/none"
	IDS=$T/none
	refuses "a caller without a range" "hint: .*/etc/subuid" isolated true
	printf 'sbx:100000:65536\n%s:100000:65536\n' "$TEST_NAME" >"$T/both"
	IDS=$T/both
	refuses "a range that is another's too" "gives ids of" isolated true
	IDS=$T/ids
}

for who in $CALLERS; do
	D=$T/$who
	mkdir -p "$D/work" "$D/closed"
	echo SECRET >"$D/closed/file"
	chmod 600 "$D/closed/file"
	chmod 1777 "$D/work"
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$D"
	cd / || exit 99
	if [ "$who" != root ] && ! [ -e /usr/bin/newuidmap ]; then
		refuses "without newuidmap" "hint: apt-get install uidmap" isolated true
		skip "$who: an isolated user" "uidmap is not installed"
		continue
	fi
	about_the_id
	about_the_end
	about_many
	about_the_range
	refuses "a private home" "is another user in each run" isolated --home=private true
	refuses "a persistent folder" "is another user in each run" isolated --persist="$D/work/kept" true
	left=$(leftovers)
	[ -z "$left" ]
	ok $? "$who: nothing is left${left:+: $left}"
done
done_testing
