# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a hostile program would try first: prints a word for each thing that it has reached, in this order.
usage: python3 -c "$(cat reach.py)" @SECRET @CANARY @BESIDE @RUN @ABSTRACT @PORT @WRITTEN"""
import ctypes
import os
import socket
import sys

# A word that named a file would show it, where files of the command line are shown: so each begins with an @.
SECRET, CANARY, BESIDE, RUN, ABSTRACT, PORT, WRITTEN = (word[1:] for word in sys.argv[1:])


def read(path):
    with open(path, "rb") as file:
        return file.read(100)


def greeted(family, address):
    with socket.socket(family) as s:
        s.settimeout(3)
        s.connect(address)
        return s.recv(100) == b"YOU REACHED IT\n"


def write_home():
    """Whether the host has it now, only the host can tell."""
    with open(WRITTEN, "x", encoding="ascii"):
        pass


def see_processes():
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if int(pid) != os.getpid() and b"sit-and-greet" in read(f"/proc/{pid}/cmdline"):
                return True
        except OSError:
            pass
    return False


def privileges():
    with open("/proc/self/status", encoding="ascii") as file:
        return "NoNewPrivs:\t0" in file.read()


TRIES = {
    "secret": lambda: b"SECRET" in read(SECRET),
    "canary": lambda: b"CANARY" in read(CANARY),
    "beside": lambda: b"NOT NAMED" in read(BESIDE),
    "change": lambda: open(BESIDE, "r+b"),
    "bus": lambda: greeted(socket.AF_UNIX, RUN + "/bus"),
    "docker": lambda: greeted(socket.AF_UNIX, RUN + "/docker.sock"),
    "abstract": lambda: greeted(socket.AF_UNIX, "\0" + ABSTRACT),
    "network": lambda: greeted(socket.AF_INET, ("127.0.0.1", int(PORT))),
    "process": see_processes,
    "sys": lambda: os.listdir("/sys/kernel"),
    "variable": lambda: os.environ["SBX_TEST_TOKEN"],
    "setuid": privileges,
    "written": write_home,
    "namespace": lambda: ctypes.CDLL(None).unshare(0x10000000) == 0,
}
for word, reach in TRIES.items():
    try:
        if reach():
            print(word, end=" ", flush=True)
    except (OSError, KeyError):
        pass
print("end")
