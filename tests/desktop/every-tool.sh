#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Archive and developer tools: see every-common.sh.
FAMILIES="archive develop"
# shellcheck source=tests/desktop/every-common.sh
. "${SRCDIR:?}/tests/desktop/every-common.sh"
each_row
done_testing
