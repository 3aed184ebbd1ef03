/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* filter-rules: one function a kind of rule.
 *
 * Only the low 32 bits of an argument are looked at: the kernel itself takes no more of the arguments here, so that
 * what is in the high ones changes neither what it does nor what the filter says. */
#include "compile/filter-rules.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <linux/shm.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/mem.h"

enum {
	SUID_BITS = S_ISUID | S_ISGID,
	TMPFILE_BIT = 020000000, /* O_TMPFILE without O_DIRECTORY, whose number differs between machines */
	TIME_NAMESPACE = 0x80,   /* CLONE_NEWTIME; clone(2) has the signal there */
	NESTED_NO = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWCGROUP,
	NESTED_YES = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC,
	TYPE_BITS = 0xf,    /* of a socket; the others are SOCK_CLOEXEC and SOCK_NONBLOCK */
	USER_DISPATCH = 59, /* PR_SET_SYSCALL_USER_DISPATCH */
};

bpf_label rule_argument(struct bpf *b, unsigned argument, bpf_label next)
{
	size_t low = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(uint32_t) : 0;

	return bpf_load(b, offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t) + low, next);
}

static bpf_label no_bits(struct bpf *b, const struct rule_context *c, unsigned argument, uint32_t bits)
{
	return rule_argument(b, argument, bpf_if(b, BPF_JSET, bits, c->deny, c->allow));
}

static bpf_label open_rule(struct bpf *b, const struct rule_context *c, unsigned flags)
{
	bpf_label mode = no_bits(b, c, flags + 1, SUID_BITS);

	return rule_argument(b, flags, bpf_if(b, BPF_JSET, O_CREAT | TMPFILE_BIT, mode, c->allow));
}

static bpf_label node_rule(struct bpf *b, const struct rule_context *c, unsigned mode)
{
	static const uint32_t devices[] = {S_IFCHR, S_IFBLK};
	bpf_label type = bpf_if_among(b, devices, countof(devices), c->deny, c->allow);

	return rule_argument(b, mode, bpf_if(b, BPF_JSET, SUID_BITS, c->deny, bpf_mask(b, S_IFMT, type)));
}

static bpf_label personality_rule(struct bpf *b, const struct rule_context *c)
{
	/* PER_LINUX, PER_LINUX32 and UNAME26 of each, and the question */
	static const uint32_t harmless[] = {0, 0x8, 0x20000, 0x20008, 0xffffffff};

	return rule_argument(b, 0, bpf_if_among(b, harmless, countof(harmless), c->allow, c->deny));
}

static bpf_label socket_rule(struct bpf *b, const struct rule_context *c)
{
	static const uint32_t types[] = {SOCK_STREAM, SOCK_DGRAM}, inet[] = {AF_INET, AF_INET6}, local[] = {AF_UNIX};
	static const uint32_t protocols[] = {NETLINK_ROUTE, NETLINK_KOBJECT_UEVENT}, netlink[] = {AF_NETLINK};
	bpf_label type, protocol, next = c->no_family;

	if (c->families & FAMILY_NETLINK) {
		protocol = rule_argument(b, 2, bpf_if_among(b, protocols, countof(protocols), c->allow, c->deny));
		next = bpf_if_among(b, netlink, countof(netlink), protocol, next);
	}
	if (c->families & FAMILY_INET) {
		type = bpf_mask(b, TYPE_BITS, bpf_if_among(b, types, countof(types), c->allow, c->deny));
		next = bpf_if_among(b, inet, countof(inet), rule_argument(b, 1, type), next);
	}
	if (c->families & FAMILY_UNIX)
		next = bpf_if_among(b, local, countof(local), c->allow, next);
	return rule_argument(b, 0, next);
}

static bpf_label ioctl_rule(struct bpf *b, const struct rule_context *c)
{
	/* they type into a terminal, or change what drives it */
	enum { TERMINAL_LINUX = 0x541c /* TIOCLINUX */ };
	static const uint32_t harmful[] = {TIOCSTI, TERMINAL_LINUX, TIOCSETD};

	return rule_argument(b, 1, bpf_if_among(b, harmful, countof(harmful), c->deny, c->allow));
}

static bpf_label prctl_rule(struct bpf *b, const struct rule_context *c)
{
	static const uint32_t harmful[] = {PR_SET_MM, PR_SET_PTRACER, USER_DISPATCH};
	size_t count = countof(harmful) - (c->request->base != FILTER_STRICT); /* Wine needs the last */

	return rule_argument(b, 0, bpf_if_among(b, harmful, count, c->deny, c->allow));
}

static bpf_label wx_rule(struct bpf *b, const struct rule_context *c)
{
	uint32_t both = PROT_WRITE | PROT_EXEC;

	return rule_argument(b, 2, bpf_mask(b, both, bpf_if(b, BPF_JEQ, both, c->deny, c->allow)));
}

bool rule_needed(enum syscall_rule rule, const struct filter_request *request)
{
	switch (rule) {
	case RULE_NONE:
	case RULE_COUNT:
		return false;
	case RULE_OPEN:
	case RULE_OPENAT:
		return request->suid_open;
	case RULE_WX:
	case RULE_EXEC:
	case RULE_SHMAT:
		return !request->writable_code && request->no_mdwe;
	default:
		return true;
	}
}

bpf_label rule_write(struct bpf *b, const struct rule_context *c, enum syscall_rule rule)
{
	uint32_t namespaces = c->request->nested ? (uint32_t)NESTED_NO : (uint32_t)NESTED_NO | NESTED_YES;
	static const uint32_t local[] = {AF_UNIX};

	switch (rule) {
	case RULE_OPEN:
		return open_rule(b, c, 1);
	case RULE_OPENAT:
		return open_rule(b, c, 2);
	case RULE_MODE1:
		return no_bits(b, c, 1, SUID_BITS);
	case RULE_MODE2:
		return no_bits(b, c, 2, SUID_BITS);
	case RULE_NODE1:
		return node_rule(b, c, 1);
	case RULE_NODE2:
		return node_rule(b, c, 2);
	case RULE_CLONE:
		return no_bits(b, c, 0, namespaces);
	case RULE_UNSHARE:
		return no_bits(b, c, 0, namespaces | TIME_NAMESPACE);
	case RULE_PERSONALITY:
		return personality_rule(b, c);
	case RULE_SHMGET:
		return no_bits(b, c, 2, SHM_HUGETLB);
	case RULE_SHMAT:
		return no_bits(b, c, 2, SHM_EXEC);
	case RULE_SELF:
		return rule_argument(b, 0, bpf_if(b, BPF_JEQ, 0, c->allow, c->deny));
	case RULE_SOCKET:
		return socket_rule(b, c);
	case RULE_SOCKETPAIR:
		return rule_argument(b, 0, bpf_if_among(b, local, countof(local), c->allow, c->no_family));
	case RULE_IOCTL:
		return ioctl_rule(b, c);
	case RULE_PRCTL:
		return prctl_rule(b, c);
	case RULE_WX:
		return wx_rule(b, c);
	case RULE_EXEC:
		return no_bits(b, c, 2, PROT_EXEC);
	case RULE_NONE:
	case RULE_COUNT:
		break;
	}
	return c->allow;
}
