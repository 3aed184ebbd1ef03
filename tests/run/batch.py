#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""sbx --batch as its client sees it, a hostile one among them. Lines of `ok NAME` and `not ok NAME`, for batch.sh. $SBX is
the program, $WHO who calls it, $SCHEMAS the folder of the schemas, $MANY how many jobs one slot does."""
import base64
import functools
import json
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time

SBX, WHO, SCHEMAS = os.environ["SBX"], os.environ["WHO"], os.environ["SCHEMAS"]
EXTRA = os.environ.get("EXTRA", "").split()
SLOW = int(os.environ.get("SBX_TEST_SLOW", "1"))
MANY = int(os.environ.get("MANY", "300"))
SANITIZED = os.environ.get("SANITIZERS") == "yes"  # then there is more memory, and a word of theirs on standard error
LONG = 120 * SLOW  # nothing takes so long
try:
    import jsonschema
except ImportError:
    jsonschema = None
OWN = ("id", "refused", "hint", "stdout", "stdout_base64", "stderr", "stderr_base64")
invalid = []


def ok(good, name, detail=""):
    print(("ok " if good else "not ok ") + f"{WHO}: {name}" + ("" if good else f": {detail!r}"[:700]), flush=True)
    return good


@functools.lru_cache(None)
def load(name):
    with open(os.path.join(SCHEMAS, name)) as file:
        return jsonschema.Draft7Validator(json.load(file))


def check(answer):
    """Collects what of an answer is not as the schemas say."""
    if not jsonschema:
        return
    for error in load("batch.schema.json").iter_errors(answer):
        invalid.append(f"{error.message[:200]}")
    if "sbx" in answer:
        for error in load("report.schema.json").iter_errors({k: v for k, v in answer.items() if k not in OWN}):
            invalid.append(f"{error.message[:200]}")


class Batch:
    def __init__(self, *options, cwd="/", **more):
        self.process = subprocess.Popen([SBX, *EXTRA, "--batch", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, cwd=cwd, bufsize=0, **more)
        self.read = b""

    def raw(self, data):
        self.process.stdin.write(data)

    def send(self, identifier, *command, **members):
        self.raw(json.dumps({"id": identifier, "command": command, **members}).encode() + b"\n")

    def answer(self, seconds=LONG, checked=True):
        """The next one; None: there is none."""
        end, pieces = time.monotonic() + seconds, [self.read]
        while b"\n" not in pieces[-1]:
            if not select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))[0]:
                data = b""
            else:
                data = os.read(self.process.stdout.fileno(), 1 << 20)
            if not data:
                self.read = b"".join(pieces)
                return None
            pieces.append(data)
        line, self.read = b"".join(pieces).split(b"\n", 1)
        answer = json.loads(line.decode("utf-8"), parse_constant=lambda name: 1 / 0)
        if checked:
            check(answer)
        return answer

    def job(self, *command, **members):
        self.send(1, *command, **members)
        return self.answer() or {"verdict": "none", "error": "no answer"}

    def slots(self):
        return children(self.process.pid)

    def end(self, seconds=LONG):
        """Of its input; its status and what it said."""
        if not self.process.stdin.closed:
            self.process.stdin.close()
        return self.wait(seconds)

    def wait(self, seconds=LONG):
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return "it does not end"

    def said(self):
        return self.process.stderr.read().decode(errors="replace")


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(child) for child in file.read().split()]
    except OSError:
        return []


def descendants(pid):
    return [p for child in children(pid) for p in [child, *descendants(child)]]


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def soon(condition, seconds=20):
    end = time.monotonic() + seconds * SLOW
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def output(answer, name="stdout"):
    if name + "_base64" in answer:
        return base64.b64decode(answer[name + "_base64"])
    return answer.get(name, "(none)").encode()


def refused(answer, text):
    return answer["refused"] is True and answer["verdict"] == "internal" and answer["executed"] is False \
        and text in answer["error"]


def sh(text):
    return ["sh", "-c", text]


def answers():
    b = Batch("--slots=1")
    a = b.job("true")
    ok(a["verdict"] == "ok" and a["exit_code"] == 0 and a["id"] == 1 and a["refused"] is False, "a job that ends well", a)
    ok(output(a) == b"" and output(a, "stderr") == b"", "prints nothing", a)
    a = b.job(*sh("echo out; echo err >&2; exit 3"))
    ok(a["verdict"] == "exit" and a["exit_code"] == 3, "one that fails", a)
    ok(a["stdout"] == "out\n" and a["stderr"].endswith("err\n") and (SANITIZED or len(a["stderr"]) == 4), "both streams are caught", a)
    a = b.job(*sh("kill -SEGV $$"))
    ok(a["verdict"] == "signal" and a["signal"] == 11, "one that a signal ends", a)
    a = b.job("cat", input="lines\nof input ü")
    ok(a["stdout"] == "lines\nof input ü", "input arrives", a)
    a = b.job("cat")
    ok(a["stdout"] == "", "and is gone for the next", a)
    a = b.job("cat", input="nul\0byte")
    ok(a["stdout"] == "nul\0byte", "a NUL arrives", a)
    a = b.job("wc", "-c", input_base64="/w==")
    ok(a["stdout"] == "1\n", "a byte that is no text arrives", a)
    a = b.job("cat", input="")
    ok(a["stdout"] == "", "empty input", a)
    a = b.job("cat", input="x" * 3000000)
    ok(len(output(a)) == 3000000, "much input", a["verdict"])
    a = b.job("true", input="x" * 3000000)
    ok(a["verdict"] == "ok", "input that nobody reads", a["verdict"])
    a = b.job("cat", input="short")
    ok(a["stdout"] == "short", "after long input comes short", a)
    a = b.job(*sh("printf 'a\\000b\\377'"))
    ok(output(a) == b"a\0b\xff" and "stdout_base64" in a, "bytes that are no text", a)
    a = b.job("./missing")
    ok(a["verdict"] == "internal" and a["exec_errno"] == 2 and a["executed"] is False and a["refused"] is False,
       "a command that is not there", a)
    a = b.job("sleep", "60", set={"limits.wall-time": "200ms"})
    ok(a["verdict"] == "wall-time" and a["killed"], "the limit of time", a)
    a = b.job("true", set={"syscalls.denied": "report", "limits.output-size": "1K"}, name="mine")
    ok(a["name"] == "mine", "a name", a)
    ok(b.job("true", name="mine")["verdict"] == "ok", "the same name again")
    for identifier in (None, "text", 0, -5, 18446744073709551615, 1.5, True, [1, {"a": None}], {"b": "ü"}, ""):
        b.send(identifier, "true")
        ok(b.answer()["id"] == identifier, f"the id {identifier!r} comes back")
    b.raw(b'{"command": ["true"]}\n')
    ok(b.answer()["id"] is None, "no id is null")
    ok(b.end() == 0 and b.said() == "", "it ends well with its input, and says nothing")
    b = Batch("--slots=1", "--set=limits.wall-time=300ms")
    ok(b.job("sleep", "60")["verdict"] == "wall-time", "the batch's own settings count")
    ok(b.job("sleep", "1", set={"limits.wall-time": f"{60 * SLOW}s"})["verdict"] == "ok", "the job's are laid over them")
    b.end()
    ok(Batch().end() == 0, "no job at all")


def printed():
    b = Batch("--slots=1")
    both = "import sys; sys.stdout.write({0} * 16000000); sys.stdout.flush(); sys.stderr.write({0} * 16000000)"
    for name, text in (("control bytes", r"'\x01'"), ("quotes", "'\"'"), ("lines", r"'\n'")):
        a = b.job("python3", "-c", both.format(text))
        ok(a["verdict"] == "ok" and len(output(a)) == 16000000 and 0 <= len(output(a, "stderr")) - 16000000 <= 1000 * SANITIZED,
           f"a lot of {name}",
           {k: v for k, v in a.items() if "std" not in k})
    a = b.job("yes")
    ok(a["verdict"] == "output" and len(output(a)) == 16 << 20 and a["output"]["stdout_truncated"],
       "16 MiB are kept where nothing says another", a["verdict"])
    a = b.job("yes", set={"limits.output-size": "1K"})
    ok(a["verdict"] == "output" and len(output(a)) == 1024, "the job can say another", a["verdict"])
    ok(refused(b.job("true", set={"limits.output-size": "65M"}), "is at most 64M in a batch"), "but not any")
    ok(b.job("true")["verdict"] == "ok", "and the slot goes on")
    b.end()


def lines():
    b = Batch("--slots=2")
    for line, text in ((b"x", "read JSON"), (b"{}", "no command"), (b"[]", "not a JSON object"), (b"\xff", "UTF-8"),
                       (b'{"id": NaN, "command": ["true"]}', "read JSON"), (b"\0", "read JSON"),
                       (b'{"command": ["true"]}\0{}', "read JSON"),
                       (b'{"id": 1, "command": ["true"], "x": 1}', "unknown member")):
        b.raw(line + b"\n")
        a = b.answer()
        ok(refused(a, text), f"a bad line is refused: {line!r}", a)
    b.raw(b"\n  \n\r\n\t\n" + b'{"id": 9, "command": ["true"]}\r\n')
    ok(b.answer()["id"] == 9, "blank lines are none")
    b.raw(b'{"id": "lo')
    time.sleep(0.1)
    b.raw(b'ng", "command": ["true"]}\n{"id": "last", "command": ["tr')
    ok(b.answer()["id"] == "long", "a line may come in pieces")
    b.raw(b'ue"]}')
    b.process.stdin.close()
    a = b.answer()
    ok(a and a["id"] == "last" and a["verdict"] == "ok", "the last line needs no end", a)
    ok(b.end() == 0, "it ends")
    b = Batch("--slots=1")
    piece = b"x" * (1 << 20)
    for _ in range(70):
        b.raw(piece)
    b.raw(b'\n{"id": 5, "command": ["true"]}\n')
    a = b.answer()
    ok(refused(a, "more than 67108864 bytes"), "a line that is too long is refused", a)
    a = b.answer()
    ok(a["id"] == 5 and a["verdict"] == "ok", "and the next is read", a)
    for _ in range(65):
        b.raw(piece)
    b.process.stdin.close()
    a = b.answer()
    ok(refused(a, "more than 67108864 bytes"), "one at the end, too", a)
    ok(b.end() == 0, "it ends")


def settings():
    b = Batch("--slots=1")
    ok(refused(b.job("true", set={"process.keep-fd": "3"}), "process.keep-fd has no place"), "no fd is kept")
    ok(refused(b.job("true", set={"report.file": "/tmp/x"}), "report.file has no place"), "no report is written")
    ok(refused(b.job("true", set={"report.file": "fd:1"}), "report.file has no place"), "nor to an fd")
    a = b.job("true", set={"limits.memroy": "1"})
    ok(refused(a, "unknown key") and "limits.memory" in a["hint"], "a wrong key, with a hint", a)
    ok(refused(b.job("true", profile="there-is-none"), "there-is-none"), "a wrong profile")
    a = b.job("true", set={"limits.cpu-time": "x", "limits.wall-time": "y"})
    ok(refused(a, "limits.cpu-time") and "limits.wall-time" in a["error"], "all that is wrong is told", a)
    a = b.job("true", profile=["default", "python"])
    ok(a["profile"] == ["default", "python"], "profiles", a)
    ok(b.job(*sh("ls /proc/self/fd | wc -l"))["stdout"] == "4\n", "a job has three fds, and ls one more")
    b.end()
    b = Batch("--profile=python", "--slots=1")
    a = b.job("true", profile="default")
    ok(a["profile"] == ["python", "default"], "the job's profile is laid over the batch's", a)
    b.end()
    for words in (["--batch", "true"], ["--batch", "--name=x"], ["--slots=1", "true"], ["--batch", "--slots=0"]):
        p = subprocess.run([SBX, *words], stdin=subprocess.DEVNULL, capture_output=True)
        ok(p.returncode == 125 and p.stderr and not p.stdout, f"{' '.join(words)} is refused")


def at_once():
    b = Batch("--slots=3")
    start = time.monotonic()
    for number in range(4):
        b.send(number, "sleep", "1.5")
    b.process.stdin.close()
    soon(lambda: sum(len(children(s)) for s in b.slots()) >= 3, 1)
    running = [s for s in b.slots() if children(s)]
    ok(len(running) == 3, "three slots run at once", running)
    ends = []
    while b.answer():
        ends.append(time.monotonic() - start)
    ok(len(ends) == 4 and ends[2] < 2.9 * SLOW and ends[3] >= 2.9, "and the fourth job after them", ends)
    b.end()


def processors():
    cpu = min(os.sched_getaffinity(0))
    other = max(os.sched_getaffinity(0))
    leave = f"import os\ntry: os.sched_setaffinity(0, [{cpu}, {other}])\nexcept OSError: pass\n"
    leave += "print(*sorted(os.sched_getaffinity(0)))"
    b = Batch(f"--slot-cpus={cpu}", "--slots=1")
    a = b.job("python3", "-c", leave)
    ok(a.get("stdout") == f"{cpu}\n", "a slot with a processor has no other", a)
    ok(b.job("python3", "-c", leave).get("stdout") == f"{cpu}\n", "by a template, too")
    ok(refused(b.job("true", set={"limits.cpus": f"{other + 1}"}), "limits.cpus"), "a job can't choose another")
    b.end()
    if other != cpu:
        b = Batch(f"--slot-cpus={cpu},{other}")
        for _ in range(2):
            b.send(1, *sh("sleep 0.5; grep Cpus_allowed_list /proc/self/status"))
        got = sorted(b.answer()["stdout"].split()[1] for _ in range(2))
        ok(got == [str(cpu), str(other)] and len(b.slots()) == 2, "each slot has its own", got)
        b.end()


def no_reader():
    b = Batch("--slots=2", "--grace=200ms")
    os.set_blocking(b.process.stdin.fileno(), False)
    line = json.dumps({"id": "x" * 10000, "command": ["true"]}).encode() + b"\n"
    sent, last, rest = 0, time.monotonic(), b""
    while time.monotonic() - last < 2 * SLOW:
        rest = rest or line
        try:
            n = os.write(b.process.stdin.fileno(), rest)
            rest, sent, last = rest[n:], sent + n, time.monotonic()
        except BlockingIOError:
            time.sleep(0.02)
    ok(sent < 3000000, "a client that does not read is not read either", sent)
    count = sent // len(line)
    got = sum(1 for _ in range(count) if (b.answer(20 * SLOW, False) or {}).get("verdict") == "ok")
    os.set_blocking(b.process.stdin.fileno(), True)
    if rest:  # of one that was cut
        b.raw(rest)
        count += 1
        got += (b.answer(20 * SLOW, False) or {}).get("verdict") == "ok"
    ok(got == count, "and no answer is lost", (got, count))
    b.end()
    b = Batch("--slots=2", "--grace=200ms")
    for number in range(2):
        b.send(number, *sh("yes | head -c 3000000"))
    time.sleep(1 * SLOW)
    slots = b.slots()
    b.process.send_signal(signal.SIGTERM)
    time.sleep(0.1)
    b.process.send_signal(signal.SIGTERM)
    status = b.wait(10 * SLOW)
    ok(status == 125 and "nobody takes its answers" in b.said(), "signals end it while nobody reads", status)
    ok(soon(lambda: not any(alive(s) for s in slots)), "and its slots")
    b = Batch("--slots=1")
    b.send(1, "sleep", "77")
    soon(lambda: any(children(s) for s in b.slots()))
    b.send(2, "true")
    tree = descendants(b.process.pid)
    b.process.stdout.close()
    b.process.send_signal(signal.SIGTERM)
    b.process.send_signal(signal.SIGTERM)
    ok(b.wait(20 * SLOW) == 125, "a client that is gone ends it")
    ok(soon(lambda: not any(alive(p) for p in tree)), "and what ran")


def signals():
    b = Batch("--slots=1", f"--grace={30 * SLOW}s")
    b.send("runs", *sh("sleep 1; echo done"))
    b.send("waits", "true")
    soon(lambda: any(children(s) for s in b.slots()))
    time.sleep(0.2)
    b.process.send_signal(signal.SIGTERM)
    a = b.answer()
    ok(a["id"] == "runs" and a["stdout"] == "done\n" and a["verdict"] == "ok", "SIGTERM: what runs ends by itself", a)
    ok(b.answer() is None and b.wait() == 0, "and no other job is taken")
    for name, command in (("a job", "sleep 60"), ("a deaf job", "trap '' TERM INT HUP; sleep 60 & wait; wait; sleep 60")):
        b = Batch("--slots=1", "--grace=300ms")
        b.send("runs", *sh(command))
        soon(lambda: any(children(s) for s in b.slots()))
        time.sleep(0.4)
        start = time.monotonic()
        b.process.send_signal(signal.SIGTERM)
        a = b.answer() or {}
        took = time.monotonic() - start
        ok(a.get("id") == "runs" and a.get("verdict") == "signal", f"the grace is over: {name} is ended and answered", a)
        ok(0.25 < took < 5 * SLOW, f"in time: {name}", took)
        ok(b.wait() == 0, "and that is the end")
        b = Batch("--slots=1", "--grace=60s")
        b.send("runs", *sh(command))
        soon(lambda: any(children(s) for s in b.slots()))
        time.sleep(0.4)
        start = time.monotonic()
        b.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        b.process.send_signal(signal.SIGINT)
        a = b.answer() or {}
        ok(a.get("verdict") == "signal" and time.monotonic() - start < 10 * SLOW, f"a second signal ends {name} at once", a)
        ok(b.wait() == 0, "and the batch")
    b = Batch("--slots=2")
    soon(lambda: len(b.slots()) == 2)
    b.process.send_signal(signal.SIGTERM)
    ok(b.wait(10 * SLOW) == 0, "a signal ends one that does nothing")
    b = Batch("--slots=1")
    slot = b.slots()[0] if soon(lambda: b.slots()) else 0
    for number in range(3):
        b.job("true")
    os.kill(slot, signal.SIGCONT)
    a = b.job(*sh("sleep 0.2"))
    ok(a["verdict"] == "ok", "what a slot was sent before is not for the next job", a)
    b.end()


def killed():
    b = Batch("--slots=1")
    ok(b.job("true")["verdict"] == "ok", "before")
    slot = b.slots()[0]
    b.send("mine", "sleep", "60")
    soon(lambda: children(slot))
    time.sleep(0.3)
    tree = descendants(slot)
    os.kill(slot, signal.SIGKILL)
    a = b.answer()
    ok(a["id"] == "mine" and a["verdict"] == "internal" and a["refused"] is False and a["executed"] is None and a["error"],
       "the job of a slot that was killed is answered", a)
    ok(soon(lambda: not any(alive(p) for p in tree)), "its sandbox is gone")
    ok(b.job("true")["verdict"] == "ok" and b.slots() != [slot], "another slot does the next")
    for how in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
        os.kill(b.slots()[0], how)
        time.sleep(0.2)
        answers = [b.job("true")["verdict"] for _ in range(3)]
        ok(answers[1:] == ["ok"] * 2 and answers[0] in ("ok", "internal"), f"{how.name} to an idle slot", answers)
    b.end()
    left = []
    for _ in range(20):
        b = Batch("--slots=2")
        for number in range(2):
            b.send(number, *sh("trap '' TERM INT HUP; sleep 60 & wait; sleep 60"))
        time.sleep(random.random() * 0.05)
        tree = descendants(b.process.pid)
        b.process.kill()
        b.process.wait()
        tree += [p for parent in tree for p in descendants(parent)]
        if not soon(lambda: not any(alive(p) for p in tree)):
            left += [p for p in tree if alive(p)]
    ok(not left, "a batch that was killed takes all with it", left)
    b = Batch("--slots=1")
    for number in range(3):
        b.job("true")
    b.send(1, *sh("trap '' TERM INT HUP; sleep 60 & wait; sleep 60"))
    soon(lambda: any(children(s) for s in b.slots()))
    time.sleep(0.3)
    tree = descendants(b.process.pid)
    b.process.kill()
    b.process.wait()
    ok(len(tree) >= 4 and soon(lambda: not any(alive(p) for p in tree)), "what runs in a template, too", tree)


LOOK = """exec 2>&1
# of what lies on each other, the last counts
awk '{ $1 = $2 = $3 = ""; at[$5] = $0 } END { for (point in at) print at[point] }' /proc/self/mountinfo | sort
for map in uid_map gid_map setgroups loginuid; do cat /proc/self/$map; done
grep -E '^(Cap|NoNew|Seccomp|Uid|Gid|Groups|Umask|Sig(Blk|Ign)|Cpus_allowed:)' /proc/self/status
cat /proc/self/limits /proc/sys/user/max_user_namespaces /proc/sys/kernel/hostname
id; env | sort; pwd; umask; cat /proc/self/cgroup | sed 's/sbx-[0-9-]*//'
ls -la --time-style=+ / /dev /etc /tmp /dev/shm /run /home "$HOME" | tr -s ' ' | sed '/ \\.\\.$/d; s/^\\(d[^ ]*\\) *[0-9]* \\(.* proc\\)$/\\1 \\2/'
ls /proc | grep -vE '^[0-9]' ; ls /proc/self/ns; ls -l /proc/self/fd | sed 's/.* \\([0-9]*\\) -> \\([a-z/]*\\).*/\\1 \\2/'
find / -xdev 2>/dev/null | sort
cat /proc/net/dev /proc/sysvipc/shm /proc/self/oom_score_adj /proc/self/sessionid /proc/self/timerslack_ns; ls /proc/self/task | wc -l
cut -d' ' -f5,6,7,8,18,19,20,41 /proc/self/stat
all=$(ps -e -o pid,ppid,comm 2>/dev/null); echo "$all" | wc -l # not in a pipe: a shell may start its end after ps has looked
"""


def same():
    denied = ["socket", "socketpair"]
    for name, more in (("the default", {}), ("strict, without sockets", {"syscalls.base": "strict", "syscalls.deny": denied}),
                       ("no sockets, /proc of pids", {"syscalls.deny": denied, "filesystem.proc": "pids"}),
                       ("hidden, more tmpfs", {"filesystem.hide": "/usr/share", "filesystem.tmpfs": "/cache"}),
                       ("as root", {"process.user": "root"}), ("a working folder", {"filesystem.read-write": SHARED + ":/w",
                                                                  "filesystem.working-directory": "/w"})):
        b = Batch("--slots=1")
        runs = [b.job(*sh(LOOK), set=more) for _ in range(4)]
        words = [f"--set={key}={one}" for key, value in more.items() for one in ([value] if isinstance(value, str) else value)]
        alone = subprocess.run([SBX, *EXTRA, *words, "sh", "-c", LOOK], stdin=subprocess.DEVNULL, capture_output=True, cwd="/")
        texts = [output(run).decode() for run in runs] + [alone.stdout.decode()]
        b2 = [b.job(*sh("grep -c ' / /proc ' /proc/self/mountinfo"), set=more).get("stdout", "").strip() for _ in range(2)]
        first = Batch("--slots=1")
        whole = first.job(*sh("grep -c ' / /proc ' /proc/self/mountinfo"), set=more).get("stdout", "").strip()
        first.end()
        ok(b2 == [str(int(whole or 0) + 1)] * 2, f"{name}: control: a template is used", (whole, b2))
        different = [(n, sorted(set(text.splitlines()) ^ set(texts[0].splitlines()))[:6]) for n, text in enumerate(texts)
                     if text != texts[0]]
        ok(len(texts[0]) > 3000 and not different, f"{name}: a template shows what a whole start shows",
           different or runs[0])
        b.end()


def changes():
    with tempfile.TemporaryDirectory(dir=SHARED) as folder:
        target = os.path.join(folder, "given")
        b = Batch("--slots=1")
        seen = []
        for number in range(6):
            if number:
                os.rename(target, f"{target}.{number}")
            os.mkdir(target, 0o755)
            with open(target + "/file", "w") as file:
                file.write(str(number))
            seen.append(b.job("cat", "/given/file", set={"filesystem.read-only": target + ":/given"}).get("stdout"))
        ok(seen == [str(n) for n in range(6)], "a folder that was replaced is shown as it is", seen)
        os.chmod(folder, 0o755)
        path = os.path.join(folder, "one")
        seen = []
        for number in range(6):
            with open(path + ".new", "w") as file:
                file.write(str(number))
            os.chmod(path + ".new", 0o644)
            os.rename(path + ".new", path)
            seen.append(b.job("cat", "/one", set={"filesystem.read-only": path + ":/one"}).get("stdout"))
        ok(seen == [str(n) for n in range(6)], "and so is a file", seen)
        os.chmod(target, 0o777)
        a = [b.job(*sh("echo $$ >>/given/log; cat /given/log"), set={"filesystem.read-write": target + ":/given"})
             for _ in range(3)]
        ok(a[2]["stdout"].count("\n") == 3, "what a job writes to the host stays there", a[2])
        os.rename(target, target + ".gone")
        a = b.job("true", set={"filesystem.read-only": target + ":/given"})
        ok(refused(a, "given"), "what is gone is refused", a)
        for number in range(30):
            if b.job("true", set={"filesystem.tmpfs": f"/cache{number % 11}"})["verdict"] != "ok":
                ok(False, "many templates")
        fds = len(os.listdir(f"/proc/{b.slots()[0]}/fd"))
        ok(fds < 60, "templates are not kept for ever", fds)
        b.end()


def many():
    b = Batch("--slots=1")

    def state():
        slot = b.slots()[0]
        with open(f"/proc/{slot}/statm") as file:
            rss = int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")
        return slot, rss, len(os.listdir(f"/proc/{slot}/fd"))

    verdicts = [b.job("/bin/true")["verdict"] for _ in range(100)]
    before = state()
    rest, window = MANY, 20
    for number in range(window):
        b.send(number, "/bin/true")
    for number in range(rest):
        if number < rest - window:
            b.send(number, "/bin/true")
        verdicts.append((b.answer(checked=False) or {}).get("verdict"))
    after = state()
    ok(set(verdicts) == {"ok"}, f"{len(verdicts)} jobs in one slot", verdicts[-1])
    ok(after[0] == before[0] and (SANITIZED or after[1] <= before[1] + 300000) and after[2] == before[2],
       "it has no more memory and fds than before", (before, after))
    b.end()


SHARED = os.environ["SHARED"]
for part in (answers, printed, lines, settings, at_once, processors, no_reader, signals, killed, same, changes, many):
    if not sys.argv[1:] or part.__name__ in sys.argv[1:]:
        try:
            part()
        except Exception as error:  # the others go on
            ok(False, part.__name__, f"{error!r}, line {error.__traceback__.tb_next and error.__traceback__.tb_next.tb_lineno}")
if jsonschema:
    ok(not invalid, "all answers are as the schema says", invalid[:3])
