# SPDX-License-Identifier: LGPL-2.1-or-later
# Kills a sandbox that saves a file again and again, at a random moment, by the death of its program or of sbx, and looks at
# what the host has then: a whole version, and none older than it must be.
#
#   persist.py KILLS FILE STATE COMMAND...   COMMAND: sbx and its options, before the program; STATE: what is said to be going on
#
# What was renamed to the file is there, if the program says so before it is killed. What was written in place is there if
# the program said so SETTLE seconds before that. The time counts from when this process hears it, which is later.
import os, random, signal, subprocess, sys, threading, time

import saver

RENAMES = ("rename", "fsync-rename", "backup-rename")
SETTLE = 0.1
SLOW = int(os.environ.get("SBX_TEST_SLOW", "1"))
HERE = os.path.dirname(os.path.abspath(__file__))


def monitor_child(pid):
    """The first process of the sandbox: all die with it, as with its program."""
    for name in os.listdir("/proc/%d/task/%d" % (pid, pid)):
        if name == "children":
            for child in open("/proc/%d/task/%d/children" % (pid, pid)).read().split():
                if "sbx-init" in open("/proc/%s/comm" % child).read():
                    return int(child)
    return 0


def program_of(init):
    children = open("/proc/%d/task/%d/children" % (init, init)).read().split()
    return int(children[0]) if children else 0


def gone(pids):
    for _ in range(1000 * SLOW):
        if not any(os.path.exists("/proc/%d" % pid) for pid in pids):
            return True
        time.sleep(0.005)
    return False


def run(way, victim, name, first, command):
    heard = []
    process = subprocess.Popen(command + ["python3", os.path.join(HERE, "saver.py"), way, name, str(first), "0.05"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def listen():
        for line in process.stdout:
            heard.append((time.monotonic(), int(line)))
    thread = threading.Thread(target=listen)
    thread.start()
    for _ in range(2000 * SLOW):
        if heard or process.poll() is not None:
            break
        time.sleep(0.005)
    if not heard:
        return "the program has not begun: " + process.stderr.read().decode()[:300]
    time.sleep(0.02 + random.random() * 0.3)
    init = monitor_child(process.pid)
    program = program_of(init)
    others = [int(child) for child in open("/proc/%d/task/%d/children" % (process.pid, process.pid)).read().split()]
    killed_at = time.monotonic()
    os.kill({"sbx": process.pid, "init": init, "program": program}[victim], signal.SIGKILL)
    process.wait()
    thread.join()
    if not gone(others):
        return "something of it goes on"
    try:
        version = saver.check(name)
    except (SystemExit, ValueError, IndexError, OSError) as error:
        return "the file is damaged: %s" % error
    margin = 0 if way in RENAMES else SETTLE + 0.1 * SLOW
    least = max([number for when, number in heard if when < killed_at - margin] + [first - 1])
    return "" if version >= least else "version %d is there, %d was saved" % (version, least)


def main():
    kills, name, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    ways, victims = sorted(saver.WAYS), ("sbx", "program", "init")
    seed = int(os.environ.get("SBX_TEST_SEED", "0")) or int.from_bytes(os.urandom(4), "big")
    random.seed(seed)
    counts, failures = {}, 0
    for number in range(kills):
        way, victim = ways[number % len(ways)], victims[(number // len(ways) + number) % len(victims)]
        first = saver.check(name) + 1
        wrong = run(way, victim, name, first, command)
        counts[victim] = counts.get(victim, 0) + 1
        if wrong:
            failures += 1
            print("%s, %s killed, seed %d: %s" % (way, victim, seed, wrong))
            with open(name, "wb") as file:
                file.write(saver.content(first))
    print("%d kills: %s; %d failures" % (kills, counts, failures))
    sys.exit(1 if failures else 0)


main()
