# SPDX-License-Identifier: LGPL-2.1-or-later
"""How soon a program shows its window: from the start of its command until the X server tells that a window of the root is
mapped. usage: windows.py ROUNDS NAME COMMAND... [// NAME COMMAND...]...   Prints "NAME MILLISECONDS" for each start, in
interleaved rounds. Speaks to the server of $DISPLAY itself (X Window System Protocol, chapters 8 and 11)."""
import os
import signal
import socket
import struct
import subprocess
import sys
import time

MAP_NOTIFY, SUBSTRUCTURE_NOTIFY, PATIENCE = 19, 1 << 19, 10


def cookie(display):
    """The MIT-MAGIC-COOKIE-1 of this display in $XAUTHORITY: records of counted fields."""
    data = open(os.environ["XAUTHORITY"], "rb").read()
    at = 0
    while at < len(data):
        at += 2
        fields = []
        for _ in range(4):
            size = struct.unpack_from(">H", data, at)[0]
            fields.append(data[at + 2:at + 2 + size])
            at += 2 + size
        if fields[1].decode() == display:
            return fields[2], fields[3]
    sys.exit("no cookie for display " + display)


class Server:
    def __init__(self):
        display = os.environ["DISPLAY"].lstrip(":").split(".")[0]
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect("/tmp/.X11-unix/X" + display)
        self.buffer = b""
        name, data = cookie(display)
        pad = lambda text: text + b"\0" * (-len(text) % 4)
        self.socket.sendall(struct.pack("<BxHHHHxx", ord("l"), 11, 0, len(name), len(data)) + pad(name) + pad(data))
        head = self.take(8)
        rest = self.take(4 * struct.unpack_from("<H", head, 6)[0])
        if head[0] != 1:
            sys.exit("the X server refuses")
        vendor = struct.unpack_from("<H", rest, 16)[0]
        formats = rest[21]
        root = struct.unpack_from("<I", rest, 32 + (vendor + 3) // 4 * 4 + 8 * formats)[0]
        # ChangeWindowAttributes, event-mask
        self.socket.sendall(struct.pack("<BxHIII", 2, 4, root, 1 << 11, SUBSTRUCTURE_NOTIFY))
        self.root = root

    def take(self, size, until=None):
        while len(self.buffer) < size:
            if until is not None:
                self.socket.settimeout(max(0.001, until - time.monotonic()))
            more = self.socket.recv(65536)
            if not more:
                sys.exit("the X server is gone")
            self.buffer += more
        result, self.buffer = self.buffer[:size], self.buffer[size:]
        return result

    def forget(self):
        """What has happened so far."""
        self.socket.settimeout(0.05)
        try:
            while True:
                self.take(32)
        except TimeoutError:
            pass
        self.socket.settimeout(None)

    def wait_for_window(self):
        until = time.monotonic() + PATIENCE
        while True:
            event = self.take(32, until)
            if event[0] & 0x7f == MAP_NOTIFY and not event[12]:  # override-redirect: a tooltip
                return


def start(server, command):
    server.forget()
    began = time.monotonic()
    with open(os.environ.get("BENCH_LOG", "/dev/null"), "a", encoding="ascii", errors="replace") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    try:
        server.wait_for_window()
        took = (time.monotonic() - began) * 1000
    except TimeoutError:
        took = None
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(5)
            break
        except (subprocess.TimeoutExpired, ProcessLookupError):
            pass
    process.wait()
    return took


def main():
    rounds, variants = int(sys.argv[1]), []
    for word in ["//"] + sys.argv[2:]:
        if word == "//":
            variants.append([])
        else:
            variants[-1].append(word)
    server = Server()
    for _ in range(rounds):
        for name, *command in variants:
            took = start(server, command)
            print(name, "-" if took is None else f"{took:.1f}", flush=True)


main()
