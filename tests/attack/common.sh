# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh disable=SC2034
# What the attack scripts share. A case is a function t_X1 for the id T-X1; it is called once for each caller, with $WHO
# (root; user, an ordinary user; gated, the same user by a set-user-id sbx), and with $D, a folder of that caller's own,
# which holds the empty folders home, work and victim. $B begins a command in a sandbox. $S is sbx with what it
# can't do without on this kernel; $WEAKER lets limits be kept without a cgroup, which not all callers have. SBX_TIMES: tell
# how long each took.
#
#   claim ID ATTACK LAYERS [CALLERS]   what stops it, each by itself; the table of README.md is made of these lines
#   listed ID ATTACK WHERE             a line of the table for what is tested elsewhere
#   control NAME COMMAND...   the command must say OPEN: the attack works where nothing stops it
#   control_namespace NAME COMMAND...   the same, by root where only root may make a user namespace; used where
#                             the command begins with unshare
#   closed NAME COMMAND...    the command must say SHUT
#   walls NAME COMMAND...     closed, and then once more without each layer of the claim that can be switched off
#   refused NAME COMMAND...   sbx must end with 125 and a message, and nothing may have run
#   safe NAME COMMAND...      either of the two
#   holds NAME CONDITION...   a plain test
#   judged STATUS VERDICT NAME COMMAND...   the rest of a run in a sandbox, which must end so
#   tight LIMIT NAME          a run under a limit of the caller's, as prlimit has it: safe

# shellcheck source=tests/lib.sh
. "${SRCDIR:?}/tests/lib.sh"

CLAIMED=
TABLE=
[ "${1-}" != --table ] || TABLE=1

claim() {
	name=${1#T-}
	CLAIMED="$CLAIMED $name"
	eval "attack_$name=\$2 layers_$name=\$3 callers_$name=\${4:-root user gated}"
}

listed() {
	[ -z "$TABLE" ] || row "$1" "$2" "" "$3"
}

# One line of the table; the callers in one letter each, as the list of attacks has it.
row() {
	printf '| %s | %s | %s | %s |\n' "$1" "$2" "$(echo "$3" | sed 's/root/R/; s/user/U/; s/gated/S/')" "$4"
}

print_table() {
	for name in $CLAIMED; do
		eval "row \"T-$name\" \"\$attack_$name\" \"\$callers_$name\" \"\$layers_$name\""
	done
}

set_up() {
	test_folder
	mkdir "$T/bin"
	cp "${ATTACK:-${BUILDDIR:-.}/tests/attack/attack}" "$T/bin/attack" || exit 99
	A=$T/bin/attack
	# The host's network, by the only words that start it: before Landlock 6 its abstract sockets stay open (T-N3).
	HOST=--net=host
	[ "$LANDLOCK" -ge 6 ] || HOST="--net=host --best-effort=landlock"
	echo SECRET >"$T/secret"
	PLAIN_SBX=$SBX
	USERS_UNSHARE=
	! as_user unshare -U true 2>/dev/null || USERS_UNSHARE=1
	if [ -z "${SBX_TEST_CALLERS-}" ] && gated_sbx; then CALLERS="$CALLERS gated"; fi
	case $CALLERS in *gated*) [ -n "${SBX_GATED-}" ] || gated_sbx || skip_all "$missing" ;; esac
	cd / || exit 99
}
[ -n "$TABLE" ] || set_up

# sbx takes the home of /etc/passwd, not of HOME; profiles and private homes are where the XDG variables say.
# $BEFORE stands before all of it: as root it could not be undone by what makes the user.
BEFORE=
as_caller() {
	set -- timeout --foreground -k 2 "$(seconds 30)" "$@"
	set -- HOME="$D/home" XDG_CONFIG_HOME="$D/home/.config" XDG_DATA_HOME="$D/home/.local/share" \
		XDG_STATE_HOME="$D/home/.local/state" "$@"
	if [ "$WHO" = root ]; then
		$BEFORE env "$@"
	elif [ -n "$BEFORE" ] && [ "$(id -u)" = 0 ]; then
		$BEFORE setpriv --reuid="$TEST_UID" --regid="$TEST_GID" --clear-groups env -u XDG_RUNTIME_DIR "$@"
	else
		as_user $BEFORE env "$@"
	fi
}

# The output is in $out, the errors in $T/err, the status in $status.
try() {
	out=$(as_caller "$@" 2>"$T/err" </dev/null)
	status=$?
}

# Results on standard error count, too, for attacks on standard output.
says() {
	said=$out
	[ ! -s "$T/err" ] || said=$out$(grep -m1 -E '^(OPEN|SHUT|BROKEN) ' "$T/err")
	case $said in
	"$1 "*) return 0 ;;
	esac
	return 1
}

