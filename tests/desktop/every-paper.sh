#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Viewers and office programs: see every-common.sh.
FAMILIES="viewer office"
# shellcheck source=tests/desktop/every-common.sh
. "${SRCDIR:?}/tests/desktop/every-common.sh"
each_row
done_testing
