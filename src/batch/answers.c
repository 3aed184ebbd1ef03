/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* answers: to standard output, which nothing waits for: a client that takes none must not make the batch deaf. */
#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "batch/batch.h"

enum { ANSWERS_AHEAD = 64 << 10 };

struct json *answer_error(const struct err *error, bool refused)
{
	struct json *answer = json_new_object();

	json_add_string(answer, "verdict", "internal");
	if (refused)
		json_add_bool(answer, "executed", false);
	else
		json_add_null(answer, "executed");
	json_add_bool(answer, "refused", refused);
	json_add_string(answer, "error", error->text);
	json_add_string(answer, "hint", error->hint[0] ? error->hint : NULL);
	return answer;
}

void answer_print(struct json *answer, const struct json *id, struct str *out)
{
	json_add(answer, "id", json_share(id));
	json_print_line(answer, out);
	json_done(answer);
}

bool answers_wait(const struct answers *a)
{
	return a->text.len > a->written;
}

bool answers_wait_long(const struct answers *a)
{
	return a->text.len - a->written > ANSWERS_AHEAD;
}

/* So many bytes a pipe takes at once if it takes any. The fd is not made non-blocking: others may share it. */
int answers_write(struct answers *a, struct err *e)
{
	size_t left = a->text.len - a->written;
	ssize_t n = write(STDOUT_FILENO, a->text.s + a->written, left < PIPE_BUF ? left : PIPE_BUF);

	if (n < 0 && errno != EINTR && errno != EAGAIN)
		return err_errno(e, errno, "write an answer to standard output");
	a->written += n > 0 ? (size_t)n : 0;
	if (answers_wait(a))
		return 0;
	str_done(&a->text);
	a->written = 0;
	return 0;
}
