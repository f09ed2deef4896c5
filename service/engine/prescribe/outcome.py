"""The net outcome of a track: what came of its lever since its last performed session opened."""

from __future__ import annotations

from service.engine.replay.state import Track


def net_outcome(track: Track) -> str:
    """What came of the lever since the track's last performed session opened."""
    if track.last_at is None or track.lever is None or track.opened_lever is None:
        return "start"
    if track.lever > track.opened_lever:
        return "raise"
    if track.lever < track.opened_lever:
        return "deload" if track.outcome == "deload" else "lower"
    return track.outcome if track.outcome in ("advance", "reset") else "hold"
