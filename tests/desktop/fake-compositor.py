# SPDX-License-Identifier: LGPL-2.1-or-later
"""A Wayland compositor that draws nothing: it knows wl_registry and wp_security_context_v1, and says who came how.

    fake-compositor.py SOCKET [without|damaged]     without that protocol; with an answer that is none
"""
import array
import os
import select
import socket
import struct
import sys


def say(*words):
    print(*words, flush=True)


def text_at(data, at):
    size, = struct.unpack_from("=I", data, at)
    return data[at + 4:at + 3 + size].decode(), at + 4 + (size + 3) // 4 * 4


class Client:
    """One that speaks the protocol, as far as sbx does."""

    def __init__(self, connection, compositor):
        self.connection, self.compositor = connection, compositor
        self.data, self.fds, self.objects = b"", [], {1: "wl_display"}
        self.context = {}

    def event(self, number, opcode, body):
        self.connection.sendall(struct.pack("=IHH", number, opcode, 8 + len(body)) + body)

    def announce(self, number):
        self.objects[number] = "wl_registry"
        names = ["wl_compositor", "wl_shm"] + ([] if self.compositor.how == "without" else ["wp_security_context_manager_v1"])
        for index, name in enumerate(names):
            size = len(name) + 1
            body = struct.pack("=II", index + 1, size) + name.encode() + b"\0" * (1 + -size % 4) + struct.pack("=I", 1)
            if self.compositor.how == "damaged":
                body = body[:4] + b"\xff\xff\xff\xff" + body[8:]
            self.event(number, 0, body)

    def request(self, number, opcode, body):
        kind = self.objects.get(number)
        new = struct.unpack_from("=I", body)[0] if len(body) >= 4 else 0
        if (kind, opcode) == ("wl_display", 0):
            self.event(new, 0, struct.pack("=I", 0))
        elif (kind, opcode) == ("wl_display", 1):
            self.announce(new)
        elif (kind, opcode) == ("wl_registry", 0):
            name, at = text_at(body, 4)
            self.objects[struct.unpack_from("=I", body, at + 4)[0]] = name
        elif (kind, opcode) == ("wp_security_context_manager_v1", 1):
            self.objects[new] = "context"
            self.context = {"listener": self.fds.pop(0), "close": self.fds.pop(0)}
        elif kind == "context" and opcode in (1, 2, 3):
            self.context[{1: "engine", 2: "app_id", 3: "instance_id"}[opcode]] = text_at(body, 0)[0]
        elif (kind, opcode) == ("context", 4):
            self.compositor.confine(self.context)

    def take(self):
        data, ancillary, _, _ = self.connection.recvmsg(65536, socket.CMSG_SPACE(64))
        for _, _, content in ancillary:
            fds = array.array("i")
            fds.frombytes(content)
            self.fds += fds
        self.data += data
        while len(self.data) >= 8:
            number, opcode, size = struct.unpack_from("=IHH", self.data)
            if number == 0 or size < 8:  # not the protocol: a word of a test
                say("a client says", self.data.decode(errors="replace").strip())
                return False
            if len(self.data) < size:
                break
            body, self.data = self.data[8:size], self.data[size:]
            self.request(number, opcode, body)
        return bool(data)


class Compositor:
    def __init__(self, path, how):
        self.how = how
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(path)
        self.server.listen()
        self.clients, self.contexts, self.confined = {}, {}, {}

    def confine(self, context):
        say("context of", context["engine"], context["app_id"], context["instance_id"])
        context["socket"] = socket.socket(fileno=context["listener"])
        self.contexts[context["socket"]] = context

    def confined_says(self, connection):
        data = connection.recv(4096)
        if data:
            say("a client of", self.confined[connection]["app_id"], "says", data.decode(errors="replace").strip())
            connection.sendall(b"heard\n")
        else:
            del self.confined[connection]

    def run(self):
        while True:
            poll = select.poll()
            known = {}
            for one in [self.server, *self.contexts, *self.confined, *self.clients]:
                known[one.fileno()] = one
                poll.register(one, select.POLLIN)
            for context in self.contexts.values():
                known[context["close"]] = context
                poll.register(context["close"], 0)
            for fd, _ in poll.poll():
                self.serve(known[fd])

    def serve(self, one):
        if one is self.server:
            connection = self.server.accept()[0]
            self.clients[connection] = Client(connection, self)
        elif isinstance(one, dict):
            say("context of", one["app_id"], "ends")
            os.close(one["close"])
            del self.contexts[one["socket"]]
        elif one in self.contexts:
            self.confined[one.accept()[0]] = self.contexts[one]
        elif one in self.confined:
            self.confined_says(one)
        elif one in self.clients and not self.clients[one].take():
            one.close()
            del self.clients[one]


if __name__ == "__main__":
    Compositor(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "").run()
