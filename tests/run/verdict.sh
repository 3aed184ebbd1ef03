#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A student's program, compiled under the profile `compile`, is run under the profile `grader` and judged: each verdict, from
# the report. On whatever cgroups the machine gives the caller. As root, with all limits, and then as an ordinary user
# without a cgroup, for whom memory is left out; or as an ordinary user who has one, if VERDICT_CGROUP is set (in
# guests).
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

test_folder

field() { # a field of the report, by a path such as time.cpu_s
	python3 -c '
import json, sys
v = json.load(open(sys.argv[1]))
for k in sys.argv[2].split("."):
    v = v[k]
print(str(v).lower() if isinstance(v, bool) else v)' "$work/report.json" "$1"
}

# A slow machine gets more time than the profile gives, but where time is what is judged.
patience=
[ "$SBX_TEST_SLOW" = 1 ] || patience="--set=limits.cpu-time=$(seconds 1)s --wall-time=$(seconds 3)s"

# judge NAME PROGRAM VERDICT STATUS [OPTION...]
judge() {
	name=$1 program=$2 verdict=$3 status=$4
	shift 4
	rm -f "$work/report.json"
	# shellcheck disable=SC2086
	(cd "$work" && as "$SBX" --profile=grader $no_memory $patience $EXTRA --report="$work/report.json" "$@" ./student "$program") \
		>"$T/out" 2>"$T/err" </dev/null
	got=$?
	said=$(field verdict 2>&1)
	[ "$said" = "$verdict" ] && [ "$got" = "$status" ]
	ok $? "$who: $name is judged $verdict, status $status"
	[ "$said" = "$verdict" ] && [ "$got" = "$status" ] || {
		echo "# got verdict $said, status $got"
		sed 's/^/# /' "$T/err" | head -5
	}
	left=$(leftovers)
	[ -z "$left" ]
	ok $? "$who: $name leaves nothing behind${left:+: $left}"
}

all_as() {
	who=$1
	work=$T/$who
	mkdir "$work"
	cp "$SRCDIR/tests/run/student.c" "$work/"
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$work"
	no_memory="--memory= --best-effort=limits"
	if [ "$who" = root ] || [ -n "${VERDICT_CGROUP-}" ]; then no_memory=; fi
	# compile it, as untrusted as the program itself
	# shellcheck disable=SC2086
	(cd "$work" && as "$SBX" --profile=compile $no_memory $EXTRA gcc -O2 -o student student.c) >"$T/out" 2>"$T/err"
	status=$?
	ok $status "$who: gcc compiles in the sandbox"
	[ $status = 0 ] || note "status $status: $(head -c 1000 "$T/err")"
	[ -x "$work/student" ] || return
	judge "a right program" ok ok 0
	grep -q hello "$T/out"
	ok $? "$who: its output comes through"
	judge "exit 3" exit exit 3
	judge "SIGSEGV" signal signal 139
	judge "a busy loop" cpu cpu-time 124 --set=limits.cpu-time=1s --wall-time=60s
	in_time 0.99 "$(field time.cpu_s)" 1.05
	ok $? "$who: it was ended at the limit: $(field time.cpu_s) s"
	[ "$(field limits.cpu-time.hit)" = true ] && [ "$(field limits.wall-time.hit)" = false ]
	ok $? "$who: the report says which limit was reached"
	[ "$(field limits.cpu-time.by)" = monitor ] && [ "$(field limits.file-size.by)" = RLIMIT_FSIZE ]
	ok $? "$who: and what keeps each"
	judge "late, and let run to the end" cpu-late cpu-time 124 --cpu-time=200ms --set=limits.cpu-time-hard=2s
	true_time=0.299 # within a millisecond; in user-mode Linux the clock of a process and that of its group differ
	[ "$SBX_TEST_SLOW" = 1 ] || true_time=0.2
	in_time $true_time "$(field time.cpu_s)" 0.32 && [ "$(field killed)" = false ] && [ "$(field exit_code)" = 0 ]
	ok $? "$who: its true time is told: $(field time.cpu_s) s"
	judge "too late for the hard limit" cpu cpu-time 124 --cpu-time=200ms --set=limits.cpu-time-hard=400ms
	in_time 0.4 "$(field time.cpu_s)" 0.45
	ok $? "$who: it was ended at the hard limit: $(field time.cpu_s) s"
	judge "late on the clock" cpu-late wall-time 124 --wall-time=200ms --set=limits.wall-time-hard=5s
	judge "processes that are busy in turn" cpu-children cpu-time 124 --set=limits.cpu-time=1s --wall-time=60s
	judge "a child of a thread that is busy" cpu-thread cpu-time 124 --set=limits.cpu-time=1s
	in_time 0.99 "$(field time.cpu_s)" 1.2
	ok $? "$who: it was ended at the limit: $(field time.cpu_s) s"
	judge "a program that waits" wall wall-time 124 --wall-time=500ms
	in_time 0.49 "$(field time.wall_s)" 0.6
	ok $? "$who: it was ended at the limit: $(field time.wall_s) s"
	of_others
	no_answer
	if [ "$who" = root ] || [ -n "${VERDICT_CGROUP-}" ]; then
		with_cgroup
	else
		judge "too many processes" processes exit 1 --set=limits.cpu-time=60s --wall-time=120s
	fi
	judge "endless output" output output 123
	[ "$(field output.stdout_bytes)" = 8388608 ] && [ "$(field output.stdout_truncated)" = true ]
	ok $? "$who: the first 8 MiB of output came through, and the report says there was more"
	[ "$(wc -c <"$T/out")" = 8388608 ]
	ok $? "$who: and no byte more"
	judge "a file that is too large" file-size signal 153
	[ "$(field signal)" = 25 ] && [ "$(field limits.file-size.hit)" = None ]
	ok $? "$who: by SIGXFSZ, which proves no limit"
	judge "SIGXFSZ by hand" raise-xfsz signal 153
	judge "SIGXCPU by hand" raise-xcpu signal 152
	judge "SIGKILL by hand" raise-kill signal 137
	[ "$(field killed)" = false ] && [ "$(field limits.cpu-time.hit)" = false ]
	ok $? "$who: no limit did it"
	judge "a full disk" disk disk 1 --set=limits.disk=16M --file-size=16M
	judge "a daemon that stays" daemon ok 0
}

