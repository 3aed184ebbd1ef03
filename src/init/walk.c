/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* walk: the step loop. */
#include <errno.h>

#include "init/steps.h"

static step_fn *const functions[STEP_COUNT] = {
	[STEP_PRIVATE] = do_private,
	[STEP_ROOT] = do_root,
	[STEP_SCRATCH] = do_scratch,
	[STEP_MKDIR] = do_mkdir,
	[STEP_SYMLINK] = do_symlink,
	[STEP_FILE] = do_file,
	[STEP_BIND] = do_bind,
	[STEP_SCRATCH_DIR] = do_scratch_dir,
	[STEP_HIDE] = do_hide,
	[STEP_IMAGE] = do_image,
	[STEP_OVERLAY] = do_overlay,
	[STEP_BOX] = do_box,
	[STEP_BOX_MOUNT] = do_box_mount,
	[STEP_PROC] = do_proc,
	[STEP_DEVPTS] = do_devpts,
	[STEP_NAMESPACE_LIMIT] = do_namespace_limit,
	[STEP_PROC_READ_ONLY] = do_proc_read_only,
	[STEP_SEAL_PROC] = do_seal_proc,
	[STEP_SEAL] = do_seal,
	[STEP_PIVOT] = do_pivot,
	[STEP_SUBREAPER] = do_subreaper,
	[STEP_SIGNAL_SCOPE] = do_signal_scope,
	[STEP_LOOPBACK] = do_loopback,
	[STEP_HOSTNAME] = do_hostname,
	[STEP_COUNTER] = do_counter,
	[STEP_KEYRING] = do_keyring,
	[STEP_SESSION] = do_session,
	[STEP_TERMINAL] = do_terminal,
	[STEP_SET_IDS] = do_set_ids,
	[STEP_INIT_DROP] = do_init_drop,
	[STEP_ROOT_GROUP] = do_root_group,
	[STEP_INNER_USER] = do_inner_user,
	[STEP_INNER_LIMIT] = do_inner_limit,
	[STEP_INNER_NAMESPACES] = do_inner_namespaces,
	[STEP_RLIMIT] = do_rlimit,
	[STEP_AFFINITY] = do_affinity,
	[STEP_NICE] = do_nice,
	[STEP_UMASK] = do_umask,
	[STEP_PERSONALITY] = do_personality,
	[STEP_NO_WRITABLE_CODE] = do_no_writable_code,
	[STEP_CAPABILITIES] = do_capabilities,
	[STEP_NO_NEW_PRIVS] = do_no_new_privs,
	[STEP_LANDLOCK] = do_landlock,
	[STEP_LANDLOCK_PATH] = do_landlock_path,
	[STEP_LANDLOCK_PORT] = do_landlock_port,
	[STEP_LANDLOCK_ENFORCE] = do_landlock_enforce,
	[STEP_CHDIR] = do_chdir,
	[STEP_FILTER] = do_filter,
	[STEP_ENVIRONMENT] = do_environment,
	[STEP_CLOSE_FDS] = do_close_fds,
	[STEP_EXEC] = do_exec,
};

int walk(struct sandbox *s, enum actor actor, int *ret_step, struct err *e)
{
	for (size_t i = 0; i < s->plan->count; i++) {
		const struct step *step = &s->plan->step[i];
		step_fn *fn = functions[step->kind];
		int r;

		if (step_info[step->kind].actor != actor || (s->marks && !(s->marks[i] & s->share)))
			continue;
		r = fn ? fn(s, step, e) : err_set(e, ENOSYS, "no function does this step");
		if (r < 0) {
			*ret_step = (int)i;
			return err_prefix(e, "step %zu, %s (%s)", i + 1, step_info[step->kind].name,
					  plan_text(s->plan, step->why));
		}
	}
	return 0;
}
