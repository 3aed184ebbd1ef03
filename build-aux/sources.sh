#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Writes sources.mk, the lists of files that Makefile.am builds, tests and ships: run it after a file has come or gone.
# With --check it only compares, for tests/lint/sources.sh.
set -eu
cd "$(dirname "$0")/.."
LC_ALL=C
export LC_ALL

# list NAME WORD...
list() {
	name=$1
	shift
	printf '\n%s =' "$name"
	for word in "$@"; do
		printf ' \\\n\t%s' "$word"
	done
	printf '\n'
}

# files FOLDER PATTERN...: regular files directly in FOLDER, of those patterns, in order.
files() {
	folder=$1
	shift
	[ -d "$folder" ] || return 0
	for pattern in "$@"; do
		find "$folder" -mindepth 1 -maxdepth 1 -type f -name "$pattern"
	done | sort
}

# Scripts that are tests: executable ones.
scripts() {
	[ -d "$1" ] || return 0
	find "$1" -mindepth 1 -maxdepth 1 -type f -name '*.sh' ! -name '*common.sh' ! -name 'long-*.sh' -perm -u+x | sort
}

# What a release archive has besides the sources of the programs.
data() {
	find tests profiles -type f ! -path 'tests/attack/*.[ch]' ! -path 'tests/run/*.c' ! -path 'tests/bench/*.c' \
		! -path 'tests/unit/*.c' ! -path 'tests/grading/*.[ch]' ! -path 'tests/image/*.[ch]' ! -path 'tests/plan/*.[ch]' ! -path 'tests/fuzz/*.[ch]' \
		! -name '*.o' ! -name '*.log' ! -name '*.trs' ! -name '.dirstamp' ! -path '*/.deps/*' ! -name '*.pyc' \
		! -name floor-musl ! -name '*-libfuzzer' ! -path tests/gate/sbx ! -path tests/grading/grading ! -path profiles/apparmor/sbx | while read -r file; do
		[ -e "$file.c" ] || echo "$file" # not what a build in this folder has made
	done
	find man -type f ! -name sbx-profile.5
	find .ci build-aux -type f \( -path .ci/run -o -name 'packages*.txt' -o -name sources.sh \)
	for file in .clang-format .editorconfig bootstrap CONTRIBUTING.md LICENSE NEWS README.md SECURITY.md; do
		printf '%s\n' "$file"
	done
}

# shellcheck disable=SC2046 # the names of files here have no blanks
lists() {
	echo '# Made by build-aux/sources.sh from what is in the folders.'
	list BASE_FILES $(files src/base '*.c' '*.h' '*.def')
	list PLAN_FILES $(files src/plan '*.c' '*.h' '*.def')
	list DISPLAY_FILES $(files src/display '*.c' '*.h')
	list GATE_FILES $(files src/gate '*.c' '*.h')
	list INIT_FILES $(files src/init '*.c' '*.h' '*.def')
	list BOX_FILES $(files src/box '*.c' '*.h')
	list IMAGE_FILES $(files src/image '*.c' '*.h')
	list SESSION_FILES $(files src/session '*.c' '*.h')
	list PACK_FILES $(files src/pack '*.c' '*.h' '*.def')
	list DESKTOP_FILES $(files src/desktop '*.c' '*.h')
	list LIVE_FILES $(files src/live '*.c' '*.h')
	list RUN_FILES $(files src/run '*.c' '*.h' '*.def')
	list POLICY_FILES $(files src/policy '*.c' '*.h' '*.def')
	list HOST_FILES $(files src/host '*.c' '*.h' '*.def')
	list COMPILE_FILES $(files src/compile '*.c' '*.h' '*.def')
	list PROBE_FILES $(files src/probe '*.c' '*.h' '*.def')
	list ARCHIVE_FILES $(files src/archive '*.c' '*.h' | grep -v -e '/reader\.c$' -e '/input\.c$')
	list OPEN_FILES $(files src/open '*.c' '*.h')
	list SOUND_FILES $(files src/sound '*.c' '*.h' '*.def')
	list CTL_FILES $(files src/ctl '*.c' '*.h' '*.def')
	list BATCH_FILES $(files src/batch '*.c' '*.h')
	list ISOLATE_FILES $(files src/isolate '*.c' '*.h')
	list SHARED_FILES $(files src '*.c' '*.h' | grep -v '^src/sbx[^/]*\.c$')
	list UNIT_TESTS $({ files tests/unit 'test-*.c' && files tests/plan 'test-*.c'; } | sed 's/\.c$//')
	list TEST_LIBRARY $(grep -L '^int main(' $(files tests/plan '*.c') $(files tests/unit '*.c') /dev/null | grep -v '^/dev/null' | sort) \
		$(files tests/plan '*.h') $(files tests/unit '*.h') $(files tests/fuzz '*.[ch]' | grep -v '/fuzz-')
	list FUZZ_TARGETS $(files tests/fuzz 'fuzz-*.c' | sed 's/\.c$//')
	list FUZZ_TESTS $(scripts tests/fuzz)
	list PLAN_TOOLS $(grep -l '^int main(' $(files tests/plan '*.c') /dev/null | grep -v '/test-' | sed 's/\.c$//' | sort)
	list ATTACK_HELPER $(files tests/attack '*.c' '*.h')
	list GRADING_HELPER $(files tests/grading '*.c' '*.h' | grep -v -e '/bss\.c$' -e '/nolibc\.c$')
	list PLAN_TESTS $(scripts tests/plan)
	list RUN_TESTS $(scripts tests/run)
	list GRADING_TESTS $(scripts tests/grading)
	list ATTACK_TESTS $(scripts tests/attack)
	list IMAGE_TESTS $(scripts tests/image)
	list FAULT_TESTS $(scripts tests/fault)
	list DESKTOP_TESTS $(scripts tests/desktop)
	list VM_TESTS tests/vm/guests.sh
	list LINT_TESTS $(scripts tests/lint)
	list PROFILES_FILES $(files profiles '*.ini')
	list SHIPPED $(data | sort -u)
}

case ${1-} in
--check) lists | diff -u sources.mk - ;;
'') lists >sources.mk.new && mv sources.mk.new sources.mk ;;
*) echo "usage: $0 [--check]" >&2 && exit 2 ;;
esac
