#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Programs run by the files that src/pack has found for them, and by nothing else; without one of those they do not.
# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"
test_folder
packer=${BUILDDIR:?}/tests/image/packer
[ -x "$packer" ] || skip_all "$packer is not built"

# inside FOLDER COMMAND...: runs it in a view that has only what is in the folder. The links at the top are mounted as what they
# lead to.
inside() {
	inside_root=$1 inside_shown=
	shift
	for inside_name in usr etc var opt lib lib32 lib64 libx32 bin sbin; do
		[ -e "$inside_root/$inside_name" ] || continue
		inside_real=$(cd "$inside_root/$inside_name" && pwd -P) || return 99
		inside_shown="$inside_shown --ro=$inside_real:/$inside_name"
	done
	# shellcheck disable=SC2086 # words
	as_user "${SBX:?}" $EXTRA --set=filesystem.view=empty $inside_shown --chdir=/tmp --env=PATH=/usr/bin:/bin --env=HOME=/tmp \
		-- "$@" 2>"$T/errors"
}

# pack NAME ARGUMENT...: packs into $T/NAME.
pack() {
	name=$1
	shift
	mkdir "$T/$name"
	"$packer" "$@" >"$T/$name.list" 2>&1 && "$packer" --to="$T/$name" "$@" >"$T/said" 2>&1
	status=$?
	ok $status "$name: packed: $(sed -n 's/^total: //p' "$T/$name.list")"
	[ $status = 0 ] || note_file "$T/said"
	return $status
}

# runs NAME WHAT EXPECTED COMMAND...: it prints that in the folder.
runs() {
	name=$1 what=$2 expected=$3
	shift 3
	got=$(inside "$T/$name" "$@")
	[ "$got" = "$expected" ]
	ok $? "$name: $what"
	[ "$got" = "$expected" ] || note "$got; $(head -c 1000 "$T/errors")"
}

# fails_without NAME PATTERN COMMAND...: it ends with a failure once the files of that name are away. They are put back.
fails_without() {
	name=$1 pattern=$2
	shift 2
	file=$(find "$T/$name" -type f -name "$pattern" | head -n 1)
	[ -n "$file" ] && mv "$file" "$T/away" && ! inside "$T/$name" "$@" >/dev/null
	ok $? "$name: control: it fails without ${file##*/}"
	[ ! -e "$T/away" ] || mv "$T/away" "$file"
}

# All of a tree: names, kinds, permissions, times, links, content.
state_of() {
	(cd "$1" && find . -printf '%P %y %m %T@ %n %l ' \( -type f -exec sha256sum {} \; -o -printf '\n' \) | sed 's/ *$//' | sort)
}

# --- a shell: each library is needed, and two copies are the same ---
pack bash bash
# shellcheck disable=SC2016 # the shell in the sandbox expands it
runs bash "runs" "1 root" bash -c 'read -r line </etc/passwd; echo $((2 - 1)) ${line%%:*}'
mkdir "$T/again"
"$packer" --to="$T/again" bash >/dev/null
state_of "$T/bash" >"$T/one"
state_of "$T/again" >"$T/two"
[ -s "$T/one" ] && cmp -s "$T/one" "$T/two"
ok $? "two copies are the same: names, permissions, times, links, content"
"$packer" --json bash >"$T/json"
grep -q '"path": "/usr/bin/bash"' "$T/json" && grep -q '"totals"' "$T/json"
ok $? "the list as JSON"
libraries=$(sed -n -e 's/  # NEEDED of .*//p' -e 's/  # interpreter of .*//p' "$T/bash.list" | sed -n 's/^file .*\///p')
[ "$(echo "$libraries" | wc -l)" -ge 2 ]
ok $? "bash: has its loader and libraries"
for library in $libraries; do
	fails_without bash "$library" bash -c true
done
runs bash "runs again" 1 bash -c 'echo 1'

# --- python ---
if [ -x /usr/bin/python3 ]; then
	pack python /usr/bin/python3
	program='import ssl, sqlite3, json, http.client, threading, zlib
