#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every source is as clang-format writes it.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
cd "$SRCDIR" || exit 99
need clang-format || skip_all "$missing is not installed"

for file in $(find src tests -name '*.[ch]' | sort); do
	clang-format --style=file --dry-run --Werror "$file" 2>/dev/null
	ok $? "$file is formatted"
done
done_testing
