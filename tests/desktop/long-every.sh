#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every program of programs.table; those that are not installed, of build-aux/packages-desktop.txt, are skipped with that reason.
status=0
for script in "${SRCDIR:?}"/tests/desktop/every-*.sh; do
	case $script in *-common.sh) continue ;; esac
	echo "# $(basename "$script")"
	EVERY=all sh "$script" || status=1
done
exit $status
