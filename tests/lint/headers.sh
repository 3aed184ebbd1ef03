#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Each header compiles alone, says what it is, and is read once.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
cd "$SRCDIR/src" || exit 99

for file in *.h */*.h; do
	printf '#include "%s"\n' "$file" |
		"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -I. -I"$SRCDIR" -fsyntax-only -x c - 2>/dev/null
	ok $? "$file compiles alone"
	[ "$(grep -c '^#pragma once$' "$file")" = 1 ]
	ok $? "$file has #pragma once"
done
for file in $(find . ../tests ../Makefile.am ../configure.ac ../build-aux ../bootstrap ../.ci -type f \
	\( -name '*.[ch]' -o -name '*.def' -o -name '*.sh' -o -name '*.ac' -o -name '*.am' -o -name bootstrap \
	-o -path '*/.ci/run' \) ! -name tap-driver.sh | sort); do
	sed -n '1,2p' "$file" | grep -q 'SPDX-License-Identifier: LGPL-2.1-or-later'
	ok $? "${file#./} names its licence"
done
done_testing
