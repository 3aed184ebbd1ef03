# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes a PDF of one page, all of which is a link. usage: linked.py FILE LINK"""
import sys

objects = [
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]/Contents 4 0 R/Annots[5 0 R]>>",
    "<</Length 40>>stream\n0.8786 0.1890 0.1270 rg 0 0 400 300 re f \nendstream",
    "<</Type/Annot/Subtype/Link/Rect[0 0 400 300]/Border[0 0 0]/A<</S/URI/URI(%s)>>>>" % sys.argv[2],
    "<</Title(LINKED)>>",
]
out, places = "%PDF-1.4\n", []
for number, text in enumerate(objects, 1):
    places.append(len(out))
    out += "%d 0 obj%s\nendobj\n" % (number, text)
start = len(out)
out += "xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + "".join("%010d 00000 n \n" % place for place in places)
out += "trailer<</Size %d/Root 1 0 R/Info 6 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
open(sys.argv[1], "w").write(out)
