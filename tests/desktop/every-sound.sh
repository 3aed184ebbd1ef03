#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Players and games: see every-common.sh.
FAMILIES="player game"
# shellcheck source=tests/desktop/every-common.sh
. "${SRCDIR:?}/tests/desktop/every-common.sh"
each_row
done_testing
