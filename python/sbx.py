# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs in sandboxes, by `sbx --batch`: see sbx-batch(7). Python 3.9, standard library only.

    import sbx

    result = sbx.run(["./student", "3"], input="1 2 3", profile="grader", set={"limits.memory": "64M"})
    print(result.verdict, result.exit_code, result.stdout)

    with sbx.Batch(profile="grader", slots=4) as batch:
        for result in batch.map(sbx.Job(["./student", str(n)]) for n in range(100)):
            print(result.verdict, result.cpu_s)

An error of a job, such as a profile with a mistake in it, is a Result with `refused` and `error`. An error of sbx itself,
its death among them, is raised as Error by all that wait."""
import base64
import concurrent.futures
import dataclasses
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
from typing import Any, Dict, Iterable, Iterator, List, Optional, Union

__all__ = ["Batch", "Error", "Job", "Result", "run"]

Words = Union[str, Iterable[str]]


class Error(Exception):
    """sbx could not be started, or it ended before it had answered."""


@dataclasses.dataclass
class Job:
    """What one sandbox does. `set` has settings of sbx-profile(5): {"limits.memory": "64M"}."""

    command: List[str]
    input: Union[str, bytes, None] = None
    profile: Optional[Words] = None
    set: Dict[str, Any] = dataclasses.field(default_factory=dict)
    name: Optional[str] = None

    def _line(self, number: int) -> bytes:
        if isinstance(self.command, (str, bytes)):
            raise TypeError("a command is a list of texts")
        line: Dict[str, Any] = {"id": number, "command": [os.fspath(word) for word in self.command]}
        if isinstance(self.input, str):
            line["input"] = self.input
        elif self.input is not None:
            line["input_base64"] = base64.b64encode(self.input).decode()
        if self.profile is not None:
            line["profile"] = self.profile if isinstance(self.profile, str) else list(self.profile)
        if self.set:
            line["set"] = {key: value if isinstance(value, (str, bool, int, float)) else list(value)
                           for key, value in self.set.items()}
        if self.name is not None:
            line["name"] = self.name
        return json.dumps(line, allow_nan=False).encode() + b"\n"


@dataclasses.dataclass
class Result:
    """How a job ended; None: not known. `raw` is the whole answer."""

    verdict: str
    executed: Optional[bool]
    exit_code: Optional[int]
    signal: Optional[int]
    killed: bool
    cpu_s: Optional[float]
    wall_s: Optional[float]
    memory_peak_bytes: Optional[int]
    stdout: bytes
    stderr: bytes
    refused: bool
    error: Optional[str]
    hint: Optional[str]
    raw: Dict[str, Any]

    @property
    def ok(self) -> bool:
        return self.verdict == "ok"

    @classmethod
    def _of(cls, answer: Dict[str, Any]) -> "Result":
        time, memory = answer.get("time", {}), answer.get("memory", {})
        return cls(verdict=answer["verdict"], executed=answer["executed"], exit_code=answer.get("exit_code"),
                   signal=answer.get("signal"), killed=answer.get("killed", False), cpu_s=time.get("cpu_s"),
                   wall_s=time.get("wall_s"), memory_peak_bytes=memory.get("peak_bytes"),
                   stdout=_bytes(answer, "stdout"), stderr=_bytes(answer, "stderr"), refused=answer["refused"],
                   error=answer["error"], hint=answer["hint"], raw=answer)


def _bytes(answer: Dict[str, Any], name: str) -> bytes:
    if name + "_base64" in answer:
        return base64.b64decode(answer[name + "_base64"], validate=True)
    return answer.get(name, "").encode()


class Batch:
    """A running `sbx --batch`. The keywords are its options; `arguments` are more of them, as on a command line. To be used
    by `with`, or closed. It may be used by many threads."""

    def __init__(self, *, profile: Optional[Words] = None, set: Optional[Dict[str, Any]] = None,
                 slots: Optional[int] = None, slot_cpus: Optional[Iterable[int]] = None, grace: Optional[str] = None,
                 arguments: Iterable[str] = (), sbx: str = "sbx", env: Optional[Dict[str, str]] = None,
                 cwd: Optional[str] = None) -> None:
        words = [sbx, "--batch"]
        if profile is not None:
            words += ["--profile=" + name for name in ([profile] if isinstance(profile, str) else profile)]
        for key, value in (set or {}).items():
            for one in [value] if isinstance(value, (str, bool, int, float)) else value:
                words.append(f"--set={key}=" + (("no", "yes")[one] if isinstance(one, bool) else str(one)))
        if slots is not None:
            words.append(f"--slots={slots}")
        if slot_cpus is not None:
            words.append("--slot-cpus=" + ",".join(str(cpu) for cpu in slot_cpus))
        if grace is not None:
            words.append("--grace=" + grace)
        words += arguments
        self._lock = threading.Lock()
        self._waiting: Dict[int, "concurrent.futures.Future[Result]"] = {}
        self._next = 0
        self._ended: Optional[Error] = None
        self._closed = False
        self._lines: "queue.SimpleQueue[Optional[bytes]]" = queue.SimpleQueue()
        if not shutil.which(sbx):
            raise Error(f"'{sbx}' is not installed")
        self._messages = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                             stderr=self._messages, env=env, cwd=cwd)
        except OSError as error:
            self._messages.close()
            raise Error(f"start '{sbx}': {error}") from error
        self._writer = threading.Thread(target=self._write, daemon=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._writer.start()
        self._reader.start()

    def __enter__(self) -> "Batch":
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        if kind is None:
            self.close()
        else:
            self.kill()

    def submit(self, job: Union[Job, List[str]]) -> "concurrent.futures.Future[Result]":
        """Hands a job in; it waits for a slot. The future cannot be cancelled."""
        if not isinstance(job, Job):
            job = Job(job)
        future: "concurrent.futures.Future[Result]" = concurrent.futures.Future()
        with self._lock:
            if self._ended:
                raise self._ended
            if self._closed:
                raise Error("the batch is closed")
            line = job._line(self._next)
            future.set_running_or_notify_cancel()
            self._waiting[self._next] = future
            self._next += 1
            self._lines.put(line)
        return future

    def run(self, jobs: Iterable[Union[Job, List[str]]]) -> "Iterator[tuple[int, Result]]":
        """The number of each job, from 0, and its result, in the order in which they end."""
        numbers = {self.submit(job): number for number, job in enumerate(jobs)}
        for future in concurrent.futures.as_completed(numbers):
            yield numbers[future], future.result()

    def map(self, jobs: Iterable[Union[Job, List[str]]]) -> Iterator[Result]:
        """The results in the order of the jobs."""
        for future in [self.submit(job) for job in jobs]:
            yield future.result()

    def close(self) -> None:
        """Waits for all jobs, and for the end of sbx. Raises Error if it did not end well."""
        with self._lock:
            first, self._closed = not self._closed, True
        if first:
            self._lines.put(None)
        self._reader.join()
        self._writer.join()
        if self._ended:
            raise self._ended

    def kill(self) -> None:
        """Ends sbx and with it all sandboxes, at once. What waits for a result gets an Error."""
        with self._lock:
            self._closed = True
        self._process.kill()
        self._lines.put(None)
        self._reader.join()
        self._writer.join()

    def _write(self) -> None:
        pipe = self._process.stdin
        assert pipe
        try:
            while True:
                line = self._lines.get()
                if line is None:
                    break
                pipe.write(line)
                if self._lines.empty():
                    pipe.flush()
            pipe.close()
        except OSError:  # sbx has ended: the reader tells
            try:
                pipe.close()
            except OSError:
                pass

    def _read(self) -> None:
        pipe = self._process.stdout
        assert pipe
        broken: Optional[str] = None
        try:
            for line in pipe:
                answer = json.loads(line)
                with self._lock:
                    future = self._waiting.pop(answer["id"])
                future.set_result(Result._of(answer))
        except Exception as error:  # whatever it was: nobody may wait for ever
            broken = f"an answer of sbx that cannot be read: {error!r}"
            self._process.kill()
        pipe.close()
        status = self._process.wait()
        with self._lock:
            waiting, self._waiting = list(self._waiting.values()), {}
            if broken or status or waiting or not self._closed:
                self._messages.seek(0)
                said = self._messages.read(4096).decode(errors="replace").strip()
                self._ended = Error(broken or f"sbx ended with status {status}" + (f": {said}" if said else ""))
        self._messages.close()
        self._lines.put(None)
        for future in waiting:
            future.set_exception(self._ended or Error("sbx ended"))


def run(command: List[str], *, input: Union[str, bytes, None] = None, profile: Optional[Words] = None,
        set: Optional[Dict[str, Any]] = None, name: Optional[str] = None, **options: Any) -> Result:
    """One job, in a batch of its own; `options` are those of Batch."""
    with Batch(slots=1, **options) as batch:
        return batch.submit(Job(command, input, profile, set or {}, name)).result()
