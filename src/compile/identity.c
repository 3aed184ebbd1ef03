/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* identity: namespaces, and who the payload is inside and outside. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "compile/context.h"

#define NEWUIDMAP "/usr/bin/newuidmap"
#define NEWGIDMAP "/usr/bin/newgidmap"
#define BIT(capability) (UINT64_C(1) << (capability))

enum { NOBODY = 65534, BARE_ABI = 6 };
enum { CAP_SETGID = 6, CAP_SETUID = 7, CAP_SETPCAP = 8, CAP_SETFCAP = 31 };

/* On the host: an ordinary caller stays what it is. */
static void who(struct context *c)
{
	const char *user = policy_enum(c->policy, SET_process_user);
	bool nobody = user ? str_eq(user, "nobody") : c->host->uid == 0;

	c->outer_root = c->host->maps_ids ? 0 : c->host->uid;
	c->payload_uid = c->host->maps_ids && nobody ? NOBODY : c->host->uid;
	c->payload_gid = c->host->maps_ids && nobody ? NOBODY : c->host->gid;
	c->inner_uid = nobody ? NOBODY : user && str_eq(user, "root") ? 0 : c->host->uid;
	c->inner_gid = nobody ? NOBODY : user && str_eq(user, "root") ? 0 : c->host->gid;
	if (c->isolated) {
		c->payload_uid = c->inner_uid = c->host->isolated->uid;
		c->payload_gid = c->inner_gid = c->host->isolated->gid;
	}
	if (c->host->image && !user && !c->isolated) {
		c->inner_uid = c->host->image->uid;
		c->inner_gid = c->host->image->gid;
		nobody = false;
	}
	if (c->many && c->inner_uid)
		c->payload_uid = c->host->isolated->uids.first + c->inner_uid - 1;
	if (c->many && c->inner_gid)
		c->payload_gid = c->host->isolated->gids.first + c->inner_gid - 1;
	c->inner_user = xstrdup(c->isolated         ? "isolated"
				: nobody            ? "nobody"
				: c->inner_uid == 0 ? "root"
						    : c->host->user);
	if (c->host->image)
		compile_image_user(c);
	else if ((nobody || c->isolated) && c->host->uid == 0)
		c->inner_home = xasprintf("/home/%s", c->inner_user);
	else
		c->inner_home = xstrdup(c->host->home && c->host->home[1] ? c->host->home : "/home/user");
}

char *compile_owner(const struct context *c, uid_t maker)
{
	return c->payload_uid != maker ? xasprintf("%u:%u", c->payload_uid, c->payload_gid) : NULL;
}

char *compile_owner_inside(const struct context *c)
{
	if (!c->many)
		return compile_owner(c, c->outer_root);
	return c->inner_uid || c->inner_gid ? xasprintf("%u:%u", c->inner_uid, c->inner_gid) : NULL;
}

int compile_may_isolate(const struct host *host, struct err *e)
{
	static const char *const programs[] = {NEWUIDMAP, NEWGIDMAP};

	if (!host->isolated)
		return err_set(e, EINVAL, "no id has been chosen");
	if (host->isolated->missing.code) {
		*e = host->isolated->missing;
		return -e->code;
	}
	for (size_t i = 0; !host->maps_ids && i < countof(programs); i++) {
		struct node node;

		host->look(host, programs[i], &node);
		if (node.type == NODE_FILE)
			continue;
		(void)err_set(e, ENOENT, "ids of its own need %s", programs[i]);
		return err_hint(e, "apt-get install uidmap");
	}
	return 0;
}

static int isolated(struct context *c, struct err *e)
{
	struct err missing = {0};

	if (!policy_is(c->policy, SET_process_user, "isolated"))
		return 0;
	if (compile_may_isolate(c->host, &missing) < 0) {
		(void)refuse(c, SET_process_user, NULL, e, "%s", missing.text);
		return missing.hint[0] ? err_hint(e, "%s", missing.hint) : -e->code;
	}
	c->isolated = true;
	return 0;
}

/* Of an image's ids 0 is the caller, to whom the layers belong; the others are subordinate ones. */
static int many(struct context *c, struct err *e)
{
	const char *user = policy_enum(c->policy, SET_process_user);
	struct err missing = {0};

	if (!policy_is(c->policy, SET_filesystem_image_ids, "many") || c->host->gated)
		return 0;
	if (!c->host->image)
		return refuse(c, SET_filesystem_image_ids, NULL, e, "there is no image");
	if (c->host->maps_ids) {
		(void)refuse(c, SET_filesystem_image_ids, NULL, e,
			     "the layers of root's images belong to root, who is none of the ids in a sandbox");
		return err_hint(e, "an ordinary user with a line in /etc/subuid and /etc/subgid can run it");
	}
	if (user && !str_eq(user, "root") && !str_eq(user, "nobody"))
		return refuse(c, SET_filesystem_image_ids, NULL, e, "it is not with process.user = %s", user);
	if (compile_may_isolate(c->host, &missing) < 0) {
		(void)refuse(c, SET_filesystem_image_ids, NULL, e, "%s", missing.text);
		return missing.hint[0] ? err_hint(e, "%s", missing.hint) : -e->code;
	}
	c->many = true;
	return 0;
}

