#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Archives that an enemy would make, byte by byte, with the standard library alone.

hostile.py make FOLDER OUTSIDE   writes them; on stdout one line for each: NAME|KIND|OPTIONS|TEXT|CHECK
    KIND: refused (TEXT is in the message) or unpacked (CHECK, of sh, is true in the folder); with "+" it is a way out: the
    naive extraction must change OUTSIDE by it
hostile.py naive ARCHIVE         extracts into the working directory as a program would that trusts names and links"""
import bz2
import gzip
import lzma
import os
import sys
import tarfile

BLOCK = 512
END = bytes(2 * BLOCK)


def pad(data):
    return data + bytes(-len(data) % BLOCK)


def octal(value, size):
    return b"%0*o\0" % (size - 1, value)


def header(name, kind=b"0", size=0, **more):
    """`size` may be the bytes of the field themselves; `more`: link, mode, mtime, prefix, sum."""
    field = size if isinstance(size, bytes) else octal(size, 12)
    start = name[:100].ljust(100, b"\0") + octal(more.get("mode", 0o644), 8) + octal(0, 8) * 2 + field
    start += octal(more.get("mtime", 1000000000), 12)
    end = kind + more.get("link", b"")[:100].ljust(100, b"\0") + more.get("magic", b"ustar\00000") + bytes(64)
    end += octal(1, 8) + octal(3, 8) + more.get("prefix", b"").ljust(155, b"\0") + bytes(12)
    total = sum(start) + sum(end) + 8 * 32 + more.get("sum", 0)
    return start + b"%06o\0 " % total + end


def file(name, data=b"hostile\n", **more):
    return header(name, size=more.pop("size", len(data)), **more) + pad(data)


def folder(name, mode=0o755):
    return header(name + b"/", b"5", mode=mode)


def symlink(name, target):
    return header(name, b"2", link=target)


def hardlink(name, target, **more):
    return header(name, b"1", link=target, **more)


def special(kind, body, name=b"special"):
    return header(name, kind, len(body)) + pad(body)


def record(key, value):
    rest = len(key) + len(value) + 3
    size = rest + 1
    while size != rest + len(str(size)):
        size = rest + len(str(size))
    return b"%d %s=%s\n" % (size, key, value)


def pax(kind=b"x", **values):
    return special(kind, b"".join(record(k.replace("_", ".").encode(), v) for k, v in values.items()))


def long_name(name):
    return special(b"L", name + b"\0", b"././@LongLink")


def long_link(name):
    return special(b"K", name + b"\0", b"././@LongLink")


def sparse(name, size, pieces, data):
    """GNU's format 1.0: the map is in front of the data."""
    numbers = [len(pieces)] + [n for piece in pieces for n in piece]
    body = pad(b"".join(b"%d\n" % n for n in numbers)) + data
    return pax(GNU_sparse_major=b"1", GNU_sparse_minor=b"0", GNU_sparse_name=name, GNU_sparse_realsize=b"%d" % size) + \
        header(b"GNUSparseFile.0/x", size=len(body)) + pad(body)


def base256(value):
    return b"\x80" + value.to_bytes(11, "big") if value >= 0 else b"\xff" + (value + (1 << 88)).to_bytes(11, "big")


class Maker:
    def __init__(self, where, outside):
        self.where, self.outside = where, os.fsencode(outside)

    def put(self, name, kind, data, text="", check="", options=""):
        with open(os.path.join(self.where, name), "wb") as out:
            out.write(data)
        print("|".join((name, kind, options, text, check)))

    def refused(self, name, data, text, options="", end=END):
        self.put(name, "refused", data + end, text, "", options)

    def unpacked(self, name, data, check="", options="", end=END):
        self.put(name, "unpacked", data + end, "", check, options)

    def escape(self, name, data, text=None, check=""):
        self.put(name, "unpacked+" if text is None else "refused+", data + END, text or "", check)


