# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# `make fuzz`: run.sh TARGET...: each with libFuzzer for $FUZZ_SECONDS, in $BUILDDIR/fuzz-corpus, where its inputs are kept
# for the next time. What it finds is there too, in found/. The last lines are a table. Status 0: nothing was found.
: "${SRCDIR:?}" "${BUILDDIR:?}" "${FUZZ_SECONDS:=60}"
corpus=$BUILDDIR/fuzz-corpus
status=0
mkdir -p "$corpus/found" || exit 99
ASAN_OPTIONS=quarantine_size_mb=16 # memory that is given back soon is not asked for again: faster
export SRCDIR ASAN_OPTIONS

# What is after NAME in the log of a target.
number() {
	grep -oE "$1[^0-9]*[0-9]+" "$log" | tail -n 1 | grep -oE '[0-9]+$'
}

: >"$corpus/table"
for target; do
	name=${target##*/fuzz-}
	log=$corpus/$name.log
	mkdir -p "$corpus/$name"
	set -- "$corpus/$name" "$SRCDIR/tests/fuzz/seeds/$name"
	[ ! -d "$SRCDIR/tests/fuzz/regressions/$name" ] || set -- "$@" "$SRCDIR/tests/fuzz/regressions/$name"
	values=1
	case $name in
	ini | compile) set -- "$@" "$SRCDIR/profiles" ;;
	esac
	case $name in
	plan | compile) values=0 ;; # of so many comparisons, most of the time goes to counting them
	esac
	echo "== $name: $FUZZ_SECONDS s"
	found="no findings"
	"$BUILDDIR/tests/fuzz/fuzz-$name-libfuzzer" -max_total_time="$FUZZ_SECONDS" -timeout=20 -rss_limit_mb=4096 \
		-print_final_stats=1 -use_value_profile=$values -artifact_prefix="$corpus/found/$name-" "$@" >"$log" 2>&1 || {
		status=1
		found="a finding: the end of $log, and $corpus/found"
		tail -n 40 "$log"
	}
	printf '%-8s %10s executions, %5s edges, %6s features, %5s inputs, %s\n' "$name" \
		"$(number stat::number_of_executed_units)" "$(number 'cov:')" "$(number 'ft:')" \
		"$(find "$corpus/$name" -type f | wc -l)" "$found" >>"$corpus/table"
done
cat "$corpus/table"
exit $status
