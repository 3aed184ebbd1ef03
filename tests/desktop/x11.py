# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client of an X11 server that does one thing and says what became of it, by the bytes of the protocol alone.

    x11.py [--without-cookie] WORD [ARGUMENT]...

    extensions              their names
    window TITLE RRGGBB     shows a window, says its id, then each key that is typed into it, until it is ended
    keys SECONDS            the keys that are down, of whoever's window (QueryKeymap)
    listen ID SECONDS       asks to be told of keys that go to another's window
    grab | grabkey SECONDS  the keys that come while it has all of the keyboard, or has asked for each key
    manage                  becomes the window manager
    focus | warp | map      takes the focus, moves the pointer, gives a key another meaning
    buttons | controls      swaps the pointer's buttons; makes it fast, the keyboard loud, and rings the bell
    draw                    on the screen
    under X Y               the colour below a window of its own that has none
    saver                   the screen is never saved, so that it is never locked
    takeover NAME           has a selection of that name
    tell NAME ID            tells the window manager something of a window: a message, by its name
    hear                    what is told to the window manager, until it is ended
    read ID NAME            a property of a window
    reuse                   names what is of a client that is gone, as soon as another has its numbers
    follow ID SECONDS       is that other one, if it can: the title that its window has then
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
    server.set_property(window, server.atom(b"SOME_SELECTION"), STRING, b"PASTED TEXT")
    server.request(8, 0, struct.pack("<I", window))
    server.sync()
    print("root", server.root)
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


def grab_each(server, seconds):
    server.request(33, 1, struct.pack("<IHBBBxxx", server.root, 0x8000, 0, 1, 1))  # GrabKey
    server.sync()
    told_keys(server, seconds)


def manage(server):
    server.request(2, 0, struct.pack("<III", server.root, 0x800, 1 << 20))  # SubstructureRedirect
    server.sync()
    print("managed")


def focus(server):
    window = server.window(0, 1, 20, 20)
    server.request(9, 0, struct.pack("<I", window))
    server.request(8, 0, struct.pack("<I", window))
    server.sync()
    server.request(42, 1, struct.pack("<II", window, 0))
    print("has it" if struct.unpack_from("<I", server.reply(43, 0, b""), 8)[0] == window else "has it not")


def warp(server):
    def where():
        return struct.unpack_from("<hh", server.reply(38, 0, struct.pack("<I", server.root)), 16)
    before = where()
    server.request(41, 0, struct.pack("<IIhhHHhh", 0, server.root, 0, 0, 0, 0, before[0] ^ 8, before[1]))
    server.sync()
    print("moved" if where() != before else "is where it was")


def buttons(server):
    def mapping():
        reply = server.reply(117, 0, b"")
        return reply[32:32 + reply[1]]
    before = mapping()
    after = before[::-1]
    done = server.reply(116, len(after), after)[1]
    print("other buttons" if mapping() != before else "the same buttons", "(done)" if done == 0 else "(not done)")
    server.reply(116, len(before), before)


def controls(server):
    def pointer():
        return server.reply(106, 0, b"")[8:14]
    before = pointer()
    server.request(105, 0, struct.pack("<hhhBB", 7, 1, 9, 1, 1))
    server.request(102, 0, struct.pack("<II", 1, 50))  # the volume of clicks
    server.request(104, 50, b"")  # Bell: many programs ring it
    server.sync()
    print("changed" if pointer() != before else "kept")
    server.request(105, 0, struct.pack("<hhhBB", *struct.unpack("<HHH", before), 1, 1))
    server.sync()


def remap(server):
    server.request(100, 1, struct.pack("<BBxxI", 250, 1, 0x62))  # ChangeKeyboardMapping
    server.sync()
    print("mapped")


def draw(server):
    context = server.new_id()
    server.request(55, 0, struct.pack("<IIII", context, server.root, 1 << 2, 0xffffff))
    server.request(70, 0, struct.pack("<IIhhHH", server.root, context, 1200, 800, 20, 20))
    server.sync()
    print("drawn")


def under(server, x, y):
    window = server.new_id()
    server.request(1, 0, struct.pack("<IIhhHHHHIIII", window, server.root, int(x), int(y), 50, 50, 0, 1, 0, 0x201, 0, 1))
    server.request(8, 0, struct.pack("<I", window))
    server.sync()
    print("pixel", server.pixel(window, 20, 20))


def saver(server):
    before = struct.unpack_from("<H", server.reply(108, 0, b""), 8)[0]
    server.request(107, 0, struct.pack("<HHBBxx", before ^ 4, 0, 0, 0))
    after = struct.unpack_from("<H", server.reply(108, 0, b""), 8)[0]
    print("kept" if after == before else "changed")


def takeover(server, name):
    window, selection = server.window(0, 0), server.atom(name.encode())
    server.request(22, 0, struct.pack("<III", window, selection, 0))
    print("has it" if struct.unpack_from("<I", server.reply(23, 0, struct.pack("<I", selection)), 8)[0] == window else "has it not")


def tell(server, name, window):
    event = struct.pack("<BBHIIIIIII", 33, 32, 0, int(window), server.atom(name.encode()), 1, 0, 0, 0, 0)
    server.request(25, 0, struct.pack("<II", server.root, 0x180000) + event)
    server.sync()
    print("told")


def hear(server):
    server.request(2, 0, struct.pack("<III", server.root, 0x800, 1 << 19))  # SubstructureNotify
    server.sync()
    print("hears", flush=True)
    while True:
        event = server.event(None)
        if event[0] & 127 == 33:
            name = server.reply(17, 0, event[8:12])
            print("message", name[32:32 + struct.unpack_from("<H", name, 8)[0]].decode(), *struct.unpack_from("<I", event, 4), flush=True)


def reuse(server):
    """Slow requests, and then one for the window of a client that is gone by the time when it is done."""
    other = Server(True)
    window, picture, context = other.window(0, 0), server.new_id(), server.new_id()
    other.sync()
    server.set_property(window, NAME, STRING, b"OURS")
    server.request(53, 24, struct.pack("<IIHH", picture, server.root, 4000, 4000))
    server.request(55, 0, struct.pack("<III", context, picture, 0))
    server.sync()
    slow = struct.pack("<BBHIIhhHHhh", 71, 0, 6, picture, context, 0, 0, 3990, 3990, 0, 23040)  # PolyFillArc
    title = struct.pack("<BBHIIIBxxxI", 18, 0, 8, window, NAME, STRING, 8, 6) + b"STOLEN\0\0"
    server.socket.sendall(slow * 100 + title)
    print("window", window, flush=True)
    time.sleep(0.1)
    other.socket.close()
    server.sync()
    print("done", flush=True)


def follow(server, window, seconds):
    end, others = time.monotonic() + float(seconds), []
    while server.base != int(window) & ~0x1fffff:
        if time.monotonic() > end:
            print("not before that is done")
            return
        others.append(server)
        others = others[-10:]
        server = Server(True)
    server.made = (int(window) & 0x1fffff) - 1
    mine = server.window(0, 0)
    server.set_property(mine, NAME, STRING, b"MINE")
    while time.monotonic() < end and server.property(mine, NAME) == "MINE":
        time.sleep(0.1)
    print("title", server.property(mine, NAME))


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
    "grabkey": grab_each, "manage": manage, "focus": focus, "warp": warp, "map": remap, "draw": draw, "under": under,
    "buttons": buttons, "controls": controls, "saver": saver,
    "takeover": takeover, "tell": tell, "hear": hear, "reuse": reuse, "follow": follow,
    "read": lambda server, window, name: print("property", server.property(int(window), server.atom(name.encode()))),
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