def ways_out(m):
    out = m.outside
    canary = out + b"/canary"
    m.escape("dotdot", file(b"../outside/canary"), "'..' in a path")
    m.escape("dotdot-middle", folder(b"a") + file(b"a/../../outside/canary"), "'..' in a path")
    m.escape("dotdot-pax", pax(path=b"../outside/canary") + file(b"harmless"), "'..' in a path")
    m.escape("dotdot-gnu", long_name(b"./" * 60 + b"../outside/canary") + file(b"harmless"), "'..' in a path")
    m.escape("dotdot-prefix", file(b"outside/canary", prefix=b".."), "'..' in a path")
    m.escape("absolute", pax(path=canary) + file(b"x"), None, "[ -f .%s ]" % os.fsdecode(canary))
    m.escape("absolute-dotdot", pax(path=out + b"/../outside/canary") + file(b"x"), "'..' in a path")
    m.escape("link-relative", symlink(b"l", b"../outside") + file(b"l/canary"), "a link that leads nowhere")
    m.escape("link-absolute", long_link(out) + symlink(b"l", b"x") + file(b"l/canary"), "a link that leads nowhere")
    m.escape("link-itself", long_link(canary) + symlink(b"l", b"x") + file(b"l"), None, "[ -f l ] && [ ! -L l ]")
    m.escape("link-then-folder", symlink(b"l", b"../outside") + folder(b"l") + file(b"l/canary"), None,
             "[ -f l/canary ] && [ ! -L l ]")
    m.escape("link-chain", symlink(b"a", b".") + symlink(b"b", b"a/..") + symlink(b"c", b"b/outside") + file(b"c/canary"),
             "a link that leads nowhere")
    m.escape("link-to-root", symlink(b"r", b"/") + pax(path=b"r" + canary) + file(b"x"), None,
             "[ -f .%s ]" % os.fsdecode(canary))
    m.escape("link-to-proc-root", symlink(b"p", b"/proc/self/root") + pax(path=b"p" + canary) + file(b"x"),
             "a link that leads nowhere")
    m.escape("link-to-proc-cwd", symlink(b"p", b"/proc/self/cwd/..") + file(b"p/outside/canary"), "a link that leads nowhere")
    m.escape("link-new-file", symlink(b"l", b"../outside/new") + file(b"l"), None, "[ ! -L l ]")
    m.escape("hardlink-relative", hardlink(b"h", b"../outside/canary") + file(b"h"), "'..' in a path")
    m.escape("hardlink-absolute", long_link(canary) + hardlink(b"h", b"x") + file(b"h"), "the target of a hard link")
    m.escape("hardlink-alone", long_link(canary) + hardlink(b"h", b"x"), "the target of a hard link")
    m.escape("hardlink-by-link", symlink(b"s", b"../outside") + hardlink(b"h", b"s/canary") + file(b"h"),
             "the target of a hard link")
    m.escape("hardlink-to-link", symlink(b"s", b"../outside/canary") + hardlink(b"h", b"s") + file(b"h"), "no regular file")
    m.escape("hardlink-into-link", file(b"f") + symlink(b"l", b"../outside") + hardlink(b"l/new", b"f"),
             "a link that leads nowhere")
    m.escape("folder-by-link", symlink(b"l", b"../outside") + folder(b"l/new"), "a link that leads nowhere")
    m.escape("symlink-by-link", symlink(b"l", b"../outside") + symlink(b"l/new", b"/"), "a link that leads nowhere")


