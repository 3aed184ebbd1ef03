#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""batch.py SBX OPTION... -- COMMAND... [-- COMMAND...]...: the commands as jobs of one slot, one after the other. It prints
what the last of them prints, and ends as that. Two runs before them make the template, so that all have it in common; and
it says BROKEN if they have not, but with --whole behind SBX, where they can't have."""
import base64
import json
import subprocess
import sys


def parts(words):
    found = [[]]
    for word in words:
        if word == "--":
            found.append([])
        else:
            found[-1].append(word)
    return found


options, *commands = parts(sys.argv[1:])
whole = "--whole" in options
options = [option for option in options if option != "--whole"]
batch = subprocess.Popen([options[0], "--batch", "--slots=1", *options[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/")


def job(command):
    batch.stdin.write(json.dumps({"command": command}).encode() + b"\n")
    batch.stdin.flush()
    answer = json.loads(batch.stdout.readline())
    if not answer["executed"]:
        print("BROKEN", answer["error"])
        sys.exit(125)
    for name in ("stdout", "stderr"):
        answer[name] = answer[name].encode() if name in answer else base64.b64decode(answer[name + "_base64"])
    return answer


count = ["grep", "-c", " / /proc ", "/proc/self/mountinfo"]
first, second = job(count)["stdout"], job(count)["stdout"]
if int(second) != int(first) + 1 and not whole:
    print("BROKEN the runs have no template in common")
    sys.exit(20)
for command in commands:
    answer = job(command)
batch.stdin.close()
batch.wait()
sys.stdout.buffer.write(answer["stdout"])
sys.stderr.buffer.write(answer["stderr"])
sys.exit(answer["exit_code"] if answer["exit_code"] is not None else 128 + (answer["signal"] or 0))
