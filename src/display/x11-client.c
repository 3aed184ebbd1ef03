/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "display/x11-client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "display/x11-filter.h"
#include "display/x11-wire.h"

/* Of requests without an answer there are never more: the libraries ask for one before, for the same reason. */
enum { PIECE = 65536, MOST_UNHEARD = 65535 };

void x11_enter(struct x11_place *place, int fd, int server)
{
	*place = (struct x11_place){
		.fd = fd, .server = server, .in = {.from = fd, .to = server}, .out = {.from = server, .to = fd}};
}

void x11_free(struct x11_place *place)
{
	mem_close_ptr(&place->fd);
	mem_close_ptr(&place->server);
	str_done(&place->in.waiting);
	str_done(&place->out.waiting);
	*place = (struct x11_place){.fd = -1, .server = -1};
}

/* Asks for an answer, which tells that all before is done. GetInputFocus: nobody reads it. */
static void ask(struct x11_place *place)
{
	const unsigned char request[] = {43, 0, place->big_endian ? 0 : 1, place->big_endian ? 1 : 0};

	if (send(place->server, request, sizeof request, MSG_NOSIGNAL) == sizeof request)
		place->sent++;
}

void x11_leave(struct x11_place *place)
{
	bool between = place->welcome && !place->in.passing && place->in.ready == place->in.sent;

	mem_close_ptr(&place->fd);
	str_done(&place->in.waiting);
	place->in = (struct x11_flow){.from = -1, .to = -1};
	place->out.to = -1;
	if (between)
		ask(place);
}

void x11_retire(struct x11_place *place, bool named)
{
	if (place->hung_up || place->out.ended)
		x11_free(place);
	else if (!named && !place->leaving)
		place->leaving = shutdown(place->server, SHUT_WR) == 0;
}

/* --- bytes --- */
static bool try_again(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/* False: this is the end of the connection. Fds that come along are not taken, so the kernel closes them. */
static bool fill(struct x11_flow *flow)
{
	static char piece[PIECE];
	ssize_t n = read(flow->from, piece, sizeof piece);

	if (n > 0)
		str_add_bytes(&flow->waiting, piece, (size_t)n);
	flow->ended = n == 0;
	return n >= 0 || try_again();
}

static bool drain(struct x11_flow *flow)
{
	size_t left = flow->ready - flow->sent;
	ssize_t n = left && flow->to >= 0 ? send(flow->to, flow->waiting.s + flow->sent, left, MSG_NOSIGNAL)
					  : (ssize_t)left;

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

/* --- what they say --- */
/* The client's setup, with our cookie. */
static bool set_up(struct x11_place *place, const unsigned char *cookie)
{
	struct str with = {0};
	ssize_t made = x11_with_cookie((unsigned char *)place->in.waiting.s, place->in.waiting.len, cookie, &with);

	if (made <= 0)
		return made == 0;
	str_done(&place->in.waiting);
	place->in.waiting = with;
	place->in.ready = (size_t)made;
	place->big_endian = with.s[0] == 'B';
	place->set_up = true;
	return true;
}

static ssize_t next_request(struct x11_place *place, unsigned char *bytes, size_t size, const struct x11_judge *judge)
{
	ssize_t length = 0;

	if (place->sent - place->heard < MOST_UNHEARD)
		length = judge->request(judge->arg, place, bytes, size);
	place->sent += length > 0;
	return length;
}

/* Of one that is not let in, the server says why, and goes. */
static ssize_t next_answer(struct x11_place *place, unsigned char *bytes, size_t size, const struct x11_judge *judge)
{
	int r;

	(void)judge;
	if (place->welcome)
		return x11_answer(bytes, size, place->big_endian, place->sent, &place->heard);
	r = x11_welcome_range(bytes, size, place->big_endian, &place->base, &place->mask);
	place->welcome = r > 0;
	return r > 0 ? x11_welcome_length(bytes, size, place->big_endian) : r < 0 ? (ssize_t)size : 0;
}

/* As far as it is there: what begins in what was read. */
static bool look(struct x11_place *place, struct x11_flow *flow, const struct x11_judge *judge)
{
	while (flow->ready < flow->waiting.len) {
		size_t left = flow->waiting.len - flow->ready, now = flow->passing < left ? flow->passing : left;
		unsigned char *bytes;
		ssize_t length;

		flow->ready += now;
		flow->passing -= now;
		if (flow->passing || flow->ready == flow->waiting.len)
			break;
		bytes = (unsigned char *)flow->waiting.s + flow->ready;
		left = flow->waiting.len - flow->ready;
		length = flow == &place->in ? next_request(place, bytes, left, judge)
					    : next_answer(place, bytes, left, judge);
		if (length < 0)
			return false;
		if (length == 0)
			break;
		flow->passing = (size_t)length;
	}
	return true;
}

/* --- one turn --- */
static bool may_read(const struct x11_flow *flow)
{
	return flow->from >= 0 && !flow->ended && !flow->ready && flow->waiting.len < PIECE;
}

static bool may_write(const struct x11_flow *flow)
{
	return flow->ready > flow->sent;
}

static bool is_over(const struct x11_flow *flow)
{
	return flow->ended && !may_write(flow);
}

static struct pollfd slot(int fd, const struct x11_flow *reads, const struct x11_flow *writes)
{
	int events = (may_read(reads) ? POLLIN : 0) | (may_write(writes) ? POLLOUT : 0);

	return (struct pollfd){.fd = events ? fd : -1, .events = (short)events};
}

/* A client that has hung up is not asked again and again. That the server has, is of interest once, whatever is left to
 * be read: what was the client's may be another's from then on. */
void x11_slots(const struct x11_place *place, struct pollfd ret[2])
{
	ret[0] = slot(place->fd, &place->in, &place->out);
	ret[1] = slot(place->server, &place->out, &place->in);
	if (!place->hung_up)
		ret[1].fd = place->server;
}

static bool can_read(const struct pollfd *slot, const struct x11_flow *flow)
{
	return slot->revents & (POLLIN | POLLHUP | POLLERR) && may_read(flow);
}

void x11_serve(struct x11_place *place, const struct pollfd slots[2], const struct x11_judge *judge)
{
	struct x11_flow *in = &place->in, *out = &place->out;
	bool good = true;

	if (can_read(&slots[0], in))
		good = fill(in);
	if (good && can_read(&slots[1], out))
		good = fill(out) && look(place, out, judge);
	if (good && may_write(in)) /* then what waits behind it may be looked at in this turn: there may be no other */
		good = drain(in);
	if (good && !place->set_up && in->waiting.len)
		good = set_up(place, judge->cookie);
	if (good && place->welcome && !in->ready)
		good = look(place, in, judge);
	if (good && may_write(in))
		good = drain(in);
	if (good && may_write(out))
		good = drain(out);
	if (place->fd >= 0 && (!good || is_over(in) || is_over(out)))
		x11_leave(place);
}
