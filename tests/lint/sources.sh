#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# sources.mk lists what is in the folders.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

found=$("$SRCDIR/build-aux/sources.sh" --check 2>&1)
ok $? "sources.mk is what build-aux/sources.sh writes"
[ -z "$found" ] || note "$found"
done_testing
