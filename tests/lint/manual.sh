#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The manual pages are installed, and groff has nothing to say about them.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
need groff || skip_all "$missing is not installed"

for page in man1/sbx.1 man1/sbxctl.1 man1/sbx-isolate.1 man7/sbx-batch.7 man5/sbx-profile.5 man7/sbx-grading.7 man7/sbx-image.7 man7/sbx-session.7 man7/sbx-desktop.7; do
	file=${SBX%/bin/sbx}/share/man/$page
	[ -s "$file" ]
	ok $? "$page is installed"
	found=$(groff -t -man -Tutf8 -ww -z "$file" 2>&1)
	[ -z "$found" ]
	ok $? "$page has no fault"
	[ -z "$found" ] || note "$found"
done
done_testing