def links(m):
    m.unpacked("hardlink-then-file", file(b"a", b"keep") + hardlink(b"b", b"a") + file(b"b", b"new"),
               '[ "$(cat a)" = keep ] && [ "$(cat b)" = new ]')
    m.unpacked("hardlink-again", file(b"a", b"keep") + hardlink(b"b", b"a") + hardlink(b"b", b"/a") + hardlink(b"B", b"./b"),
               '[ "$(cat B)" = keep ] && [ "$(stat -c %h a)" = 3 ]')
    m.unpacked("hardlink-to-itself", file(b"a", b"keep") + hardlink(b"a", b"a"), '[ "$(cat a)" = keep ]')
    m.refused("hardlink-to-folder", folder(b"d") + hardlink(b"h", b"d"), "no regular file")
    m.refused("hardlink-to-tree", hardlink(b"h", b"."), "the target of a hard link")
    m.refused("hardlink-to-nothing", hardlink(b"h", b"nothing"), "the target of a hard link")
    m.refused("hardlink-to-later", hardlink(b"h", b"f") + file(b"f"), "the target of a hard link")
    m.refused("hardlink-content", pax(comment=b"x") + file(b"a", b"keep") + pax(comment=b"x") +
              hardlink(b"b", b"a", size=5) + pad(b"12345"), "a hard link with content")
    m.unpacked("linkpath-of-file", file(b"a", b"keep") + pax(linkpath=b"a") + file(b"b", b"new"),
               '[ "$(cat a)" = keep ] && [ "$(cat b)" = new ]')
    m.unpacked("link-text", symlink(b"l", b"../../../etc/passwd") + symlink(b"m", b"/etc/shadow") +
               pax(linkpath=b"a\nb\xff", hdrcharset=b"BINARY") + symlink(b"n", b"x"),
               '[ "$(readlink l)" = ../../../etc/passwd ] && [ "$(readlink m)" = /etc/shadow ] && [ -L n ]')
    m.refused("link-to-no-text", symlink(b"l", b""), "a link to nothing")
    m.refused("link-long-text", long_link(b"x/" * 2100) + symlink(b"l", b"x"), "the text of the link is too long")
    m.refused("link-circle", symlink(b"a", b"b") + symlink(b"b", b"a") + file(b"a/x"), "can't be entered")
    m.refused("link-to-file", file(b"f") + symlink(b"l", b"f") + file(b"l/x"), "can't be entered")
    m.unpacked("link-inside", folder(b"usr") + folder(b"usr/lib") + symlink(b"lib", b"/usr/lib") + file(b"lib/x"),
               "[ -f usr/lib/x ] && [ -L lib ]")
    m.unpacked("long-link-of-file", long_link(b"../outside/canary") + file(b"f"), "[ -f f ] && [ ! -L f ]")


def kinds(m):
    m.unpacked("device", header(b"null", b"3") + header(b"sda", b"4"), '[ -z "$(ls)" ] && skipped device 2')
    m.unpacked("device-then-below", header(b"null", b"3") + file(b"null/x"), "[ -f null/x ] && skipped device 1")
    m.unpacked("fifo", header(b"pipe", b"6"), '[ -z "$(ls)" ] && skipped fifo 1')
    m.unpacked("unknown-type", header(b"z", b"Z", 5) + pad(b"12345") + file(b"f"), '[ "$(ls)" = f ] && skipped other 1')
    m.unpacked("setuid", file(b"s", mode=0o6755) + folder(b"d", 0o3777),
               '[ "$(stat -c %a s)" = 755 ] && [ "$(stat -c %a d)" = 1777 ] && dropped setuid 2')
    m.unpacked("no-mode", folder(b"d", 0) + file(b"d/f", mode=0),
               '[ "$(stat -c %a d)" = 700 ] && [ "$(stat -c %a d/f)" = 600 ]')
    m.unpacked("root-without-mode", folder(b".", 0) + file(b"f"), '[ "$(stat -c %a .)" = 700 ]')
    m.unpacked("xattrs", pax(**{"SCHILY_xattr_user_n%d" % i: b"v" * 100 for i in range(2000)}) + file(b"f"),
               "dropped xattr 2000")
    m.unpacked("capability", pax(SCHILY_xattr_security_capability=bytes(20)) + file(b"f"), "dropped xattr 1")
    m.unpacked("acl", pax(SCHILY_acl_access=b"user::rwx,user:0:rwx,group::r-x,mask::rwx,other::r-x") + file(b"f"),
               "dropped xattr 1")
    m.refused("xattr-bomb", pax(SCHILY_xattr_user_n=bytes(80 << 20)) + file(b"f"), "")
    m.refused("root-is-file", file(b"."), "the folder of the tree itself")
    m.refused("root-is-link", symlink(b"./", b"/"), "the folder of the tree itself")
    m.refused("root-is-hardlink", file(b"f") + hardlink(b"./.", b"f"), "the folder of the tree itself")


