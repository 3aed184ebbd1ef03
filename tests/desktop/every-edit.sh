#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Editors: see every-common.sh.
FAMILIES="editor"
# shellcheck source=tests/desktop/every-common.sh
. "${SRCDIR:?}/tests/desktop/every-common.sh"
each_row
done_testing
