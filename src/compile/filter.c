/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* filter: words become an answer a row, rows an answer a number, and numbers a program.
 *
 * A number that a program asks for is searched by bisection, since the kernel runs the program for each number at each
 * load, to learn which ones are always allowed. A single number between two ranges of one answer is a test of its own
 * within the range around it, which saves one instruction of two. */
#include "compile/filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>

#include "base/mem.h"
#include "compile/bpf.h"
#include "compile/filter-record.h"
#include "compile/filter-x86.h"
#include "compile/syscalls.h"

enum {
	NUMBERS = 512, /* one more than the largest of any table, and some */
	FIRST_X32 = 0x40000000,
	EXCEPTIONS = 2, /* single numbers that are tested one after another */
#if defined __x86_64__
	NATIVE = AUDIT_ARCH_X86_64,
#else
	NATIVE = AUDIT_ARCH_AARCH64,
#endif
};

/* What is said to a number; ANSWER_RULE + a rule: its block; ANSWER_RECORD + a rule: the same, where what is allowed is
 * told to the listener. START: as RECORD, but for the exec that makes the payload. */
enum answer {
	ANSWER_ABSENT,
	ANSWER_DENY,
	ANSWER_ALLOW,
	ANSWER_START,
	ANSWER_RULE,
	ANSWER_RECORD = ANSWER_RULE + RULE_COUNT,
	ANSWER_COUNT = ANSWER_RECORD + RULE_COUNT
};

struct choice {
	const struct filter_request *request;
	uint8_t row[SYSCALL_COUNT]; /* ABSENT, DENY or ALLOW */
	unsigned families;
};

/* Numbers from `first` to the next range: one answer, but for the exceptions. */
struct range {
	uint16_t first, exceptions, exception[EXCEPTIONS];
};

struct writer {
	struct bpf *b;
	const uint8_t *answer; /* of each number */
	bpf_label label[ANSWER_COUNT];
	bpf_label kill;
	struct range range[NUMBERS];
	size_t ranges;
};

static void choose_base(struct choice *c)
{
	const struct filter_request *request = c->request;

	c->families = FAMILY_UNIX;
	if (request->base == FILTER_DEFAULT)
		c->families |= FAMILY_INET | FAMILY_NETLINK;
	for (unsigned i = 0; i < SYSCALL_COUNT; i++) {
		uint8_t level = syscall_rows[i].level;

		if (level == LEVEL_STRICT || (level == LEVEL_DEFAULT && request->base == FILTER_DEFAULT) ||
		    (level == LEVEL_NESTED && request->nested))
			c->row[i] = ANSWER_ALLOW;
		else
			c->row[i] = level == LEVEL_ABSENT ? ANSWER_ABSENT : ANSWER_DENY;
	}
}

static unsigned family_of(enum syscall_group group)
{
	switch ((unsigned)group) {
	case GROUP_UNIX:
		return FAMILY_UNIX;
	case GROUP_INET:
		return FAMILY_INET;
	case GROUP_NETLINK_ROUTE:
		return FAMILY_NETLINK;
	default:
		return 0;
	}
}

static int err_unknown(const char *word, struct err *e)
{
	const char *near = syscall_suggest(word);

	err_set(e, EINVAL, "'%s' is no %s that sbx knows", word,
		word[0] == '@' ? "group of system calls" : "system call");
	return near ? err_hint(e, "did you mean '%s'?", near) : -e->code;
}

static int err_never(const char *word, bool nested, struct err *e)
{
	err_set(e, EPERM, "%s can't be granted by a profile", word);
	return nested ? err_hint(e, "security.nested-namespaces opens it for browsers and other sandboxes") : -e->code;
}

static void allow_row(struct choice *c, unsigned i)
{
	if (syscall_grantable(&syscall_rows[i]))
		c->row[i] = ANSWER_ALLOW;
}

static int allow_group(struct choice *c, const char *word, struct err *e)
{
	enum syscall_group group = syscall_find_group(word + 1);
	unsigned family = family_of(group);

	if (group == GROUP_COUNT)
		return err_unknown(word, e);
	if (group == GROUP_NESTED_NS && c->request->nested)
		return 0;
	if (!syscall_group_grantable(group))
		return err_never(word, group == GROUP_NESTED_NS, e);
	c->families |= family;
	for (unsigned i = 0; i < SYSCALL_COUNT; i++)
		if (syscall_rows[i].group == (family ? GROUP_SOCKET : group))
			allow_row(c, i);
	return 0;
}

static int allow_word(struct choice *c, const char *word, struct err *e)
{
	enum syscall_id row;

	if (word[0] == '@')
		return allow_group(c, word, e);
	row = syscall_find(word);
	if (row == SYSCALL_COUNT)
		return err_unknown(word, e);
	if (!syscall_grantable(&syscall_rows[row]) && c->row[row] != ANSWER_ALLOW)
		return err_never(word, syscall_rows[row].level == LEVEL_NESTED, e);
	allow_row(c, row);
	return 0;
}

