#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# saves.sh with all editors and browsers, which build-aux/packages-desktop.txt lists.
SAVES_ALL=1 exec sh "${SRCDIR:?}/tests/desktop/saves.sh"