def replacing(m):
    m.unpacked("duplicates", file(b"f", b"1") + file(b"./f", b"2") + file(b"/f", b"3"), '[ "$(cat f)" = 3 ] && entries 3')
    m.refused("file-over-folder", file(b"d/x") + file(b"d"), "would take the place of a folder")
    m.unpacked("file-over-empty-folder", folder(b"d") + file(b"d"), "[ -f d ]")
    m.unpacked("folder-over-file", file(b"d") + folder(b"d") + file(b"d/x"), "[ -f d/x ]")
    m.unpacked("folder-again", folder(b"d", 0o755) + file(b"d/x") + folder(b"d", 0o711),
               '[ -f d/x ] && [ "$(stat -c %a d)" = 711 ] && [ "$(stat -c %Y d)" = 1000000000 ]')
    m.unpacked("folders-come-and-go", b"".join(folder(b"d") + file(b"d") for _ in range(50)) + folder(b"e"), "[ -f d ]")
    m.refused("link-over-folder", file(b"d/x") + symlink(b"d", b"/"), "would take the place of a folder")
    m.refused("hardlink-over-folder", file(b"f") + file(b"d/x") + hardlink(b"d", b"f"), "would take the place of a folder")
    m.refused("below-a-file", file(b"f") + file(b"f/x"), "can't be entered")
    m.unpacked("case", file(b"File", b"1") + file(b"file", b"2"), '[ "$(cat File)" = 1 ]')


def names(m):
    deep = b"/".join([b"d"] * 127)
    half = b"/".join([b"h"] * 100)
    m.refused("dotdot-alone", header(b"..", b"5"), "'..' in a path")
    m.refused("dotdot-end", folder(b"a") + header(b"a/..", b"5"), "'..' in a path")
    m.refused("empty-name", header(b"", b"0"), "an empty name")
    m.unpacked("dots", file(b".//./a/./b/.//c"), "[ -f a/b/c ]")
    m.unpacked("odd-dots", file(b"...") + file(b"..a") + file(b"a..") + file(b". "), "[ -f ... ] && [ -f ..a ] && [ -f '. ' ]")
    m.unpacked("deep", long_name(deep + b"/f") + file(b"x"), "[ -f %s/f ]" % deep.decode())
    m.refused("too-deep", long_name(deep + b"/d/f") + file(b"x"), "too many folders in each other")
    m.refused("too-deep-option", file(b"a/b/c"), "too many folders in each other", "--depth=2")
    m.refused("too-deep-by-links", long_name(half + b"/f") + file(b"x") + long_link(half) + symlink(b"l", b"x") +
              long_name(b"l/" + half + b"/f") + file(b"x"), "the folder can't be made")
    m.unpacked("long", pax(path=b"n" * 255) + file(b"x"), '[ "$(ls)" = "%s" ]' % ("n" * 255))
    m.refused("too-long", pax(path=b"n" * 256) + file(b"x"), "a name is longer")
    m.refused("too-long-path", pax(path=b"./" * 2048) + file(b"x"), "the path is longer")
    m.refused("nul-pax", pax(path=b"good\0/../outside/canary") + file(b"x"), "a NUL in a name")
    m.refused("nul-pax-link", pax(linkpath=b"a\0b") + symlink(b"x", b"x"), "a NUL in a name")
    m.refused("nul-gnu", special(b"L", b"good\0bad\0") + file(b"x"), "a NUL in a name")
    m.unpacked("control-bytes", file(b"a\nb\t\x1b[2J\x7f") + file(b"\xff\xfe") + pax(path=b"\xff\xc3(\xed\xa0\x80") + file(b"x") +
               pax(path="\u00e9\u202e".encode()) + file(b"x"),
               '[ -f "$(printf \'a\\nb\\t\\033[2J\\177\')" ] && [ -f "$(printf \'\\377\\376\')" ] && '
               '[ -f "$(printf \'\\377\\303(\\355\\240\\200\')" ] && [ -f "$(printf \'\\303\\251\\342\\200\\256\')" ]')
    m.refused("control-bytes-in-message", file(b"\x1b]0;x\x07\r\n../.."), "x1b]0;x")
    m.refused("control-bytes-in-link", symlink(b"l\n\x1b", b"nowhere") + file(b"l\n\x1b/x"), "'l\\x0a\\x1b'")
    m.unpacked("options-as-names", file(b"--help") + file(b"-rf") + file(b"*") + file(b"$(id)"), "[ -f ./--help ]")


