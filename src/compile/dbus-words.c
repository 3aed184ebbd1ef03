/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dbus-words: what notifications, tray and the other words of a profile let through, and no more: calls of one
 * interface at its object. Who may talk to a name without that may talk to the whole program that has it, which is
 * often the desktop's shell. sbx-profile(5) has the same table. */
#include <string.h>

#include "base/mem.h"
#include "compile/dbus.h"

#define PORTAL "org.freedesktop.portal."
#define DESKTOP "@/org/freedesktop/portal/desktop"
#define A11Y_REGISTRY "org.a11y.atspi.Registry=org.a11y.atspi."
#define IBUS "org.freedesktop.portal.IBus="
#define IBUS_CONTEXT(method) IBUS "org.freedesktop.IBus.InputContext." method "@/org/freedesktop/IBus/*"
#define FCITX "org.freedesktop.portal.Fcitx=org.fcitx.Fcitx."
#define FCITX_CONTEXT(method) FCITX "InputContext1." method "@/org/freedesktop/portal/inputcontext/*"

static const struct word {
	enum setting_id id;
	enum bus bus;
	const char *option, *rule;
} words[] = {
	{SET_desktop_notifications, BUS_SESSION, "call",
	 "org.freedesktop.Notifications=org.freedesktop.Notifications.*@/org/freedesktop/Notifications"},
	{SET_desktop_notifications, BUS_SESSION, "broadcast",
	 "org.freedesktop.Notifications=org.freedesktop.Notifications.*@/org/freedesktop/Notifications"},

	{SET_desktop_tray, BUS_SESSION, "call",
	 "org.kde.StatusNotifierWatcher=org.kde.StatusNotifierWatcher.*@/StatusNotifierWatcher"},
	{SET_desktop_tray, BUS_SESSION, "call",
	 "org.kde.StatusNotifierWatcher=org.freedesktop.DBus.Properties.Get@/StatusNotifierWatcher"},
	{SET_desktop_tray, BUS_SESSION, "call",
	 "org.kde.StatusNotifierWatcher=org.freedesktop.DBus.Properties.GetAll@/StatusNotifierWatcher"},
	{SET_desktop_tray, BUS_SESSION, "broadcast",
	 "org.kde.StatusNotifierWatcher=org.kde.StatusNotifierWatcher.*@/StatusNotifierWatcher"},

	/* those that ask the user, or tell what harms nobody; not OpenURI, which starts a browser without asking */
	{SET_desktop_portals, BUS_SESSION, "call", PORTAL "Desktop=" PORTAL "FileChooser.*" DESKTOP},
	{SET_desktop_portals, BUS_SESSION, "call", PORTAL "Desktop=" PORTAL "Settings.*" DESKTOP},
	{SET_desktop_portals, BUS_SESSION, "call", PORTAL "Desktop=" PORTAL "Print.*" DESKTOP},
	{SET_desktop_portals, BUS_SESSION, "call", PORTAL "Desktop=" PORTAL "Inhibit.*" DESKTOP},
	{SET_desktop_portals, BUS_SESSION, "call", PORTAL "Desktop=" PORTAL "MemoryMonitor.*" DESKTOP},
	{SET_desktop_portals, BUS_SESSION, "call", PORTAL "Desktop=" PORTAL "NetworkMonitor.*" DESKTOP},
	{SET_desktop_portals, BUS_SESSION, "call", PORTAL "Desktop=" PORTAL "PowerProfileMonitor.*" DESKTOP},
	{SET_desktop_portals, BUS_SESSION, "call", PORTAL "Desktop=" PORTAL "ProxyResolver.*" DESKTOP},
	{SET_desktop_portals, BUS_SESSION, "call", PORTAL "Desktop=" PORTAL "Request.*" DESKTOP "/request/*"},
	{SET_desktop_portals, BUS_SESSION, "call", PORTAL "Desktop=" PORTAL "Session.*" DESKTOP "/session/*"},
	{SET_desktop_portals, BUS_SESSION, "call", PORTAL "Desktop=org.freedesktop.DBus.Properties.Get" DESKTOP},
	{SET_desktop_portals, BUS_SESSION, "call", PORTAL "Desktop=org.freedesktop.DBus.Properties.GetAll" DESKTOP},
	{SET_desktop_portals, BUS_SESSION, "call",
	 PORTAL "Desktop=org.freedesktop.DBus.Introspectable.Introspect" DESKTOP "/*"},
	{SET_desktop_portals, BUS_SESSION, "broadcast", PORTAL "Desktop=*" DESKTOP "/*"},
	{SET_desktop_portals, BUS_SESSION, "call",
	 PORTAL "Documents=" PORTAL "Documents.*@/org/freedesktop/portal/documents"},
	{SET_desktop_portals, BUS_SESSION, "call",
	 PORTAL "Documents=" PORTAL "FileTransfer.*@/org/freedesktop/portal/documents"},
	{SET_desktop_portals, BUS_SESSION, "call",
	 PORTAL "Documents=org.freedesktop.DBus.Properties.Get@/org/freedesktop/portal/documents"},
	{SET_desktop_portals, BUS_SESSION, "call",
	 PORTAL "Documents=org.freedesktop.DBus.Properties.GetAll@/org/freedesktop/portal/documents"},

	{SET_desktop_secrets, BUS_SESSION, "call",
	 "org.freedesktop.secrets=org.freedesktop.Secret.Service.*@/org/freedesktop/secrets"},
	{SET_desktop_secrets, BUS_SESSION, "call",
	 "org.freedesktop.secrets=org.freedesktop.Secret.Collection.*@/org/freedesktop/secrets/*"},
	{SET_desktop_secrets, BUS_SESSION, "call",
	 "org.freedesktop.secrets=org.freedesktop.Secret.Item.*@/org/freedesktop/secrets/*"},
	{SET_desktop_secrets, BUS_SESSION, "call",
	 "org.freedesktop.secrets=org.freedesktop.Secret.Prompt.*@/org/freedesktop/secrets/*"},
	{SET_desktop_secrets, BUS_SESSION, "call",
	 "org.freedesktop.secrets=org.freedesktop.Secret.Session.*@/org/freedesktop/secrets/*"},
	{SET_desktop_secrets, BUS_SESSION, "call",
	 "org.freedesktop.secrets=org.freedesktop.DBus.Properties.*@/org/freedesktop/secrets/*"},
	{SET_desktop_secrets, BUS_SESSION, "broadcast", "org.freedesktop.secrets=*@/org/freedesktop/secrets/*"},

	/* read from the folder that is shown; written by nobody */
	{SET_desktop_dconf, BUS_SESSION, "broadcast", "ca.desrt.dconf=ca.desrt.dconf.Writer.*@/ca/desrt/dconf/*"},

	/* What a context of the program's own needs, and both portals hold to whose it is. Not what changes the method
	 * for all programs (SetEngine), nor what the portals do to anybody's context: of IBus, Destroy and what a field
	 * is for (Properties.Set), of Fcitx, InvokeAction. */
	{SET_desktop_input_method, BUS_SESSION, "call", IBUS "org.freedesktop.DBus.Peer.Ping@/org/freedesktop/IBus"},
	{SET_desktop_input_method, BUS_SESSION, "call",
	 IBUS "org.freedesktop.IBus.Portal.CreateInputContext@/org/freedesktop/IBus"},
	{SET_desktop_input_method, BUS_SESSION, "call", IBUS_CONTEXT("ProcessKeyEvent")},
	{SET_desktop_input_method, BUS_SESSION, "call", IBUS_CONTEXT("FocusIn")},
	{SET_desktop_input_method, BUS_SESSION, "call", IBUS_CONTEXT("FocusOut")},
	{SET_desktop_input_method, BUS_SESSION, "call", IBUS_CONTEXT("Reset")},
	{SET_desktop_input_method, BUS_SESSION, "call", IBUS_CONTEXT("SetCapabilities")},
	{SET_desktop_input_method, BUS_SESSION, "call", IBUS_CONTEXT("SetCursorLocation")},
	{SET_desktop_input_method, BUS_SESSION, "call", IBUS_CONTEXT("SetCursorLocationRelative")},
	{SET_desktop_input_method, BUS_SESSION, "call", IBUS_CONTEXT("SetSurroundingText")},
	{SET_desktop_input_method, BUS_SESSION, "call",
	 FCITX "InputMethod1.CreateInputContext@/org/freedesktop/portal/inputmethod"},
	{SET_desktop_input_method, BUS_SESSION, "call",
	 FCITX "InputMethod1.Version@/org/freedesktop/portal/inputmethod"},
	{SET_desktop_input_method, BUS_SESSION, "call", FCITX_CONTEXT("ProcessKeyEvent")},
	{SET_desktop_input_method, BUS_SESSION, "call", FCITX_CONTEXT("ProcessKeyEventBatch")},
	{SET_desktop_input_method, BUS_SESSION, "call", FCITX_CONTEXT("FocusIn")},
	{SET_desktop_input_method, BUS_SESSION, "call", FCITX_CONTEXT("FocusOut")},
	{SET_desktop_input_method, BUS_SESSION, "call", FCITX_CONTEXT("Reset")},
	{SET_desktop_input_method, BUS_SESSION, "call", FCITX_CONTEXT("SetCapability")},
	{SET_desktop_input_method, BUS_SESSION, "call", FCITX_CONTEXT("SetSupportedCapability")},
	{SET_desktop_input_method, BUS_SESSION, "call", FCITX_CONTEXT("SetCursorRect")},
	{SET_desktop_input_method, BUS_SESSION, "call", FCITX_CONTEXT("SetCursorRectV2")},
	{SET_desktop_input_method, BUS_SESSION, "call", FCITX_CONTEXT("SetSurroundingText")},
	{SET_desktop_input_method, BUS_SESSION, "call", FCITX_CONTEXT("SetSurroundingTextPosition")},
	{SET_desktop_input_method, BUS_SESSION, "call", FCITX_CONTEXT("PrevPage")},
	{SET_desktop_input_method, BUS_SESSION, "call", FCITX_CONTEXT("NextPage")},
	{SET_desktop_input_method, BUS_SESSION, "call", FCITX_CONTEXT("SelectCandidate")},
	{SET_desktop_input_method, BUS_SESSION, "call", FCITX_CONTEXT("DestroyIC")},

	{SET_desktop_a11y, BUS_SESSION, "call", "org.a11y.Bus=org.freedesktop.DBus.Properties.Get@/org/a11y/bus"},
	{SET_desktop_a11y, BUS_SESSION, "call", "org.a11y.Bus=org.freedesktop.DBus.Properties.GetAll@/org/a11y/bus"},
	{SET_desktop_a11y, BUS_A11Y, "call", A11Y_REGISTRY "Socket.Embed@/org/a11y/atspi/accessible/root"},
	{SET_desktop_a11y, BUS_A11Y, "call", A11Y_REGISTRY "Socket.Unembed@/org/a11y/atspi/accessible/root"},
	{SET_desktop_a11y, BUS_A11Y, "call", A11Y_REGISTRY "Registry.GetRegisteredEvents@/org/a11y/atspi/registry"},
	{SET_desktop_a11y, BUS_A11Y, "call",
	 A11Y_REGISTRY "DeviceEventController.GetKeystrokeListeners@/org/a11y/atspi/registry/deviceeventcontroller"},
	{SET_desktop_a11y, BUS_A11Y, "call",
	 A11Y_REGISTRY "DeviceEventController.GetDeviceEventListeners@/org/a11y/atspi/registry/deviceeventcontroller"},
	{SET_desktop_a11y, BUS_A11Y, "call",
	 A11Y_REGISTRY "DeviceEventController.NotifyListenersSync@/org/a11y/atspi/registry/deviceeventcontroller"},
	{SET_desktop_a11y, BUS_A11Y, "call",
	 A11Y_REGISTRY "DeviceEventController.NotifyListenersAsync@/org/a11y/atspi/registry/deviceeventcontroller"},
};

