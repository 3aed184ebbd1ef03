#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Terminals: see terminal.py.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
need python3 || skip_all "python3 is not installed"
cd / || exit 99
exec python3 "$SRCDIR/tests/run/terminal.py"
