# SPDX-License-Identifier: LGPL-2.1-or-later
# A person at a terminal: runs a program on one, waits until it shows a text, and types.
#
#   type.py TEXT KEYS COMMAND...     ^X in KEYS is control and X
#
# It stays, and reads what is shown, until the program has ended.
import os, pty, re, select, sys, time

text, keys, command = sys.argv[1].encode(), sys.argv[2], sys.argv[3:]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
shown, typed, quiet = b"", False, 0
deadline = time.monotonic() + 20
while True:
    ready = select.select([fd], [], [], 0.3)[0]
    if ready:
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        shown += data
        if b"\x1b[6n" in data:  # where is the cursor?
            os.write(fd, b"\x1b[1;1R")
        if b"\x1b[c" in data or b"\x1b[>c" in data:  # what are you?
            os.write(fd, b"\x1b[?6c")
    elif not typed and (text in re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", shown) or time.monotonic() > deadline):
        typed = True
        for key in re.findall(r"\^[A-Z]|.", keys, re.S):
            os.write(fd, bytes([ord(key[1]) - 64]) if len(key) == 2 else key.encode())
            time.sleep(0.05)
os.waitpid(pid, 0)