static void deny_row(struct choice *c, unsigned i)
{
	if (c->row[i] == ANSWER_ALLOW)
		c->row[i] = ANSWER_DENY;
}

static int deny_word(struct choice *c, const char *word, struct err *e)
{
	enum syscall_group group = word[0] == '@' ? syscall_find_group(word + 1) : GROUP_COUNT;
	enum syscall_id row = word[0] == '@' ? SYSCALL_COUNT : syscall_find(word);

	if (group == GROUP_COUNT && row == SYSCALL_COUNT)
		return err_unknown(word, e);
	c->families &= ~family_of(group); /* the calls stay, for the other families */
	for (unsigned i = 0; group != GROUP_COUNT && i < SYSCALL_COUNT; i++)
		if (syscall_rows[i].group == group)
			deny_row(c, i);
	if (row != SYSCALL_COUNT)
		deny_row(c, row);
	return 0;
}

/* What Landlock leaves open of files that are not opened; what can name another process of the user, or an object that
 * only an IPC namespace would keep apart; sockets, since those of the host can't be hidden. prlimit64 has a rule. */
static void deny_bare(struct choice *c)
{
	static const uint16_t rows[] = {ROW_chmod,
					ROW_fchmod,
					ROW_fchmodat,
					ROW_fchmodat2,
					ROW_chown,
					ROW_fchown,
					ROW_lchown,
					ROW_fchownat,
					ROW_utime,
					ROW_utimes,
					ROW_futimesat,
					ROW_utimensat,
					ROW_setxattr,
					ROW_lsetxattr,
					ROW_fsetxattr,
					ROW_setxattrat,
					ROW_removexattr,
					ROW_lremovexattr,
					ROW_fremovexattr,
					ROW_removexattrat,
					ROW_inotify_add_watch,
					ROW_shmget,
					ROW_msgget,
					ROW_semget,
					ROW_mq_open,
					ROW_mq_unlink,
					ROW_setpriority,
					ROW_ioprio_set,
					ROW_sched_setaffinity,
					ROW_sched_setattr,
					ROW_sched_setparam,
					ROW_sched_setscheduler,
					ROW_process_madvise,
					ROW_process_mrelease,
					ROW_migrate_pages,
					ROW_move_pages};

	for (size_t i = 0; i < countof(rows); i++)
		deny_row(c, rows[i]);
	c->families &= FAMILY_INET;
	if (c->request->no_sockets)
		deny_row(c, ROW_socket);
}

static int choose(struct choice *c, struct err *e)
{
	const char *const *word;
	int r;

	choose_base(c);
	for (word = c->request->allow; word && *word; word++)
		if ((r = allow_word(c, *word, e)) < 0)
			return r;
	for (word = c->request->deny; word && *word; word++)
		if ((r = deny_word(c, *word, e)) < 0)
			return r;
	if (c->request->fixed_affinity)
		deny_row(c, ROW_sched_setaffinity);
	if (c->request->bare)
		deny_bare(c);
	return 0;
}

static uint8_t answer_of(const struct choice *c, unsigned i)
{
	enum syscall_rule rule = (enum syscall_rule)syscall_rows[i].rule;

	if (c->row[i] != ANSWER_ALLOW)
		return c->row[i];
	if (!rule_needed(rule, c->request))
		rule = RULE_NONE;
	if (filter_records(c->request, i))
		return (uint8_t)(i == ROW_execve ? ANSWER_START : ANSWER_RECORD + rule);
	return (uint8_t)(rule ? ANSWER_RULE + rule : ANSWER_ALLOW);
}

static void number_natively(const struct choice *c, uint8_t answer[NUMBERS])
{
	for (unsigned i = 0; i < SYSCALL_COUNT; i++) {
		int number = syscall_number(&syscall_rows[i]);

		if (number >= 0)
			answer[number] = answer_of(c, i);
	}
}

static void number_x86(const struct choice *c, uint8_t answer[NUMBERS])
{
	int number;

	for (unsigned i = 0; i < SYSCALL_COUNT; i++) {
		number = filter_x86_number(syscall_rows[i].name, syscall_rows[i].x86_64);
		if (number >= 0 && number < NUMBERS)
			answer[number] = answer_of(c, i);
	}
	for (size_t i = 0; i < syscall_old_count; i++) {
		number = filter_x86_number(syscall_old[i].name, -1);
		if (number >= 0 && number < NUMBERS)
			answer[number] = answer_of(c, syscall_old[i].like);
	}
	/* its arguments lie behind a pointer, so that the rule can't see them; mmap2 is what libc uses */
	number = filter_x86_number("mmap", -1);
	if (number >= 0 && number < NUMBERS && answer[number] > ANSWER_RULE)
		answer[number] = ANSWER_DENY;
}

static void find_ranges(struct writer *w)
{
	w->ranges = 0;
	for (unsigned i = 0; i < NUMBERS; i++) {
		struct range *last = w->ranges > 0 ? &w->range[w->ranges - 1] : NULL;

		if (last && w->answer[i] == w->answer[last->first])
			continue;
		if (last && last->exceptions < EXCEPTIONS && i + 1 < NUMBERS &&
		    w->answer[i + 1] == w->answer[last->first])
			last->exception[last->exceptions++] = (uint16_t)i;
		else
			w->range[w->ranges++] = (struct range){.first = (uint16_t)i};
	}
}

