#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The examples of sbx-grading(7) are run as they stand there, with /srv somewhere else: as root, as a user without a cgroup
# (a Slurm job), and where no namespace can be made (a pod without privilege).
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
test_folder
chmod 755 "$T"
mkdir -p "$T/srv/work" "$T/srv/judge" "$T/srv/tests" "$T/srv/queue" "$T/tmp" "$T/bin"
cat >"$T/srv/work/a.out" <<'END'
#!/usr/bin/python3
print(sum(map(int, input().split())))
END
cat >"$T/srv/judge/judge" <<'END'
#!/usr/bin/python3
import sys
print("3 4", flush=True)
sys.exit(input() != "7")
END
chmod 755 "$T/srv/work/a.out" "$T/srv/judge/judge"
chmod 777 "$T/tmp" "$T/srv/queue"
echo "2 3" >"$T/srv/tests/1.in"
printf '%s\n' '{"id": "x", "command": ["'"$T"'/srv/work/a.out"], "input": "30 12\n"}' >"$T/srv/queue/jobs"
cp "$T/srv/queue/jobs" "$T/srv/jobs"
page=${SBX%/bin/sbx}/share/man/man7/sbx-grading.7

# example WORDS: the block of the page that has these words, as a person would type it
example() {
	sed 's/\\-/-/g; s/\\e/\\/g; s/^\$ //' "$page" | awk -v words="$1" '/^\.EX/ { block = ""; next }
		/^\.EE/ { if (index(block, words)) { printf "%s", block; exit } next }
		{ block = block $0 "\n" }' | sed "s|/tmp/|$T/tmp/|g; s|/srv|$T/srv|g"
}

# run NAME COMMAND...: the script in $T/script by this command; its output in $T/out
run() {
	name=$1
	shift
	[ -s "$T/script" ]
	ok $? "$name: the page has the example"
	(cd "$T/srv" && PATH=${SBX%/sbx}:$PATH "$@" sh "$T/script" >"$T/out" 2>"$T/err" </dev/null)
	status=$?
	[ $status = 0 ] || note "$(head -c 300 "$T/err")"
	ok $status "$name: it runs"
}

# answer ID OUTPUT: an answer of the batch in $T/out or $T/srv/queue/answers
answer() {
	/usr/bin/python3 -c 'import json, sys
answers = [json.loads(line) for name in sys.argv[3:] for line in open(name)]
sys.exit(not any(str(a["id"]) == sys.argv[1] and a["verdict"] == "ok" and a["stdout"] == sys.argv[2] + "\n" for a in answers))' \
		"$1" "$2" "$3"
}

WHO=root
[ "$(id -u)" = 0 ] || WHO=user
if [ "$WHO" = root ]; then
	example --stdin >"$T/script"
	run "a run" env
	[ "$(cat "$T/tmp/1.out")" = 5 ] && grep -q '"verdict": "ok"' "$T/tmp/1.json"
	ok $? "a run: its output and its report"

	example '"limits.memory": "64M"' >"$T/script"
	run "a batch" env
	answer 1 42 "$T/out" && answer 2 3 "$T/out"
	ok $? "a batch: two answers"

	if [ -f "${SBX%/bin/sbx}/share/sbx/profiles/grader-compile.ini" ]; then
		printf '#include <stdio.h>\nint main(void)\n{\n\tputs("built");\n\treturn 0;\n}\n' >"$T/srv/work/a.c"
		rm -f "$T/srv/work/a.out"
		example 'box create' >"$T/script"
		run "a box" env XDG_STATE_HOME="$T/state" HOME="$T"
		grep -q '^built$' "$T/out" && grep -q '"verdict": "ok"' "$T/tmp/box.json" && [ "$(head -c 4 "$T/srv/work/a.out" | tail -c 3)" = ELF ]
		ok $? "a box: compiled, run, collected"
		printf '#!/usr/bin/python3\nprint(sum(map(int, input().split())))\n' >"$T/srv/work/a.out"
	fi

	example 'sbxctl pair' >"$T/script"
	run "a pair" env
	grep -q '"first"' "$T/tmp/pair.json" && [ "$(grep -c '"verdict": "ok"' "$T/tmp/pair.json")" = 2 ]
	ok $? "a pair: two verdicts"

	example '* * * * root' | sed 's/^.* root //' >"$T/script"
	run "cron" env
	answer x 42 "$T/srv/queue/answers" && grep -q '"degraded":\[\]' "$T/srv/queue/answers"
	ok $? "cron: the answer, with all limits"
	WHO=user
fi

if [ "${SANITIZERS-}" = yes ]; then
	# the limit of memory is one of the process that becomes the program
	unavailable "without a cgroup" "sanitizers need more memory than the profile gives"
	done_testing
	exit
fi
example '#SBATCH' | sed "s|>answers|>$T/tmp/slurm|" >"$T/script"
run "Slurm" as_user env PATH="${SBX%/sbx}:$PATH" SLURM_CPUS_PER_TASK=2
answer x 42 "$T/tmp/slurm" && grep -q '"namespaces":"user"' "$T/tmp/slurm"
ok $? "Slurm: the answer, with namespaces"

# What the pod's securityContext leaves: an ordinary user, no capability, no new privileges, and no namespace.
example 'securityContext' | sed -n 's/^command: \[\(.*\)\]$/\1/p' | tr -d '"' | sed 's/, / /g' >"$T/command"
[ -s "$T/command" ]
ok $? "a pod: the page has the command"
if [ "$LANDLOCK" -lt 6 ]; then
	unavailable "a pod" "Landlock $LANDLOCK, 6 is needed"
else
	forbid="$tap_attack no-namespaces $TEST_UID $TEST_GID"
	[ "$(id -u)" = 0 ] || forbid=
	! $forbid unshare -U true 2>/dev/null
	ok $? "control: no namespace can be made there"
	# shellcheck disable=SC2046 # words
	(cd "$T" && PATH=${SBX%/sbx}:$PATH $forbid env HOME="$T" setpriv --no-new-privs $(cat "$T/command") \
		<"$T/srv/queue/jobs" >"$T/out" 2>"$T/err")
	ok $? "a pod: it runs"
	answer x 42 "$T/out" && grep -q '"layer":"namespaces"' "$T/out" && grep -q '"namespaces":null' "$T/out"
	ok $? "a pod: the answer, and what was missing"
fi
done_testing
