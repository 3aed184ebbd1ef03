# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client of an X11 server that does one thing and says what became of it, by the bytes of the protocol alone.

    x11.py [--without-cookie] WORD [ARGUMENT]...

    extensions              their names
    window TITLE RRGGBB     shows a window, says its id, then each key that is typed into it, until it is ended
    keys SECONDS            the keys that are down, of whoever's window (QueryKeymap)
    listen ID SECONDS       asks to be told of keys that go to another's window
    grab SECONDS            the keys that come while it has all of the keyboard
    screen X Y              the colour of a pixel of the screen
    pixel ID                the colour of a pixel of another's window
    title ID | retitle ID   reads, or changes, the title of another's window
    send ID | press | kill ID   a key to another's window by SendEvent, or to whoever has the focus by XTEST; ends its client
    open | close            lets in whoever asks, or only who has the cookie (or is on the list of hosts)
    own TEXT | paste        has the selection PRIMARY until it is ended, or asks for it
"""
import os
import select
import socket
import struct
import sys
import time


class Refused(Exception):
    pass


def first_cookie():
    """The first in the file of XAUTHORITY."""
    try:
        rest = open(os.environ["XAUTHORITY"], "rb").read()
    except (KeyError, OSError):
        return b""
    while len(rest) > 2:
        rest = rest[2:]
        fields = []
        for _ in range(4):
            size = struct.unpack(">H", rest[:2])[0]
            fields.append(rest[2:2 + size])
            rest = rest[2 + size:]
        if fields[2] == b"MIT-MAGIC-COOKIE-1":
            return fields[3]
    return b""


def padded(data):
    return data + b"\0" * (-len(data) % 4)


class Server:
    def __init__(self, with_cookie):
        number = os.environ["DISPLAY"].split(":")[1].split(".")[0]
        cookie = first_cookie() if with_cookie else b""
        name = b"MIT-MAGIC-COOKIE-1" if cookie else b""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect("/tmp/.X11-unix/X" + number)
        self.events = []
        self.socket.sendall(struct.pack("<BxHHHHxx", ord("l"), 11, 0, len(name), len(cookie)) + padded(name) + padded(cookie))
        status, words, _, _, size = struct.unpack("<BBHHH", self.read(8))
        data = self.read(size * 4)
        if status != 1:
            raise Refused("the server: " + data[:words].decode(errors="replace").strip())
        self.base = struct.unpack_from("<I", data, 4)[0]
        vendor, formats = struct.unpack_from("<H", data, 16)[0], data[21]
        at = 32 + len(padded(b"x" * vendor)) + 8 * formats
        self.root, = struct.unpack_from("<I", data, at)
        self.made = 0

    def read(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise Refused("the server has closed the connection")
            data += more
        return data

    def new_id(self):
        self.made += 1
        return self.base + self.made

    def request(self, opcode, small, data):
        data = padded(data)
        self.socket.sendall(struct.pack("<BBH", opcode, small, 1 + len(data) // 4) + data)

    def message(self):
        head = self.read(32)
        if head[0] == 0:
            raise Refused(f"error {head[1]}")
        if head[0] == 1 or head[0] & 127 == 35:
            head += self.read(struct.unpack_from("<I", head, 4)[0] * 4)
        return head

    def reply(self, opcode, small, data):
        self.request(opcode, small, data)
        while True:
            message = self.message()
            if message[0] == 1:
                return message
            self.events.append(message)

    def event(self, seconds):
        if self.events:
            return self.events.pop(0)
        return self.message() if select.select([self.socket], [], [], seconds)[0] else None

    def sync(self):
        self.reply(43, 0, b"")  # GetInputFocus

    def extension(self, name):
        reply = self.reply(98, 0, struct.pack("<Hxx", len(name)) + name)
        if not reply[8]:
            raise Refused("no extension " + name.decode())
        return reply[9]

    def atom(self, name):
        return struct.unpack_from("<I", self.reply(16, 0, struct.pack("<Hxx", len(name)) + name), 8)[0]

    def property(self, window, atom):
        reply = self.reply(20, 0, struct.pack("<IIIII", window, atom, 0, 0, 100))
        return reply[32:32 + struct.unpack_from("<I", reply, 16)[0]].decode(errors="replace")

    def set_property(self, window, atom, kind, text):
        self.request(18, 0, struct.pack("<IIIBxxxI", window, atom, kind, 8, len(text)) + text)

    def pixel(self, drawable, x, y):
        reply = self.reply(73, 2, struct.pack("<IhhHHI", drawable, x, y, 1, 1, 0xffffffff))
        return f"{struct.unpack_from('<I', reply, 32)[0] & 0xffffff:06x}"

    def window(self, colour, mask, width=300, height=200):
        window = self.new_id()
        self.request(1, 0, struct.pack("<IIhhHHHHIIII", window, self.root, 10, 10, width, height, 0, 1, 0, 0x802, colour, mask))
        return window


NAME, STRING, PRIMARY = 39, 31, 1
KEY_PRESS, SELECTION_REQUEST, SELECTION_NOTIFY = 2, 30, 31
SHIFT_LOCK_FREE_KEY = 38  # "a" on every keyboard that matters here


def show(server, title, colour):
    window = server.window(int(colour, 16), 1)
    server.set_property(window, NAME, STRING, title.encode())
    server.request(8, 0, struct.pack("<I", window))
    server.sync()
    print("window", window, flush=True)
    while True:
        event = server.event(None)
        if event[0] & 127 == KEY_PRESS:
            print("sent" if event[0] & 128 else "key", event[1], flush=True)


def keys(server, seconds):
    end = time.monotonic() + float(seconds)
    seen = set()
    while time.monotonic() < end:
        bits = server.reply(44, 0, b"")[8:40]
        seen |= {key for key in range(256) if bits[key // 8] >> key % 8 & 1}
        time.sleep(0.02)
    print("keys", *sorted(seen))


def told_keys(server, seconds):
    """The keys that the server tells this client of."""
    end = time.monotonic() + float(seconds)
    seen = set()
    while time.monotonic() < end:
        event = server.event(0.1)
        if event and event[0] & 127 == KEY_PRESS:
            seen.add(event[1])
    print("keys", *sorted(seen))


def listen(server, window, seconds):
    server.request(2, 0, struct.pack("<III", int(window), 0x800, 1))
    server.sync()
    told_keys(server, seconds)


def grab(server, seconds):
    window = server.window(0, 1, 20, 20)
    server.request(8, 0, struct.pack("<I", window))
    status = server.reply(31, 0, struct.pack("<IIBBxx", window, 0, 1, 1))[1]
    if status:
        raise Refused(f"status {status}")
    told_keys(server, seconds)


def send(server, window):
    window = int(window)
    event = struct.pack("<BBHIIIIhhhhHBx", KEY_PRESS, SHIFT_LOCK_FREE_KEY, 0, 0, server.root, window, 0, 1, 1, 1, 1, 0, 1)
    server.request(25, 0, struct.pack("<II", window, 1) + event)
    server.sync()
    print("sent")


def press(server):
    xtest = server.extension(b"XTEST")
    for kind in (2, 3):
        server.request(xtest, 2, struct.pack("<BBxxII8xhh8x", kind, SHIFT_LOCK_FREE_KEY, 0, 0, 0, 0))
    server.sync()
    print("pressed")


def retitle(server, window):
    new = "CHANGED" if server.property(int(window), NAME) != "CHANGED" else "CHANGED AGAIN"
    server.set_property(int(window), NAME, STRING, new.encode())
    server.sync()
    print("changed" if server.property(int(window), NAME) == new else "kept")


def kill(server, window):
    server.request(113, 0, struct.pack("<I", int(window)))
    server.sync()
    print("killed")


def access(server, checked):
    server.request(111, checked, b"")  # SetAccessControl
    server.sync()
    print("set")


def own(server, text):
    window = server.window(0, 0)
    server.request(22, 0, struct.pack("<III", window, PRIMARY, 0))
    server.sync()
    print("owned", flush=True)
    while True:
        event = server.event(None)
        if event[0] & 127 != SELECTION_REQUEST:
            continue
        _, _, asker, selection, target, place = struct.unpack_from("<IIIIII", event, 4)
        server.set_property(asker, place, STRING, text.encode())
        answer = struct.pack("<BxHIIIII8x", SELECTION_NOTIFY, 0, 0, asker, selection, target, place)
        server.request(25, 0, struct.pack("<II", asker, 0) + answer)


def paste(server):
    window = server.window(0, 0)
    place = server.atom(b"PASTED")
    server.request(24, 0, struct.pack("<IIIII", window, PRIMARY, STRING, place, 0))
    while True:
        event = server.event(3)
        if not event:
            raise Refused("nobody answers")
        if event[0] & 127 == SELECTION_NOTIFY:
            print("pasted", server.property(window, place) if struct.unpack_from("<I", event, 20)[0] else "")
            return


def names(server):
    reply, found = server.reply(99, 0, b""), []
    at = 32
    for _ in range(reply[1]):
        found.append(reply[at + 1:at + 1 + reply[at]].decode())
        at += 1 + reply[at]
    print(*sorted(found))


WORDS = {
    "extensions": names, "window": show, "keys": keys, "listen": listen, "grab": grab, "send": send, "press": press, "retitle": retitle,
    "kill": kill, "own": own, "paste": paste,
    "open": lambda server: access(server, 0),
    "close": lambda server: access(server, 1),
    "screen": lambda server, x, y: print("pixel", server.pixel(server.root, int(x), int(y))),
    "pixel": lambda server, window: print("pixel", server.pixel(int(window), 20, 20)),
    "title": lambda server, window: print("title", server.property(int(window), NAME)),
}


def main(arguments):
    with_cookie = arguments[0] != "--without-cookie"
    if not with_cookie:
        arguments = arguments[1:]
    try:
        WORDS[arguments[0]](Server(with_cookie), *arguments[1:])
    except (Refused, OSError) as error:
        print("refused:", error, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
