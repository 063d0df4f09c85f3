# SPDX-License-Identifier: GPL-3.0-or-later
"""The link to the backend: one thread holds the socket, another one the pixels.

The socket thread finds or starts the backend, connects, listens and connects again. All that is known of jobs
belongs to the pixel thread, which takes one task after the other: bands from the main thread, messages from
the socket thread. What the session should know leaves through `post`.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
import uuid
from collections.abc import Callable
from functools import partial

from ..language import tr
from ..model import capture
from ..model.canvas import Band
from ..model.events import Backend, Event
from ..model.remote import Remote
from ..wire import errors, library_messages, messages, model_messages, pixels
from .incoming import Arrived, Incoming
from .launcher import Endpoint, Launcher
from .outgoing import Outgoing
from .peer import CLOSED, Peer

CACHE_BYTES = 512 * 2**20
"""Room for the last buffers of all surfaces, against which the next capture is compared."""

RETRY_S = (0.1, 0.3, 1.0, 2.0, 3.0)
"""Pauses between attempts to connect again; after the last one the backend counts as stopped."""

STEADY_S = 10.0
"""A connection that held this long was a good one: the attempts are counted anew."""

log = logging.getLogger(__name__)


ABOUT_NO_JOB = (model_messages.Models, model_messages.ModelProgress, library_messages.LearntThings)


class BackendLink:
    """
    Args:
        launcher: Finds, starts and ends the backend.
        post: Takes an event from either thread to the session on the main thread.
        client: Program and version, for the backend's log.
    """

    def __init__(self, launcher: Launcher, post: Callable[[Event], None], client: str) -> None:
        self._launcher = launcher
        self._post = post
        self._client = client
        self._client_id = uuid.uuid4().hex
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._peer: Peer | None = None
        self._socket_thread: threading.Thread | None = None
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._pixel_thread: threading.Thread | None = None
        self._jobs: dict[str, Outgoing] = {}
        self._incoming = Incoming()
        self._cache = pixels.SurfaceCache(CACHE_BYTES)
        self._remote: Remote | None = None

    # For the main thread; nothing here waits

    def use(self, remote: Remote | None) -> None:
        """From the next `open` on, connect to another machine; None for this one."""
        self._remote = remote

    def open(self) -> None:
        """Find or start the backend and stay connected until `close`. A link that is open stays as it is."""
        with self._lock:
            if (
                self._socket_thread is not None
                and self._socket_thread.is_alive()
                and not self._closing.is_set()
            ):
                return
            before, self._closing = self._socket_thread, threading.Event()
            self._socket_thread = threading.Thread(
                target=self._stay_connected,
                args=(self._closing, before),
                name="underdrawing-link",
                daemon=True,
            )
            if self._pixel_thread is None:
                self._pixel_thread = threading.Thread(
                    target=self._take_tasks, name="underdrawing-pixels", daemon=True
                )
                self._pixel_thread.start()
            self._socket_thread.start()

    def close(self, *, stop_backend: bool) -> None:
        """Leave the backend, or end it too. The threads end by themselves."""
        with self._lock:
            self._closing.set()
            thread, peer = self._socket_thread, self._peer
        threading.Thread(
            target=self._leave, args=(thread, peer, stop_backend), name="underdrawing-leave", daemon=True
        ).start()

    def join(self, timeout_s: float) -> None:
        """Wait for the socket thread's end, after `close`."""
        if self._socket_thread is not None:
            self._socket_thread.join(timeout_s)

    def begin(self, job_id: str, plan: capture.Plan) -> None:
        outgoing = Outgoing(job_id, plan, self._cache)
        self._jobs[job_id] = outgoing

    def feed(self, job_id: str, source: capture.Source, band: Band) -> None:
        self._do(job_id, lambda job: job.feed(source, band))

    def submit(self, job_id: str, order: capture.Order) -> None:
        self._do(job_id, lambda job: self._submit(job, order))

    def cancel(self, job_id: str) -> None:
        job = self._jobs.get(job_id)
        if job is not None:
            job.stop()
            self._tasks.put(partial(self._cancelled, job))

    def ask(self, message: messages.ClientMessage) -> None:
        """Say something that no job is about."""
        self._tasks.put(partial(self._send, message))

    # The pixel thread

    def _do(self, job_id: str, task: Callable[[Outgoing], None]) -> None:
        job = self._jobs.get(job_id)
        if job is not None:
            self._tasks.put(lambda: None if job.is_stopped else task(job))

    def _take_tasks(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                task()
            except errors.ProtocolError as fault:
                self._break(fault)
            except Exception:  # a border: one bad task must not end all later ones
                log.exception("a task of the pixel thread failed")
                self._fail_all()

    def _submit(self, job: Outgoing, order: capture.Order) -> None:
        try:
            submit = job.finish(order)
        except errors.Refusal as refusal:
            self._forget(job.job_id)
            self._post(messages.Failed(job.job_id, refusal.code, refusal.message, refusal.remedy))
            return
        for tiles in job.unasked():
            self._send(tiles)
        self._send(submit)

    def _cancelled(self, job: Outgoing) -> None:
        if job.submit is None:
            self._forget(job.job_id)
        else:
            self._send(messages.Cancel(job.job_id))

    def _forget(self, job_id: str) -> None:
        self._jobs.pop(job_id, None)
        self._incoming.forget(job_id)

    def _fail_all(self) -> None:
        words = tr("The plugin could not prepare or read the pixels.")
        for job_id in list(self._jobs):
            self._forget(job_id)
            self._send(messages.Cancel(job_id))
            self._post(
                messages.Failed(job_id, "plugin_fault", words, tr("Try again; Krita's log says more."))
            )

    def _resume(self, known: frozenset[str]) -> None:
        """A new connection: queue again what the backend does not know."""
        for job in list(self._jobs.values()):
            if job.is_stopped:
                self._end_cancelled(job.job_id)
            elif job.submit is not None and job.job_id not in known:
                self._send(job.submit)

    def _take_message(self, message: messages.Message) -> None:
        if isinstance(message, messages.PutTiles):
            self._deliver(self._incoming.put(message))
            return
        if isinstance(message, ABOUT_NO_JOB):
            self._post(message)
            return
        job_id = getattr(message, "job_id", "")
        job = self._jobs.get(job_id)
        if job is None:
            if isinstance(message, (messages.Result, messages.Failed)) and job_id:
                self._send(messages.Release(job_id))
        elif isinstance(message, messages.NeedTiles):
            for tiles in job.answer(message.digests):
                self._send(tiles)
        elif isinstance(message, messages.Result) and job.is_stopped:
            self._end_cancelled(job_id)
        elif isinstance(message, messages.Result):
            whole, asks = self._incoming.expect(message, shown=not job.is_live)
            self._deliver(whole)
            for ask in asks:
                self._send(ask)
        elif isinstance(message, messages.JobStatus) and message.state == "cancelled":
            self._end_cancelled(job_id)
        elif isinstance(message, messages.Failed):
            self._end(job_id, message)
        elif isinstance(message, (messages.JobStatus, messages.Preview)):
            self._post(message)

    def _deliver(self, whole: list[Arrived]) -> None:
        for ending in whole:
            self._end(ending.job_id, ending)

    def _end_cancelled(self, job_id: str) -> None:
        self._end(job_id, messages.JobStatus(job_id, "cancelled"))

    def _end(self, job_id: str, last: Event) -> None:
        """The job is over, here and there."""
        self._forget(job_id)
        self._send(messages.Release(job_id))
        self._post(last)

    def _send(self, message: messages.ClientMessage) -> None:
        """Without a connection nothing is sent: the jobs are queued again with the next one."""
        peer = self._peer
        if peer is None:
            return
        try:
            peer.send(message)
        except CLOSED:
            log.info("%s was not sent: the connection is gone", message.kind)

    def _break(self, fault: errors.ProtocolError) -> None:
        log.error("the backend broke the contract: %s", fault)
        peer = self._peer
        if peer is not None:
            peer.close()

    # The socket thread

    def _stay_connected(self, closing: threading.Event, before: threading.Thread | None) -> None:
        if before is not None:
            before.join()
        failures, met = 0, False
        while not closing.is_set():
            try:
                peer = self._connect(closing)
                met = True
            except errors.Refusal as refusal:
                if refusal.code == "given_up":
                    break
                if refusal.code != "unreachable" or not met or failures >= len(RETRY_S):
                    lines = self._launcher.last_lines()
                    self._post(Backend("stopped", refusal.message, refusal.remedy, log=lines))
                    return
                peer = None
            except (*CLOSED, errors.ProtocolError) as fault:
                log.info("no connection: %s", fault)
                peer = None
            began = time.monotonic()
            if peer is not None:
                self._listen(peer, closing)
            if closing.is_set():
                break
            failures = 0 if time.monotonic() - began > STEADY_S else failures + 1
            if failures > len(RETRY_S):
                self._post(_unreachable(self._launcher.last_lines()))
                return
            self._post(Backend("lost", tr("The connection to the backend is lost. Connecting again.")))
            closing.wait(RETRY_S[max(0, failures - 1)])
        self._post(Backend("stopped", tr("The backend is not running.")))

    def _connect(self, closing: threading.Event) -> Peer:
        """
        Raises:
            Refusal: in the backend's or the launcher's words.
            One of CLOSED, ProtocolError: no connection this time.
        """
        remote = self._remote
        if remote is not None:
            self._post(Backend("connecting", tr("Connecting to {0}.").format(remote.address)))
            return self._greet(Endpoint(remote.port, remote.token), remote)
        endpoint = self._launcher.find()
        if endpoint is not None:
            self._post(Backend("connecting", tr("Connecting to the backend.")))
            try:
                return self._greet(endpoint)
            except CLOSED:
                if self._launcher.is_running:
                    raise  # it is ours and busy: try again
        self._post(Backend("starting", tr("Starting the backend.")))
        return self._greet(self._launcher.start(closing))

    def _greet(self, endpoint: Endpoint, remote: Remote | None = None) -> Peer:
        return Peer(
            endpoint.port, endpoint.token, client=self._client, client_id=self._client_id, remote=remote
        )

    def _listen(self, peer: Peer, closing: threading.Event) -> None:
        welcome = peer.welcome
        with self._lock:
            self._peer = peer
        self._post(_ready(welcome))
        self._tasks.put(partial(self._resume, frozenset(job.job_id for job in welcome.jobs)))
        try:
            for message in peer:
                if isinstance(message, messages.Welcome):  # the worker has found out what it paints on
                    self._post(_ready(message))
                else:
                    self._tasks.put(partial(self._take_message, message))
        except (*CLOSED, errors.ProtocolError) as fault:
            if not closing.is_set():
                log.info("the connection ended: %s", fault)
        finally:
            with self._lock:
                self._peer = None
            peer.close()

    def _leave(self, thread: threading.Thread | None, peer: Peer | None, stop_backend: bool) -> None:
        if peer is not None:
            if stop_backend and self._remote is None:
                self._send(messages.Shutdown())
            peer.close()
        if thread is not None:
            thread.join()
        if stop_backend:
            self._launcher.stop()


def _ready(welcome: messages.Welcome) -> Backend:
    return Backend(
        "ready", "Ready", device=welcome.device, version=welcome.version, families=welcome.families
    )


def _unreachable(lines: tuple[str, ...]) -> Backend:
    return Backend(
        "stopped",
        tr("The backend does not answer."),
        tr('Start it again from the panel; if that does not help, run "underdrawing doctor".'),
        log=lines,
    )
