/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* files: programs that write too much, too many, or odd ones. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <linux/fs.h>

#include "grading.h"

/* out, err, both (a byte to each in turn): for ever */
static int flood(int argc, char **argv)
{
	static char block[65536];
	size_t size = is(argc, argv, "both") ? 1 : sizeof block;

	memset(block, 'x', sizeof block);
	for (;;) {
		if (!is(argc, argv, "err") && write(1, block, size) < 0)
			return FAILED;
		if (!is(argc, argv, "out") && write(2, block, size) < 0)
			return FAILED;
	}
}

/* FOLDER COUNT MIB: that many files of that size; status 1 where one can't be written */
static int fill(int argc, char **argv)
{
	static char block[MIB];
	char name[300];

	for (int i = 0; i < (int)number(argc, argv, 1, 100); i++) {
		int fd;

		(void)snprintf(name, sizeof name, "%s/%d", argv[0], i);
		fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		for (int k = 0; k < (int)number(argc, argv, 2, 8); k++)
			if (write(fd, block, sizeof block) != MIB)
				return says(FAILED, "write");
		if (fd < 0)
			return says(FAILED, "open");
		(void)close(fd);
	}
	return 0;
}

/* FOLDER DEPTH: of folders in folders */
static int deep(int argc, char **argv)
{
	int depth = (int)number(argc, argv, 1, 3000), at = 0;

	if (argc < 1 || chdir(argv[0]) < 0)
		return says(FAILED, "chdir");
	while (at < depth && mkdir("d", 0700) == 0 && chdir("d") == 0)
		at++;
	(void)printf("%d deep\n", at);
	return at == depth ? 0 : says(FAILED, "mkdir");
}

/* FOLDER: names that tools stumble over */
static int odd_names(int argc, char **argv)
{
	static const char *const names[] = {"-rf", "a\nb", "\xff\xfe", "*", " ", "\033[2J", "$(id)"};
	char longest[256];

	memset(longest, 'n', 255);
	longest[255] = '\0';
	if (argc < 1 || chdir(argv[0]) < 0)
		return says(FAILED, "chdir");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (mkdir(names[i], 0700) < 0)
			return says(FAILED, "mkdir");
	return mkdir(longest, 0700) < 0 ? says(FAILED, "mkdir") : 0;
}

/* FOLDER: status 0 if no file has become larger than 10 MiB */
static int sparse(int argc, char **argv)
{
	const off_t huge = (off_t)1 << 40, large = 20 * MIB;
	struct stat st;
	int fd, from;

	(void)signal(SIGXFSZ, SIG_IGN);
	if (argc < 1 || chdir(argv[0]) < 0)
		return says(FAILED, "chdir");
	fd = open("sparse", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || ftruncate(fd, huge) == 0 || fallocate(fd, 0, 0, large) == 0 ||
	    fallocate(fd, FALLOC_FL_ZERO_RANGE, 0, large) == 0 || pwrite(fd, "x", 1, huge) == 1)
		return says(FAILED, "sparse");
	(void)fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, large);
	(void)lseek(fd, large, SEEK_SET);
	if (copy_file_range(from, NULL, fd, NULL, 4096, 0) > 0)
		return says(FAILED, "copy_file_range");
	return fstat(fd, &st) < 0 || st.st_size > 10 * MIB ? says(FAILED, "size") : says(0, "not larger");
}

/* FOLDER: a tree that does not want to be removed */
static int stubborn(int argc, char **argv)
{
	static char text[4096];
	int fd, flags = FS_IMMUTABLE_FL | FS_APPEND_FL;

	if (argc < 1 || chdir(argv[0]) < 0 || mkdir("closed", 0700) < 0)
		return says(FAILED, "chdir");
	fd = open("closed/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0)
		return says(FAILED, "immutable");
	for (int i = 0; i < 100; i++) {
		char name[32];

		(void)snprintf(name, sizeof name, "user.x%d", i);
		(void)setxattr("closed/file", name, text, sizeof text, 0);
	}
	(void)fchmod(fd, 0);
	return chmod("closed", 0) < 0 ? says(FAILED, "chmod") : 0;
}

/* FOLDER: status 0 if none was made */
static int nodes(int argc, char **argv)
{
	if (argc < 1 || chdir(argv[0]) < 0)
		return says(FAILED, "chdir");
	if (mknod("block", S_IFBLK | 0600, makedev(7, 0)) == 0 ||
	    mknod("character", S_IFCHR | 0600, makedev(1, 1)) == 0)
		return says(FAILED, "mknod");
	return says(0, "none");
}

/* Until there are no more. */
static int open_all(int argc, char **argv)
{
	int count = 0;

	(void)argc, (void)argv;
	while (count < 100000 && open("/dev/null", O_RDONLY) >= 0)
		count++;
	return printf("%d files: %s\n", count, strerrorname_np(errno)), 0;
}

/* TARGET PATH: a link, of that or the other kind. Status 0 if it is there. */
static int plant(int argc, char **argv)
{
	if (argc < 3)
		return UNKNOWN;
	(void)unlink(argv[2]);
	if (is(argc, argv, "hard") ? link(argv[1], argv[2]) < 0 : symlink(argv[1], argv[2]) < 0)
		return says(FAILED, "link");
	return 0;
}

/* PATH...: status 0 if none of them can be seen */
static int seek(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		int fd = open(argv[i], O_RDONLY | O_CLOEXEC);

		if (fd >= 0 || (access(argv[i], F_OK) == 0))
			return printf("%s is there\n", argv[i]), FAILED;
	}
	return 0;
}

const struct program file_programs[] = {
	{"flood", flood},       {"fill", fill},   {"deep", deep},         {"odd-names", odd_names},
	{"sparse", sparse},     {"nodes", nodes}, {"stubborn", stubborn}, {"plant", plant},
	{"open-all", open_all}, {"seek", seek},   {NULL, NULL},
};
