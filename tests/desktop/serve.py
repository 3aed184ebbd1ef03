# SPDX-License-Identifier: LGPL-2.1-or-later
"""Serves a folder over HTTP on a free port of the loopback interface, also parts of a file. usage: serve.py FOLDER PORT-FILE"""
import functools
import http.server
import os
import re
import sys


class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        part = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        path = self.translate_path(self.path)
        if not part or not os.path.isfile(path):
            super().do_GET()
            return
        first, last = map(int, part.groups())
        with open(path, "rb") as data:
            data.seek(first)
            body = data.read(last + 1 - first)
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{first + len(body) - 1}/{os.path.getsize(path)}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


folder, port_file = sys.argv[1:]
handler = functools.partial(Handler, directory=folder)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
with open(port_file + ".new", "w", encoding="ascii") as file:
    file.write(str(server.server_port) + "\n")
os.rename(port_file + ".new", port_file)
server.serve_forever()
