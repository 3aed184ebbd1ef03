# SPDX-License-Identifier: LGPL-2.1-or-later
# Desktop entries as nobody should write them, and what GLib, which desktops read them with, would start by those that lie over
# them.
#   entries.py make FOLDER COUNT         the same ones each time
#   entries.py check FOLDER ORIGINALS    prints how many of FOLDER GLib can read, and how many lines Exec of them do not start sbx
#                                        with the words of the original; each of these, on standard error
import ctypes
import os
import random
import sys

glib = ctypes.CDLL("libglib-2.0.so.0")
text, pointer, size = ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t
glib.g_key_file_new.restype = pointer
glib.g_key_file_load_from_data.argtypes = [pointer, text, size, ctypes.c_int, pointer]
glib.g_key_file_get_groups.argtypes = [pointer, ctypes.POINTER(size)]
glib.g_key_file_get_groups.restype = ctypes.POINTER(text)
glib.g_key_file_get_keys.argtypes = [pointer, text, ctypes.POINTER(size), pointer]
glib.g_key_file_get_keys.restype = ctypes.POINTER(text)
glib.g_key_file_get_string.argtypes = [pointer, text, text, pointer]
glib.g_key_file_get_string.restype = text
glib.g_key_file_free.argtypes = [pointer]
glib.g_shell_parse_argv.argtypes = [text, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.POINTER(text)), pointer]

LINES = [b"[Desktop Entry]", b" [Desktop Entry]", b"\t[Desktop Entry] ", b"[Desktop Entry]x", b"[Desktop Action a]", b"[b Shortcut Group]",
         b"[Other]", b"[Desktop Entry", b"[]", b"[Desktop Action ]", b"\xef\xbb\xbf[Desktop Entry]", b"[Desktop Entry]\r",
         b"Exec=stub-viewer", b"Exec = stub-viewer a", b" Exec=stub-viewer %f", b"Exec[de]=stub-viewer x", b"Exec [de]=stub-viewer",
         b"Exec[$e]=stub-viewer", b"\x0bExec=stub-viewer", b"Exec\t=\tstub-viewer", b"Exec\xc2\xa0=stub-viewer", b"Exec=stub-viewer\r",
         b"Exec=stub-viewer \\\\\"a b\\\\\"", b"Exec=\"stub-viewer\" \"a\\\\\\\\$b\"", b"Exec=s\\stub-viewer", b"Exec='stub-viewer' 'a",
         b"Exec=stub-viewer \"no end", b"Exec=stub-viewer \\n other", b"Exec=", b"Exec=\\t", b"#Exec=other", b"; Exec=other", b"=Exec", b"Exec",
         b"Exec=stub-viewer \xff", b"Exec=stub-viewer # %c", b"Exec=stub-viewer;other", b"Exec=stub-viewer %%u", b"Exec=stub-viewer \\\\%f",
         b"DBusActivatable=true", b"DBusActivatable = true ", b"Type=Application", b"Name=\xff", b"TryExec=stub-viewer", b"Actions=a;"]


def make(folder, count):
    random.seed(7)
    for i in range(count):
        lines = [b"[Desktop Entry]", b"Type=Application", b"Name=x", b"Exec=stub-viewer"] if random.random() < 0.8 else []
        for _ in range(random.randint(0, 8)):
            lines.insert(random.randint(0, len(lines)), random.choice(LINES))
        end = random.choice([b"\n", b"\n", b"\r\n", b"\n\n"])
        with open("%s/hostile%d.desktop" % (folder, i), "wb") as file:
            file.write(end.join(lines) + random.choice([b"", end]))


# What GLib makes of it: {(group, key): value}; None: it refuses the file.
def read(path):
    with open(path, "rb") as file:
        data = file.read()
    keys, count, more = glib.g_key_file_new(), size(), size()
    found = {} if glib.g_key_file_load_from_data(keys, data, len(data), 0, None) else None
    groups = glib.g_key_file_get_groups(keys, ctypes.byref(count))
    for group in groups[:count.value] if found is not None else []:
        names = glib.g_key_file_get_keys(keys, group, ctypes.byref(more), None)
        for name in names[:more.value]:
            found[group, name] = glib.g_key_file_get_string(keys, group, name, None) or b""
    glib.g_key_file_free(keys)
    return found


def words(value):
    count, argv = ctypes.c_int(), ctypes.POINTER(text)()
    good = glib.g_shell_parse_argv(value, ctypes.byref(count), ctypes.byref(argv), None)
    return argv[:count.value] if good else None


def starts(group, name):
    if group == b"Desktop Entry" or group.startswith(b"Desktop Action ") or group.endswith(b" Shortcut Group"):
        return name.split(b"[")[0].strip() == b"Exec"
    return False


def check(folder, originals):
    readable = wrong = 0
    for name in sorted(os.listdir(originals)):
        if not os.path.exists(folder + "/" + name):
            continue
        now, before = read(folder + "/" + name), read(originals + "/" + name)
        readable += now is not None
        bad = [before] if now is None and before is not None else []
        for (group, key), value in (now or {}).items():
            was = words((before or {}).get((group, key), b""))
            if starts(group, key) and was:
                argv = words(value) or [b""]
                if not argv[0].endswith(b"/sbx") or argv[2:3] != [b"--"] or argv[3:] != was:
                    bad.append((group, key, value))
            elif group == b"Desktop Entry" and key == b"DBusActivatable" and value != b"false":
                bad.append((group, key, value))
        wrong += len(bad)
        for one in bad:
            print(name, one, file=sys.stderr)
    print(readable, wrong)


if sys.argv[1] == "make":
    make(sys.argv[2], int(sys.argv[3]))
else:
    check(sys.argv[2], sys.argv[3])
