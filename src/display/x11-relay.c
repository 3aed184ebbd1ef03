/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "display/x11-relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "display/x11.h"

enum { MOST_CLIENTS = 200, PIECE = 65536, AUTHORITY_MAX = 4096 };

/* One direction: what was read is written before more is read. */
struct flow {
	int from, to; /* borrowed */
	struct str waiting;
	size_t sent;
	bool ended; /* of `from` */
};

struct client {
	int fd, server; /* -1: this place is free */
	bool set_up;    /* the server has its setup */
	struct flow in, out;
};

struct state {
	const struct x11_relay *relay;
	unsigned char cookie[COOKIE_SIZE];
	/* A client of our own, with the cookie, which keeps it valid while the sandbox has none. */
	struct stream keeper;
	int listener;
	struct client client[MOST_CLIENTS];
};

/* --- clients --- */
static void leave(struct client *client)
{
	mem_close_ptr(&client->fd);
	mem_close_ptr(&client->server);
	str_done(&client->in.waiting);
	str_done(&client->out.waiting);
	*client = (struct client){.fd = -1, .server = -1};
}

static void enter(struct state *s)
{
	autoclose int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), server = -1;
	struct client *client = s->client;
	struct err none = {0};

	while (client < s->client + MOST_CLIENTS && client->fd >= 0)
		client++;
	if (fd < 0 || client == s->client + MOST_CLIENTS)
		return;
	server = stream_connect(s->relay->server, &none);
	if (server < 0 || fcntl(server, F_SETFL, O_NONBLOCK) < 0)
		return;
	*client = (struct client){
		.fd = fd, .server = server, .in = {.from = fd, .to = server}, .out = {.from = server, .to = fd}};
	fd = server = -1; /* the client's now */
}

