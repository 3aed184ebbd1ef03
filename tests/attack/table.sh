#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Writes the table of README.md from the claims in the scripts beside it; with --print, to standard output.
set -eu
cd "$(dirname "$0")"
SRCDIR=../..
export SRCDIR

# By the letter of the group, then by number.
table() {
	echo '| id | attack | as | stopped by |'
	echo '|---|---|---|---|'
	for script in $(grep -l 'attack/common.sh' attack-?.sh); do
		sh "./$script" --table
	done | sed 's/^| T-\([A-Z]\)\([0-9]*\)/\1 \2 &/' | LC_ALL=C sort -k1,1 -k2,2n -s | cut -d' ' -f3-
}

if [ "${1-}" = --print ]; then
	table
	exit
fi
{
	sed '/^<!-- table -->$/q' README.md
	table
	sed -n '/^<!-- end of the table -->$/,$p' README.md
} >README.md.new
mv README.md.new README.md
