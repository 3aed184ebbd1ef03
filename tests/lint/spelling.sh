#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# codespell finds no misspelt word.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
cd "$SRCDIR" || exit 99
need codespell || skip_all "$missing is not installed"

for place in src tests man profiles README.md SECURITY.md CONTRIBUTING.md NEWS configure.ac Makefile.am build-aux/sources.sh; do
	found=$(codespell --skip='*.tree,*.plan,*.o,*.log' --ignore-words-list='creat,fo,ro,ist,te,ot,mis,ba,nd,clen,memroy,brwoser,passt' "$place" 2>&1)
	ok $? "$place"
	[ -z "$found" ] || note "$found"
done
done_testing
