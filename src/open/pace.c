/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "open/pace.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"

enum { MEASURES = countof(((struct pace *)0)->used) };

static const struct measure {
	int64_t at_once, each_ns;
} of_one[MEASURES] = {{5, NS_PER_SECOND}, {30, INT64_C(20) * NS_PER_SECOND}},
  of_all[MEASURES] = {{30, NS_PER_SECOND}, {90, INT64_C(5) * NS_PER_SECOND}};

static bool take_by(const struct measure *measures, struct pace *pace, int64_t now_ns)
{
	for (size_t i = 0; i < MEASURES; i++)
		if (pace->used[i] - now_ns > (measures[i].at_once - 1) * measures[i].each_ns)
			return false;
	for (size_t i = 0; i < MEASURES; i++)
		pace->used[i] = (pace->used[i] > now_ns ? pace->used[i] : now_ns) + measures[i].each_ns;
	return true;
}

bool pace_take(struct pace *pace, int64_t now_ns)
{
	return take_by(of_one, pace, now_ns);
}

int pace_take_shared(const char *path, int64_t now_ns, struct err *e)
{
	autoclose int file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	struct pace pace = {0};

	if (file < 0 || flock(file, LOCK_EX) < 0)
		return err_errno(e, errno, "count what is opened");
	if (pread(file, &pace, sizeof pace, 0) != sizeof pace)
		pace = (struct pace){0};
	for (size_t i = 0; i < MEASURES;
	     i++) /* the clock began anew with the machine: then it is no time of this one */
		if (pace.used[i] - now_ns > of_all[i].at_once * of_all[i].each_ns)
			pace.used[i] = 0;
	if (!take_by(of_all, &pace, now_ns))
		return err_set(e, EAGAIN, "the sandboxes of this user open too much at once");
	return pwrite(file, &pace, sizeof pace, 0) == sizeof pace ? 0 : err_errno(e, errno, "count what is opened");
}
