#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# No script has a fault that shellcheck finds.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
cd "$SRCDIR" || exit 99
need shellcheck || skip_all "$missing is not installed"

# Left out: variables that one script sets and another one, which it sources or that sources it, uses.
for file in bootstrap .ci/run completions/sbxctl $(find build-aux tests -type f \( -name '*.sh' -o -name run-as \) ! -name tap-driver.sh | sort); do
	found=$(shellcheck -x --severity=warning --exclude=SC2034,SC2154 "$file")
	ok $? "$file"
	[ -z "$found" ] || note "$found"
done
done_testing