def whiteouts(m):
    m.unpacked("whiteouts", file(b".wh.x", b"") + file(b"d/.wh..wh..opq", b"") + file(b"d/.wh...x", b""),
               "[ -f .wh.x ] && [ -f d/.wh..wh..opq ] && [ -f d/.wh...x ]")
    for name, path in (("none", b".wh."), ("dot", b"a/.wh.."), ("dotdot", b"a/.wh...")):
        m.refused("whiteout-" + name, file(path, b""), "a whiteout of no name")
    m.refused("whiteout-unknown", file(b".wh..wh.evil", b""), "nothing is known of")
    m.refused("whiteout-folder", folder(b".wh.x"), "a whiteout is a regular file")
    m.refused("whiteout-link", symlink(b".wh.x", b"../outside/canary"), "a whiteout is a regular file")
    m.refused("whiteout-device", header(b".wh.x", b"3"), "a whiteout is a regular file")
    m.refused("whiteout-content", file(b".wh.x", b"content"), "a whiteout is an empty file")
    m.refused("whiteout-parent", file(b".wh.x/y"), "a whiteout is no folder")
    m.refused("whiteout-opaque-folder", folder(b".wh..wh..opq"), "a whiteout is a regular file")
    m.unpacked("whiteout-aufs", file(b".wh..wh.aufs", b"") + folder(b".wh..wh.plnk") + file(b".wh..wh.plnk/1.2") +
               folder(b".wh..wh.orph"), '[ -z "$(ls -A)" ] && skipped other 4')
    m.unpacked("whiteout-aufs-links", file(b".wh.a", b"") + hardlink(b".wh.b", b".wh.a"), "[ -f .wh.b ] && [ ! -s .wh.b ]")
    m.refused("whiteout-of-content", file(b"f") + hardlink(b".wh.x", b"f"), "a whiteout and a file are linked")
    m.refused("whiteout-other-name", file(b".wh.x", b"") + hardlink(b"f", b".wh.x"), "a whiteout and a file are linked")


