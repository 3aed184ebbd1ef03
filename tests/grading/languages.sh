#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The profiles compile-LANGUAGE and run-LANGUAGE, with the compilers and interpreters of Debian: a program is compiled, reads its
# input, uses threads, and uses up its memory; a wrong source is an error; hostile sources get a limit or an error, and nothing
# (rows 33, 76 and 77 of the corpus). As root, and as an ordinary user with what limits he can have. `make check-languages`
# wants all languages; else one whose packages are not installed is left out, if it is not in build-aux/packages.txt.
# LANGUAGES: only these.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
test_folder
need python3 || skip_all "$missing is not installed"

# language | source | compile | run | program that must be there; * where CI has it
table='
c       | program.c    | gcc -O2 -pthread -o program program.c                | ./program              | *gcc
cpp     | program.cpp  | g++ -O2 -pthread -o program program.cpp              | ./program              | *g++
python  | program.py   | /usr/bin/python3 -m py_compile program.py            | /usr/bin/python3 program.py | */usr/bin/python3
java    | Program.java | javac -J-XX:+UseSerialGC Program.java                | java -XX:+UseSerialGC Program | *javac
node    | program.js   | node --check program.js                              | node program.js        | *node
pascal  | program.pas  | fpc -O2 program.pas                                  | ./program              | *fpc
pypy    | program.py   | pypy3 -m py_compile program.py                       | pypy3 program.py       | *pypy3
go      | program.go   | go build -o program program.go                       | ./program              | /usr/bin/go
rust    | program.rs   | /usr/bin/rustc -O -o program program.rs              | ./program              | /usr/bin/rustc
csharp  | program.cs   | mcs program.cs                                       | mono program.exe       | mcs
haskell | program.hs   | ghc -O -threaded program.hs                          | ./program              | ghc
'

field() {
	python3 -c '
import json, sys
v = json.load(open(sys.argv[1]))
for k in sys.argv[2].split("."):
    v = v[k]
print(str(v).lower() if isinstance(v, bool) else v)' "$work/report" "$1" 2>/dev/null
}

# sandboxed PROFILE INPUT COMMAND...: sets status and said, the verdict; output is in $T/out and $T/err
# shellcheck disable=SC2086 # limits are a list of words
sandboxed() {
	profile=$1 input=$2
	shift 2
	rm -f "$work/report"
	began=$(date +%s%N)
	(cd "$work/box" && printf '%s\n' "$input" | as "$SBX" --profile="$profile" $weaker $EXTRA $patience --report="$work/report" $more -- "$@") \
		>"$T/out" 2>"$T/err"
	status=$?
	took=$((($(date +%s%N) - began) / 1000000))
	said=$(field verdict)
}

# expect NAME CONDITION...
expect() {
	expected=$1
	shift
	"$@"
	result=$?
	ok $result "$language as $who: $expected"
	[ $result = 0 ] || note "$said, status $status, $took ms: $(head -c 600 "$T/out") $(head -c 1500 "$T/err")"
	left=$(leftovers)
	[ -z "$left" ] || fail "$language as $who: $expected leaves $left"
}

is_ok() {
	[ "$said" = ok ] && [ "$status" = 0 ] && { [ -z "${1-}" ] || [ "$(cat "$T/out")" = "$1" ]; }
}

# A program that is out of memory is ended, or says so itself.
is_out_of_memory() {
	case $said in
	memory) [ "$status" = 123 ] ;;
	exit | signal) [ "$status" != 0 ] && grep -qiE 'memory|heap|alloc' "$T/err" "$T/out" || [ "$who" = user ] ;;
	*) false ;;
	esac
}

is_one_of() {
	case " $* " in *" $said "*) true ;; *) false ;; esac
}

fresh() {
	rm -rf "$work/box"
	mkdir "$work/box"
	cp "$SRCDIR/tests/grading/languages/$source" "$work/box/"
	[ "$who" = root ] || chown -R "$TEST_UID:$TEST_GID" "$work"
}

# shellcheck disable=SC2086 # commands are lists of words
test_language() {
	fresh
	more=
	sandboxed "compile-$language" "" $compile
	expect "it is compiled" is_ok
	compiled=$took
	sandboxed "run-$language" "sum 1 2 3 40" $run
	expect "row 33: it reads its input, and computes" is_ok 46
	times="$times $language $compiled/$took"
	sandboxed "run-$language" "tasks" $run
	expect "row 33: its threads work" is_ok 56
	more="--set=limits.cpu-time=$(seconds 10)s --set=limits.wall-time=$(seconds 20)s"
	sandboxed "run-$language" "hog" $run
	expect "it is out of memory" is_out_of_memory
	more=
	sandboxed "run-$language" "" /bin/sh -c "cd '$work/box'; echo x >new || exit 7"
	expect "as it runs it can't write its folder" [ "$said$status" = exit7 ]
	sandboxed "compile-$language" "" /bin/sh -c "cat /etc/shadow '$T/secret'; echo x >'$work/new'"
	[ ! -e "$work/new" ] && ! grep -q SECRET "$T/out" && ! grep -q root: "$T/out"
	expect "as it is compiled it reads and writes nothing else" [ $? = 0 ]
	printf 'this is ( no } program "\n' >"$work/box/$source"
	sandboxed "compile-$language" "" $compile
	expect "a wrong source is an error" [ "$said" = exit ]
}

