# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client of a sound server that does not behave, for sound.sh: sound.py SOCKET WHAT; prints what it found."""
import array
import os
import socket
import struct
import sys

CONTROL = 0xFFFFFFFF


def u32(number):
    return b"L" + struct.pack(">I", number)


def frame(body, channel=CONTROL, flags=0, size=None):
    return struct.pack(">IIIII", len(body) if size is None else size, channel, 0, 0, flags) + body


def command(number, tag, rest=b""):
    return frame(u32(number) + u32(tag) + rest)


def take(sock, size):
    data = b""
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def answer(sock):
    """The command, its tag and the rest of the next packet."""
    while True:
        size, channel, _, _, _ = struct.unpack(">IIIII", take(sock, 20))
        body = take(sock, size)
        if channel == CONTROL:
            return struct.unpack(">I", body[1:5])[0], struct.unpack(">I", body[6:10])[0], body[10:]


def connect(path, wait=5):
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(wait)
    sock.connect(path)
    return sock


def greet(sock):
    """AUTH, with all that a client may have: shared memory, and that by memfd; then its name."""
    sock.sendall(command(8, 0, u32(35 | 0xC0000000) + b"x" + struct.pack(">I", 256) + bytes(256)))
    number, _, rest = answer(sock)
    word = struct.unpack(">I", rest[1:5])[0]
    sock.sendall(command(9, 1, b"PN"))
    answer(sock)
    return number, word


def lives(sock):
    sock.sendall(command(20, 77))
    try:
        return answer(sock)[:2] == (2, 77)
    except (EOFError, OSError):
        return False


def memory(path):
    sock = connect(path)
    print("shared memory in the answer:", hex(greet(sock)[1] & 0xC0000000))


def every(path):
    """Each command that there is, with no more than a number: each is answered, or the connection ends."""
    answered, refused = 0, []
    for number in range(3, 130):
        sock = connect(path)
        greet(sock)
        sock.sendall(command(number, 5, u32(0)))
        try:
            kind, tag, rest = answer(sock)
            while tag != 5:
                kind, tag, rest = answer(sock)
            answered += 1
            if kind == 0 and struct.unpack(">I", rest[1:5])[0] == 1:
                refused.append(number)
        except (EOFError, ConnectionError):
            answered += 1
        except TimeoutError:
            print("no answer to", number)
        sock.close()
    print("answered", answered, "load-module refused", 51 in refused, "unknown refused", 120 in refused)


def descriptors(path):
    """An fd is sent along, and where it ends up is asked of the pipe that it is an end of."""
    sock = connect(path)
    greet(sock)
    reader, writer = os.pipe()
    sock.sendmsg([command(20, 5)], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [writer]))])
    os.close(writer)
    answer(sock)
    print("lives", lives(sock), "fd is closed", os.read(reader, 1) == b"")


def garbage(path):
    good = connect(path)
    greet(good)
    closed = 0
    bad = [os.urandom(4096), frame(b"", size=0), frame(b"", size=1 << 30), frame(b"x" * 100),
           frame(u32(9) + u32(2) + b"Pt"), frame(b"", channel=0, flags=0x80000000, size=16),
           frame(u32(20), flags=1), command(9, 2, b"P" + b"tkey\0" + u32(4) + b"x\xff\xff\xff\xffN"), command(20, 0xFFFFFFFF)]
    for bytes_ in bad:
        sock = connect(path)
        greet(sock)
        sock.sendall(bytes_)
        try:
            while sock.recv(4096):
                pass
            closed += 1
        except ConnectionError:
            closed += 1
        except TimeoutError:
            pass
        sock.close()
    print("closed", closed, "of", len(bad), "the other lives", lives(good))


def many(path):
    """1,000 at once: a few are served, and one later, when they are gone."""
    socks = []
    for _ in range(1000):
        try:
            socks.append(connect(path, 0.05))
        except OSError:
            pass
    served = 0
    for sock in socks:
        try:
            sock.settimeout(1)
            greet(sock)
            served += 1
        except (EOFError, OSError):
            pass
        if served == 0 and len(socks) > 900 and sock is socks[100]:
            break
    for sock in socks:
        sock.close()
    import time
    time.sleep(0.3)
    later = connect(path)
    print("served", served, "later", greet(later)[0])


def twice(path):
    """Two commands with one tag: the second would get the answer to the first."""
    sock = connect(path)
    greet(sock)
    sock.sendall(command(20, 5) + command(21, 5, u32(0) + b"N"))
    try:
        answer(sock)
        answer(sock)
        print("both are answered")
    except (EOFError, ConnectionError):
        print("closed")


def stuck(path):
    """Asks and never reads, to the end of all buffers."""
    sock = connect(path)
    greet(sock)
    sock.settimeout(1)
    sent = 0
    try:
        while sent < 64 << 20:
            sent += sock.send(b"".join(command(51, i, b"tx\0tx\0") for i in range(1000)))
    except TimeoutError:
        pass
    print("stopped", sent < 8 << 20, flush=True)
    sys.stdin.read()


globals()[sys.argv[2]](sys.argv[1])
