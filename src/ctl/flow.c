/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* flow: bytes of one program to another, for the transcript; or of one whose reader has ended, for nobody. */
#include <errno.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "ctl/pair.h"

enum { CHUNK = 64 * 1024 };

static bool has_pending(const struct flow *flow)
{
	return flow->pending.len > flow->written;
}

bool flow_poll(const struct flow *flow, struct pollfd *ret)
{
	if (!flow->active || (flow->from < 0 && !has_pending(flow)))
		return false;
	*ret = has_pending(flow) ? (struct pollfd){.fd = flow->to, .events = POLLOUT}
				 : (struct pollfd){.fd = flow->from, .events = POLLIN};
	return true;
}

/* A header line, "0>1 LENGTH", the bytes, and a line end; "cut", when there is no more room. */
static int note(const struct flow *flow)
{
	autostr struct str text = {0};

	if (flow->log < 0 || !*flow->room)
		return 0;
	str_addf(&text, "%s %zu\n", flow->name, flow->pending.len);
	str_add_bytes(&text, flow->pending.s, flow->pending.len);
	str_add(&text, "\n");
	if (text.len > (size_t)*flow->room) {
		*flow->room = 0;
		return fd_write(flow->log, "cut\n", 4);
	}
	*flow->room -= (int64_t)text.len;
	return fd_write(flow->log, text.s, text.len);
}

static int take_in(struct flow *flow)
{
	char bytes[CHUNK];
	ssize_t n = read(flow->from, bytes, sizeof bytes);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n <= 0) {
		mem_close_ptr(&flow->from);
		mem_close_ptr(&flow->to); /* the reader sees the end */
		flow->from = flow->to = -1;
		return 0;
	}
	flow->pending.len = flow->written = 0;
	str_add_bytes(&flow->pending, bytes, (size_t)n);
	return note(flow);
}

static void give_out(struct flow *flow)
{
	ssize_t n = write(flow->to, flow->pending.s + flow->written, flow->pending.len - flow->written);

	if (n >= 0)
		flow->written += (size_t)n;
	else if (errno != EINTR && errno != EAGAIN) { /* EPIPE: it has ended */
		mem_close_ptr(&flow->to);
		flow->to = -1;
	}
}

int flow_move(struct flow *flow)
{
	int r = has_pending(flow) ? 0 : take_in(flow);

	if (has_pending(flow) && flow->to >= 0)
		give_out(flow);
	if (flow->to < 0)
		flow->written = flow->pending.len;
	return r;
}

void flow_close(struct flow *flow)
{
	mem_close_ptr(&flow->from);
	mem_close_ptr(&flow->to);
	flow->from = flow->to = -1;
	str_done(&flow->pending);
}