print(sqlite3.connect(":memory:").execute("select 40 + 2").fetchone()[0], len(ssl.create_default_context().get_ca_certs()) > 10)'
	runs python "imports ssl, sqlite3, json, http.client" "42 True" /usr/bin/python3 -c "$program"
	fails_without python 'libssl.so.*' /usr/bin/python3 -c 'import ssl'
	fails_without python 'libsqlite3.so.*' /usr/bin/python3 -c 'import sqlite3'
	runs python "is whole again" 1 /usr/bin/python3 -c 'import ssl, sqlite3; print(1)'
else
	unavailable python "it is not installed"
fi

# --- perl, nginx: their rules ---
if [ -x /usr/bin/perl ]; then
	pack perl /usr/bin/perl
	runs perl "has its modules" 3 /usr/bin/perl -MPOSIX -MData::Dumper -e 'print floor(3.7)'
	fails_without perl Benchmark.pm /usr/bin/perl -MBenchmark -e 1
else
	unavailable perl "it is not installed"
fi
if [ -x /usr/sbin/nginx ]; then
	pack nginx /usr/sbin/nginx
	printf 'error_log stderr; pid /tmp/pid; events {} http { access_log off; }\n' >"$T/nginx/etc/nginx/test.conf"
	inside "$T/nginx" /usr/sbin/nginx -t -c /etc/nginx/test.conf
	ok $? "nginx: reads its configuration"
	fails_without nginx 'libpcre*.so.*' /usr/sbin/nginx -t -c /etc/nginx/test.conf
else
	unavailable nginx "it is not installed"
fi

# --- compilers: what they run, headers and libraries; and no more than those ---
bytes_of() { sed -n 's/^total: .* \([0-9]*\) bytes$/\1/p' "$T/$1.list"; }
if [ -x /usr/bin/gcc ] && [ -e /usr/include/stdio.h ]; then
	pack gcc gcc bash
	source='printf "#include <stdio.h>\n#include <math.h>\n#include <linux/limits.h>\nint main(int c, char **v) { return puts(\"compiled\") < 0 || pow(c, 2) > PATH_MAX || !v; }\n" >a.c'
	compile="$source && gcc -O2 -o a a.c -lm && ./a"
	runs gcc "compiles, assembles, links" compiled bash -c "$compile"
	for flags in -static "-g -pthread" "-fopenmp" "--coverage" "-std=c17 -Wall -g3 -O3 -save-temps"; do
		runs gcc "with $flags" compiled bash -c "$source && gcc $flags -o a a.c -lm && ./a"
	done
	runs gcc "a library" compiled bash -c "$source && gcc -shared -fPIC -Dmain=f -o libf.so a.c &&
		echo 'int f(int, char **); int main(int c, char **v) { return f(c, v); }' >b.c && gcc -o b b.c -L. -lf -lm -Wl,-rpath,. && ./b"
	for part in cc1 'x86_64-linux-gnu-as' 'x86_64-linux-gnu-ld.bfd' Scrt1.o math.h libgcc.a liblto_plugin.so; do
		fails_without gcc "$part" bash -c "$compile"
	done
	[ -z "$(find "$T/gcc" -name lto1 -o -name cc1plus -o -name perl -o -name 'libasan.*')" ] && [ "$(bytes_of gcc)" -lt 90000000 ]
	ok $? "gcc: has no C++, no perl, nothing for -flto and -fsanitize: $(bytes_of gcc) bytes"
	lto1=$(gcc -print-prog-name=lto1)
	if [ -x "$lto1" ]; then
		pack lto gcc bash --path="$lto1"
		runs lto "with --path for lto1: -flto" compiled bash -c "$source && gcc -flto -O2 -o a a.c -lm && ./a"
	else
		unavailable lto "there is no lto1"
	fi
	"$packer" --root="$T/gcc" gcc >"$T/list" && grep -q "^note: the package 'libc6-dev' is not installed" "$T/list"
	ok $? "gcc: a package that a rule names and that is not there is noted"
	rm -rf "$T/lto"
else
	unavailable gcc "it is not installed"
