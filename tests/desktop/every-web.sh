#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Browsers, mail, chat and download tools: see every-common.sh.
FAMILIES="browser mail chat download"
# shellcheck source=tests/desktop/every-common.sh
. "${SRCDIR:?}/tests/desktop/every-common.sh"
each_row
done_testing
