# SPDX-License-Identifier: LGPL-2.1-or-later
# Saves a file in one of the ways in which programs do, once or again and again, and says each version that is saved.
#
#   saver.py WAY FILE VERSION          once
#   saver.py WAY FILE VERSION PAUSE    and then each version after it, with so many seconds between them, at random
#   saver.py check FILE                prints the version, if it is a whole one; else fails
import os, random, sys, time

FILLER = b"0123456789abcdef" * 4096


def content(version):
    return b"version %d\n" % version + FILLER + b"\nend %d\n" % version


def write(fd, data, slow):
    """In pieces, so that whoever is killed meanwhile leaves a part."""
    for at in range(0, len(data), 8192):
        os.write(fd, data[at:at + 8192])
        if slow:
            time.sleep(0.001)


def save_to(name, data, flags, sync=False):
    fd = os.open(name, os.O_WRONLY | flags, 0o644)
    write(fd, data, True)
    if sync:
        os.fsync(fd)
    os.close(fd)


NEW = os.O_CREAT | os.O_EXCL


def by_rename(name, data):
    save_to(name + ".new", data, NEW)
    os.rename(name + ".new", name)


def by_fsync_rename(name, data):
    save_to(name + ".new", data, NEW, True)
    os.rename(name + ".new", name)
    folder = os.open(os.path.dirname(name), os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def by_truncate(name, data):
    save_to(name, data, os.O_CREAT | os.O_TRUNC)


def by_fsync(name, data):
    save_to(name, data, os.O_CREAT | os.O_TRUNC, True)


def by_backup(name, data):
    if os.path.exists(name):
        os.rename(name, name + "~")
    save_to(name, data, NEW)


def by_backup_rename(name, data):
    if os.path.exists(name + "~"):
        os.unlink(name + "~")
    if os.path.exists(name):
        os.link(name, name + "~")
    by_rename(name, data)


def by_unlink(name, data):
    if os.path.exists(name):
        os.unlink(name)
    save_to(name, data, NEW)


def by_link(name, data):
    save_to(name + ".new", data, NEW)
    if os.path.exists(name):
        os.unlink(name)
    os.link(name + ".new", name)
    os.unlink(name + ".new")


def by_overwriting(name, data):
    fd = os.open(name, os.O_RDWR | os.O_CREAT, 0o644)
    write(fd, data, True)
    os.ftruncate(fd, len(data))
    os.close(fd)


WAYS = {name[3:].replace("_", "-"): value for name, value in list(globals().items()) if name.startswith("by_")}


def check(name):
    with open(name, "rb") as file:
        data = file.read()
    version = int(data.split(b"\n")[0].split()[1])
    if data != content(version):
        sys.exit("%s: %d bytes, a part of version %d" % (name, len(data), version))
    return version


def main():
    if sys.argv[1] == "check":
        print(check(sys.argv[2]))
        return
    way, name, version = WAYS[sys.argv[1]], sys.argv[2], int(sys.argv[3])
    while True:
        way(name, content(version))
        os.write(1, b"%d\n" % version)
        if len(sys.argv) < 5:
            return
        time.sleep(random.random() * float(sys.argv[4]))
        version += 1


if __name__ == "__main__":
    main()