# A sleeper loses nothing to others, and one who shares a processor loses half of the time.
of_others() {
	judge "a sleeper" wall wall-time 124 --wall-time=300ms
	[ "$(field suspect)" = false ] || ! between 0 "$(field time.waited_s)" 0.01 || ! between 0 "$(field time.steal_s)" 0.01
	ok $? "$who: a sleeper that had what it asked for is not suspect: waited $(field time.waited_s) s"
	need taskset || {
		unavailable "$who: a busy machine" "$missing is not installed"
		return
	}
	cpu=$(taskset -cp $$ | sed 's/.*: *\([0-9]*\).*/\1/')
	taskset -c "$cpu" sh -c 'while :; do :; done' &
	rival=$!
	judge "one who shares a processor" cpu-late ok 0 --set=limits.cpus="$cpu" --set=limits.cpu-time=60s --wall-time=120s
	kill "$rival"
	wait "$rival" 2>/dev/null
	[ "$(field suspect)" = true ] && between 0.02 "$(field time.waited_s)" 100
	ok $? "$who: is suspect: waited $(field time.waited_s) s of $(field time.wall_s) s"
	judge "the same without a limit of time" ok ok 0 --set=limits.cpu-time= --wall-time=
	[ "$(field suspect)" = false ] && [ "$(field time.steal_s)" = None ]
	ok $? "$who: without a limit of time nothing is suspect"
}

# Sets $init, the parent of the payload of the next test, which has a name of its own; the monitor has it among its words.
find_init() {
	for word in $(grep -lzx "./held-$$" /proc/[0-9]*/cmdline 2>/dev/null); do
		init=$(sed -n 's/^PPid:[[:space:]]*//p' "${word%/cmdline}/status" 2>/dev/null)
		[ "$(cat "/proc/$init/comm" 2>/dev/null)" != sbx-init ] || return 0
	done
	return 1
}

# sbx-init does not answer: it is killed with the rest, and cannot tell what they used.
no_answer() {
	cp "$work/student" "$work/held-$$"
	# shellcheck disable=SC2086
	(cd "$work" && as "$SBX" --profile=grader $no_memory $EXTRA --report="$work/report.json" --cpu-time="${SBX_TEST_SLOW}s" --wall-time=60s \
		"./held-$$" cpu) >"$T/out" 2>"$T/err" </dev/null &
	wait_for 10 find_init && kill -STOP "$init"
	ok $? "$who: control: sbx-init is stopped"
	wait $!
	[ $? = 124 ] && [ "$(field verdict)" = cpu-time ] && [ "$(field killed)" = true ] && in_time 0.99 "$(field time.cpu_s)" 10
	ok $? "$who: it is killed with the rest, and the processor time is known: $(field time.cpu_s) s"
}

# Time enough for slow machines: here memory and processes are what ends.
with_cgroup() {
	set -- --memory=64M --set=limits.cpu-time=60s --wall-time=120s
	judge "anonymous memory" memory memory 123 "$@"
	case $(field limits.memory.by) in
	memory.max | memory.limit_in_bytes) [ "$(field limits.memory.hit)" = true ] ;;
	*) false ;;
	esac
	ok $? "$who: the cgroup keeps it: $(field limits.memory.by)"
	judge "memory as files of /tmp" memory-tmpfs memory 123 --set=limits.disk= --set=filesystem.tmpfs-size=2G --file-size=16M "$@"
	judge "memory as memfd" memory-memfd memory 123 --file-size=16M "$@"
	judge "shared memory" memory-shared memory 123 "$@"
	judge "a child's memory, ignored" memory-child memory 123 "$@"
	judge "too many processes" processes processes 1 --set=limits.cpu-time=60s --wall-time=120s
}

for caller in $CALLERS; do
	all_as "$caller"
done
done_testing
