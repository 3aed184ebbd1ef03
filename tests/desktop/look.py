# SPDX-License-Identifier: LGPL-2.1-or-later
"""Looks for page.html in a screenshot (PPM): prints the pixels of its background, of its red box and of the text's ink,
and how many other colours the box of the text holds. usage: look.py PICTURE"""
import sys
from collections import Counter

BACKGROUND, RED, PAPER, INK = b"\x20\x40\x80", b"\xe0\x30\x20", b"\xff\xe0\xa0", b"\x30\x00\x60"

with open(sys.argv[1], "rb") as file:
    kind, size, depth = file.readline(), file.readline(), file.readline()
    data = file.read()
if kind.strip() != b"P6" or depth.strip() != b"255":
    sys.exit("not a PPM of 8 bits")
width, height = map(int, size.split())
pixels = [data[i : i + 3] for i in range(0, width * height * 3, 3)]
count = Counter(pixels)
paper = [i for i, pixel in enumerate(pixels) if pixel == PAPER]
shades = set()
if paper:
    left, right = min(i % width for i in paper), max(i % width for i in paper)
    for y in range(paper[0] // width, paper[-1] // width + 1):
        shades.update(pixels[y * width + left : y * width + right + 1])
print(count[BACKGROUND], count[RED], count[INK], len(shades - {PAPER, INK}))
