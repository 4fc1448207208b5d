"""Who may call the service, and how often. Knows no route and no customer."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Lock
from time import monotonic

from bot.errors import Forbidden, TooMany

KEPT = 10_000  # callers that are remembered; the longest unseen go first


class Rate:
    """A bucket of tokens for each caller: `per_minute` at most at once, refilled evenly. 0 is no limit."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = monotonic) -> None:
        self._size, self._clock = float(per_minute), clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens left, and when that was so
        self._lock = Lock()

    def wait(self, caller: str) -> float:
        """Take a token of the caller's: 0, or the seconds until there is one."""
        if not self._size:
            return 0.0
        now = self._clock()
        with self._lock:
            left, at = self._buckets.pop(caller, (self._size, now))
            left = min(self._size, left + (now - at) * self._size / 60)
            self._buckets[caller] = (left - 1 if left >= 1 else left, now)
            while len(self._buckets) > KEPT:
                self._buckets.popitem(last=False)
        return 0.0 if left >= 1 else (1 - left) * 60 / self._size


class Gate:
    """The keys of the installation's own programs, and the rates of everybody."""

    def __init__(self, keys: Iterable[str] = (), *, conversation: int = 0, address: int = 0) -> None:
        """`conversation` and `address` are messages, and requests, a minute; 0 is no limit."""
        self._keys = tuple(key.strip().encode() for key in keys if key.strip())
        self._conversations, self._addresses = Rate(conversation), Rate(address)

    def admit(self, authorization: str | None) -> None:
        """Let a request with this Authorization header pass. Raises Forbidden without one of the keys."""
        if not self._keys:
            raise Forbidden("this address is closed: set HANDRAIL_API_KEYS and send 'Authorization: Bearer KEY'")
        kind, _, given = (authorization or "").partition(" ")
        known = [hmac.compare_digest(given.strip().encode("utf-8", "replace"), key) for key in self._keys]
        if kind.casefold() != "bearer" or not any(known):
            raise Forbidden("this address needs a key: send 'Authorization: Bearer KEY'")

    def count(self, address: str, conversation: str | None = None) -> None:
        """Count a request of an address, and one message of a conversation. Raises TooMany."""
        waits = [self._addresses.wait(address), self._conversations.wait(conversation) if conversation else 0.0]
        if max(waits) > 0:
            raise TooMany(max(waits))
