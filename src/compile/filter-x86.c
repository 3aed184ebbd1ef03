/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* filter-x86: libseccomp knows the numbers; only a profile that asks for 32-bit programs comes here. */
#include "compile/filter-x86.h"

#include <seccomp.h>

#include "base/mem.h"
#include "base/str.h"

/* From here on all machines have the same numbers; libseccomp may be older than the call. */
enum { FIRST_SHARED = 424 };

/* libseccomp thinks of these only as parts of socketcall and ipc. */
static const struct {
	char name[16];
	short number;
} direct[] = {
	{"recvmmsg", 337},    {"sendmmsg", 345},    {"socket", 359},  {"socketpair", 360}, {"bind", 361},
	{"connect", 362},     {"listen", 363},      {"accept4", 364}, {"getsockopt", 365}, {"setsockopt", 366},
	{"getsockname", 367}, {"getpeername", 368}, {"sendto", 369},  {"sendmsg", 370},    {"recvfrom", 371},
	{"recvmsg", 372},     {"shutdown", 373},    {"semget", 393},  {"semctl", 394},     {"shmget", 395},
	{"shmctl", 396},      {"shmat", 397},       {"shmdt", 398},   {"msgget", 399},     {"msgsnd", 400},
	{"msgrcv", 401},      {"msgctl", 402},
};

int filter_x86_number(const char *name, int native)
{
	int number;

	if (native >= FIRST_SHARED)
		return native;
	for (size_t i = 0; i < countof(direct); i++)
		if (str_eq(direct[i].name, name))
			return direct[i].number;
	number = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86, name);
	return number < 0 ? -1 : number;
}
