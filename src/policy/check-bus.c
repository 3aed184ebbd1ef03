/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "policy/check-bus.h"

#include "base/mem.h"
#include "policy/bus-names.h"

static const enum setting_id of_session_bus[] = {
	SET_desktop_dbus_talk,     SET_desktop_dbus_own,    SET_desktop_dbus_call, SET_desktop_dbus_broadcast,
	SET_desktop_notifications, SET_desktop_tray,        SET_desktop_portals,   SET_desktop_secrets,
	SET_desktop_mpris,         SET_desktop_input_method};
static const enum setting_id of_system_bus[] = {SET_desktop_dbus_system_talk, SET_desktop_dbus_system_own,
						SET_desktop_dbus_system_call, SET_desktop_dbus_system_broadcast};

/* Each needs its bus, unless a later layer has taken that away as a whole. */
static void check_bus(const struct policy *p, enum setting_id bus, const enum setting_id *ids, size_t count,
		      struct errlist *errors)
{
	for (size_t i = 0; i < count && !policy_is(p, bus, "filter"); i++) {
		const struct value *value = check_newest(p, ids[i]);
		autofree char *text = xasprintf("it needs %s.%s = filter", settings[bus].section, settings[bus].key);

		if (value && (settings[ids[i]].many || value->number) && check_decided_before(p, bus, value))
			check_broken(errors, ids[i], value, text);
	}
}

/* A signal that is only received harms nobody. */
static void check_names(const struct policy *p, struct errlist *errors)
{
	static const enum setting_id ids[] = {SET_desktop_dbus_talk,       SET_desktop_dbus_own,
					      SET_desktop_dbus_call,       SET_desktop_dbus_system_talk,
					      SET_desktop_dbus_system_own, SET_desktop_dbus_system_call};

	for (size_t i = 0; i < countof(ids); i++) {
		const struct entry *entry = &p->entry[ids[i]];

		for (size_t j = 0; j < entry->count; j++) {
			const char *name, *what;
			autofree char *text = NULL;

			if (!bus_danger(entry->v[j].text, &name, &what))
				continue;
			text = xasprintf("'%s' covers %s, which %s", entry->v[j].text, name, what);
			check_broken(errors, ids[i], &entry->v[j], text);
		}
	}
}

void check_buses(const struct policy *p, struct errlist *errors)
{
	check_names(p, errors);
	check_bus(p, SET_desktop_dbus_session, of_session_bus, countof(of_session_bus), errors);
	check_bus(p, SET_desktop_dbus_system, of_system_bus, countof(of_system_bus), errors);
}