verdict() {
	ok "$1" "$ID as $WHO: $2"
	[ "$1" = 0 ] || note "status $status: $out | $(head -c 1000 "$T/err" | LC_ALL=C tr -c ' -~' '|')"
}

control() {
	case_name=$1
	shift
	if [ "$1" = unshare ]; then
		control_namespace "$case_name" "$@"
		return
	fi
	try "$@"
	says OPEN
	verdict $? "control: $case_name"
}

# may_make_namespaces COMMAND...: with a caller who may make user namespaces
may_make_namespaces() {
	namespace_caller=$WHO
	[ -n "$USERS_UNSHARE" ] || WHO=root
	"$@"
	WHO=$namespace_caller
}

# Of an attack that makes a user namespace: where the kernel forbids that to users, root shows that the attack works.
control_namespace() {
	case_name=$1
	shift
	may_make_namespaces try "$@"
	says OPEN
	verdict $? "control: $case_name"
}

# Since Linux 6.2 only an administrator types into terminals, where this says so: then a user has no way to be closed.
control_tiocsti() {
	if [ "$WHO" != root ] && [ "$(cat /proc/sys/dev/tty/legacy_tiocsti 2>/dev/null)" = 0 ]; then
		unavailable "$ID as $WHO: control: $1" "this kernel denies it to users (dev.tty.legacy_tiocsti is 0)"
	else
		control "$@"
	fi
}

closed() {
	case_name=$1
	shift
	try "$@"
	[ "$status" = 0 ] && says SHUT
	verdict $? "$case_name"
}

is_refused() {
	[ "$status" = 125 ] && [ -s "$T/err" ] && ! says OPEN && ! says SHUT
}

refused() {
	case_name=$1
	shift
	try "$@"
	is_refused
	verdict $? "$case_name"
}

safe() {
	case_name=$1
	shift
	try "$@"
	is_refused || { [ "$status" = 0 ] && says SHUT; }
	verdict $? "$case_name"
}

holds() {
	case_name=$1
	shift
	"$@"
	verdict $? "$case_name"
}

# A gated sandbox takes fewer options. True if the options may be given; else that they are refused is a result, too.
allowed() {
	[ "$WHO" = gated ] || return 0
	case $* in
	*--user=root* | *--user=nobody* | *nested-namespaces=[1-9]* | *capabilities=* | *keep-fd=*)
		asked=$*
		# shellcheck disable=SC2086 # a list of words
		refused "'$asked' is refused" $B $asked /bin/true
		return 1
		;;
	esac
}

# switch_off LAYER: what is to be put behind the name of sbx, and before the caller, to switch it off. 1: it can't be.
switch_off() {
	off='' before=''
	case $1 in
	seccomp) off=--set=syscalls.base=none ;;
	Landlock)
		[ "$LANDLOCK" != 0 ] || return 1
		off=--best-effort=landlock before="$A without-call 444"
		;;
	"no nested namespaces") off=--set=process.nested-namespaces=4 ;;
	"no capabilities") off=--set=process.capabilities="$CAPABILITIES" ;;
	"network namespace") off=$HOST ;;
	"own terminal") off=--set=process.terminal=inherit ;;
	"memory limit") off=--memory= ;;
	"process limit") off=--processes= ;;
	"size of the private folders") off="--set=filesystem.tmpfs-size=1G --set=filesystem.tmpfs-inodes=1000000" ;;
	"file size limit") off=--file-size= ;;
	*) return 1 ;;
	esac
	case $WHO:$off:$before:$(id -u) in
	gated:*nested* | gated:*capabilities* | gated:*:?*:[1-9]*) return 1 ;;
	esac
}
# Each alone, since the options of a wall are split at blanks.
CAPABILITIES=sys_admin

each_layer() {
	eval "printf '%s\n' \"\$layers_${ID#T-}\"" | sed 's/, /\n/g'
}

# with_options OPTIONS COMMAND...: tries the command with the options behind the name of sbx, wherever that stands in it.
with_options() {
	options=$1 words=$(($# - 1))
	shift
	while [ $words -gt 0 ]; do
		word=$1
		shift
		case $word in
		"$SBX")
			# shellcheck disable=SC2086 # a list of words
			set -- "$@" "$word" $options
			;;
		*"$SBX "*) set -- "$@" "${word%%"$SBX "*}$SBX $options ${word#*"$SBX "}" ;;
		*) set -- "$@" "$word" ;;
		esac
		words=$((words - 1))
	done
	try "$@"
}

