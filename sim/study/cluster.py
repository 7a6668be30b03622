"""A running Dask cluster as the place where points run: its workers, and an executor that hands points to them.

Dask itself runs the point of a worker that died on another one. Workers read scenarios and write results by the paths
this process knows, so all need one file system, and the same code, or their numbers would belong to another study.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sim.scenario.complaints import Refused
from sim.study.crew import Gone
from sim.study.identity import code_version

OPTION = "--cluster"
SECONDS_TO_CONNECT = 10
SECONDS_FOR_WORKERS = 30


@dataclass(frozen=True, slots=True)
class Cluster:
    """A connection to a scheduler, and how many points its workers can run at once."""

    client: Any
    threads: int

    def new_pool(self) -> Executor:
        """An executor on the workers; shutting it down leaves them running."""
        return _Remote(self.client)


@contextmanager
def joined(address: str) -> Iterator[Cluster]:
    """The cluster whose scheduler listens at `address`, such as tcp://host:8786.

    Refused when Dask is not installed, nothing answers, no worker has joined or one has other code.
    """
    client = _connected(address)
    try:
        yield Cluster(client, _threads(client, address))
    finally:
        client.close(timeout=SECONDS_TO_CONNECT)


class _Remote(Executor):
    """Runs tasks on the workers; a task is one of its own even if it looks like another."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._executor = client.get_executor(pure=False)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self._client.status != "running":
            raise Gone(_lost(self._client))
        future: Future[Any] = self._executor.submit(fn, *args, **kwargs)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        if self._client.status == "running":
            self._executor.shutdown(wait=wait and not cancel_futures)


def _connected(address: str) -> Any:
    try:
        from distributed import Client
        from distributed.comm import get_address_host_port
    except ImportError:
        told = "needs Dask, which is not installed: pip install -e '.[cluster]'"
        raise Refused.at(OPTION, told) from None
    logging.getLogger("distributed").setLevel(logging.ERROR)  # a worker that dies is no news for who runs a study
    try:
        get_address_host_port(address)  # a client that was given no address at all does not close in peace
        return Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as failure:
        told = f"no Dask scheduler answers at {address!r} ({failure}); start one with: dask scheduler"
        raise Refused.at(OPTION, told) from None


def _threads(client: Any, address: str) -> int:
    """Points that can run at once, when there are workers and all have this code."""
    try:
        client.wait_for_workers(1, timeout=SECONDS_FOR_WORKERS)
    except TimeoutError:
        told = f"no worker has joined {address}; start some with: dask worker {address} --nthreads 1"
        raise Refused.at(OPTION, told) from None
    try:
        versions: dict[str, str] = client.run(code_version)
    except Exception as failure:
        told = f"a worker cannot use this simulator ({type(failure).__name__}: {failure}); install it where workers run"
        raise Refused.at(OPTION, told) from None
    if odd := sorted(worker for worker, version in versions.items() if version != code_version()):
        raise Refused.at(OPTION, f"worker {odd[0]} has other code or other versions of packages; update and restart it")
    return sum(client.nthreads().values())


def _lost(client: Any) -> str:
    return f"the connection to the scheduler at {client.scheduler.address} is lost"
