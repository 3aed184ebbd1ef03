# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sits where a sandbox must not reach, and greets who comes. usage: greet.py sit-and-greet ABSTRACT PORT-FILE SOCKET..."""
import os
import selectors
import socket
import sys

abstract, port_file, *paths = sys.argv[2:]
selector = selectors.DefaultSelector()
for address in ["\0" + abstract, *paths]:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    if address in paths:
        os.chmod(address, 0o777)
    listener.listen(100)
    selector.register(listener, selectors.EVENT_READ)
listener = socket.create_server(("127.0.0.1", 0))
selector.register(listener, selectors.EVENT_READ)
with open(port_file + ".new", "w", encoding="ascii") as file:
    file.write(f"{listener.getsockname()[1]}\n")
os.rename(port_file + ".new", port_file)
while True:
    for key, _ in selector.select():
        with key.fileobj.accept()[0] as client:
            try:
                client.sendall(b"YOU REACHED IT\n")
            except OSError:
                pass