# One layer off at a time: the others hold. If all can be off at once, then it must be open: they are what stops it.
SECOND_WALLS=0
walls() {
	wall_name=$1
	shift
	closed "$wall_name" "$@"
	all_off='' all_before='' stays=''
	each_layer >"$T/layers"
	while read -r layer; do
		if ! switch_off "$layer"; then
			stays=1
			continue
		fi
		all_off="$all_off $off" all_before="$all_before $before"
		[ "$(wc -l <"$T/layers")" -gt 1 ] || continue
		BEFORE=$before
		with_options "$off" "$@"
		BEFORE=
		[ "$status" = 0 ] && says SHUT
		verdict $? "$wall_name, second wall: $layer off"
		SECOND_WALLS=$((SECOND_WALLS + 1))
	done <"$T/layers"
	walls_of=$ID
	[ -n "$all_off" ] && [ -z "$stays" ] || return 0
	BEFORE=$all_before
	with_options "$all_off" "$@"
	BEFORE=
	says OPEN
	verdict $? "control: $wall_name, all of these layers off"
}

# A claim of two walls of which one can be switched off must have been put to the test.
walls_missing() {
	[ "$walls_of" != "$ID" ] && [ "$(each_layer | wc -l)" -gt 1 ] && each_layer | while read -r layer; do
		switch_off "$layer" && echo "$layer"
	done | grep -q .
}

# Names, types, modes, owners, times and contents below a folder.
tree_hash() {
	tar -C "$1" --sort=name --numeric-owner -cf - . | sha256sum
}

unchanged() {
	[ "$(tree_hash "$D/victim")" = "$victim" ]
}

fresh_folders() {
	D=$T/$WHO.$ID
	mkdir "$D" "$D/home" "$D/work" "$D/victim"
	give "$D"
}

# The folder and all below it belong to the caller.
give() {
	[ "$WHO" = root ] || chown -hR "$TEST_UID:$TEST_GID" "$@"
}

nothing_left() {
	out=$(leftovers)
	[ -z "$out" ]
}

# start WORDS...: in the background; its own id is in $D/work/pid, its output in $T/out.
start() {
	rm -f "$D/work/pid"
	# shellcheck disable=SC2016 # the inner shell expands it
	as_caller sh -c 'echo $$ >"$0" && exec "$@"' "$D/work/pid" "$@" >"$T/out" 2>&1 </dev/null &
	while [ ! -s "$D/work/pid" ]; do
		sleep 0.001
	done
}

# A word of the report in $D/work/report: its verdict, or another text.
report_has() {
	sed -n "s/.*\"${2:-verdict}\": *\"\\([^\"]*\\)\".*/\\1/p" "$D/work/report" | head -n 1 | grep -qx "$1"
}

judged() {
	want=$1 word=$2 case_name=$3
	shift 3
	rm -f "$D/work/report"
	# shellcheck disable=SC2086 # a list of words
	try $B --report="$D/work/report" "$@"
	[ "$status" = "$want" ] && report_has "$word"
	verdict $? "$case_name is judged $word, status $want"
}

# Never a partial start: a run that is right, or a message. It comes by a pipe, for fsize=0 lets nobody write to a file.
tight() {
	# shellcheck disable=SC2086 # a list of words
	out=$(as_caller prlimit "--$1" $B "$A" privilege-state 2>&1 </dev/null)
	status=$?
	printf %s "$out" >"$T/err"
	is_refused || { [ "$status" = 0 ] && says SHUT; }
	verdict $? "$2"
}

# No byte but printable ASCII, tab and newline: names come from strangers.
is_clean() {
	! LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177-\377]')" "$1"
}

run_case() {
	SBX=$PLAIN_SBX
	[ "$WHO" != gated ] || SBX=$SBX_GATED
	S="$SBX $EXTRA"
	B="$S --profile=default --ro=$T/bin"
	WEAKER=
	[ "$WHO" = root ] || WEAKER=--best-effort=limits
	fresh_folders
	walls_of=
	began=$(date +%s)
	"t_${ID#T-}"
	[ -z "${SBX_TIMES-}" ] || note "$ID as $WHO took $(($(date +%s) - began)) s"
	if walls_missing; then fail "$ID as $WHO: its second wall has been tried"; fi
}

# cases "ARGUMENT OF THE SCRIPT": all that was claimed; or only one, T-X1; or, for --table, the lines of the table.
cases() {
	if [ -n "$TABLE" ]; then
		print_table
		exit 0
	fi
	ids=0
	for name in $CLAIMED; do
		ID=T-$name
		[ -z "$1" ] || [ "$1" = "$ID" ] || continue
		ids=$((ids + 1))
		eval "wanted=\$callers_$name"
		for WHO in $CALLERS; do
			case " $wanted " in
			*" $WHO "*) run_case ;;
			esac
		done
	done
	note "$ids ids, $tap_count results, $SECOND_WALLS of them of second walls, as: $CALLERS"
	finish
}