/* What is kept on the host for the command must be for the caller. */
static int check_many(const struct context *c, struct err *e)
{
	static const enum setting_id kept[] = {SET_filesystem_persist, SET_box_name};
	uint32_t most = c->many ? c->host->isolated->uids.count : 0;
	int r = 0;

	if (!c->many)
		return 0;
	if (c->inner_uid > most || c->inner_gid > most) {
		(void)refuse(c, SET_filesystem_image_ids, NULL, e,
			     "user %u, group %u is none of the %u subordinate ids", c->inner_uid, c->inner_gid, most);
		return err_hint(e, "a range of 65536 ids in /etc/subuid and /etc/subgid has all of an image");
	}
	if (!c->inner_uid && !c->inner_gid)
		return 0;
	for (size_t i = 0; r == 0 && i < countof(kept); i++)
		if (c->policy->entry[kept[i]].count)
			r = refuse(c, kept[i], NULL, e, "user %u of the image is not the caller", c->inner_uid);
	if (r == 0 && policy_is(c->policy, SET_filesystem_home, "private"))
		r = refuse(c, SET_filesystem_home, NULL, e, "user %u of the image is not the caller", c->inner_uid);
	return r < 0 ? err_hint(e, "with filesystem.image-ids = many only process.user = root is") : 0;
}

static char *identity_map(const struct id_range *ranges)
{
	struct str map = {0};

	for (int i = 0; i < 8 && ranges[i].count; i++)
		str_addf(&map, "%u %u %u\n", ranges[i].first, ranges[i].first, ranges[i].count);
	return map.s ? map.s : xstrdup("");
}

static void outer_map(struct context *c, const char *text)
{
	bool by_helper = (c->isolated || c->many) && !c->host->maps_ids;
	const struct isolated *is = c->host->isolated;
	autofree char *uids = NULL, *gids = NULL;

	if (c->host->maps_ids) {
		uids = identity_map(c->host->uid_range);
		gids = identity_map(c->host->gid_range);
	} else if (c->many) {
		uids = xasprintf("0 %u 1\n1 %u %u\n", c->host->uid, is->uids.first, is->uids.count);
		gids = xasprintf("0 %u 1\n1 %u %u\n", c->host->gid, is->gids.first, is->gids.count);
	} else if (by_helper) {
		uids = xasprintf("0 %u 1\n%u %u 1\n", c->host->uid, c->payload_uid, c->payload_uid);
		gids = xasprintf("0 %u 1\n%u %u 1\n", is->root_gid, c->payload_gid, c->payload_gid);
		plan_add(c->plan, STEP_ROOT_GROUP, text, NULL, NULL, 0, 0);
	} else {
		uids = xasprintf("0 %u 1\n", c->host->uid);
		gids = xasprintf("0 %u 1\n", c->host->gid);
	}
	if (by_helper)
		plan_add(c->plan, STEP_ID_HELPER, text, NEWUIDMAP, NEWGIDMAP, 0, 0);
	plan_add(c->plan, STEP_ID_MAP, by_helper ? text : "default", uids, gids, c->host->maps_ids || by_helper, 0);
}

/* Groups that own devices (video, render, audio) count only where the profile gives devices. */
static void set_ids(struct context *c, const char *text)
{
	bool groups = c->payload_uid == c->host->uid && c->policy->entry[SET_devices_allow].count > 0;

	if (c->many) /* init keeps what it needs to map the payload's ids */
		plan_add(c->plan, STEP_SET_IDS, text, NULL, NULL, c->inner_uid, c->inner_gid);
	if (c->many || (!c->host->maps_ids && !c->isolated))
		return;
	plan_add(c->plan, STEP_SET_IDS, text, NULL, NULL, c->payload_uid, c->payload_gid);
	if (groups && c->host->group_count)
		plan_data(c->plan, c->host->groups, c->host->group_count * sizeof *c->host->groups);
}

static void inner_map(struct context *c, const char *text)
{
	bool as_outside = c->host->maps_ids || c->isolated;
	uid_t uid = as_outside ? c->payload_uid : 0;
	gid_t gid = as_outside ? c->payload_gid : 0;
	autofree char *uids = xasprintf("%u %u 1\n", c->inner_uid, uid),
		      *gids = xasprintf("%u %u 1\n", c->inner_gid, gid),
		      *all = c->many ? xasprintf("0 0 1\n1 1 %u\n", c->host->isolated->uids.count) : NULL;

	plan_add(c->plan, STEP_INNER_USER, text, all ? all : uids, all ? all : gids, c->many, 0);
	plan_add(c->plan, STEP_INNER_LIMIT, "default", NULL, NULL,
		 (uint64_t)policy_number(c->policy, SET_process_nested_namespaces, 0), 0);
}

