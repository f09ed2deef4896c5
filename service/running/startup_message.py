"""What `spotter run` says: which rules it published, where the API is, which key it takes, how to try it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Final

from service.config import Settings
from service.running import address
from service.usecases.rules.publish import Published

_NAMED: Final = 5
"""New programmes that are named when they are published; the library's at a first start are more than anybody reads."""

_TEXT = """\
Spotter {version} is running.

  Pages  {pages}
  API    {url}  (documentation: {url}/docs)
  Key    {key}
  Data   {data_dir}  (the logs too: *.log)

Log a set, then ask what comes next:

  KEY={shell_key}
  curl {url}/v1/lifters/me/events -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\
    -d '{{"event_id": "{event_id}", "type": "set_logged", "occurred_at": "{now}",
         "data": {{"exercise": "deadlift", "load": {{"value": 225, "unit": "lb"}}, "reps": 6, "rir": 1}}}}'
  curl {url}/v1/lifters/me/prescriptions/deadlift -H "Authorization: Bearer $KEY"

Ctrl-C stops everything.
"""


def published(changes: list[Published]) -> Iterator[str]:
    """Say which rules became the newest of their programme: those that are new in one line, each that was changed."""
    new = [change.programme for change in changes if change.before is None]
    if len(new) > _NAMED:
        yield f"Published {len(new)} programmes; `spotter rules list` shows them."
    elif new:
        yield f"Published {', '.join(new)}."
    for change in changes:
        if change.before is not None:
            yield (
                f"Published the changed rules of {change.programme} "
                f"(rule set {change.digest[:12]}, before that {change.before[:12]})."
            )


def sign_in_link(settings: Settings, link: str) -> str:
    """Where a link signs a browser in, and how often."""
    return f"{address.url(settings)}/sign-in?link={link}  (signs one browser in, within ten minutes)"


def text(settings: Settings, new_key: str | None, link: str | None) -> str:
    """Write the greeting; `new_key` is the API key that this start made, if it made one.

    ``link`` is the secret of a link that signs a browser in, if there is a key that it can stand for.

    A key that was there before is never repeated: only its hash is kept, and a terminal's history is no place for it.
    """
    if new_key is not None:
        key, shell_key = f"{new_key}  (made just now and shown only this once: keep it)", new_key
    elif settings.api_key is not None:
        key, shell_key = "the one in SPOTTER_API_KEY", '"$SPOTTER_API_KEY"'
    else:
        key, shell_key = "the one that the first start showed; `spotter keys add` makes another", "..."
    now = datetime.now(UTC)
    return _TEXT.format(
        version=version("spotter"),
        url=address.url(settings),
        pages=address.url(settings) if link is None else sign_in_link(settings, link),
        key=key,
        shell_key=shell_key,
        data_dir=settings.data_dir,
        event_id=f"try-{int(now.timestamp())}",
        now=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
