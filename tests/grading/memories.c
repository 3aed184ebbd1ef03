/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* memories: programs that use memory, their own or the kernel's. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grading.h"

static int touch(int argc, char **argv)
{
	for (int i = 0; i < (int)number(argc, argv, 0, 500); i++) {
		char *p = malloc(MIB);

		if (!p)
			return says(FAILED, "malloc");
		memset(p, 1, MIB);
	}
	return 0;
}

/* MIB that more than one process could see */
static int shared(int argc, char **argv)
{
	size_t size = (size_t)number(argc, argv, 0, 200) * MIB;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return says(FAILED, "mmap");
	memset(p, 1, size);
	return 0;
}

/* 8 GB in pieces, and 1 TB at once: none of it touched */
static int reserve(int argc, char **argv)
{
	(void)argc, (void)argv;
	for (int i = 0; i < 64; i++)
		if (!malloc((size_t)128 * MIB))
			return says(FAILED, "malloc");
	if (mmap(NULL, (size_t)1 << 40, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) ==
	    MAP_FAILED)
		return says(FAILED, "mmap");
	return 0;
}

/* As `while (1) new int`, by one who does not look at the answer. */
static int small_pieces(int argc, char **argv)
{
	(void)argc, (void)argv;
	for (int *volatile piece = NULL;; piece = malloc(sizeof *piece))
		if (piece)
			*piece = 1;
	return 0;
}

static int child_dies(int argc, char **argv)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(touch(argc, argv));
	(void)waitpid(pid, NULL, 0);
	puts("all is well");
	return 0;
}

/* Much address space, of which each page that is touched needs a page of tables. */
static int page_tables(void)
{
	const size_t step = (size_t)2 * MIB, size = (size_t)128 << 30;
	volatile char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return says(FAILED, "mmap");
	for (size_t at = 0; at < size; at += step)
		(void)p[at]; /* the page of zeros: only the tables cost */
	return says(0, "page tables");
}

static int pipes(void)
{
	static char block[MIB];
	int ends[2], count = 0;

	for (; pipe2(ends, O_NONBLOCK) == 0; count++) {
		(void)fcntl(ends[1], F_SETPIPE_SZ, MIB);
		(void)!write(ends[1], block, sizeof block);
	}
	return says(0, "pipes");
}

static int watches(void)
{
	int fd = inotify_init1(IN_CLOEXEC);
	char name[64];

	for (int i = 0; fd >= 0 && i < 200000; i++) {
		(void)snprintf(name, sizeof name, "/tmp/w%d", i);
		if (mkdir(name, 0700) < 0 || inotify_add_watch(fd, name, IN_ALL_EVENTS) < 0)
			break;
	}
	return says(0, "watches");
}

/* Names that are not there are remembered, too. */
static int names(void)
{
	char name[128];

	for (int i = 0; i < 200000; i++) {
		(void)snprintf(name, sizeof name, "/usr/lib/a-rather-long-name-of-a-file-that-is-not-there-%d", i);
		if (access(name, F_OK) == 0)
			return FAILED;
	}
	errno = 0;
	return says(0, "names");
}

static int of_kernel(int argc, char **argv)
{
	return is(argc, argv, "pipes")     ? pipes()
	       : is(argc, argv, "watches") ? watches()
	       : is(argc, argv, "names")   ? names()
					   : page_tables();
}

/* FILE: reads it; without one, writes and removes a file of 8 MiB, 30 times */
static int page_cache(int argc, char **argv)
{
	static char block[MIB];

	if (argc > 0) {
		int fd = open(argv[0], O_RDONLY | O_CLOEXEC);
		ssize_t n;

		while ((n = read(fd, block, sizeof block)) > 0)
			;
		return fd < 0 || n < 0 ? says(FAILED, "read") : 0;
	}
	for (int i = 0; i < 30; i++) {
		int fd = open("/tmp/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		for (int k = 0; k < 8; k++)
			if (write(fd, block, sizeof block) != MIB)
				return says(FAILED, "write");
		(void)close(fd);
		(void)unlink("/tmp/file");
	}
	return 0;
}

/* Status 0: none of it was given. */
static int locked(int argc, char **argv)
{
	const size_t size = (size_t)64 * MIB;
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);

	(void)argc, (void)argv;
	if (p == MAP_FAILED || mlock(p, size) == 0)
		return says(FAILED, "mlock");
	if (mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_LOCKED, -1, 0) != MAP_FAILED)
		return says(FAILED, "MAP_LOCKED");
	if (mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_HUGETLB, -1, 0) != MAP_FAILED)
		return says(FAILED, "MAP_HUGETLB");
	if (mlockall(MCL_CURRENT | MCL_FUTURE) == 0)
		return says(FAILED, "mlockall");
	return says(0, "not locked");
}

__attribute__((noinline)) static int deeper(int depth, int limit)
{
	volatile char frame[4096];

	frame[0] = (char)depth;
	if (depth >= limit)
		return frame[0];
	return deeper(depth + 1, limit) + frame[0];
}

/* MIB of stack */
static int recursion(int argc, char **argv)
{
	(void)deeper(0, (int)number(argc, argv, 0, 1e6) * 256);
	return 0;
}

const struct program memory_programs[] = {
	{"touch", touch},           {"reserve", reserve},
	{"shared", shared},         {"small-pieces", small_pieces},
	{"child-dies", child_dies}, {"of-kernel", of_kernel},
	{"page-cache", page_cache}, {"locked", locked},
	{"recursion", recursion},   {NULL, NULL},
};
