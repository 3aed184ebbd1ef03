/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sound/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/socket.h"
#include "sound/talk.h"

/* A server has 64 connections for all programs. */
enum { CONNECTIONS = 16, CHUNK = 32 << 10, BACKLOG = 16 };

struct connection {
	int client, server; /* client -1: there is none */
	struct talk talk;
	int ended; /* of the two: it has closed, and what is left for the other is still sent; -1 */
};

struct sound {
	const struct sound_service *service;
	int listener;
	unsigned streams;
	struct connection connection[CONNECTIONS];
};

/* --- sockets --- */
/* A server takes few at a time (PulseAudio's backlog is 5), and one that never blocks would be turned away: so it
 * waits, for a while. */
static int connect_to(const char *path)
{
	autoclose int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct timeval patience = {.tv_sec = 2};
	struct sockaddr_un name;
	struct err none;

	if (fd < 0 || socket_address(path, &name, &none) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0 ||
	    connect(fd, (struct sockaddr *)&name, sizeof name) < 0 || fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return -1;
	return take_fd(&fd);
}

/* --- one connection --- */
static void end(struct connection *c)
{
	mem_close_ptr(&c->client);
	mem_close_ptr(&c->server);
	c->client = c->server = c->ended = -1;
	talk_done(&c->talk);
}

/* Who finds no place, or no server, is closed: as if there were none. */
static void welcome(struct sound *s)
{
	autoclose int client = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	for (size_t i = 0; client >= 0 && i < CONNECTIONS; i++) {
		struct connection *c = &s->connection[i];

		if (c->client >= 0)
			continue;
		c->server = connect_to(s->service->server);
		if (c->server < 0)
			return;
		c->client = take_fd(&client);
		talk_begin(&c->talk, s->service->record, &s->streams);
	}
}

/* One read, which takes no fds: the kernel closes what is sent along. False: it is over. */
static bool hear(struct connection *c, int fd)
{
	unsigned char bytes[CHUNK];
	ssize_t n = read(fd, bytes, sizeof bytes);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0) {
		c->ended = fd;
		return true;
	}
	return (fd == c->client ? talk_of_client(&c->talk, bytes, (size_t)n)
				: talk_of_server(&c->talk, bytes, (size_t)n)) == 0;
}

/* Says who says it. PulseAudio judges by that, and the kernel adds it by itself only after the server has asked for it
 * on this connection, which may be later than the first words. */
static ssize_t send_as_caller(int fd, const struct str *text)
{
	const struct ucred self = {.pid = getpid(), .uid = geteuid(), .gid = getegid()};
	union {
		char bytes[CMSG_SPACE(sizeof self)];
		struct cmsghdr align;
	} control = {0};
	struct iovec part = {.iov_base = text->s, .iov_len = text->len};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof control.bytes};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_CREDENTIALS;
	head->cmsg_len = CMSG_LEN(sizeof self);
	memcpy(CMSG_DATA(head), &self, sizeof self);
	return sendmsg(fd, &message, MSG_NOSIGNAL);
}

static bool say(int fd, bool to_server, struct str *text)
{
	ssize_t n = to_server ? send_as_caller(fd, text) : send(fd, text->s, text->len, MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	text->len -= (size_t)n;
	memmove(text->s, text->s + n, text->len);
	return true;
}

static struct pollfd wanted(const struct connection *c, int fd, bool hears, const struct str *to)
{
	int events = (hears && c->ended < 0 ? POLLIN : 0) | (to->len ? POLLOUT : 0);

	return (struct pollfd){.fd = fd == c->ended ? -1 : fd, .events = (short)events};
}

static bool has_said_all(const struct connection *c)
{
	return c->ended >= 0 && (c->ended == c->client ? c->talk.server.to.len : c->talk.client.to.len) == 0;
}

/* What poll has said of its two sides. */
static void serve(struct connection *c, const struct pollfd slots[2])
{
	struct talk *t = &c->talk;
	bool lives = true;

	for (unsigned i = 0; lives && i < 2; i++) {
		struct str *to = i == 0 ? &t->client.to : &t->server.to;

		if (slots[i].revents & POLLOUT)
			lives = say(slots[i].fd, i == 1, to);
		if (lives && slots[i].revents & POLLIN)
			lives = hear(c, slots[i].fd);
		else if (slots[i].revents & (POLLHUP | POLLERR)) /* nobody is there to be told */
			lives = false;
	}
	if (!lives || has_said_all(c))
		end(c);
}

/* --- all of them --- */
static int one_turn(struct sound *s)
{
	enum { READY, LISTENER, SIDES };
	struct pollfd slots[SIDES + 2 * CONNECTIONS] = {
		[READY] = {.fd = s->service->ready}, [LISTENER] = {.fd = s->listener, .events = POLLIN}};

	for (size_t i = 0; i < CONNECTIONS; i++) {
		const struct connection *c = &s->connection[i];
		struct pollfd *two = &slots[SIDES + 2 * i];

		two[0] = wanted(c, c->client, talk_hears_client(&c->talk), &c->talk.client.to);
		two[1] = wanted(c, c->server, talk_hears_server(&c->talk), &c->talk.server.to);
	}
	if (poll(slots, countof(slots), -1) < 0)
		return errno == EINTR ? 0 : -errno;
	if (slots[READY].revents)
		return 1;
	for (size_t i = 0; i < CONNECTIONS; i++)
		if (s->connection[i].client >= 0)
			serve(&s->connection[i], &slots[SIDES + 2 * i]);
	if (slots[LISTENER].revents)
		welcome(s);
	return 0;
}

int sound_serve(const struct sound_service *service, struct err *e)
{
	struct sound s = {.service = service, .listener = -1};
	int r = s.listener = socket_listen(service->socket, SOCK_STREAM | SOCK_NONBLOCK, BACKLOG, e);

	for (size_t i = 0; i < CONNECTIONS; i++)
		s.connection[i] = (struct connection){.client = -1, .server = -1, .ended = -1};
	if (r >= 0)
		r = write(service->ready, "\n", 1) == 1 ? 0 : err_errno(e, errno, "say that it is ready");
	while (r == 0) {
		r = one_turn(&s);
		if (r < 0)
			(void)err_errno(e, -r, "wait");
	}
	for (size_t i = 0; i < CONNECTIONS; i++)
		end(&s.connection[i]);
	mem_close_ptr(&s.listener);
	return r < 0 ? r : 0;
}