static bool try_again(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/* False: this is the end of the connection. Fds that come along are not taken, so the kernel closes them. */
static bool fill(struct flow *flow)
{
	static char piece[PIECE];
	ssize_t n = read(flow->from, piece, sizeof piece);

	if (n > 0)
		str_add_bytes(&flow->waiting, piece, (size_t)n);
	flow->ended = n == 0;
	return n >= 0 || try_again();
}

static bool drain(struct flow *flow)
{
	size_t left = flow->waiting.len - flow->sent;
	ssize_t n = left ? send(flow->to, flow->waiting.s + flow->sent, left, MSG_NOSIGNAL) : 0;

	if (n < 0)
		return try_again();
	flow->sent += (size_t)n;
	if (flow->sent == flow->waiting.len)
		flow->waiting.len = flow->sent = 0;
	return true;
}

static bool set_up(struct client *client, const unsigned char *cookie)
{
	struct str with = {0};
	int r = x11_with_cookie((unsigned char *)client->in.waiting.s, client->in.waiting.len, cookie, &with);

	if (r <= 0)
		return r == 0;
	str_done(&client->in.waiting);
	client->in.waiting = with;
	client->set_up = true;
	return true;
}

static bool may_read(const struct client *client, const struct flow *flow)
{
	return !flow->ended && (!flow->waiting.len || (flow == &client->in && !client->set_up));
}

static bool may_write(const struct client *client, const struct flow *flow)
{
	return flow->waiting.len && (flow != &client->in || client->set_up);
}

static bool is_over(const struct client *client)
{
	return (client->in.ended && !may_write(client, &client->in)) || (client->out.ended && !client->out.waiting.len);
}

static void serve(struct client *client, const struct pollfd slots[2], const unsigned char *cookie)
{
	bool good = true;

	if (slots[0].revents & (POLLIN | POLLHUP | POLLERR) && may_read(client, &client->in))
		good = fill(&client->in) && (client->set_up || !client->in.waiting.len || set_up(client, cookie));
	if (good && slots[1].revents & (POLLIN | POLLHUP | POLLERR) && may_read(client, &client->out))
		good = fill(&client->out);
	if (good && may_write(client, &client->in))
		good = drain(&client->in);
	if (good && may_write(client, &client->out))
		good = drain(&client->out);
	if (!good || is_over(client))
		leave(client);
}

/* --- the loop --- */
/* Of one end of a client; who has hung up is not asked again and again. */
static struct pollfd slot(const struct client *client, const struct flow *reads, const struct flow *writes)
{
	short events = (short)((may_read(client, reads) ? POLLIN : 0) | (may_write(client, writes) ? POLLOUT : 0));

	return (struct pollfd){.fd = events ? reads->from : -1, .events = events};
}

/* Events that every client gets are of no interest. */
static bool keeps(const struct stream *keeper)
{
	char ignored[4096];
	ssize_t n = read(keeper->fd, ignored, sizeof ignored);

	return n > 0 || (n < 0 && try_again());
}

static int loop(struct state *s, struct err *e)
{
	enum { READY, KEEPER, LISTENER, FIRST_CLIENT };
	struct pollfd slots[FIRST_CLIENT + 2 * MOST_CLIENTS];

	for (;;) {
		slots[READY] = (struct pollfd){.fd = s->relay->ready};
		slots[KEEPER] = (struct pollfd){.fd = s->keeper.fd, .events = POLLIN};
		slots[LISTENER] = (struct pollfd){.fd = s->listener, .events = POLLIN};
		for (size_t i = 0; i < MOST_CLIENTS; i++) {
			struct client *client = &s->client[i];
			struct pollfd *two = &slots[FIRST_CLIENT + 2 * i];
			bool free = client->fd < 0;

			two[0] = free ? (struct pollfd){.fd = -1} : slot(client, &client->in, &client->out);
			two[1] = free ? (struct pollfd){.fd = -1} : slot(client, &client->out, &client->in);
		}
		if (poll(slots, countof(slots), -1) < 0 && errno != EINTR)
			return err_errno(e, errno, "poll");
		if (slots[READY].revents)
			return 0;
		if (slots[KEEPER].revents && !keeps(&s->keeper))
			return err_set(e, ECONNRESET, "the X11 server has closed the connection");
		for (size_t i = 0; i < MOST_CLIENTS; i++)
			if (s->client[i].fd >= 0)
				serve(&s->client[i], &slots[FIRST_CLIENT + 2 * i], s->cookie);
		if (slots[LISTENER].revents)
			enter(s);
	}
}

static int listen_at(const char *path, struct err *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	autoclose int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (strlen(path) >= sizeof address.sun_path)
		return err_set(e, ENAMETOOLONG, "'%s' is too long for a socket", path);
	memcpy(address.sun_path, path, strlen(path));
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) < 0 ||
	    chmod(path, 0666) < 0 /* who sees it may use it, whatever its id */ || listen(fd, 64) < 0)
		return err_errno(e, errno, "listen at '%s'", path);
	return take_fd(&fd);
}

static int read_cookie(const struct x11_relay *relay, unsigned char ret[COOKIE_SIZE], struct err *e)
{
	char bytes[AUTHORITY_MAX];
	ssize_t size = fd_read_file(AT_FDCWD, relay->authority, bytes, sizeof bytes);

	if (size < 0)
		return err_errno(e, (int)-size, "read '%s'", relay->authority);
	return authority_find(bytes, (size_t)size, relay->display, ret)
		       ? 0
		       : err_set(e, EINVAL, "'%s' has no cookie of display %d", relay->authority, relay->display);
}

int x11_relay(const struct x11_relay *relay, struct err *e)
{
	struct state s = {.relay = relay, .keeper = STREAM_NONE, .listener = -1};
	int r = read_cookie(relay, s.cookie, e);

	for (size_t i = 0; i < MOST_CLIENTS; i++)
		s.client[i] = (struct client){.fd = -1, .server = -1};
	if (r == 0)
		r = x11_open(relay->server, s.cookie, &s.keeper, e);
	if (r == 0)
		r = s.listener = listen_at(relay->socket, e);
	if (r >= 0)
		r = fd_write(relay->ready, "\n", 1);
	if (r == 0)
		r = loop(&s, e);
	for (size_t i = 0; i < MOST_CLIENTS; i++)
		leave(&s.client[i]);
	mem_close_ptr(&s.listener);
	stream_close(&s.keeper);
	return r;
}
