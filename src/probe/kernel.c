/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kernel: the ways into the kernel, and the states that close them. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe/probe.h"

int try_namespace(const char *what, char identity[IDENTITY_SIZE])
{
	unsigned long flags = CLONE_NEWUSER | (strcmp(what, "mount") == 0 ? CLONE_NEWNS : 0);
	int why;
	long pid;

	(void)identity;
	if (unshare((int)flags) == 0)
		return 0;
	why = errno;
	pid = syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid == 0)
		_exit(0);
	return pid > 0 ? 0 : why;
}

/* The number after NAME: in /proc/self/status, or -1. */
static long long status_number(const char *name, int base)
{
	char line[512];
	FILE *file = fopen("/proc/self/status", "re");
	long long number = -1;

	while (file && number < 0 && fgets(line, sizeof line, file))
		if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':')
			number = strtoll(line + strlen(name) + 1, NULL, base);
	if (file)
		(void)fclose(file);
	return number;
}

int try_state(const char *what, char identity[IDENTITY_SIZE])
{
	static const char *const sets[] = {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"};

	(void)identity;
	if (strcmp(what, "no-new-privs") == 0)
		return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0 ? 0 : EPERM;
	if (strcmp(what, "filter") == 0)
		return status_number("Seccomp", 10) == 0 ? 0 : EPERM;
	for (unsigned i = 0; i < sizeof sets / sizeof *sets; i++)
		if (status_number(sets[i], 16) != 0)
			return 0;
	return EPERM;
}

int try_kernel_file(const char *what, char identity[IDENTITY_SIZE])
{
	int fd = open(what, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	(void)identity;
	if (fd < 0)
		return errno;
	(void)close(fd);
	return 0;
}

int try_family(const char *what, char identity[IDENTITY_SIZE])
{
	static const struct {
		const char *name;
		int family, type, protocol;
	} families[] = {{"packet", AF_PACKET, SOCK_DGRAM, 0}, {"raw", AF_INET, SOCK_RAW, IPPROTO_ICMP}};

	(void)identity;
	for (unsigned i = 0; i < sizeof families / sizeof *families; i++)
		if (strcmp(families[i].name, what) == 0)
			return socket(families[i].family, families[i].type | SOCK_CLOEXEC, families[i].protocol) < 0
				       ? errno
				       : 0;
	return ENOENT;
}

int try_code(const char *what, char identity[IDENTITY_SIZE])
{
	(void)what, (void)identity;
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
		       ? errno
		       : 0;
}

/* getpid by another table of system calls. A kernel without it, or a filter, ends the process. */
int try_table(const char *what, char identity[IDENTITY_SIZE])
{
	(void)what, (void)identity;
#ifdef __x86_64__
	if (strcmp(what, "x32") == 0)
		return syscall(0x40000000 | SYS_getpid) > 0 ? 0 : errno;
	if (strcmp(what, "i386") == 0) {
		long pid = 20; /* getpid */

		__asm__ volatile("int $0x80" : "+a"(pid) : : "memory", "r8", "r9", "r10", "r11");
		return pid > 0 ? 0 : (int)-pid;
	}
#endif
	return ENOSYS;
}
