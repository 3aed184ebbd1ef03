#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Writes the table of README.md from the cases and the file `seen` beside it; with --print, to standard output.
set -eu
cd "$(dirname "$0")"
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE

table() {
	python3 ./grading.py --table seen
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