def sizes(m):
    m.refused("sparse-huge", sparse(b"s", 1 << 62, [(0, 512)], bytes(512)), "more than")
    m.refused("sparse-above-limit", sparse(b"s", 2 << 20, [(0, 512)], bytes(512)), "more than", "--bytes=1M")
    m.unpacked("sparse", sparse(b"s", 1 << 30, [(1 << 20, 3)], b"abc"),
               '[ "$(stat -c %s s)" = 1073741824 ] && [ "$(stat -c %b s)" -lt 100 ] && bytes 3')
    m.refused("sparse-behind-end", sparse(b"s", 100, [(4096, 512)], b"x" * 512), "")
    m.refused("sparse-negative", sparse(b"s", 100, [(-4096, 512)], b"x" * 512), "")
    m.refused("sparse-more-than-is-there", sparse(b"s", 1 << 20, [(0, 1 << 19)], b"x" * 512), "")
    m.refused("sparse-map-bomb", sparse(b"s", 1 << 20, [(0, 1)] * (1 << 19), b"x" * 512), "")
    m.refused("size-of-pax-too-large", pax(size=b"1000000000000") + file(b"f", b"12345"), "")
    m.refused("size-of-pax-too-small", pax(size=b"100") + file(b"f", b"x" * 1500), "")
    m.refused("size-of-pax-negative", pax(size=b"-1") + file(b"f"), "")
    m.refused("size-of-pax-text", pax(size=b"lots") + file(b"f", b"x" * 600), "")
    m.refused("size-negative", header(b"f", size=base256(-512)), "")
    m.refused("size-negative-octal", header(b"f", size=b"-0000001000\0"), "")
    m.refused("size-huge", header(b"f", size=base256(1 << 62)), "more than")
    m.refused("size-max", header(b"f", size=base256((1 << 63) - 1)), "")
    m.refused("size-above", header(b"f", size=base256(1 << 80)), "")
    m.unpacked("size-binary", header(b"f", size=base256(5)) + pad(b"12345"), '[ "$(cat f)" = 12345 ]')
    m.refused("files-too-large", file(b"a", b"x" * 600000) + file(b"b", b"x" * 600000), "more than", "--bytes=1M")
    m.refused("entries", b"".join(file(b"f", b"") for _ in range(1001)), "more than 1000 entries", "--entries=1000")
    m.refused("missing-folders", b"".join(file(b"%d/%s/f" % (i, b"/".join([b"d"] * 40)), b"") for i in range(50)),
              "too many entries", "--entries=1000")
    m.unpacked("times", pax(mtime=b"-1000000000.5") + file(b"a") + pax(mtime=b"1000000000.123456789") + file(b"b"),
               '[ "$(date -r b +%s.%N)" = 1000000000.123456789 ]')


def formats(m):
    good = file(b"f", b"good")
    m.refused("record-without-length", special(b"x", b"path=../outside/canary\n") + good, "pax")
    m.refused("record-too-long", special(b"x", b"999 path=a\n") + good, "pax")
    m.refused("record-too-short", special(b"x", b"5 path=abc\n") + good, "pax")
    m.refused("record-without-end", special(b"x", b"10 path=abc") + good, "pax")
    m.refused("record-without-key", special(b"x", b"6 =ab\n") + good, "")
    m.refused("record-huge-length", special(b"x", b"99999999999999999999 path=a\n") + good, "pax")
    m.refused("pax-without-entry", pax(path=b"f"), "")
    m.refused("pax-too-large", header(b"x", b"x", base256(1 << 40)), "")
    m.unpacked("pax-global", pax(b"g", path=b"../outside/canary", linkpath=b"../outside") + good, '[ "$(ls -A)" = f ]')
    m.unpacked("pax-global-comment", pax(b"g", comment=b"of git") + good, "[ -f f ]")
    m.refused("long-name-without-entry", long_name(b"f"), "")
    m.refused("long-name-huge", header(b"L", b"L", 1 << 32) + good, "")
    m.refused("long-names-in-a-row", b"".join(long_name(b"f%d" % i) for i in range(500)) + good, "")
    m.unpacked("long-name-twice", long_name(b"a") + long_name(b"b") + good, '[ "$(ls)" = a ] || [ "$(ls)" = b ]')
    m.refused("bad-sum", good + header(b"g", sum=1), "")
    m.refused("bad-sum-first", header(b"g", sum=1) + good, "")
    m.refused("one-zero-block", good + bytes(BLOCK) + file(b"g"), "one block of zeros")
    m.refused("no-end", good, "it has no end", end=b"")
    m.unpacked("one-block-end", good, "[ -f f ]", end=bytes(BLOCK))
    m.refused("cut-in-header", good + header(b"g")[:300], "", end=b"")
    m.refused("cut-in-content", header(b"g", size=5000) + b"x" * 3000, "", end=b"")
    m.refused("cut-in-padding", header(b"g", size=5) + b"12345", "", end=b"")
    m.unpacked("garbage-behind-end", good, '[ "$(ls)" = f ]', end=END + file(b"g") + b"garbage")
    m.refused("nothing", b"", "is empty", end=b"")
    m.unpacked("only-end", b"", '[ -z "$(ls)" ] && entries 0')
    m.refused("text", b"no archive at all\n" * 100, "", end=b"")
    m.refused("zip", b"PK\3\4" + bytes(1000), "", end=b"")
    m.refused("cpio", b"070701" + b"0" * 1000, "", end=b"")
    m.refused("mtree", b"#mtree\n. type=dir\n", "", end=b"")


