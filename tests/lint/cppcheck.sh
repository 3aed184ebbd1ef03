#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# cppcheck finds nothing that is a warning or worse.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
cd "$SRCDIR" || exit 99
need cppcheck || skip_all "$missing is not installed"

found=$(cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 -I src -D_GNU_SOURCE \
	-D__x86_64__ --suppress=missingIncludeSystem --suppress=unknownMacro --suppress=nullPointerRedundantCheck \
	--template='{file}:{line}: {id}: {message}' src 2>&1)
ok $? "src"
[ -z "$found" ] || note "$found"
done_testing
