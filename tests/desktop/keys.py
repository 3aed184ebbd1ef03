# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sits at a terminal and uses the program on it. usage: keys.py SIGN STEP... -- COMMAND...

  see:TEXT   until the program has written this (blanks, and what moves the cursor or changes the colour, do not count)
  key:TEXT   types it; \\r, \\x1b and the like as Python has them
  pause      makes the file SIGN, and goes on when it is gone again

Status: 0; the command's own if it ended in time, else 1 and what was on the screen."""
import ast
import os
import pty
import re
import select
import signal
import sys
import time

SECONDS = 15 * int(os.environ.get("SBX_TEST_SLOW", "1"))
CONTROL = re.compile(rb"\x1b(\[[0-9;?>=!]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[()][0-9A-B]|[=>78cDEHMNOZ])|[\x00\x0e\x0f]")
sign, *words = sys.argv[1:]
steps, command = words[: words.index("--")], words[words.index("--") + 1 :]


def plain(data):
    return b"".join(CONTROL.sub(b"", data).split())


def unquote(text):
    return ast.literal_eval('"""' + text.replace('"', '\\"') + '"""').encode()


pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.environ["LINES"], os.environ["COLUMNS"] = "24", "80"
    os.execvp(command[0], command)
import fcntl  # the size of the terminal is the parent's to set
import struct
import termios

fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
seen = b""


def read(seconds):
    """False: the program has ended."""
    global seen
    if select.select([fd], [], [], seconds)[0]:
        try:
            seen += os.read(fd, 65536)
        except OSError:
            return False
    return True


def fail(why):
    print(why + ":", plain(seen)[-1500:].decode(errors="replace"))
    os.kill(pid, signal.SIGTERM)
    sys.exit(1)


for step in steps:
    verb, _, text = step.partition(":")
    end = time.monotonic() + SECONDS
    if verb == "see":
        while plain(unquote(text)) not in plain(seen):
            if time.monotonic() > end or not read(0.2):
                fail(f"not seen: {text}")
        seen = b""
    elif verb == "key":
        while select.select([fd], [], [], 0.3)[0] and read(0):  # it has drawn what it has to say
            pass
        os.write(fd, unquote(text))
    elif verb == "pause":
        with open(sign, "w", encoding="ascii"):
            pass
        while os.path.exists(sign) and read(0.1):
            pass
end = time.monotonic() + SECONDS
while read(0.2):
    if time.monotonic() > end:
        fail("it did not end")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) % 256)
