/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* work: one kind of work, and how long it took by its own clock, so that its start does not count.
 *
 *   work cpu AMOUNT             arithmetic: AMOUNT million steps that wait for each other
 *   work memory AMOUNT          AMOUNT MiB: each page is touched for the first time, then a chain of all lines is
 * followed work files AMOUNT FOLDER    AMOUNT files of 4 KiB: made, told about, read and removed, three times
 *
 * Prints nanoseconds. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 64, MIB = 1 << 20, FILE_BYTES = 4096, TIMES = 3 };

static void fail(const char *what)
{
	fprintf(stderr, "work: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* xorshift: each step waits for the one before. */
static uint64_t next(uint64_t x)
{
	x ^= x << 13;
	x ^= x >> 7;
	return x ^ x << 17;
}

static uint64_t cpu(uint64_t amount)
{
	uint64_t x = 88172645463325252;

	for (uint64_t i = 0; i < amount * 1000000; i++)
		x = next(x);
	return x;
}

/* One cycle through all lines (Sattolo's shuffle), so that the next address is known only when the last one was read.
 */
static uint64_t memory(uint64_t amount)
{
	uint64_t lines = amount * MIB / LINE, x = 88172645463325252, at = 0;
	uint64_t(*line)[LINE / sizeof(uint64_t)] =
		mmap(NULL, amount * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (line == MAP_FAILED)
		fail("mmap");
	for (uint64_t i = 0; i < lines; i++)
		line[i][0] = i;
	for (uint64_t i = lines - 1; i > 0; i--) {
		uint64_t other, swapped = line[i][0];

		x = next(x);
		other = x % i;
		line[i][0] = line[other][0];
		line[other][0] = swapped;
	}
	for (uint64_t i = 0; i < lines; i++)
		at = line[at][0];
	if (at != 0)
		fail("the chain is no cycle");
	return at;
}

static void make(int folder, const char *name)
{
	char data[FILE_BYTES];
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	memset(data, 'x', sizeof(data));
	if (fd < 0 || write(fd, data, sizeof(data)) != (ssize_t)sizeof(data) || close(fd) < 0)
		fail(name);
}

static void read_back(int folder, const char *name)
{
	char data[FILE_BYTES];
	struct stat st;
	int fd;

	if (fstatat(folder, name, &st, 0) < 0 || st.st_size != FILE_BYTES)
		fail(name);
	fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, data, sizeof(data)) != (ssize_t)sizeof(data) || close(fd) < 0)
		fail(name);
}

static void each(uint64_t amount, int folder, void (*what)(int folder, const char *name))
{
	char name[32];

	for (uint64_t i = 0; i < amount; i++) {
		(void)snprintf(name, sizeof(name), "f%u", (unsigned)i);
		what(folder, name);
	}
}

static void remove_one(int folder, const char *name)
{
	if (unlinkat(folder, name, 0) < 0)
		fail(name);
}

static uint64_t files(uint64_t amount, const char *path)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder < 0)
		fail(path);
	for (int i = 0; i < TIMES; i++) {
		each(amount, folder, make);
		each(amount, folder, read_back);
		each(amount, folder, remove_one);
	}
	return amount;
}

int main(int argc, char **argv)
{
	uint64_t amount = argc > 2 ? strtoull(argv[2], NULL, 10) : 0, start = now(), result;
	volatile uint64_t kept;

	if (argc == 3 && amount && strcmp(argv[1], "cpu") == 0) {
		result = cpu(amount);
	} else if (argc == 3 && amount && strcmp(argv[1], "memory") == 0) {
		result = memory(amount);
	} else if (argc == 4 && amount && strcmp(argv[1], "files") == 0) {
		result = files(amount, argv[3]);
	} else {
		fprintf(stderr, "usage: work cpu AMOUNT | work memory AMOUNT | work files AMOUNT FOLDER\n");
		return 2;
	}
	kept = result; /* the compiler can't leave the work out */
	(void)kept;
	printf("%llu\n", (unsigned long long)(now() - start));
	return EXIT_SUCCESS;
}
