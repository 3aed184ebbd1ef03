# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes red.png and "a paper's 1.pdf", each with a large red box, in a folder; with a URL also link.pdf, of which
the whole page is a link to it. usage: papers.py FOLDER [URL]"""
import os
import struct
import sys
import zlib


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, colour):
    rows = (b"\0" + colour * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def pdf(title, annotation=b""):
    drawing = b"0.8786 0.1890 0.1270 rg 50 50 300 200 re f"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]/Contents 4 0 R%s>>" % annotation,
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawing), drawing),
        b"<</Title(%s)>>" % title,
    ]
    out, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, text)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table)
    return out + b"trailer<</Size %d/Root 1 0 R/Info 5 0 R>>\nstartxref\n%d\n%%%%EOF" % (count, out.rindex(b"xref\n0"))


papers = [("red.png", png(320, 240, b"\xe0\x30\x20")), ("a paper's 1.pdf", pdf(b"A PAPER"))]
if len(sys.argv) > 2:
    link = b"/Annots[<</Type/Annot/Subtype/Link/Border[0 0 0]/Rect[0 0 400 300]/A<</S/URI/URI(%s)>>>>]"
    papers.append(("link.pdf", pdf(b"A LINK", link % sys.argv[2].encode())))
for name, data in papers:
    with open(os.path.join(sys.argv[1], name), "wb") as file:
        file.write(data)
