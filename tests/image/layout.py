#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""layout: writes OCI layouts and docker-archives for the tests, of layers that are described line by line.

  layout.py oci FOLDER TAG CONFIG LAYER...       makes FOLDER, gzip for each second layer
  layout.py docker FILE NAME:TAG CONFIG LAYER...

CONFIG is a file with the JSON of "config". A LAYER is a file with lines: "d PATH MODE", "f PATH MODE CONTENT",
"b PATH MODE FILE-ON-HOST", "l PATH TARGET".
"""
import gzip
import hashlib
import io
import json
import os
import sys
import tarfile


def layer_tar(path):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for line in open(path, encoding="utf-8"):
            kind, name, rest = (line.rstrip("\n").split(" ", 2) + [""])[:3]
            entry = tarfile.TarInfo(name)
            content = b""
            if kind == "l":
                entry.type = tarfile.SYMTYPE
                entry.linkname = rest
            else:
                mode, _, more = rest.partition(" ")
                entry.mode = int(mode, 8)
                if kind == "d":
                    entry.type = tarfile.DIRTYPE
                elif kind == "b":
                    with open(more, "rb") as source:
                        content = source.read()
                else:
                    content = more.encode() + (b"\n" if more else b"")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def config_of(path, tars):
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
    return json.dumps({"architecture": machine, "os": "linux", "config": config,
                       "rootfs": {"type": "layers", "diff_ids": [digest(tar) for tar in tars]}}).encode()


def oci(folder, tag, config, layers):
    tars = [layer_tar(layer) for layer in layers]
    blobs = os.path.join(folder, "blobs", "sha256")
    os.makedirs(blobs)

    def add(data, media):
        with open(os.path.join(blobs, digest(data)[7:]), "wb") as file:
            file.write(data)
        return {"mediaType": "application/vnd.oci.image." + media, "digest": digest(data), "size": len(data)}

    entries = []
    for number, tar in enumerate(tars):
        if number % 2:
            entries.append(add(gzip.compress(tar, mtime=0), "layer.v1.tar+gzip"))
        else:
            entries.append(add(tar, "layer.v1.tar"))
    manifest = {"schemaVersion": 2, "config": add(config_of(config, tars), "config.v1+json"), "layers": entries}
    entry = add(json.dumps(manifest).encode(), "manifest.v1+json")
    entry["annotations"] = {"org.opencontainers.image.ref.name": tag}
    with open(os.path.join(folder, "index.json"), "w", encoding="utf-8") as file:
        json.dump({"schemaVersion": 2, "manifests": [entry]}, file)
    with open(os.path.join(folder, "oci-layout"), "w", encoding="utf-8") as file:
        json.dump({"imageLayoutVersion": "1.0.0"}, file)


def docker(path, name, config, layers):
    tars = [layer_tar(layer) for layer in layers]
    files = {"config.json": config_of(config, tars)}
    for number, tar in enumerate(tars):
        files["%d/layer.tar" % number] = tar
    files["manifest.json"] = json.dumps([{"Config": "config.json", "RepoTags": [name],
                                          "Layers": ["%d/layer.tar" % n for n in range(len(tars))]}]).encode()
    with tarfile.open(path, "w") as tar:
        for file, data in files.items():
            entry = tarfile.TarInfo(file)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))


if __name__ == "__main__":
    {"oci": oci, "docker": docker}[sys.argv[1]](sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5:])