def compression(m):
    good = file(b"f", b"good") + END
    bomb = gzip.compress(bytes(1 << 20)) * 200
    m.unpacked("gzip-members", gzip.compress(good[:700]) + gzip.compress(good[700:]), '[ "$(cat f)" = good ]', end=b"")
    m.unpacked("xz", lzma.compress(good), '[ "$(cat f)" = good ]', end=b"")
    m.unpacked("bzip2", bz2.compress(good), '[ "$(cat f)" = good ]', end=b"")
    m.refused("gzip-bomb-behind-end", gzip.compress(good) + bomb, "larger than it may be", "--bytes=1M --entries=10", b"")
    m.refused("gzip-bomb", gzip.compress(header(b"f", size=200 << 20)) + bomb + gzip.compress(END), "more than", "--bytes=1M",
              b"")
    for name, squeeze in (("gzip", gzip.compress), ("xz", lzma.compress), ("bzip2", bz2.compress)):
        data = squeeze(file(b"f", os.urandom(50000)) + END)
        m.refused(name + "-cut", data[:30000], "", end=b"")
        m.refused(name + "-cut-at-end", data[:-4], "", end=b"")
        m.refused(name + "-garbage", data + b"garbage" * 20, "", end=b"")
        m.refused(name + "-corrupt", data[:20000] + bytes(64) + data[20064:], "", end=b"")
        m.refused(name + "-twice", squeeze(gzip.compress(good)), "more than once", end=b"")
        m.refused(name + "-of-nothing", squeeze(b""), "", end=b"")
    data = gzip.compress(good)
    m.refused("gzip-wrong-sum", data[:-8] + bytes(4) + data[-4:], "the gzip is damaged", end=b"")
    m.refused("gzip-wrong-length", data[:-4] + b"\1\2\3\4", "the gzip is damaged", end=b"")
    m.refused("gzip-wrong-sum-first", data[:-8] + bytes(4) + data[-4:] + data, "the gzip is damaged", end=b"")
    m.refused("gzip-zeros-behind", data + bytes(BLOCK), "the gzip is damaged", end=b"")
    m.unpacked("gzip-empty-members", gzip.compress(b"") * 100 + data + gzip.compress(b"") * 100, "[ -f f ]", end=b"")
    m.refused("gzip-bomb-of-gzip", gzip.compress(bomb), "more than once", end=b"")
    m.refused("lz4", b"\x04\x22\x4d\x18" + bytes(500), "", end=b"")
    m.refused("compress", b"\x1f\x9d\x90" + bytes(500), "", end=b"")


def below(name):
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    return name


def naive(archive):
    tar = tarfile.open(archive)
    for entry in tar:
        name = below(entry.name)
        if entry.isdir():
            os.makedirs(name, exist_ok=True)
        elif entry.issym():
            os.symlink(entry.linkname, name)
        elif entry.islnk():
            os.link(entry.linkname, name)
        elif entry.isfile():
            with open(name, "wb") as out:
                out.write(tar.extractfile(entry).read())


def main():
    if sys.argv[1] == "naive":
        naive(sys.argv[2])
        return
    maker = Maker(sys.argv[2], sys.argv[3])
    for group in (ways_out, links, kinds, replacing, names, whiteouts, sizes, formats, compression):
        group(maker)


main()
