/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "display/x11-relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/socket.h"
#include "display/x11-filter.h"
#include "display/x11.h"

enum { MOST_CLIENTS = 200, PIECE = 65536, AUTHORITY_MAX = 4096, BACKLOG = 64 };

/* One direction: what was read is written before more is read. */
struct flow {
	int from, to; /* borrowed */
	struct str waiting;
	size_t ready, sent; /* how much of it may be written, and was */
	bool ended;         /* of `from` */
};

struct client {
	int fd, server; /* -1: this place is free */
	bool set_up;    /* the server has its setup */
	bool welcome;   /* and has let it in */
	bool big_endian;
	bool big_requests;   /* enabled */
	uint32_t base, mask; /* of its resources */
	size_t passing;      /* bytes of a request that was looked at, and of which they are not read yet */
	struct flow in, out;
};

struct state {
	const struct x11_relay *relay;
	unsigned char cookie[COOKIE_SIZE];
	/* A client of our own, with the cookie, which keeps it valid while the sandbox has none. */
	struct stream keeper;
	int big_requests; /* the opcode by which they are enabled; 0: there is none */
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
	struct err none = {0};
	size_t place = 0;

	while (place < MOST_CLIENTS && s->client[place].fd >= 0)
		place++;
	if (fd < 0 || place == MOST_CLIENTS)
		return;
	server = stream_connect(s->relay->server, &none);
	if (server < 0 || fcntl(server, F_SETFL, O_NONBLOCK) < 0)
		return;
	s->client[place] = (struct client){
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
	size_t left = flow->ready - flow->sent;
	ssize_t n = left ? send(flow->to, flow->waiting.s + flow->sent, left, MSG_NOSIGNAL) : 0;

	if (n < 0)
		return try_again();
	flow->sent += (size_t)n;
	if (flow->sent == flow->ready) {
		flow->waiting.len -= flow->sent;
		if (flow->waiting.len)
			memmove(flow->waiting.s, flow->waiting.s + flow->sent, flow->waiting.len);
		flow->ready = flow->sent = 0;
	}
	return true;
}

static bool is_foreign(const void *arg, uint32_t id)
{
	const struct state *s = arg;
	bool foreign = false;

	for (size_t i = 0; i < MOST_CLIENTS; i++) {
		const struct client *client = &s->client[i];
		uint32_t owner = id & ~client->mask;

		if (client->fd < 0 || !client->welcome)
			continue;
		if (owner == client->base || !owner)
			return false;
		foreign = true;
	}
	return foreign;
}

/* The client's setup, with our cookie. */
static bool set_up(struct client *client, const unsigned char *cookie)
{
	struct str with = {0};
	ssize_t made = x11_with_cookie((unsigned char *)client->in.waiting.s, client->in.waiting.len, cookie, &with);

	if (made <= 0)
		return made == 0;
	str_done(&client->in.waiting);
	client->in.waiting = with;
	client->in.ready = (size_t)made;
	client->big_endian = with.s[0] == 'B';
	client->set_up = true;
	return true;
}

/* Just this the server takes for it: if the two were of different minds, a client could hide one request in another. */
static bool enables_big_requests(const struct state *s, const unsigned char *request, ssize_t length)
{
	return s->big_requests && length == 4 && request[0] == s->big_requests && request[1] == 0;
}

/* Its requests, as far as they are there: those that begin in what was read. */
static bool look_at_requests(const struct state *s, struct client *client)
{
	const struct x11_owners owners = {is_foreign, s};
	struct x11_client as = {.big_endian = client->big_endian, .owners = &owners};
	struct flow *in = &client->in;

	while (in->ready < in->waiting.len) {
		unsigned char *request;
		size_t left = in->waiting.len - in->ready, now = client->passing < left ? client->passing : left;
		ssize_t length;

		in->ready += now;
		client->passing -= now;
		if (client->passing || in->ready == in->waiting.len)
			break;
		request = (unsigned char *)in->waiting.s + in->ready;
		as.big_requests = client->big_requests;
		length = x11_filter(request, in->waiting.len - in->ready, &as);
		if (length < 0)
			return false;
		if (length == 0)
			break;
		client->big_requests |= enables_big_requests(s, request, length);
		client->passing = (size_t)length;
	}
	return true;
}

static bool look_at_answers(struct client *client)
{
	struct flow *out = &client->out;

	if (!client->welcome && out->waiting.len) {
		int r = x11_welcome_range((unsigned char *)out->waiting.s, out->waiting.len, client->big_endian,
					  &client->base, &client->mask);

		if (r == 0)
			return true;
		client->welcome = r > 0; /* else the server says why, and goes */
	}
	out->ready = out->waiting.len;
	return true;
}

static bool may_read(const struct flow *flow)
{
	return !flow->ended && !flow->ready && flow->waiting.len < PIECE;
}

static bool may_write(const struct flow *flow)
{
	return flow->ready > flow->sent;
}

static bool is_over(const struct flow *flow)
{
	return flow->ended && !may_write(flow);
}

static bool can_read(const struct pollfd *slot, const struct flow *flow)
{
	return slot->revents & (POLLIN | POLLHUP | POLLERR) && may_read(flow);
}

static void serve(const struct state *s, struct client *client, const struct pollfd slots[2])
{
	bool good = true;

	if (can_read(&slots[0], &client->in))
		good = fill(&client->in);
	if (good && can_read(&slots[1], &client->out))
		good = fill(&client->out) && look_at_answers(client);
	if (good && !client->set_up && client->in.waiting.len)
		good = set_up(client, s->cookie);
	if (good && client->welcome && !client->in.ready)
		good = look_at_requests(s, client);
	if (good && may_write(&client->in))
		good = drain(&client->in);
	if (good && may_write(&client->out))
		good = drain(&client->out);
	if (!good || is_over(&client->in) || is_over(&client->out))
		leave(client);
}

/* --- the loop --- */
/* Of one end of a client; who has hung up is not asked again and again. */
static struct pollfd slot(const struct client *client, const struct flow *reads, const struct flow *writes)
{
	short events = (short)((may_read(reads) ? POLLIN : 0) | (may_write(writes) ? POLLOUT : 0));
	struct pollfd made = {.fd = -1, .events = events};

	if (client->fd >= 0 && events)
		made.fd = reads->from;
	return made;
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

			two[0] = slot(client, &client->in, &client->out);
			two[1] = slot(client, &client->out, &client->in);
		}
		if (poll(slots, countof(slots), -1) < 0 && errno != EINTR)
			return err_errno(e, errno, "poll");
		if (slots[READY].revents)
			return 0;
		if (slots[KEEPER].revents && !keeps(&s->keeper))
			return err_set(e, ECONNRESET, "the X11 server has closed the connection");
		for (size_t i = 0; i < MOST_CLIENTS; i++)
			if (s->client[i].fd >= 0)
				serve(s, &s->client[i], &slots[FIRST_CLIENT + 2 * i]);
		if (slots[LISTENER].revents)
			enter(s);
	}
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
		r = s.big_requests = x11_extension_code(&s.keeper, "BIG-REQUESTS", e);
	if (r >= 0)
		r = s.listener = socket_listen(relay->socket, SOCK_STREAM | SOCK_NONBLOCK, BACKLOG, e);
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
