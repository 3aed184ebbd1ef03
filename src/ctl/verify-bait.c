/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verify-bait: what is laid out to be reached, so that nobody else's services and processes have to be. */
#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "ctl/verify.h"

static int internet(int type, int *ret_fd, char port[8], struct err *e)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;

	*ret_fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	if (*ret_fd < 0 || bind(*ret_fd, (struct sockaddr *)&address, sizeof address) < 0 ||
	    (type == SOCK_STREAM && listen(*ret_fd, 8) < 0) ||
	    getsockname(*ret_fd, (struct sockaddr *)&address, &size) < 0)
		return err_errno(e, errno, "listen on 127.0.0.1");
	(void)snprintf(port, 8, "%u", ntohs(address.sin_port));
	return 0;
}

static int abstract(struct bait *bait, struct err *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(bait->word));

	(void)snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "%s", bait->word);
	bait->abstract = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bait->abstract < 0 || bind(bait->abstract, (struct sockaddr *)&address, size) < 0 ||
	    listen(bait->abstract, 8) < 0)
		return err_errno(e, errno, "listen on the abstract socket '%s'", bait->word);
	return 0;
}

/* It ends when the other end of its standard input does, and so with sbxctl, however that ends. */
static int process(struct bait *bait, const char *probe, struct err *e)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(e, errno, "make a pipe");
	bait->process = fork();
	if (bait->process == 0) {
		if (dup2(ends[0], STDIN_FILENO) >= 0)
			(void)execl(probe, "sbx-probe", "wait", bait->word, NULL);
		_exit(127);
	}
	(void)close(ends[0]);
	bait->waiting = ends[1];
	return bait->process > 0 ? 0 : err_errno(e, errno, "make a process");
}

/* Marked for removal at once: it goes with the last process that has it. */
static int segment(struct bait *bait, struct err *e)
{
	bait->segment = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	if (bait->segment < 0 || shmat(bait->segment, NULL, 0) == (void *)-1)
		return err_errno(e, errno, "make a segment of shared memory");
	if (shmctl(bait->segment, IPC_RMID, NULL) < 0)
		return err_errno(e, errno, "mark a segment of shared memory");
	(void)snprintf(bait->segment_id, sizeof bait->segment_id, "%d", bait->segment);
	return 0;
}

int bait_lay(struct bait *ret, const char *probe, struct err *e)
{
	int r;

	*ret = (struct bait){.tcp = -1, .udp = -1, .abstract = -1, .waiting = -1};
	(void)snprintf(ret->word, sizeof ret->word, "sbx-verify-%ld-%llx", (long)getpid(),
		       (unsigned long long)clock_ns(CLOCK_MONOTONIC));
	r = internet(SOCK_STREAM, &ret->tcp, ret->tcp_port, e);
	if (r == 0)
		r = internet(SOCK_DGRAM, &ret->udp, ret->udp_port, e);
	if (r == 0)
		r = abstract(ret, e);
	if (r == 0)
		r = segment(ret, e);
	return r < 0 ? r : process(ret, probe, e);
}

void bait_take(struct bait *bait)
{
	mem_close_ptr(&bait->tcp);
	mem_close_ptr(&bait->udp);
	mem_close_ptr(&bait->abstract);
	mem_close_ptr(&bait->waiting);
	if (bait->process > 0)
		while (waitpid(bait->process, NULL, 0) < 0 && errno == EINTR)
			;
}

static struct item *add(struct items *items, enum verify_group group, const char *verb, const char *argument,
			const char *why)
{
	struct item *item = items_add(items, group, verb, argument);

	items_way(item, argument, why, 0);
	return item;
}

static void name(struct item *item, const char *sentence, const char *text)
{
	item->sentence = sentence;
	mem_free_ptr(&item->name);
	item->name = xstrdup(text);
}

static void network(struct items *items, const struct planned *planned, const struct bait *bait)
{
	static const char trusting[] = "services of this machine that trust whoever is on it";
	const struct value *mode = policy_value(&planned->policy, SET_network_mode);
	autofree char *abstract_name = xasprintf("@%s", bait->word);
	char buf[512];
	const char *why = policy_is(&planned->policy, SET_network_mode, "host")
				  ? origin_text(mode->origin, buf, sizeof buf)
				  : NULL;
	struct item *item;

	item = add(items, GROUP_NETWORK, "tcp", bait->tcp_port, why);
	item->danger = trusting;
	name(item, "reaches", "TCP ports of 127.0.0.1");
	item = add(items, GROUP_NETWORK, "udp", bait->udp_port, why);
	item->danger = trusting;
	name(item, "reaches", "UDP ports of 127.0.0.1");
	item = add(items, GROUP_NETWORK, "connect", abstract_name, why);
	item->danger = trusting;
	name(item, "reaches", "abstract sockets of this machine");
	name(add(items, GROUP_NETWORK, "route", "192.0.2.1", why), "has a way to", "other machines (IPv4)");
	name(add(items, GROUP_NETWORK, "route", "2001:db8::1", why), "has a way to", "other machines (IPv6)");
	name(add(items, GROUP_NETWORK, "interfaces", "", why), "sees", "the network interfaces of this machine");
	name(add(items, GROUP_NETWORK, "listen", "", why), "can offer", "a port to other machines");
}

void items_of_bait(struct items *items, const struct planned *planned, const struct bait *bait)
{
	network(items, planned, bait);
	name(add(items, GROUP_PROCESSES, "find", bait->word, NULL), "sees", "processes outside of the sandbox");
	name(add(items, GROUP_PROCESSES, "signal", bait->word, NULL), "can signal", "processes outside of the sandbox");
	name(add(items, GROUP_PROCESSES, "memory", bait->word, NULL), "can write the memory of",
	     "processes outside of the sandbox");
	name(add(items, GROUP_PROCESSES, "segment", bait->segment_id, NULL), "can read",
	     "shared memory of processes outside of the sandbox");
}
