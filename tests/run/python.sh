#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# sbx.py, the client of sbx --batch for Python, as it is installed: see python.py.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
python=/usr/bin/python3
[ -x $python ] || skip_all "there is no $python"
test_folder
library=${SBX%/bin/sbx}/share/sbx

for who in $CALLERS; do
	as env PYTHONPATH="$library" PYTHONDONTWRITEBYTECODE=1 EXTRA="$EXTRA" timeout --foreground "$(seconds 300)" \
		$python -W error "$SRCDIR/tests/run/python.py" >"$T/results" 2>&1 </dev/null
	ok $? "$who: all was tried"
	while read -r line; do
		case $line in
		"ok "*) pass "$who: ${line#ok }" ;;
		"not ok "*) fail "$who: ${line#not ok }" ;;
		*) note "$line" ;;
		esac
	done <"$T/results"
	left=$(leftovers)
	[ -z "$left" ]
	ok $? "$who: no process, group or mount is left${left:+: $left}"
done
# Names that are newer than Python 3.9 would not be found here.
$python - "$library/sbx.py" <<'PYTHON'
import ast, sys
tree = ast.parse(open(sys.argv[1]).read(), feature_version=(3, 9))
sys.exit(any(isinstance(node, ast.Match) for node in ast.walk(tree)) if hasattr(ast, "Match") else 0)
PYTHON
ok $? "its syntax is that of Python 3.9"
done_testing