/* Without namespaces nobody is somebody else inside than outside. */
static int bare_identity(struct context *c, const char *text, struct err *e)
{
	c->bare = true;
	if (c->host->landlock_abi < BARE_ABI)
		return err_set(e, ENOTSUP, "%s, and without them Landlock ABI %d is needed (Linux 6.12), here it is %d",
			       text, BARE_ABI, c->host->landlock_abi);
	if (c->inner_uid != c->payload_uid || c->inner_gid != c->payload_gid || (c->isolated && !c->host->maps_ids))
		return refuse(c, SET_process_user, NULL, e, "user %u can't be had without namespaces", c->inner_uid);
	if (policy_number(c->policy, SET_process_nested_namespaces, 0))
		return refuse(c, SET_process_nested_namespaces, NULL, e, "there are no namespaces");
	if (c->policy->entry[SET_process_capabilities].count)
		return refuse(c, SET_process_capabilities, NULL, e, "there are none without namespaces");
	set_ids(c, "default");
	plan_add(c->plan, STEP_SUBREAPER, "default", NULL, NULL, 0, 0);
	plan_add(c->plan, STEP_SIGNAL_SCOPE, "default", NULL, NULL, 0, 0);
	return missing_layer(
		c, "namespaces", e,
		"%s: names, sizes and times of all files can be seen, there are no private folders, files "
		"made by sbx or processes of its own, and no socket but TCP and UDP where the network is host",
		text);
}

/* The setuid sbx has made one user namespace, whose only usable id is the caller's; below it none is made. */
static int check_gated(const struct context *c, struct err *e)
{
	const char *user = policy_enum(c->policy, SET_process_user);
	int r = 0;

	if (user && !str_eq(user, "keep"))
		r = refuse(c, SET_process_user, NULL, e, "the setuid sbx can only keep the caller's id");
	else if (policy_number(c->policy, SET_process_nested_namespaces, 0))
		r = refuse(c, SET_process_nested_namespaces, NULL, e, "the setuid sbx gives no nested namespaces");
	else if (c->policy->entry[SET_process_capabilities].count)
		r = refuse(c, SET_process_capabilities, NULL, e, "the setuid sbx gives no capabilities");
	return r < 0 ? err_hint(e, "where users may make user namespaces, an sbx without setuid can do it") : 0;
}

static void own_user_namespaces(struct context *c)
{
	char buf[WHY_SIZE];
	const char *text = why(c, c->many ? SET_filesystem_image_ids : SET_process_user, buf);

	outer_map(c, text);
	set_ids(c, text);
	plan_add(c->plan, STEP_INIT_DROP, "default", NULL, NULL,
		 BIT(CAP_SETFCAP) | (c->many ? BIT(CAP_SETUID) | BIT(CAP_SETGID) : 0), 0);
	inner_map(c, text);
}

static void user_namespace_of_gate(struct context *c)
{
	plan_add(c->plan, STEP_GATE, "default", NULL, NULL, 0, 0);
	plan_add(c->plan, STEP_INIT_DROP, "default", NULL, NULL, BIT(CAP_SETPCAP), 0);
}

/* True if the namespaces can't be made, and why, with the name of the switch. What else forbids them, the clone tells,
 * or host_try_namespaces did. */
static bool are_missing(const struct host *host, struct err *why_not)
{
	if (host->gated)
		return false;
	if (host->user_namespaces == 0) {
		(void)err_set(why_not, EPERM,
			      "namespaces: this system allows no user namespaces (user.max_user_namespaces is 0)");
		(void)err_hint(why_not, "an administrator allows them by: sysctl user.max_user_namespaces=10000");
	} else if (host->no_userns_clone) { /* for root too: in the first it has no privilege to make the second */
		(void)err_set(why_not, EPERM,
			      "namespaces: this system allows user namespaces only with privilege "
			      "(kernel.unprivileged_userns_clone is 0)");
		(void)err_hint(why_not, "an administrator allows them by: sysctl kernel.unprivileged_userns_clone=1");
	} else if (host->namespaces_errno) {
		(void)err_errno(why_not, host->namespaces_errno, "namespaces: this system allows no user namespaces");
	} else {
		return false;
	}
	return true;
}

int compile_identity(struct context *c, struct err *e)
{
	struct err missing = {0};
	uint64_t flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
	char mode[WHY_SIZE];

	if (c->host->gated && check_gated(c, e) < 0)
		return -e->code;
	if (isolated(c, e) < 0 || many(c, e) < 0)
		return -e->code;
	who(c);
	if (check_many(c, e) < 0)
		return -e->code;
	if (are_missing(c->host, &missing)) {
		if (compile_can_be_bare(c->policy) && !c->host->image)
			return bare_identity(c, missing.text, e);
		*e = missing;
		return -e->code;
	}
	if (c->host->gated && c->host->image)
		return refuse(c, SET_filesystem_image, NULL, e, "the setuid sbx mounts no images");
	if (!c->host->gated)
		flags |= CLONE_NEWUSER;
	if (policy_is(c->policy, SET_network_mode, "none"))
		flags |= CLONE_NEWNET;
	plan_add(c->plan, STEP_NAMESPACES, why(c, SET_network_mode, mode), NULL, NULL, flags, 0);
	if (c->host->gated)
		user_namespace_of_gate(c);
	else
		own_user_namespaces(c);
	return 0;
}
