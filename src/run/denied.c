/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/denied.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>

#include "base/mem.h"
#include "run/opened.h"

enum { DENIED_MAX = 1024 }; /* there are fewer system calls */

static void count(struct outcome *outcome, int number)
{
	for (size_t i = 0; i < outcome->denied_count; i++) {
		if (outcome->denied[i].number == number) {
			outcome->denied[i].count++;
			return;
		}
	}
	if (outcome->denied_count == DENIED_MAX)
		return;
	outcome->denied = xgrow(outcome->denied, outcome->denied_count, &outcome->denied_cap, sizeof *outcome->denied);
	outcome->denied[outcome->denied_count++] = (struct denied_call){.number = number, .count = 1};
}

void denied_answer(struct monitor *m)
{
	struct seccomp_notif call = {0};
	struct seccomp_notif_resp answer = {.error = -EPERM};

	if (ioctl(m->listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
		return; /* the caller died or was interrupted: there is nothing to answer */
	if (m->opened && opened_take(m, &call)) {
		answer.error = 0;
		answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	} else {
		count(m->outcome, call.data.nr);
	}
	answer.id = call.id;
	(void)ioctl(m->listener, SECCOMP_IOCTL_NOTIF_SEND, &answer); /* ENOENT: it died meanwhile */
}
