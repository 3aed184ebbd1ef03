#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# chromium under the profile `browser`: see browser-common.sh.
browser=chromium
# shellcheck source=tests/desktop/browser-common.sh
. "${SRCDIR:?}/tests/desktop/browser-common.sh"
