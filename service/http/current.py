"""The request that is being answered, itself.

Flask's `request` and `g` find it anew each time that they are asked anything, which costs more than most that is asked.
What every request goes through asks these two instead, once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import flask

if TYPE_CHECKING:
    from flask.ctx import _AppCtxGlobals
    from flask.wrappers import Request


def this_request() -> Request:
    """What `flask.request` stands for just now."""
    return cast("Request", _itself(flask.request))


def kept() -> _AppCtxGlobals:
    """What `flask.g` stands for just now: what is kept until the request is answered."""
    return cast("_AppCtxGlobals", _itself(flask.g))


def _itself(proxy: Any) -> Any:
    return proxy._get_current_object()  # noqa: SLF001 - werkzeug documents it, for this very reason