fi
if [ -x /usr/bin/g++ ] && [ -e /usr/include/stdio.h ]; then
	pack g++ g++ bash
	source='printf "#include <iostream>\n#include <map>\nint main() { std::map<int, int> m{{1, 2}}; std::cout << m.at(1) << std::endl; }\n" >a.cc'
	runs g++ "compiles C++" 2 bash -c "$source && g++ -std=c++20 -O2 -o a a.cc && ./a"
	runs g++ "statically" 2 bash -c "$source && g++ -static -o a a.cc && ./a"
	for part in cc1plus iostream c++config.h x86_64-linux-gnu-as; do
		fails_without g++ "$part" bash -c "$source && g++ -o a a.cc"
	done
	[ "$(bytes_of g++)" -lt 115000000 ]
	ok $? "g++: $(bytes_of g++) bytes"
	rm -rf "$T/g++" "$T/gcc"
else
	unavailable g++ "it is not installed"
fi

# --- a package: all of it, with what its programs and scripts need ---
if [ -e /var/lib/dpkg/info/bzip2.list ] && [ -x /usr/bin/bzdiff ]; then
	pack bzip2 --package=bzip2 cat
	runs bzip2 "runs, and so does the shell of its scripts" a sh -c 'echo a | bzip2 | bunzip2'
	grep -q ' /usr/bin/bzdiff  # package bzip2$' "$T/bzip2.list" && ! grep -q /usr/share/doc "$T/bzip2.list"
	ok $? "bzip2: the reason says so, and documentation does not come"
else
	unavailable bzip2 "it is not installed"
fi

# --- a library that only ld.so.conf names; a root that is another one than the host's ---
build_conf() {
	mkdir -p "$T/root/opt/conf" && "$packer" --to="$T/root.new" bash >/dev/null && cp -a "$T/root.new/." "$T/root/" &&
		echo /opt/conf >"$T/root/etc/ld.so.conf" && rm -f "$T/root/etc/ld.so.cache" || return 1
	for number in 1 9 10; do
		echo "int conf$number(void) { return $number; }" >"$T/conf.c" &&
			"${CC:-cc}" -shared -fPIC -Wl,-soname,libconf.so.$number -o "$T/root/opt/conf/libconf.so.$number" "$T/conf.c" ||
			return 1
	done
	printf '#include <stdio.h>\nint conf1(void), conf9(void), conf10(void);
int main(void) { return printf("%%d\\n", conf1() + conf9() + conf10()) < 0; }\n' >"$T/main.c" &&
		"${CC:-cc}" -o "$T/root/usr/bin/main" "$T/main.c" "$T"/root/opt/conf/libconf.so.*
}
mkdir "$T/root.new"
if build_conf >"$T/said" 2>&1; then
	pack conf --root="$T/root" main
	runs conf "finds libraries by the ld.so.cache that was made" 20 /usr/bin/main
	fails_without conf ld.so.cache /usr/bin/main
	"$packer" --root="$T/root" main | grep -q 'libconf.so.1  # NEEDED of /usr/bin/main (ld.so.conf)$'
	ok $? "conf: the reason says so"
	rm "$T/root/opt/conf/libconf.so.1"
	"$packer" --root="$T/root" main >/dev/null 2>"$T/errors"
	[ $? = 1 ] && grep -q "'/usr/bin/main' needs libconf.so.1, which is not to be found" "$T/errors"
	ok $? "conf: a library that is gone is an error that names who needs it"
else
	unavailable conf "no compiler: $(head -n 1 "$T/said")"
fi

# --- musl ---
if need musl-gcc && [ -e /lib/ld-musl-x86_64.so.1 ]; then
	mkdir "$T/musl-root"
	printf '#include <stdio.h>\nint main(void) { return puts("musl") < 0; }\n' >"$T/musl.c"
	"$packer" --bare --path=/lib/ld-musl-x86_64.so.1 --to="$T/musl-root" >/dev/null && mkdir -p "$T/musl-root/usr/bin" &&
		musl-gcc -o "$T/musl-root/usr/bin/hello" "$T/musl.c"
	ok $? "musl: a program is built"
	pack musl --root="$T/musl-root" hello
	runs musl "runs" musl /usr/bin/hello
	fails_without musl libc.so /usr/bin/hello
else
	unavailable musl "musl-gcc is not installed"
fi
done_testing
