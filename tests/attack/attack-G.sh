#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Attacks on a grader: lies about how a program ended, talk between two sandboxes, what a run leaves to the next one, the
# answers, the clock. What concerns boxes and the collection of files is in attack-K.sh.
# shellcheck disable=SC2086,SC2317
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"

# Without sbx the words are believed; within it the verdict is what the kernel says.
claim T-G4 "exit codes, signals and reports forged" "status by waitid over a socket the program never has"
t_G4() {
	try env ATTACK_OUTSIDE=1 "$A" forge exit 0 # it shall not write to the files of who runs this
	[ "$status" = 0 ] && [ "${out#*verdict*ok}" != "$out" ]
	verdict $? "control: it says that all is well"
	judged 0 ok "status 0" "$A" forge exit 0
	for number in 1 123 124 125 126 127 137; do
		judged $number exit "status $number" "$A" forge exit $number
	done
	for signal in 1 2 3 6 9 11 13 15 24 25; do
		judged $((128 + signal)) signal "signal $signal" "$A" forge signal $signal
	done
	# a program can only make itself look worse: the kernel says no more of a call that is denied on pain of death
	judged 159 syscall "SIGSYS of its own" "$A" forge signal 31
	[ "$WHO" != root ] || judged 123 memory "memory, with a forged report" --memory=24M "$A" forge exit 0 "$A" memory anonymous 64
	judged 124 wall-time "time, with a forged report" --wall-time=300ms "$A" forge exit 0 /bin/sleep 5
	cp "$A" "$T/bin/sbx"
	judged 0 ok "a program with the name of sbx" "$T/bin/sbx" forge exit 0
	judged 127 internal "no program, for which sbx answers itself" "$T/bin/none"
	judged 127 exit "a program that says the same" sh -c 'echo "sbx: the command was not found" >&2; exit 127'
	rm -f "$T/bin/sbx"
}

ready_or_gone() {
	[ -e "$D/work/ready" ] || ! kill -0 "$(cat "$D/work/pid")" 2>/dev/null
}

# both KIND HOLDER SEEKER: what one sandbox holds is not there for another; both without sbx: it is
both() {
	rm -f "$D/work/ready" "$D/work/done"
	start $2
	wait_for 20 [ -e "$D/work/ready" ]
	try $3
	says OPEN
	verdict $? "control: $1"
	: >"$D/work/done"
	wait
	rm -f "$D/work/ready" "$D/work/done"
	start $B --rw="$D/work" $4 $2
	wait_for 20 ready_or_gone
	if [ ! -e "$D/work/ready" ]; then
		holds "$1 can't be made at all" grep -q BROKEN "$T/out"
		return 0
	fi
	closed "$1, from another sandbox" $B --ro="$D/work" $4 $3
	: >"$D/work/done"
	wait
}

claim T-G5 "two sandboxes at once: memory, queues, sockets, keys, /tmp, signals" "IPC, network and pid namespaces, private folders"
t_G5() {
	# the holder says the name, and stays until it is told that the seeker is done
	printf '#!/bin/sh\ncd "%s/work"; echo "$1" >name; : >ready; i=0\n' "$D" >"$D/work/hold"
	echo 'while [ ! -e done ] && [ $i -lt 200 ]; do sleep 0.1; i=$((i + 1)); done' >>"$D/work/hold"
	printf '#!/bin/sh\nexec "%s" "$1" "$(cat "%s/work/name")"\n' "$A" "$D" >"$D/work/seek"
	printf '#!/bin/sh\necho SECRET >"$1" && chmod 644 "$1" && exec "%s/work/hold" "$1"\n' "$D" >"$D/work/put"
	chmod 755 "$D/work/hold" "$D/work/seek" "$D/work/put"
	give "$D/work"
	user=--user=keep
	both "System V memory" "$A with-shm $D/work/hold KEY" "$D/work/seek shm-attach" $user
	both "a message queue" "$A with-mq $D/work/hold QUEUE" "$D/work/seek mq-reach" $user
	name=@sbx-attack-g5-$$-$WHO
	both "an abstract socket" "$A with-unix $name $D/work/hold $name" "$D/work/seek unix-connect" $user
	if [ "$LANDLOCK" -ge 6 ]; then
		both "an abstract socket, network of the host" "$A with-unix $name $D/work/hold $name" "$D/work/seek unix-connect" \
			"$user --net=host"
	else
		unavailable "$ID as $WHO: an abstract socket, network of the host" "the kernel has Landlock $LANDLOCK, and 6 does it"
	fi
	for folder in /tmp /dev/shm /var/tmp; do
		both "a file in $folder" "$D/work/put $folder/sbx-attack-$$-$WHO" "$D/work/seek read-secret" $user
		rm -f "$folder/sbx-attack-$$-$WHO"
	done
	other_processes
}

