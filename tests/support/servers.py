"""Servers that lost their newest writes, as one is that takes over from another before it had them."""

import redis

Content = dict[bytes, tuple[bytes, int]]
"""Of each key what it holds, as the server dumps it, and the milliseconds that it has left; 0: it stays."""


def content_of(server: redis.Redis) -> Content:
    """What a server holds just now."""
    found: Content = {}
    for key in server.scan_iter():
        if (dump := server.dump(key)) is not None:
            found[key] = (dump, max(server.pttl(key), 0))
    return found


def put_back(server: redis.Redis, content: Content) -> None:
    """Have a server hold what it held, and nothing else."""
    server.flushall()
    for key, (dump, left) in content.items():
        server.restore(key, left, dump)
