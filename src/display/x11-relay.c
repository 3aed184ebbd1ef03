/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "display/x11-relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "display/x11-client.h"
#include "display/x11-filter.h"
#include "display/x11-known.h"

/* A server has 256 clients in all. */
enum { MOST_CLIENTS = 64, AUTHORITY_MAX = 4096 };

struct state {
	const struct x11_relay *relay;
	unsigned char cookie[COOKIE_SIZE];
	/* A client of our own, with the cookie, which keeps it valid while the sandbox has none. */
	struct stream keeper;
	struct x11_known known;
	struct x11_place place[MOST_CLIENTS];
};

static void enter(struct state *s)
{
	autoclose int fd = accept4(s->relay->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), server = -1;
	struct err none = {0};
	size_t i = 0;

	while (i < MOST_CLIENTS && s->place[i].server >= 0)
		i++;
	if (fd < 0 || i == MOST_CLIENTS)
		return;
	server = stream_connect(s->relay->server, &none);
	if (server < 0 || fcntl(server, F_SETFL, O_NONBLOCK) < 0)
		return;
	x11_enter(&s->place[i], take_fd(&fd), take_fd(&server));
}

/* --- requests --- */
struct asking {
	struct state *state;
	struct x11_place *place;
};

/* What it names of another client's, is noted on both. */
static bool is_foreign(const void *arg, uint32_t id)
{
	const struct asking *asking = arg;
	uint32_t owner = id & ~asking->place->mask;

	if (!owner || owner == asking->place->base)
		return false;
	for (size_t i = 0; i < MOST_CLIENTS; i++) {
		struct x11_place *other = &asking->state->place[i];

		if (!other->welcome || other->leaving || other->hung_up || other->base != owner)
			continue;
		other->was_named = true;
		asking->place->named = asking->place->sent + 1;
		return false;
	}
	return true;
}

/* Just this the server takes for it: if the two were of different minds, a client could hide one request in another. */
static bool enables_big_requests(const struct state *s, const unsigned char *request, ssize_t length)
{
	return s->known.big_requests && length == 4 && request[0] == s->known.big_requests && request[1] == 0;
}

static ssize_t judge_request(void *arg, struct x11_place *place, unsigned char *bytes, size_t size)
{
	const struct asking asking = {arg, place};
	const struct x11_owners owners = {is_foreign, &asking};
	const struct x11_client client = {.big_endian = place->big_endian,
					  .big_requests = place->big_requests,
					  .owners = &owners,
					  .known = &asking.state->known};
	ssize_t length = x11_filter(bytes, size, &client);

	place->big_requests |= length > 0 && enables_big_requests(arg, bytes, length);
	return length;
}

/* --- the loop --- */
/* Requests that name what is its may be on the way: of some other client, which may have gone, too. */
static bool may_be_named(const struct state *s, const struct x11_place *place)
{
	for (size_t i = 0; place->was_named && i < MOST_CLIENTS; i++) {
		const struct x11_place *other = &s->place[i];

		if (other != place && other->server >= 0 && !other->hung_up && other->named > other->heard)
			return true;
	}
	return false;
}

/* Events that every client gets are of no interest. */
static bool keeps(const struct stream *keeper)
{
	char ignored[4096];
	ssize_t n = read(keeper->fd, ignored, sizeof ignored);

	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* First of all whom the server has let go: what was theirs, others of this turn may name no more. */
static void serve_all(struct state *s, struct pollfd (*slots)[2])
{
	const struct x11_judge judge = {judge_request, s, s->cookie};

	for (size_t i = 0; i < MOST_CLIENTS; i++)
		s->place[i].hung_up |= slots[i][1].revents & (POLLHUP | POLLERR);
	for (size_t i = 0; i < MOST_CLIENTS; i++)
		if (s->place[i].server >= 0)
			x11_serve(&s->place[i], slots[i], &judge);
	for (size_t i = 0; i < MOST_CLIENTS; i++)
		if (s->place[i].server >= 0 && s->place[i].fd < 0)
			x11_retire(&s->place[i], may_be_named(s, &s->place[i]));
}

static int loop(struct state *s, struct err *e)
{
	enum { READY, KEEPER, LISTENER, FIXED };
	struct {
		struct pollfd fixed[FIXED], places[MOST_CLIENTS][2];
	} slots;

	for (;;) {
		slots.fixed[READY] = (struct pollfd){.fd = s->relay->ready};
		slots.fixed[KEEPER] = (struct pollfd){.fd = s->keeper.fd, .events = POLLIN};
		slots.fixed[LISTENER] = (struct pollfd){.fd = s->relay->listener, .events = POLLIN};
		for (size_t i = 0; i < MOST_CLIENTS; i++)
			x11_slots(&s->place[i], slots.places[i]);
		if (poll((struct pollfd *)&slots, sizeof slots / sizeof(struct pollfd), -1) < 0) {
			if (errno == EINTR)
				continue;
			return err_errno(e, errno, "poll");
		}
		if (slots.fixed[READY].revents)
			return 0;
		if (slots.fixed[KEEPER].revents && !keeps(&s->keeper))
			return err_set(e, ECONNRESET, "the X11 server has closed the connection");
		serve_all(s, slots.places);
		if (slots.fixed[LISTENER].revents)
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
	struct state s = {.relay = relay, .keeper = STREAM_NONE};
	int r = read_cookie(relay, s.cookie, e);

	for (size_t i = 0; i < MOST_CLIENTS; i++)
		s.place[i] = (struct x11_place){.fd = -1, .server = -1};
	if (r == 0)
		r = x11_open(relay->server, s.cookie, &s.keeper, e);
	if (r == 0)
		r = x11_know(&s.keeper, &s.known, e);
	if (r >= 0)
		r = fd_write(relay->ready, "\n", 1);
	if (r == 0)
		r = loop(&s, e);
	for (size_t i = 0; i < MOST_CLIENTS; i++)
		x11_free(&s.place[i]);
	stream_close(&s.keeper);
	return r;
}
