# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes what the programs of programs.table open, in a folder. usage: samples.py FOLDER URL"""
import binascii
import email.message
import hashlib
import math
import os
import struct
import sys
import wave
import zipfile

folder, url = sys.argv[1:]
os.chdir(folder)
TEXT = "FIRST LINE\nsecond line\n"


def write(name, data):
    with open(name, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())


def rar(name, data):
    """A RAR archive of version 3 with one file that is stored as it is."""
    def block(kind, flags, body, data=b""):
        head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
        return struct.pack("<H", binascii.crc32(head) & 0xFFFF) + head + data
    entry = struct.pack("<IIBIIBBHI", len(data), len(data), 3, binascii.crc32(data), 0x58000000, 20, 0x30, len(name), 0o100644)
    return b"Rar!\x1a\x07\x00" + block(0x73, 0, bytes(6)) + block(0x74, 0x8000, entry + name, data) + block(0x7B, 0x4000, b"")


def torrent(name, data):
    """Whose data is on a web server."""
    def code(value):
        if isinstance(value, dict):
            return b"d" + b"".join(code(k) + code(value[k]) for k in sorted(value)) + b"e"
        if isinstance(value, int):
            return b"i%de" % value
        value = value.encode() if isinstance(value, str) else value
        return b"%d:%s" % (len(value), value)
    info = {"length": len(data), "name": name, "piece length": 65536, "private": 1, "pieces": b"".join(
        hashlib.sha1(data[i : i + 65536]).digest() for i in range(0, len(data), 65536))}
    return code({"announce": f"{url}/announce", "info": info, "url-list": f"{url}/{name}"})


OFFICE = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.%s"><office:body><office:%s>%s</office:%s>
</office:body></office:document>
"""
TABLE = """<table:table table:name="A"><table:table-row><table:table-cell><text:p>FIRST LINE</text:p></table:table-cell>
</table:table-row></table:table>"""
write("note.txt", TEXT)
write("note.fodt", OFFICE % ("text", "text", "<text:p>FIRST LINE</text:p>", "text"))
write("note.fods", OFFICE % ("spreadsheet", "spreadsheet", TABLE, "spreadsheet"))
write("note.abw", '<?xml version="1.0"?>\n<abiword><section><p>FIRST LINE</p></section></abiword>\n')
write("note.gnumeric", """<?xml version="1.0" encoding="UTF-8"?>
<gnm:Workbook xmlns:gnm="http://www.gnumeric.org/v10.dtd"><gnm:SheetNameIndex><gnm:SheetName>A</gnm:SheetName>
</gnm:SheetNameIndex><gnm:Sheets><gnm:Sheet><gnm:Name>A</gnm:Name><gnm:MaxCol>1</gnm:MaxCol><gnm:MaxRow>1</gnm:MaxRow>
<gnm:Cells><gnm:Cell Row="0" Col="0" ValueType="60">FIRST LINE</gnm:Cell></gnm:Cells></gnm:Sheet></gnm:Sheets></gnm:Workbook>
""")
write("note.json", '{"first": ["LINE", 6, 7]}\n')
write("note.md", "# FIRST LINE\n\n*second* line\n")
write("note.dot", "digraph { first -> line }\n")
write("note.gp", 'set terminal svg\nset output "plot.svg"\nplot sin(x) title "FIRST LINE"\n')
write("note.c", "#include <stdio.h>\nint main(void)\n{\n\tputs(\"FIRST LINE\");\n\treturn 0;\n}\n")
write("bad.c", "int main(void)\n{\n\tint a[2];\n\ta[2] = 1;\n\treturn a[2];\n}\n")
write("Makefile", "made: note.c\n\tcc -g -o $@ note.c\n")
write("note.sh", "#!/bin/sh\necho $1\n")
write("Note.java", 'class Note { public static void main(String[] a) { System.out.println("FIRST LINE"); } }\n')
write("note.rar", rar(b"unpacked.txt", TEXT.encode()))
with zipfile.ZipFile("note.zip", "w") as file:
    file.writestr("unpacked.txt", TEXT)
message = email.message.EmailMessage()
message["From"], message["To"], message["Subject"] = "a@here", "b@here", "A LETTER"
message["Date"] = "Mon, 02 Nov 2026 10:00:00 +0000"
message.set_content(TEXT)
write("note.eml", bytes(message))
write("note.mbox", b"From a@here Mon Nov 02 10:00:00 2026\n" + bytes(message) + b"\n")
with wave.open("note.wav", "wb") as file:
    file.setparams((2, 2, 44100, 0, "NONE", ""))
    file.writeframes(b"".join(struct.pack("<hh", v, v) for v in (int(9000 * math.sin(i / 16)) for i in range(1, 88200))))
with open("note.wav", "rb") as file:
    write("note.torrent", torrent("note.wav", file.read()))
