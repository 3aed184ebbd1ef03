# SPDX-License-Identifier: LGPL-2.1-or-later
"""Serves a folder over HTTP on a free port of the loopback interface. usage: serve.py FOLDER PORT-FILE"""
import functools
import http.server
import os
import sys

folder, port_file = sys.argv[1:]
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
with open(port_file + ".new", "w", encoding="ascii") as file:
    file.write(str(server.server_port) + "\n")
os.rename(port_file + ".new", port_file)
server.serve_forever()
