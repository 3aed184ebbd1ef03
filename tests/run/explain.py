#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Are the steps that --explain prints the system calls that are made, in order?

usage: explain.py KINDS PLAN.json TRACE      (the output of strace -f -o TRACE of the same command)

For each actor (monitor, init, payload) the steps of the plan are walked along the calls of its process: for each step,
the calls that plan/kinds.def names for it must follow, in order, each after the one before. Paths of the plan must stand
in the calls that name paths. Prints one line and exits 1 at the first step that was not made."""
import json
import re
import sys


def kinds(path):
    row = re.compile(r'^K\((\w+), "([^"]+)", (\w+), (\w+), "([^"]*)"')
    return {m[2]: m[5].split() for m in map(row.match, open(path, encoding="utf-8")) if m}


def processes(path):
    """The calls of each process in order; unfinished ones count where they began, failed ones do not count."""
    calls, began = {}, {}
    for line in open(path, encoding="utf-8", errors="replace"):
        m = re.match(r"^(\d+) +(.*)$", line)
        if not m:
            continue
        pid, text = int(m[1]), m[2]
        if resumed := re.match(r"<\.\.\. (\w+) resumed>(.*)$", text):
            index = began.pop((pid, resumed[1]), None)
            if index is not None:
                name, args, _ = calls[pid][index]
                calls[pid][index] = (name, args + resumed[2], result(resumed[2]))
            continue
        if call := re.match(r"(\w+)\((.*)$", text):
            entry = calls.setdefault(pid, [])
            if text.endswith("<unfinished ...>"):
                began[(pid, call[1])] = len(entry)
            entry.append((call[1], call[2], result(text)))
    return calls


def result(text):
    m = re.search(r"\) += (-?\w+)", text)
    return m[1] if m else None


def child_of(calls):
    """The process that was made by a vfork."""
    for name, args, value in calls:
        if name == "clone3" and "CLONE_VFORK" in args and value and value.isdigit():
            return int(value)
    return None


def main():
    names = kinds(sys.argv[1])
    steps = json.load(open(sys.argv[2], encoding="utf-8"))["steps"]
    calls = processes(sys.argv[3])
    actors = {"monitor": next(iter(calls))}
    actors["init"] = child_of(calls[actors["monitor"]])
    made = {value for name, _, value in calls[actors["monitor"]] if name == "clone3"}  # init and the attendant
    others = [pid for pid in calls if pid != actors["monitor"] and str(pid) not in made]
    actors["payload"] = others[0]  # init saw it as 2, not with this number
    at = dict.fromkeys(actors, 0)
    seen = 0
    for step in steps:
        actor = "init" if step["do"] == "inner-user" else step["actor"]  # the clone is init's
        trace = calls[actors[actor]]
        wants = names[step["do"]]
        if step["do"] == "file" and "content" not in step:
            wants = ["mknodat"]  # a mount point: there is nothing to write
        for wanted in wants:
            i = at[actor]
            while i < len(trace) and trace[i][0] != wanted:
                i += 1
            if i == len(trace):
                print(f"step {step['step']} ({step['do']}): no {wanted} by the {actor} after call {at[actor]}")
                return 1
            at[actor] = i + 1
            seen += 1
    print(f"{len(steps)} steps, {seen} calls in order")
    return 0


sys.exit(main())
