# SPDX-License-Identifier: LGPL-2.1-or-later
# A program that runs once, as browsers do: it hands its words to the one that runs, by a socket in /tmp, and else becomes
# that one, with a lock in its home.
# It never overtakes the first command of its sandbox.
# usage: second.py [--for=SECONDS] [WORD...]
#
# The one that runs prints a line for each word: that of a file or file:// URI with what is in the file; it ends at the word
# `end`, or after that time. Status: 7 handed over; 0 it was the one; 9 another has the lock.
import fcntl, os, select, socket, sys, time, urllib.parse

PLACE = "/tmp/second"
words = sys.argv[1:]
seconds = 60.0
if words and words[0].startswith("--for="):
    seconds = float(words.pop(0)[6:])

def say(text):
    os.write(1, (text + "\n").encode())

def show(word):
    path = urllib.parse.unquote(word[7:]) if word.startswith("file://") else word
    if not path.startswith("/"):
        return say("word " + word)
    try:
        say(word + " = " + open(path).read().strip())
        if os.access(path, os.W_OK):
            open(path, "a").write("written\n")
    except OSError as error:
        say(word + ": " + os.strerror(error.errno))

def hand_over():
    global there # closed by the exit, and not before: the first waits for that
    try:
        there = socket.socket(socket.AF_UNIX)
        there.connect(PLACE)
        there.sendall("\0".join(words).encode())
        there.shutdown(socket.SHUT_WR)
        return there.recv(1) == b"."
    except OSError:
        return False

given = hand_over()
while not given and os.getpid() != 2: # the first of the sandbox comes up, or it ends, and this with it
    time.sleep(0.01)
    given = hand_over()
if given:
    say("handed over")
    os._exit(7)
lock = os.open(os.environ["HOME"] + "/lock", os.O_RDWR | os.O_CREAT, 0o600)
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except OSError:
    say("TWO")
    os._exit(9)
here = socket.socket(socket.AF_UNIX)
try:
    os.unlink(PLACE)
except OSError:
    pass
here.bind(PLACE)
here.listen(64)
say("first")
for word in words:
    show(word)
until = time.monotonic() + seconds
while time.monotonic() < until:
    here.settimeout(max(0.001, until - time.monotonic()))
    try:
        peer, _ = here.accept()
    except OSError:
        break
    peer.settimeout(5)
    got = b""
    while part := peer.recv(65536):
        got += part
    for word in got.decode().split("\0"):
        if word == "end":
            until = 0
        elif word:
            show(word)
    peer.sendall(b".")
    hang_up = select.poll()
    hang_up.register(peer, 0)
    hang_up.poll(5000) # until it has ended: what it had to say is said, and an end of this one is not its end
os._exit(0)