# hostile NAME VERDICTS SOURCE: a source of C or C++ that is an attack on the grader
# shellcheck disable=SC2086
hostile() {
	name=$1 verdicts=$2
	rm -f "$work/box/program"
	printf '%s\n' "$3" >"$work/box/$source"
	[ "$who" = root ] || chown "$TEST_UID:$TEST_GID" "$work/box/$source"
	more="--set=limits.cpu-time=$(seconds 1)s --set=limits.wall-time=$(seconds 3)s ${4-}"
	sandboxed "compile-$language" "" $compile
	name="row 76: $name"
	expect "$name" is_one_of $verdicts
	! grep -q SECRET "$T/out" "$T/err" && ! grep -q '^root:\|:root:' "$T/out" "$T/err"
	expect "$name: nothing is told" [ $? = 0 ]
	[ ! -e "$work/box/program" ] || ! grep -q SECRET "$work/box/program"
	expect "$name: nothing is in the program" [ $? = 0 ]
}

hostile_sources() {
	fresh
	hostile 'includes /etc/shadow' exit '#include "/etc/shadow"'
	hostile 'includes a file of the grader' exit "#include \"$T/secret\""
	hostile 'includes /dev/zero' "memory cpu-time wall-time exit output signal" '#include "/dev/zero"'
	hostile 'includes the terminal' "exit" '#include "/dev/tty"'
	hostile '.incbin of a file of the grader' exit "__asm__(\".incbin \\\"$T/secret\\\"\"); int main(void) { return 0; }"
	hostile 'itself without end' "exit memory cpu-time wall-time output" "#include \"$source\"
#include \"$source\""
	hostile 'a huge program' "exit output signal memory cpu-time disk" 'char text[1 << 30] = {1}; int main(void) { return 0; }'
	hostile 'endless names' "memory cpu-time wall-time exit output" '#define A(x) x x x x x x x x x x
#define B(x) A(A(A(A(A(A(A(A(x))))))))
B(error "x";)'
	[ "$language" = cpp ] || return 0
	hostile 'templates without end' "exit memory cpu-time wall-time output" \
		'template <int n> struct T { T<n - 1> a; T<n - 2> b; T<n + 1> c; }; int main() { T<900> t; }'
	hostile 'a number for the compiler to count to' "exit memory cpu-time wall-time" \
		'constexpr long f(long n) { long s = 0; for (long i = 0; i < n; i++) s += i; return s; }
		int main() { constexpr long x = f(1L << 40); return x; }'
	daemon_of_the_compiler
}

# Whatever the compiler starts is gone before the program runs.
daemon_of_the_compiler() {
	more=
	sandboxed "compile-$language" "" /bin/sh -c "(setsid sh -c 'trap \"\" TERM HUP; sleep 30; cat answers >stolen' >/dev/null 2>&1 &) ; exit 0"
	expect "row 77: a daemon that waits for the answers: the compiler ends" is_ok
	expect "and so does the daemon" [ -z "$(pgrep -f 'sleep 30; cat answers')" ]
}

all_as() {
	who=$1 weaker='' patience=
	work=$T/$who
	mkdir "$work"
	[ "$who" = root ] || [ -n "${VERDICT_CGROUP-}" ] || weaker=--best-effort=limits
	[ "$SBX_TEST_SLOW" = 1 ] || patience="--set=limits.cpu-time=$(seconds 10)s --set=limits.wall-time=$(seconds 30)s"
	times=
	while IFS='|' read -r language source compile run program; do
		language=$(echo $language) source=$(echo $source) program=$(echo "$program" | tr -d ' ')
		[ -n "$language" ] || continue
		case " ${LANGUAGES:-$language} " in *" $language "*) ;; *) continue ;; esac
		if ! need "${program#\*}"; then
			case ${LANGUAGES_ALL-}$program in
			1* | \**) skip "$language as $who" "$missing is not installed" ;;
			*) unavailable "$language as $who" "$missing is not installed" ;;
			esac
			continue
		fi
		test_language
		case $language${LANGUAGES_ALL-} in cpp* | c1) hostile_sources ;; esac # by the same parts of the compiler
	done <<-END
		$table
	END
	note "$who: compile/run in ms:$times"
}

echo SECRET >"$T/secret"
chmod 600 "$T/secret"
for caller in $CALLERS; do
	all_as "$caller"
done
done_testing