/* A player is found by the name of its program; what can be no part of a name is '_' in it. */
static void own_player(const char *command, struct strv *ret)
{
	const char *slash = strrchr(command, '/');
	autofree char *name = xstrdup(slash ? slash + 1 : command), *rule = NULL;

	for (char *p = name; *p; p++)
		if (!(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z') && *p != '-' &&
		    !(*p >= '0' && *p <= '9' && p > name))
			*p = '_';
	rule = xasprintf("--own=org.mpris.MediaPlayer2.%s.*", name);
	if (*name && !strv_has(ret, rule))
		strv_take(ret, take(rule));
}

void dbus_words(const struct context *c, enum bus bus, struct strv *ret)
{
	const struct entry *commands = &c->policy->entry[SET_profile_command];

	for (size_t i = 0; i < countof(words); i++)
		if (words[i].bus == bus && policy_number(c->policy, words[i].id, 0) &&
		    (words[i].id != SET_desktop_portals || c->portals) &&
		    (words[i].id != SET_desktop_input_method || compile_input_method(c)))
			strv_take(ret, xasprintf("--%s=%s", words[i].option, words[i].rule));
	if (bus != BUS_SESSION || !policy_number(c->policy, SET_desktop_mpris, 0))
		return;
	if (*c->command)
		own_player(*c->command, ret);
	for (size_t i = 0; i < commands->count; i++)
		own_player(commands->v[i].text, ret);
}
