# SPDX-License-Identifier: LGPL-2.1-or-later
# A program of GTK 3 that asks for a file, as any does, and tells what it got and what else it can see.
#   chooser.py PATH...    the paths are tried, too: those of the host that it should not reach
import os
import sys
import gi

gi.require_version("Gtk", "3.0")
from gi.repository import GLib, Gtk  # noqa: E402


def content(path):
    try:
        with open(path) as file:
            return file.read().strip()
    except OSError as error:
        return os.strerror(error.errno)


def below(folder):
    try:
        return " ".join(sorted(os.listdir(folder)))
    except OSError as error:
        return os.strerror(error.errno)


def answer(dialog, response):
    path = dialog.get_filename() if response == Gtk.ResponseType.ACCEPT else None
    print("response", int(response))
    print("path", path)
    if path:
        print("content", content(path))
        print("beside", below(os.path.dirname(path)))
    if path and os.path.exists(path):
        with open(path, "a") as file:
            file.write("WRITTEN INSIDE\n")
    for other in sys.argv[1:]:
        print("other", content(other))
    print("info", content("/.flatpak-info"))
    sys.stdout.flush()
    Gtk.main_quit()


dialog = Gtk.FileChooserNative.new("SBX picks", None, Gtk.FileChooserAction.OPEN, "Open", "Cancel")
dialog.connect("response", answer)
dialog.show()
GLib.timeout_add_seconds(40, Gtk.main_quit)
Gtk.main()
