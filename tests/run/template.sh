#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs of a batch, one after the other in one template: each sees what the host has at that time, and is bound by the same
# rules and limits as the first, which was made as a whole.
# shellcheck disable=SC2016 # the sandboxes expand them
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
need python3 || skip_all "$missing is not installed"
test_folder

# Jobs one by one, so that something can be done between them. Folders are shown elsewhere, for below /tmp, which each run
# has anew, nothing can be in a template.
cat >"$T/batch.py" <<'END_OF_PYTHON'
import json, os, shutil, subprocess, sys, time
case, home, uid, gid = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
sbx = None

def start(*options, trace=()):
    global sbx
    sbx = subprocess.Popen([*trace, os.environ["SBX"], *os.environ.get("EXTRA", "").split(), "--batch", "--slots=1",
        "--user=keep", "--best-effort=limits", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/",
        **({} if os.getuid() == uid else {"user": uid, "group": gid, "extra_groups": []}))

def job(*command, **others):
    sbx.stdin.write(json.dumps({"command": command, **others}) + "\n")
    sbx.stdin.flush()
    return json.loads(sbx.stdout.readline())

def shell(text):
    return job("sh", "-c", text)["stdout"].strip()

def end():
    sbx.stdin.close()
    return sbx.wait()

def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
    for name in os.path.dirname(path), path:
        os.chown(name, uid, gid)

def expect(is_so, what):
    if not is_so:
        sys.exit(f"{case}: {what}")

box = home + "/box"
os.makedirs(box)
os.chown(box, uid, gid)
if case == "is-used":
    start()
    seen = [shell("grep -c ' /proc ' /proc/self/mountinfo") for i in range(3)]
    expect(seen[0] != seen[2] == seen[1], seen)
elif case == "replaced":
    start("--rw=" + box + ":/box")
    for i in range(5):
        write(box + "/who", f"{i}")
        seen = shell(f"cat /box/who; echo run {i} >/box/who")
        expect(seen == f"{i}", f"job {i} sees the folder of job {seen}")
        os.rename(box, f"{home}/done{i}")
        os.makedirs(box)
        os.chown(box, uid, gid)
    for i in range(5):
        with open(f"{home}/done{i}/who") as file:
            seen = file.read()
        expect(seen == f"run {i}\n", f"the folder of job {i} has {seen}")
elif case in ("rule-folder", "rule-file"):
    rule = "/rules" if case == "rule-folder" else "/rules/rule"
    start(f"--rw={box}:/box", f"--ro={box}{rule}:/box{rule}")
    for i in range(6):
        if i % 2:
            write(box + "/rules/rule", f"{i}")
        else:
            write(f"{home}/new/rule", f"{i}")
            if case == "rule-folder":
                shutil.rmtree(box + "/rules", ignore_errors=True)
                os.rename(home + "/new", box + "/rules")
            else:
                os.makedirs(box + "/rules", exist_ok=True)
                os.rename(home + "/new/rule", box + "/rules/rule")
        seen = shell("echo evil >/box/rules/rule; cat /box/rules/rule")
        expect(seen == f"{i}", f"job {i} sees {seen}")
elif case == "mounted":
    os.makedirs(box + "/data")
    start("--ro=" + box + ":/box")
    for i in range(4):
        if i == 3:
            subprocess.run(["mount", "-t", "tmpfs", "none", box + "/data"], check=True)
            write(box + "/data/x", "new")
        seen = shell("ls /box/data")
        expect(seen == ("x" if i == 3 else ""), f"job {i} sees {seen}")
elif case == "long":
    start()
    for letters in r"\0", r"\1", r"\n", '"':
        answer = job("sh", "-c", f"head -c 16M /dev/zero | tr '\\0' '{letters}' | tee /dev/stderr")
        expect(answer["verdict"] == "ok", f"16 MiB of {letters} on both streams: {answer.get('error')}")
        expect(len(answer.get("stdout", "")) == 16 << 20 or "stdout_base64" in answer, "not all of it came")
    answer = job("true", set={"limits.output-size": "1G"})
    expect(answer.get("refused") and "limits.output-size" in answer["error"], answer)
    answer = job("true", set={"limits.output-size": "1G", "process.stdout": box + "/out", "process.stderr": box + "/err"})
    expect(answer["verdict"] == "ok", answer)
elif case == "made":
    for i in range(40):
        start()
        for k in range(2):
            answer = job("true")
            expect(answer["verdict"] == "ok", answer)
        end()
elif case == "unwatched":
    start("--rw=" + box + ":/box", trace=["strace", "-f", "-qq", "-o", home + "/trace", "-e", "trace=pidfd_open",
        "-e", "inject=pidfd_open:error=ENFILE:when=3"])
    for i in range(2):
        answer = job("sh", "-c", f"sleep 2; echo x >/box/{i}")
    time.sleep(3)
    expect(os.path.exists(box + "/0"), "control: a job does not run to its end")
    expect(answer["verdict"] == "internal", f"nothing failed: {answer}")
    expect(not os.path.exists(box + "/1"), "the command ran on, with no limit")
expect(end() == 0, "the batch failed")
END_OF_PYTHON

# try NAME CASE COMMAND...: the command is put before Python
try() {
	try_name=$1
	try_case=$2
	shift 2
	mkdir "$T/$who-$try_case" && chmod 755 "$T/$who-$try_case"
	[ "$who" = root ] || chown "$TEST_UID:$TEST_GID" "$T/$who-$try_case"
	timeout "$(seconds 120)" "$@" python3 "$T/batch.py" "$try_case" "$T/$who-$try_case" "$uid" "$gid" >"$T/said" 2>&1
	try_is=$?
	ok $try_is "$who: $try_name"
	[ $try_is = 0 ] || note_file "$T/said"
}

export SBX EXTRA
for who in $CALLERS; do
	uid=0 gid=0
	[ "$who" = root ] || uid=$TEST_UID gid=$TEST_GID
	try "control: like jobs are made in a template" is-used
	try "a folder that another has replaced is not shown any more, nor changed" replaced
	try "a read-only folder that was replaced in a writable one is read-only" rule-folder
	try "so is a file that another was renamed over" rule-file
	try "a template that has just been made is complete" made
	try "a long answer is no end of the slot" long
	if [ "${SANITIZERS-}" = yes ]; then # a sanitizer looks at what strace changes
		unavailable "$who: a command that can't be watched" "sanitizers and strace do not go together"
	elif need strace; then
		try "a command that can't be watched is ended" unwatched
	else
		skip "$who: a command that can't be watched" "$missing is not installed"
	fi
	if [ "$(id -u)" = 0 ]; then
		try "what is mounted on the host later is shown" mounted unshare --mount
	else
		skip "$who: what is mounted on the host later" "only root can mount"
	fi
done
done_testing