/* The search in `count` ranges from `first` on. */
static bpf_label write_search(const struct writer *w, size_t first, size_t count)
{
	const struct range *range = &w->range[first];
	bpf_label next, low;

	if (count > 1) {
		next = write_search(w, first + count / 2, count - count / 2);
		low = write_search(w, first, count / 2);
		return bpf_if(w->b, BPF_JGE, w->range[first + count / 2].first, next, low);
	}
	next = w->label[w->answer[range->first]];
	for (unsigned i = 0; i < range->exceptions; i++)
		next = bpf_if(w->b, BPF_JEQ, range->exception[i], w->label[w->answer[range->exception[i]]], next);
	return next;
}

static void write_rules(struct writer *w, const struct choice *c)
{
	bool report = c->request->denied == FILTER_NOTIFY;
	uint32_t deny = report ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ERRNO | EPERM;
	struct rule_context rules = {.request = c->request, .families = c->families};

	if (c->request->denied == FILTER_KILL)
		deny = SECCOMP_RET_KILL_PROCESS;
	w->kill = bpf_return(w->b, SECCOMP_RET_KILL_PROCESS);
	rules.no_family =
		bpf_return(w->b, c->request->denied == FILTER_ERRNO ? SECCOMP_RET_ERRNO | EAFNOSUPPORT : deny);
	w->label[ANSWER_ABSENT] = bpf_return(w->b, SECCOMP_RET_ERRNO | ENOSYS);
	w->label[ANSWER_DENY] = rules.deny = bpf_return(w->b, deny);
	w->label[ANSWER_ALLOW] = rules.allow = bpf_return(w->b, SECCOMP_RET_ALLOW);
	for (unsigned i = RULE_NONE + 1; i < RULE_COUNT; i++)
		if (rule_needed((enum syscall_rule)i, c->request))
			w->label[ANSWER_RULE + i] = rule_write(w->b, &rules, (enum syscall_rule)i);
	w->label[ANSWER_START] = filter_record_rules(w->b, &rules, &w->label[ANSWER_RECORD]);
}

/* One table of numbers; `x32`: numbers of another table can come with the same machine. */
static bpf_label write_table(struct writer *w, const uint8_t *answer, bool x32)
{
	bpf_label start;

	w->answer = answer;
	find_ranges(w);
	start = write_search(w, 0, w->ranges);
	if (x32) { /* -1 is no call of x32, but what a program asks to learn what an unknown call does */
		bpf_label other = bpf_if(w->b, BPF_JEQ, UINT32_MAX, w->label[ANSWER_ABSENT], w->kill);

		start = bpf_if(w->b, BPF_JGE, FIRST_X32, other, start);
	}
	return bpf_load(w->b, offsetof(struct seccomp_data, nr), start);
}

/* What the payload's process still calls between its filter and its first instruction, or if that fails. */
static int check_start(const struct choice *c, struct err *e)
{
	static const char *const needed[] = {"execve", "exit_group", "clock_gettime"};

	for (size_t i = 0; i < countof(needed); i++)
		if (c->row[syscall_find(needed[i])] != ANSWER_ALLOW) {
			(void)err_set(e, EPERM, "%s is denied, without which no command can be started", needed[i]);
			return err_hint(e, "deny it by a filter of the program's own, once it runs");
		}
	return 0;
}

bool filter_denies(const struct filter_request *request, const char *name)
{
	struct choice c = {.request = request};
	struct err none = {0};

	return !request->x86 && choose(&c, &none) == 0 && c.row[syscall_find(name)] != ANSWER_ALLOW;
}

int filter_build(const struct filter_request *request, struct str *ret, struct err *e)
{
	struct choice c = {.request = request};
	uint8_t native[NUMBERS] = {ANSWER_ABSENT}, x86[NUMBERS] = {ANSWER_ABSENT};
	autofree struct bpf *b = NULL; /* large; from the heap only the pages are touched that are written */
	struct writer w;
	bpf_label other, own;
	int r;

	if (request->x86 && NATIVE != AUDIT_ARCH_X86_64)
		return err_set(e, EINVAL, "x86 is a table of system calls that this machine does not have");
	r = choose(&c, e);
	if (r == 0)
		r = check_start(&c, e);
	if (r < 0)
		return r;
	w.b = b = xmalloc(sizeof *b);
	b->count = 0;
	write_rules(&w, &c);
	other = w.kill;
	if (request->x86) {
		number_x86(&c, x86);
		other = bpf_if(b, BPF_JEQ, AUDIT_ARCH_I386, write_table(&w, x86, false), w.kill);
	}
	number_natively(&c, native);
	own = write_table(&w, native, NATIVE == AUDIT_ARCH_X86_64);
	bpf_load(b, offsetof(struct seccomp_data, arch), bpf_if(b, BPF_JEQ, NATIVE, own, other));
	bpf_finish(b, ret);
	return 0;
}
