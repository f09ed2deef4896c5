"""Has servers write their files anew once lifters were erased, and notes of whom they hold nothing any more."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from typing import Any, Final

import redis
from redis.exceptions import ResponseError

from service import logs
from service.domain.errors import Unavailable
from service.store.connections import Client, answering, primaries_of
from service.store.erasures import Erasures

_AGAIN_S: Final = 30.0
"""Seconds after which a server is asked again that refused, or failed."""

_UNDER_WAY: Final = ("aof_rewrite_in_progress", "aof_rewrite_scheduled", "rdb_bgsave_in_progress")

_log = logs.logger("spotter.erasures")


class FileRewrites:
    """The round under way, of this process: to lose it only means that the files are written once more."""

    def __init__(self, client: Client, queue_url: str, erasures: Erasures) -> None:
        """Connections are made when first used."""
        self._client = client
        self._queue = redis.Redis.from_url(queue_url, socket_connect_timeout=0.25, socket_timeout=1.0)
        self._erasures = erasures
        self._erased: Mapping[int, Collection[bytes]] = {}
        self._files: list[_Files] = []

    def follow_up(self) -> None:
        """Go on with the round, or begin one where lifters were erased since the last; nothing is waited for.

        Raises `Unavailable`.
        """
        if not self._files:
            self._erased = self._erasures.unwritten()
            if not self._erased:
                return
            self._files = [_Files(server) for server in (*primaries_of(self._client), self._queue)]
        try:
            with answering():
                self._files = [files for files in self._files if not files.are_written()]
        except Unavailable:
            self._files = []  # another server may have taken the place of one: the round begins anew
            raise
        if not self._files:
            self._erasures.written(self._erased)
            _log.info("written without who was erased", lifters=sum(map(len, self._erased.values())))


class _Files:
    """The files of one server: its append-only file, then its snapshot, where it has them."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._left = ["BGREWRITEAOF", "BGSAVE"]
        self._ordered: tuple[str, str] | None = None
        self._not_before = 0.0

    def are_written(self) -> bool:
        """Whether every file was begun, and written to its end, after this was made; orders what is next."""
        if time.monotonic() < self._not_before:
            return False
        info: dict[str, Any] = {**self._server.info("server"), **self._server.info("persistence")}
        if any(int(info.get(name, 0)) for name in _UNDER_WAY):
            return False
        if self._ordered is not None:
            self._see(info)
        while self._left and not self._is_kept(self._left[0], info):
            self._left.pop(0)
        if self._left and time.monotonic() >= self._not_before:
            self._order(self._left[0], info)
        return not self._left

    def _see(self, info: Mapping[str, Any]) -> None:
        """What came of the order; a server that was started since may know nothing of it."""
        status = "aof_last_bgrewrite_status" if self._left[0] == "BGREWRITEAOF" else "rdb_last_bgsave_status"
        if info.get(status) != "ok":
            self._later(f"{status} is {info.get(status)}")
        elif self._ordered == (self._left[0], str(info["run_id"])):
            self._left.pop(0)
        self._ordered = None

    def _is_kept(self, order: str, info: Mapping[str, Any]) -> bool:
        if order == "BGREWRITEAOF":
            return bool(int(info.get("aof_enabled", 1)))
        try:
            return bool(self._server.config_get("save").get("save"))
        except ResponseError:  # it does not say
            return False

    def _order(self, order: str, info: Mapping[str, Any]) -> None:
        try:
            self._server.execute_command(order)
        except ResponseError as error:
            if "progress" not in str(error):
                self._later(str(error))
        else:
            self._ordered = (order, str(info["run_id"]))

    def _later(self, why: str) -> None:
        _log.warning("a server's file still holds who was erased", why=why)
        self._not_before = time.monotonic() + _AGAIN_S
