#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kills `sbxctl image` at random moments, and looks what is left of the store.

crash.py SBXCTL STORE SOURCES ROUNDS SEED   SOURCES: good layouts, "1" and more, as enemies.py makes them; the store is made
    On stdout a line for each thing that is wrong, and last: "rounds N, killed K, KIND NUMBER..." """
import hashlib
import os
import random
import signal
import subprocess
import sys
import time

KINDS = ("import", "gc", "remove", "tag")


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def tree(path):
    """All that a layer is: names, kinds, modes, contents, links."""
    found = []
    for folder, folders, files in os.walk(path):
        for name in folders + files:
            full = os.path.join(folder, name)
            st = os.lstat(full)
            what = os.readlink(full) if os.path.islink(full) else sha256(full) if st.st_size and os.path.isfile(full) else ""
            found.append((os.path.relpath(full, path), oct(st.st_mode), st.st_rdev, what))
    return sorted(found)


class Crash:
    def __init__(self, program, data, sources, seed):
        self.program, self.store, self.sources = program, data + "/sbx/images", sources
        self.environment = {**os.environ, "XDG_DATA_HOME": data}
        self.random = random.Random(seed)
        self.wrong, self.killed, self.counts = 0, 0, dict.fromkeys(KINDS, 0)
        self.names, self.layers, self.seconds, self.digests = {}, {}, {}, {}

    def say(self, text):
        self.wrong += 1
        print("round %d: %s" % (sum(self.counts.values()), text), flush=True)

    def start(self, *words):
        return subprocess.Popen([self.program, "image", *words], env=self.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)

    def run(self, *words):
        process = self.start(*words)
        try:
            out, error = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            self.say("%s does not end" % " ".join(words))
            return ""
        if process.returncode:
            self.say("%s: status %d: %s" % (" ".join(words), process.returncode, error.strip()))
        return out

    def prepare(self):
        """How long each takes, and what layers are when nobody disturbs."""
        for name in sorted(os.listdir(self.sources)):
            begin = time.time()
            self.digests[name] = self.run("import", "oci:%s/%s" % (self.sources, name), name).split()[1]
            self.seconds["import"] = time.time() - begin
            self.names[name + ":latest"] = {self.digests[name]}
        for kind, words in (("tag", (name, "other")), ("remove", ("other", name)), ("gc", ())):
            for hex_ in os.listdir(self.store + "/layers"):
                self.layers[hex_] = tree(self.store + "/layers/" + hex_ + "/tree")
            begin = time.time()
            self.run(kind, *words)
            self.seconds[kind] = time.time() - begin
        self.names[name + ":latest"] = {None}

    def choose(self):
        """Words, and what they change: names, each with the digest that it has when that is done."""
        kind = self.random.choice(("import", "import", "import", "gc", "remove", "remove", "tag"))
        there = [name for name, may in self.names.items() if None not in may]
        if kind == "remove" and there:
            chosen = self.random.sample(there, 1 + self.random.randrange(min(2, len(there))))
            return ("remove", *chosen), dict.fromkeys(chosen)
        if kind == "tag" and there:
            chosen, new = self.random.choice(there), "tag:%d" % self.random.randrange(4)
            return ("tag", chosen, new), {new: self.names[chosen]}
        if kind == "gc":
            return ("gc",), {}
        name = self.random.choice(sorted(self.digests))
        return ("import", "oci:%s/%s" % (self.sources, name), name), {name + ":latest": {self.digests[name]}}

    def disturb(self, process, seconds):
        """Only the program, or all of its group; sometimes it was faster."""
        time.sleep(self.random.uniform(0, seconds * 1.3))
        done = process.poll() is not None
        if not done:
            try:
                (os.kill if self.random.random() < 0.5 else os.killpg)(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        out, error = process.communicate()
        if process.returncode not in (0, -signal.SIGKILL):
            self.say("%s: status %d: %s" % (" ".join(process.args), process.returncode, error.strip()))
        self.killed += process.returncode != 0
        return process.returncode == 0, out

    def round(self):
        words, changes = self.choose()
        self.counts[words[0]] += 1
        done, out = self.disturb(self.start(*words), self.seconds[words[0]])
        reported = {line.split()[0] for line in out.splitlines()} if words[0] == "import" else set()
        for name, new in changes.items():
            now = new or {None}
            self.names[name] = now if done or name in reported else self.names.get(name, {None}) | now
        self.look()

    def look(self):
        """The first may still find a sandbox that is about to end."""
        self.run(self.random.choice(("gc", "list")))
        there = {line.split()[0]: line.split()[1] for line in self.run("list").splitlines()[1:]}
        for name, may in self.names.items():
            is_ = there.pop(name, None)
            if not any(one == is_ or (one and is_ and one[7:19] == is_) for one in may):
                self.say("'%s' is %s, and should be one of %s" % (name, is_, may))
            self.names[name] = {one for one in may if (one and one[7:19]) == is_}
        if there:
            self.say("names that nobody gave: %s" % there)
        verified = self.run("verify").splitlines()
        if any(not line.endswith(": good") for line in verified):
            self.say("verify: %s" % verified)
        self.run("gc")
        self.files(any(None not in may for may in self.names.values()))

    def files(self, some):
        if os.listdir(self.store + "/tmp"):
            self.say("in tmp: %s" % os.listdir(self.store + "/tmp"))
        for name in os.listdir(self.store + "/blobs/sha256"):
            if sha256(self.store + "/blobs/sha256/" + name) != name:
                self.say("blob %s is not what its name says" % name)
        layers = os.listdir(self.store + "/layers")
        for name in layers:
            folder = self.store + "/layers/" + name
            if sorted(os.listdir(folder)) != ["info", "tree"] or tree(folder + "/tree") != self.layers[name]:
                self.say("layer %s is not whole" % name)
        if bool(layers) != some:
            self.say("%d layers, and %s names" % (len(layers), "some" if some else "no"))


def main():
    crash = Crash(*sys.argv[1:4], sys.argv[5])
    crash.prepare()
    rounds = int(sys.argv[4])
    while sum(crash.counts.values()) < rounds and crash.wrong < 20:
        crash.round()
    print("rounds %d, killed %d, %s" % (rounds, crash.killed, " ".join("%s %d" % pair for pair in crash.counts.items())))


main()
