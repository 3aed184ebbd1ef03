/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* privilege: capabilities and no_new_privs, set and read back. The only user of libcap-ng. */
#include <cap-ng.h>
#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>

#include "base/sys.h"
#include "init/init.h"
#include "init/steps.h"

/* libcap-ng answers from what it could read, and a failed read is no error to it: so the kernel is asked, directly. */
static int read_back(uint64_t kept, bool bounding_stays, struct err *e)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	uint64_t sets[3], bounding = 0, ambient = kept;

	if (syscall(SYS_capget, &header, data) < 0)
		return err_errno(e, errno, "read the capabilities back");
	sets[0] = data[0].effective | (uint64_t)data[1].effective << 32;
	sets[1] = data[0].permitted | (uint64_t)data[1].permitted << 32;
	sets[2] = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
	/* an ambient capability is always a permitted and an inheritable one, too: capabilities(7) */
	for (int cap = 0; kept && cap < 64; cap++)
		if (kept >> cap & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) != 1)
			ambient &= ~(UINT64_C(1) << cap);
	for (int cap = 0; cap < 64; cap++) {
		int r = prctl(PR_CAPBSET_READ, cap);

		if (r < 0)
			break; /* beyond the last one that this kernel knows */
		bounding |= (uint64_t)r << cap;
	}
	if (sets[0] != kept || sets[1] != kept || sets[2] != kept || (bounding != kept && !bounding_stays) ||
	    ambient != kept)
		return err_set(e, EPERM, "the capabilities are not those that were set");
	return 0;
}

int init_capabilities(uint64_t kept, struct err *e)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return err_errno(e, errno, "read the capabilities of init");
	for (int i = 0; i < 2; i++) { /* of what is left: a change of id may have taken all already */
		data[i].permitted &= (uint32_t)(kept >> (32 * i));
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &header, data) < 0)
		return err_errno(e, errno, "drop the capabilities of init");
	return 0;
}

int do_init_drop(struct sandbox *s, const struct step *step, struct err *e)
{
	(void)s;
	return init_capabilities(step->n, e);
}

/* Directly: libcap-ng would read /proc/PID/status first, which costs more than all the rest of a launch's privileges.
 */
static int drop_bounding(uint64_t kept, struct err *e)
{
	for (unsigned cap = 0; cap < 64; cap++) {
		if (kept >> cap & 1)
			continue;
		if (prctl(PR_CAPBSET_DROP, cap) < 0) {
			if (errno == EINVAL)
				return 0; /* beyond the last one that this kernel knows */
			return err_errno(e, errno, "drop capability %u from the bounding set", cap);
		}
	}
	return 0;
}

int do_capabilities(struct sandbox *s, const struct step *step, struct err *e)
{
	bool bare =
		plan_find(s->plan, STEP_SUBREAPER) != NULL; /* without a namespace in which CAP_SETPCAP would be had */
	int r = bare ? 0 : drop_bounding(step->n, e);       /* first, while CAP_SETPCAP is still there */

	if (r < 0)
		return r;
	/* the library notes who asked first, in the monitor's memory: in a batch that was the payload of another run */
	capng_setpid(0);
	capng_clear(CAPNG_SELECT_ALL);
	for (unsigned cap = 0; cap < 64; cap++)
		if (step->n >> cap & 1 &&
		    capng_update(CAPNG_ADD,
				 (capng_type_t)(CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE | CAPNG_AMBIENT),
				 cap) < 0)
			return err_set(e, EINVAL, "capability %u is not known here", cap);
	if (capng_apply(CAPNG_SELECT_CAPS) < 0)
		return err_errno(e, errno ? errno : EPERM, "set the capabilities");
	if (step->n ? capng_apply(CAPNG_SELECT_AMBIENT) < 0
		    : prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return err_errno(e, errno ? errno : EPERM, "set the ambient capabilities");
	return read_back(step->n, bare, e);
}

int do_no_new_privs(struct sandbox *s, const struct step *step, struct err *e)
{
	(void)s;
	(void)step;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_errno(e, errno, "set no_new_privs");
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return err_set(e, EPERM, "no_new_privs is not set");
	return 0;
}