# By name or number: the one's processes are not there for the other, nor can they be signalled by a group or by all.
other_processes() {
	start sh -c "exec $B --user=keep sleep 100.$$"
	wait_for 10 pgrep -f "^sleep 100\\.$$\$" >/dev/null
	pid=$(pgrep -n -f "^sleep 100\\.$$\$")
	try kill -0 "$pid"
	holds "control: the process can be signalled" [ "$status" = 0 ]
	try $B --user=keep sh -c "kill -9 $pid; kill -9 -1; exit 0"
	holds "but not from another sandbox" kill -0 "$pid"
	kill "$pid"
	wait
}

# A lock on a file that both are shown is a way to talk, as is the time it takes to read it.
claim T-G10 "two sandboxes talk by a lock on a file that both see" "(not promised: a shared file has one lock)"
t_G10() {
	cp "$T/secret" "$D/work/file"
	give "$D/work"
	start $B --user=keep --ro="$D/work:/data" sh -c "exec flock /data/file sleep $(seconds 3)"
	wait_for 10 locked_now
	control "a lock is seen (the limit that SECURITY.md names)" $B --user=keep --ro="$D/work:/data" "$A" locked /data/file
	wait
	closed "it ends with the sandbox" $B --user=keep --ro="$D/work:/data" "$A" locked /data/file
}

locked_now() {
	"$A" locked "$D/work/file" | grep -q OPEN
}

claim T-G6 "what the run before has left: processes, files, memory, queues" "all of it ends with its namespaces"
t_G6() {
	# shellcheck disable=SC2016,SC2088 # the inner shell expands it
	leave='(setsid sleep 77.$2 &) ; echo SECRET >/tmp/left; echo SECRET >/dev/shm/left; echo SECRET >/var/tmp/left; echo SECRET >~/left
		"$1" memory shared 1; ls /tmp/left ~/left >/dev/null && echo OPEN all was left'
	control "the first run leaves things" $B --user=keep sh -c "$leave" sh "$A" $$
	try $B --user=keep sh -c "$leave" sh "$A" $$
	closed "files of it" $B --user=keep sh -c "exec $A read-secret /tmp/left /dev/shm/left /var/tmp/left ~/left"
	# shellcheck disable=SC2016,SC2088
	empty='wc -l </proc/sysvipc/shm; find /tmp /dev/shm /var/tmp ~ -mindepth 1 ! -path "$1*"'
	try $B --user=keep sh -c "$leave; $empty" sh "$A" "$T"
	holds "control: the look finds them" [ "$(echo "$out" | wc -l)" -gt 5 ]
	try $B --user=keep sh -c "$empty" sh "$T"
	holds "a new sandbox is empty" [ "$out" = 1 ]
	wait_for 2 nothing_sleeps
	verdict $? "processes of it"
	holds "nothing is left" nothing_left
}

nothing_sleeps() {
	! pgrep -f "^sleep 77.$$\$" >/dev/null
}

claim T-G7 "the input changed, or the answer of the next test read" "view, pipes"
t_G7() {
	mkdir "$D/work/tests" "$D/work/student"
	echo SECRET >"$D/work/tests/2.answer"
	echo question >"$D/work/tests/1.input"
	give "$D/work"
	answers="$D/work/tests/2.answer $D/work/tests/1.input"
	# shellcheck disable=SC2016 # the inner shell expands it
	by='cd "$1" && shift && exec "$@" <'"$D/work/tests/1.input"
	before=$(sha256sum <"$D/work/tests/1.input")
	control "answers" sh -c "$by" sh "$D/work/student" "$A" cheat $answers
	for options in "" "--set=filesystem.view=host" "--rw=$D/work/student" "--stdin=$D/work/tests/1.input" "--set=syscalls.base=none"; do
		closed "answers with '$options'" sh -c "$by" sh "$D/work/student" $B --user=keep $options "$A" cheat $answers
	done
	[ "$before" = "$(sha256sum <"$D/work/tests/1.input")" ]
	verdict $? "the input is as before"
}

claim T-G9 "the clock set, and time used by children of a parent that has ended" "seccomp, user namespace"
t_G9() {
	if [ "$WHO" = root ]; then
		control "the clock" "$A" set-clock
	else
		holds "control: an ordinary user can't set it anyway" [ "$(as_caller "$A" set-clock | cut -c1-4)" = SHUT ]
	fi
	walls "the clock" $B "$A" set-clock
	[ "$WHO" = gated ] || walls "the clock, as root inside" $B --user=root "$A" set-clock
	judged 0 ok "control: little time" $WEAKER --cpu-time=5s sh -c "'$A' use-time orphans 0.2; exit 0"
	judged 124 cpu-time "time of orphans" $WEAKER --cpu-time=400ms --wall-time=25s "$A" use-time orphans 20
	judged 124 cpu-time "time of a child whose parent has ended" $WEAKER --cpu-time=400ms --wall-time=25s sh -c \
		"('$A' use-time busy 20 &) ; sleep 20"
}

cases "${1-}"
