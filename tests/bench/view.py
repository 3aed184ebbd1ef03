#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The view of a plan of sbx, for the programs that it is compared with: the same folders, links, files and mounts.

usage: sbx --explain=json ... | view.py floor|bwrap      one argument a line"""
import json
import sys


def floor(steps):
    for s in steps:
        target = (s.get("target") or s.get("path") or "/")[1:]
        match s["do"]:
            case "mkdir" | "proc" | "devpts":
                yield [s["do"], target]
            case "symlink":
                yield ["link", target, s["to"]]
            case "file":
                yield ["file", target, "x" * s["content"]] if s.get("content") else ["point", target]
            case "scratch-dir":
                yield ["scratch", target]
            case "landlock-path":
                yield ["landlock", "/" + target]
            case "bind":
                yield ["bind-ro" if "ro" in s["flags"].split(",") else "bind", target, s["source"]]


def bwrap(steps):
    for s in steps:
        target = s.get("target") or s.get("path")
        match s["do"]:
            case "mkdir":
                yield ["--dir", target]
            case "symlink":
                yield ["--symlink", s["to"], target]
            case "proc":
                yield ["--proc", target]
            case "scratch-dir":
                yield ["--tmpfs", target]
            case "bind":  # bwrap makes the mount point itself; files with content and devpts are left out
                flags = s["flags"].split(",")
                yield ["--ro-bind" if "ro" in flags else "--bind" if "nodev" in flags else "--dev-bind", s["source"], target]


plan = json.load(sys.stdin)["steps"]
for words in {"floor": floor, "bwrap": bwrap}[sys.argv[1]](plan):
    for word in words:
        print(word)
