#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The config.json of a bundle that umoci has unpacked, for image.sh and tests/image/others.sh.

bundle.py entry CONFIG                          prints the program that the image starts
bundle.py arguments CONFIG WORK GROUP ARG...    prints another CONFIG, where that program gets the arguments, in the control
                                                group GROUP, with a /tmp in memory and, unless it is '', the folder WORK as /work
bundle.py plain CONFIG '' GROUP                 prints it with that control group, and without a terminal
"""

import json
import sys


def main(verb, path, work="", group="", *arguments):
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    entry = config["process"]["args"][:1]
    if verb == "entry":
        print(entry[0])
        return
    config["process"]["terminal"] = False
    config["linux"]["cgroupsPath"] = group
    if verb == "plain":
        json.dump(config, sys.stdout)
        return
    config["process"].update(args=entry + list(arguments), cwd="/tmp")
    config["process"]["env"].append("HOME=/tmp")
    config["mounts"].append({"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["mode=1777"]})
    if work:
        config["mounts"].append({"destination": "/work", "type": "bind", "source": work, "options": ["bind", "rw"]})
    json.dump(config, sys.stdout)


main(*sys.argv[1:])
