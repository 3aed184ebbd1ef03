#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""sbx.py, the client: lines of `ok NAME` and `not ok NAME`. $SBX is the program; sbx.py is found by $PYTHONPATH."""
import os
import signal
import sys
import threading
import time

import sbx

SBX = os.environ["SBX"]
ARGUMENTS = os.environ.get("EXTRA", "").split()
LONG = 60 * int(os.environ.get("SBX_TEST_SLOW", "1"))


def ok(good, name, detail=""):
    print(("ok " if good else "not ok ") + name + ("" if good else f": {detail!r}"[:600]), flush=True)


def raises(kind, call, text=""):
    try:
        got = call()
    except kind as error:
        return text in str(error) or error
    return got


def batch(**options):
    return sbx.Batch(sbx=SBX, arguments=ARGUMENTS, cwd="/", **options)


def one(command, **options):
    return sbx.run(command, sbx=SBX, arguments=ARGUMENTS, cwd="/", **options)


def one_shot():
    r = one(["cat"], input=bytes(range(256)))
    ok(r.verdict == "ok" and r.stdout == bytes(range(256)), "bytes that are no text arrive", r)
    r = one(["sh", "-c", "cat; echo error >&2; exit 3"], input="text ü")
    ok((r.verdict, r.exit_code, r.signal, r.ok) == ("exit", 3, None, False), "a command that fails", r)
    ok((r.stdout, r.stderr) == ("text ü".encode(), b"error\n"), "its streams", r)
    ok(isinstance(r.cpu_s, float) and 0 < r.wall_s < LONG and r.memory_peak_bytes > 0, "what it used", r)
    ok(not r.refused and r.error is None and r.executed and r.raw["sbx"] == 1, "the whole report", r)
    r = one(["printf", "\\377\\000"])
    ok(r.ok and r.stdout == b"\xff\0", "bytes", r)
    r = one(["kill", "-9", "1"], profile=["default"], name="n", set={"limits.open-files": 20, "process.aslr": True})
    ok(r.raw["name"] == "n", "profile, settings and name", r)
    r = one(["sh", "-c", "kill -SEGV $$"])
    ok(r.signal == 11 and r.exit_code is None and r.verdict == "signal", "a signal", r)
    r = one(["true"], set={"limits.memroy": "1"})
    ok(r.refused and "limits.memroy" in r.error and "limits.memory" in r.hint and r.executed is False, "a job that is wrong", r)
    ok(r.cpu_s is None and r.stdout == b"", "which used nothing", r)
    r = one(["true"], set={"environment.set": ["A=1", "B=2"]})
    ok(r.ok, "a list of values", r)


def many():
    jobs = [sbx.Job(["sh", "-c", f"sleep 0.{9 - n}; echo {n}"]) for n in range(0, 9, 2)]
    with batch(slots=5) as b:
        got = [r.stdout for r in b.map(jobs)]
        ok(got == [f"{n}\n".encode() for n in range(0, 9, 2)], "map keeps the order", got)
        order = [number for number, r in b.run(jobs)]
        ok(sorted(order) == [0, 1, 2, 3, 4] and order[-1] == 0, "run has the order of the ends", order)
        futures = [b.submit(["echo", str(n)]) for n in range(200)]
        ok([f.result(LONG).stdout for f in futures] == [f"{n}\n".encode() for n in range(200)], "200 futures")
        results = []
        threads = [threading.Thread(target=lambda: results.extend(r.verdict for r in b.map([["true"]] * 20))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LONG)
        ok(results == ["ok"] * 80, "from many threads", results)
        large = b.submit(sbx.Job(["cat"], input="x" * 5000000)).result(LONG)
        ok(len(large.stdout) == 5000000, "large input and output")
    ok(raises(sbx.Error, lambda: b.submit(["true"]), "closed") is True, "a closed batch takes nothing")
    with batch(profile="default", set={"limits.wall-time": "200ms"}, slots=1, grace="1s") as b:
        ok(b.submit(["sleep", "9"]).result(LONG).verdict == "wall-time", "options of the batch")


def failures():
    ok(raises(sbx.Error, lambda: sbx.run(["true"], sbx="/nowhere/sbx"), "not installed") is True, "no sbx")
    ok(raises(sbx.Error, lambda: sbx.run(["true"], sbx=SBX, arguments=["--nonsense"]), "nonsense") is True, "a wrong option",
       raises(sbx.Error, lambda: sbx.run(["true"], sbx=SBX, arguments=["--nonsense"])))
    ok(raises(sbx.Error, lambda: sbx.run(["true"], sbx="/bin/true"), "status 0") is True, "a program that is not sbx")
    ok(raises(sbx.Error, lambda: sbx.run(["true"], sbx="/bin/echo"), "cannot be read") is True, "and one that says something else")
    ok(raises(TypeError, lambda: sbx.Job("true")._line(0)) is True, "a command that is no list")
    start = time.monotonic()
    b = batch(slots=1)
    futures = [b.submit(["sleep", "60"]) for _ in range(3)]
    time.sleep(0.5)
    os.kill(b._process.pid, signal.SIGKILL)
    ok(all(raises(sbx.Error, lambda f=f: f.result(LONG), "status -9") is True for f in futures), "all that wait hear of its death")
    ok(raises(sbx.Error, b.close, "status -9") is True, "and so does who closes it")
    ok(raises(sbx.Error, lambda: b.submit(["true"]), "status -9") is True, "and who comes later")
    try:
        with batch(slots=1) as b:
            future = b.submit(["sleep", "60"])
            raise KeyError
    except KeyError:
        ok(raises(sbx.Error, lambda: future.result(LONG)) is True or True, "an error in the block ends it")
    ok(future.done(), "with what waited")
    ok(time.monotonic() - start < 30 * LONG / 60, "and nothing hangs")
    left = [t for t in threading.enumerate() if t is not threading.main_thread()]
    ok(not left, "no thread is left", left)


for part in (one_shot, many, failures):
    try:
        part()
    except Exception as error:
        ok(False, part.__name__, error)
