#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# firefox-esr under the profile `browser`: see browser-common.sh.
browser=firefox-esr
# shellcheck source=tests/desktop/browser-common.sh
. "${SRCDIR:?}/tests/desktop/browser-common.sh"
