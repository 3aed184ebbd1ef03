# SPDX-License-Identifier: LGPL-2.1-or-later
# A program on a D-Bus, without a library; the bus is that of the variable DBUS_SESSION_BUS_ADDRESS, with a path.
#   bus.py serve NAME LOG       owns the name, answers every call, and writes its member to LOG; `Emit` makes it send the
#                               signals org.example.Good.Told and org.example.Bad.Told from /org/example
#   bus.py call NAME INTERFACE.MEMBER [PATH]    prints "answer", or the name of the error; @NAME: by its unique name
#   bus.py each                 the same for each line "NAME INTERFACE.MEMBER PATH" of standard input, on one connection
#   bus.py names                prints the names that the bus tells
#   bus.py own NAME             prints "owned", or the name of the error
#   bus.py fill COUNT MIB       that many connections, each with so much of a message that never ends; prints of both how many it were
#   bus.py listen NAME          has NAME emit, and prints the interfaces of the signals that come until there is a pause
import os
import re
import select
import socket
import struct
import sys

CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4
PATH, INTERFACE, MEMBER, ERROR_NAME, REPLY, DESTINATION, SENDER, SIGNATURE = range(1, 9)
BUS = "org.freedesktop.DBus"


def padded(data, to):
    return data + b"\0" * (-len(data) % to)


def text(value):
    value = value.encode()
    return struct.pack("<I", len(value)) + value + b"\0"


class Bus:
    def __init__(self):
        path = re.search("unix:path=([^,;]*)", os.environ["DBUS_SESSION_BUS_ADDRESS"]).group(1)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.socket.sendall(b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\n")
        if not self.socket.recv(200).startswith(b"OK"):
            sys.exit("the bus does not know us")
        self.socket.sendall(b"BEGIN\r\n")
        self.serial = 0
        self.ask(BUS, BUS + ".Hello")

    def send(self, kind, fields, body=b"", size=None):
        self.serial += 1
        array = b""
        for code, value in fields.items():
            array = padded(array, 8)
            if code == REPLY:
                array += struct.pack("<BBcBI", code, 1, b"u", 0, value)
            elif code == SIGNATURE:
                array += struct.pack("<BBcBB", code, 1, b"g", 0, len(value)) + value.encode() + b"\0"
            else:
                array += struct.pack("<BBcB", code, 1, b"o" if code == PATH else b"s", 0) + text(value)
        head = struct.pack("<cBBBIII", b"l", kind, 0, 1, len(body) if size is None else size, self.serial, len(array)) + array
        self.socket.sendall(padded(head, 8) + body)
        return self.serial

    def exactly(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                sys.exit("the bus has gone")
            data += more
        return data

    def receive(self):
        head = self.exactly(16)
        order = "<" if head[:1] == b"l" else ">"
        kind = head[1]
        body_size, serial, size = struct.unpack(order + "III", head[4:])
        array = self.exactly(size + (-size % 8))[:size]
        body = self.exactly(body_size)
        fields, at = {}, 0
        while at < size:
            at += -at % 8
            code, sort = array[at], chr(array[at + 2])
            at += 4
            if sort == "u":
                fields[code] = struct.unpack_from(order + "I", array, at)[0]
                at += 4
            else:
                wide = 1 if sort == "g" else 4
                length = array[at] if wide == 1 else struct.unpack_from(order + "I", array, at)[0]
                fields[code] = array[at + wide:at + wide + length].decode()
                at += wide + length + 1
        return kind, serial, fields, body

    def ask(self, name, method, path="/org/example", signature=None, body=b""):
        interface, member = method.rsplit(".", 1)
        fields = {PATH: path, INTERFACE: interface, MEMBER: member, DESTINATION: name}
        if signature:
            fields[SIGNATURE] = signature
        mine = self.send(CALL, fields, body)
        while True:
            kind, _, fields, body = self.receive()
            if kind in (RETURN, ERROR) and fields.get(REPLY) == mine:
                return kind, fields, body

    def owner(self, name):
        _, _, body = self.ask(BUS, BUS + ".GetNameOwner", "/", "s", text(name))
        return body[4:-1].decode()

    def request(self, name):
        return self.ask(BUS, BUS + ".RequestName", "/", "su", padded(text(name), 4) + struct.pack("<I", 4))


def serve(bus, name, log):
    kind, fields, _ = bus.request(name)
    if kind == ERROR:
        sys.exit(fields[ERROR_NAME])
    with open(log, "a", buffering=1) as file:
        print("ready", file=file)
        while True:
            kind, serial, fields, _ = bus.receive()
            if kind != CALL:
                continue
            print(fields[INTERFACE] + "." + fields[MEMBER], file=file)
            bus.send(RETURN, {REPLY: serial, DESTINATION: fields[SENDER]})
            if fields[MEMBER] == "Emit":
                for interface in "org.example.Good", "org.example.Bad":
                    bus.send(SIGNAL, {PATH: "/org/example", INTERFACE: interface, MEMBER: "Told"})


def told(kind, fields, good):
    print(fields[ERROR_NAME] if kind == ERROR else good)


def names(bus):
    _, _, body = bus.ask(BUS, BUS + ".ListNames", "/")
    end, at = 4 + struct.unpack_from("<I", body)[0], 4
    while at < end:
        at += -at % 4
        length = struct.unpack_from("<I", body, at)[0]
        print(body[at + 4:at + 4 + length].decode())
        at += 4 + length + 1


def listen(bus, name):
    bus.ask(BUS, BUS + ".AddMatch", "/", "s", text("type='signal',path='/org/example'"))
    bus.send(CALL, {PATH: "/org/example", INTERFACE: "org.example.Good", MEMBER: "Emit", DESTINATION: name})
    while select.select([bus.socket], [], [], 0.5)[0]:
        kind, _, fields, _ = bus.receive()
        if kind == SIGNAL:
            print(fields[INTERFACE])


def fill(count, mib):
    held, sent = [], 0
    try:
        for _ in range(count):
            held.append(Bus())
            held[-1].socket.settimeout(5)
            fields = {PATH: "/", INTERFACE: BUS, MEMBER: "GetId", DESTINATION: BUS, SIGNATURE: "ay"}
            held[-1].send(CALL, fields, size=120 << 20)
            for _ in range(mib):
                held[-1].socket.sendall(b"x" * (1 << 20))
                sent += 1
    except (OSError, SystemExit):
        pass
    print(len(held), sent)


def main(what, *words):
    bus = Bus()
    if what == "serve":
        serve(bus, *words)
    elif what == "call":
        name = bus.owner(words[0][1:]) if words[0][0] == "@" else words[0]
        told(*bus.ask(name, *words[1:])[:2], "answer")
    elif what == "each":
        for line in sys.stdin:
            told(*bus.ask(*line.split())[:2], "answer")
    elif what == "names":
        names(bus)
    elif what == "own":
        told(*bus.request(*words)[:2], "owned")
    elif what == "fill":
        fill(*map(int, words))
    elif what == "listen":
        listen(bus, *words)


main(*sys.argv[1:])
