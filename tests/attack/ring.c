/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attack: io_uring, which makes system calls that no filter sees. */
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

struct ring {
	int fd;
	unsigned char *queue; /* both rings: IORING_FEAT_SINGLE_MMAP */
	struct io_uring_sqe *entry;
	struct io_uring_params params;
};

static int ring_open(struct ring *ret)
{
	struct ring r = {0};
	size_t size;

	r.fd = (int)syscall(SYS_io_uring_setup, 2, &r.params);
	if (r.fd < 0)
		return -1;
	size = r.params.cq_off.cqes + r.params.cq_entries * sizeof(struct io_uring_cqe);
	r.queue = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, r.fd, IORING_OFF_SQ_RING);
	r.entry = mmap(NULL, 2 * sizeof *r.entry, PROT_READ | PROT_WRITE, MAP_SHARED, r.fd, IORING_OFF_SQES);
	if (r.queue == MAP_FAILED || (void *)r.entry == MAP_FAILED)
		return -1;
	*ret = r;
	return 0;
}

/* Submits one entry and waits for its result. */
static int ring_do(struct ring *r, const struct io_uring_sqe *entry)
{
	uint32_t *tail = (void *)(r->queue + r->params.sq_off.tail),
		 *array = (void *)(r->queue + r->params.sq_off.array);
	uint32_t *head = (void *)(r->queue + r->params.cq_off.head);
	struct io_uring_cqe *done = (void *)(r->queue + r->params.cq_off.cqes);

	*r->entry = *entry;
	array[0] = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, r->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return -1;
	errno = done[*head % r->params.cq_entries].res < 0 ? -done[*head % r->params.cq_entries].res : 0;
	return errno ? -1 : done[*head % r->params.cq_entries].res;
}

static int ring_setup(int argc, char **argv)
{
	struct ring r;

	(void)argc, (void)argv;
	return ring_open(&r) < 0 ? shut("io_uring_setup") : opened("a ring");
}

static int ring_openat(int argc, char **argv)
{
	struct io_uring_sqe entry = {.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .open_flags = O_RDONLY};
	struct ring r;

	if (argc < 1)
		return broken("a path is needed");
	entry.addr = (uintptr_t)argv[0];
	if (ring_open(&r) < 0)
		return shut("io_uring_setup");
	return ring_do(&r, &entry) < 0 ? shut("open by a ring") : opened("opened '%s' by a ring", argv[0]);
}

static int ring_socket(int argc, char **argv)
{
	struct io_uring_sqe entry = {.opcode = 45 /* IORING_OP_SOCKET */, .fd = 40 /* AF_VSOCK */, .off = SOCK_STREAM};
	struct ring r;

	(void)argc, (void)argv;
	if (ring_open(&r) < 0)
		return shut("io_uring_setup");
	return ring_do(&r, &entry) < 0 ? shut("socket by a ring") : opened("a socket by a ring");
}

/* FD: a ring that was passed in; does the kernel look at it at all? */
static int ring_inherited(int argc, char **argv)
{
	int fd = argc > 0 ? atoi(argv[0]) : 9;

	if (fcntl(fd, F_GETFD) < 0)
		return broken("fd %d", fd);
	return syscall(SYS_io_uring_enter, fd, 0, 0, 0, NULL, 0) < 0 ? shut("io_uring_enter")
								     : opened("io_uring_enter");
}

/* Puts a new ring at fd 9, and executes the command. */
static int ring_keep(int argc, char **argv)
{
	struct ring r;

	(void)argc;
	if (ring_open(&r) < 0 || dup2(r.fd, 9) < 0)
		return broken("io_uring_setup");
	return execute(argv);
}

const struct attack ring_attacks[] = {
	{"ring-setup", "a ring", ring_setup},
	{"ring-openat", "PATH: open a file by a ring", ring_openat},
	{"ring-socket", "a socket by a ring", ring_socket},
	{"ring-inherited", "FD: use a ring that was passed in", ring_inherited},
	{"with-ring", "COMMAND...: setup: a ring at fd 9", ring_keep},
	{NULL, NULL, NULL},
};
