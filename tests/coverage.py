# SPDX-License-Identifier: LGPL-2.1-or-later
"""coverage.py GCOV FOLDER PART...: what the counters below FOLDER say of src/PART, a line each; of the gate, also which lines
were never run. A file that is a part of several programs, or of a test, is counted once: what one of them ran was run."""
import collections
import json
import pathlib
import subprocess
import sys

gcov, folder, parts = sys.argv[1], sys.argv[2], sys.argv[3:]
lines = collections.defaultdict(collections.Counter)
branches = collections.defaultdict(collections.Counter)

for counted in sorted(pathlib.Path(folder).rglob("*.gcda")):
    if not counted.stat().st_size:
        continue
    found = subprocess.run([gcov, "--json-format", "--stdout", "--branch-probabilities", str(counted)],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
    for text in found.splitlines():
        for file in json.loads(text)["files"]:
            path = pathlib.PurePath(file["file"])
            if path.suffix != ".c" or "src" not in path.parts:
                continue
            name = "/".join(path.parts[len(path.parts) - path.parts[::-1].index("src"):])
            for line in file["lines"]:
                lines[name][line["line_number"]] += line["count"]
                for at, branch in enumerate(line["branches"]):
                    branches[name][line["line_number"], at] += branch["count"]


def share(counts):
    had, every = sum(1 for count in counts if count), len(counts)
    return f"{100 * had / every:5.1f} % of {every:4}" if every else "     of    0"


status = 0
for part in parts:
    names = sorted(name for name in lines if name.startswith(part + "/"))
    print()
    for name in names + ["together"]:
        of = names if name == "together" else [name]
        print(f"{name:26} lines {share([c for n in of for c in lines[n].values()])}   "
              f"branches {share([c for n in of for c in branches[n].values()])}")
        if part == "gate" and name != "together":
            print("    not run: " + (" ".join(str(at) for at, count in sorted(lines[name].items()) if not count) or "none"))
    if not names:
        print(f"coverage: nothing of src/{part} was counted", file=sys.stderr)
        status = 1
sys.exit(status)
