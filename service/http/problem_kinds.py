"""The kinds of problems: one table of what is refused, why, and what to do. Their pages are made from it."""

from __future__ import annotations

from typing import Final, NamedTuple

from service.domain.errors import (
    ChangesGone,
    ClockGoesForward,
    Erased,
    GymSuspended,
    IdempotencyConflict,
    IdempotencyKeyReused,
    InvalidInput,
    KeyNotActive,
    LogNotEmpty,
    NotASandbox,
    NotFound,
    Poisoned,
    RequestUnderWay,
    TaskUnderWay,
    TooManyKeys,
    TooManyProgrammes,
    TooManyWebhooks,
    Unavailable,
    WrongExpectedVersion,
)
from service.http.auth import Forbidden, RateLimitExceeded, Unauthorized
from service.http.bodies import BadEncoding, TooLarge, TooSlow
from service.http.bulkhead import TooCostly
from service.http.places import Busy
from service.http.streams import TooManyStreams
from service.http.strict_json import NotJson
from service.usecases.log.warnings import Warned


class Kind(NamedTuple):
    """A kind of problem; its ``type`` is ``/problems/<slug>``, which answers with its page.

    ``cause`` says when it arises and ``remedy`` what whoever sent the request should do, in whole sentences. Without a
    slug it means nothing beyond its status, and RFC 9457 calls its type ``about:blank``.
    """

    slug: str
    status: int
    title: str
    cause: str
    remedy: str

    @property
    def type(self) -> str:
        """What identifies it, for ever."""
        return f"/problems/{self.slug}" if self.slug else "about:blank"


TOO_LARGE: Final = Kind(
    "too-large",
    413,
    "The body is too large",
    "The body, or a line of it, is longer than this operation takes, perhaps only once it is expanded, or the body has "
    "more lines than it can hold events; “detail” says what it may have.",
    "Send less at once. An event needs a fraction of what is allowed.",
)

KINDS: Final[dict[type[Exception], Kind]] = {
    NotJson: Kind(
        "not-json",
        400,
        "The body is not JSON",
        "The body cannot be read as JSON in UTF-8 as RFC 8259 means it, holds a name twice in one object or half a "
        "surrogate pair, or is nested beyond reading.",
        "Write the body with a JSON library; “detail” says where reading stopped. Sending it again will not help.",
    ),
    BadEncoding: Kind(
        "bad-encoding",
        400,
        "The body is not in its encoding",
        "The body is not what its Content-Encoding says: it is no gzip data, ends too early, or is more than one "
        "member.",
        "Compress the whole body once, or send it as it is, without a Content-Encoding.",
    ),
    TooLarge: TOO_LARGE,
    TooSlow: Kind(
        "too-slow",
        408,
        "The body came too slowly",
        "The body, or the first 64 KiB of it, did not come within ten seconds, or the rest came slower than 16 KiB a "
        "second.",
        "Send the same request again, over a better connection or in smaller parts.",
    ),
    IdempotencyKeyReused: Kind(
        "idempotency-key-reused",
        422,
        "The idempotency key was used with another body",
        "A request with this Idempotency-Key was answered within the last day, and its body, or what it preferred, was "
        "another. Nothing was written.",
        "Give each request a key of its own, and use it again only to send the very same request again.",
    ),
    RequestUnderWay: Kind(
        "request-under-way",
        409,
        "A request with this idempotency key is under way",
        "Another request with the same Idempotency-Key is being answered just now, or broke off less than a minute "
        "ago.",
        "Wait as many seconds as Retry-After says and send the same request again.",
    ),
    Unauthorized: Kind(
        "unauthorized",
        401,
        "A valid API key is needed",
        "The request has no key or token, or one that is not known.",
        "Send the header “Authorization: Bearer” with a key of your gym, or a token made with one. If it had worked "
        "before, it was revoked or has expired: an app asks its gym's server for another token, a gym whoever runs "
        "this Spotter for another key.",
    ),
    Forbidden: Kind(
        "forbidden",
        403,
        "Not allowed with this API key or token",
        "The key or token is known, but what it may do does not include this; “detail” names the scope that is "
        "missing, or says that a token reaches only its own lifter and the library.",
        "Use a key with that scope. Keys for displays read, keys for apps write, and few should be more than that.",
    ),
    GymSuspended: Kind(
        "gym-suspended",
        403,
        "The gym is suspended",
        "The key is known, but its gym has been suspended by whoever runs this Spotter. Its logs are kept.",
        "Ask whoever runs this Spotter; everything is answered again once the gym is resumed.",
    ),
    NotFound: Kind(
        "not-found",
        404,
        "Not found",
        "There is nothing at this path, or nothing that your gym may see: nobody of your gym has written about the "
        "lifter, neither catalogue nor lifter knows the exercise, the programme has no such slot, or no prescription "
        "has the id.",
        "Check the path against the contract. A lifter exists from the first event that is appended for them.",
    ),
    Erased: Kind(
        "erased",
        410,
        "The lifter was erased",
        "Everything of this lifter was erased on demand. The id is never used again.",
        "Stop sending what you still have of this lifter, and forget it. If the person comes back, use a new id.",
    ),
    ChangesGone: Kind(
        "changes-gone",
        410,
        "The changes after that place are not all there any more",
        "A feed keeps the newest changes only, and some of those that follow the place asked about are gone; or the "
        "place is ahead of the feed, because this Spotter was set back to an earlier backup; or the gym is a sandbox, "
        "and was reset.",
        "Take the place of now (“after=now”), then ask for the prescriptions of the lifters that you show, and go on "
        "from that place. Read the feed more often, or have more changes kept.",
    ),
    IdempotencyConflict: Kind(
        "idempotency-conflict",
        409,
        "The event id was used with other content",
        "The event_id is in the lifter's log already, at “version”, and says something else there. The original is "
        "kept; nothing was written.",
        "If the original was wrong, append a set_corrected or set_voided event that names it. If this is another "
        "event, give it an id of its own.",
    ),
    WrongExpectedVersion: Kind(
        "wrong-expected-version",
        409,
        "The log is at another version",
        "The event was to be taken only at the version that it named, and the log stands at “actual_version”. Nothing "
        "was written.",
        "Read what was appended since, decide again, and send the event with the actual version, or without one.",
    ),
    TooManyWebhooks: Kind(
        "too-many-webhooks",
        409,
        "The gym has as many webhooks as it may",
        "A gym can only have so many webhooks, each of which is told everything.",
        "Remove one that is not needed any more, or pass on yourself what one of them is told.",
    ),
    LogNotEmpty: Kind(
        "not-empty",
        409,
        "The lifter has a log already",
        "An export can only be imported as a lifter whom nobody of the gym has written about. The log is left as it "
        "is, at “version”.",
        "Import under another gym, or leave it: what is there may be this very export, imported before.",
    ),
    NotASandbox: Kind(
        "not-a-sandbox",
        409,
        "The gym is no sandbox",
        "Only of a gym that was made for tests the clock can be set, and all lifters can be taken away.",
        "Have whoever runs this Spotter make a sandbox (“spotter gyms add sandbox-NAME --sandbox”), and use a key of "
        "it. Single lifters of a real gym can be erased, for good.",
    ),
    ClockGoesForward: Kind(
        "clock-goes-forward",
        409,
        "The clock only goes forward",
        "The clock of the sandbox shows a later time, “now”, than it was to be set to. It stands where it stood.",
        "Set it to that time or a later one, or reset the sandbox, which may begin at any time.",
    ),
    KeyNotActive: Kind(
        "key-not-active",
        409,
        "The key is valid no longer",
        "The key expired or was revoked, so there is nothing that a rotation could hand over.",
        "Make a new key with the scopes that are needed.",
    ),
    TooManyKeys: Kind(
        "too-many-keys",
        409,
        "The gym has as many keys as it may",
        "A gym has at most 100 keys that are valid at once. Those that expired or were revoked do not count.",
        "Revoke keys that are not used any longer; “last_used_at” helps to find them.",
    ),
    TooManyProgrammes: Kind(
        "too-many-programmes",
        409,
        "The gym has as many programmes as it may",
        "A gym has at most 100 programmes of its own, each with at most 500 versions, all together of at most 32 MiB; "
        "those that were archived count, for lifters may follow them. Nothing was written.",
        "Publish a new version of a programme that you have rather than another programme, and less often.",
    ),
    TaskUnderWay: Kind(
        "task-under-way",
        409,
        "Such a task is under way",
        "A gym has one rollout and one backtest at a time; “detail” names the one that is under way. Nothing was "
        "begun.",
        "Wait until its “status” is no longer “running”, or stop it, then send the same request again.",
    ),
    InvalidInput: Kind(
        "invalid-input",
        422,
        "The input is not valid",
        "The request can be read, and something that it says cannot be taken: “errors” has a JSON pointer and a "
        "sentence for each mistake. For a parameter the pointer is its name.",
        "Mend what the pointers lead to. Sending it again as it is will not help.",
    ),
    Warned: Kind(
        "warned",
        422,
        "There is something to warn of",
        "The event is right in itself and probably not what was meant, and it came with “Prefer: handling=strict”: "
        "“warnings” has what its receipt would have warned of. Nothing was written.",
        "Mend what the pointers lead to; “did_you_mean” says what was probably meant. If it is as it was meant, send "
        "it again without that preference.",
    ),
    TooCostly: Kind(
        "too-costly",
        422,
        "The request takes too much work",
        "The request asks for more work than is done for one: “detail” says of what. Nothing was written.",
        "Ask for less at once: simulate fewer events or simpler rules. Sending it again as it is will not help.",
    ),
    RateLimitExceeded: Kind(
        "rate-limit-exceeded",
        429,
        "Too many requests with this API key or token",
        "The key, or the token, made as many requests as it may in the present window; RateLimit-Policy says how many "
        "that are. Nothing of the request was looked at.",
        "Wait as many seconds as Retry-After says, then send it again; an event is never appended twice. Watch "
        "RateLimit to slow down in time, and send many events in one request where you can.",
    ),
    TooManyStreams: Kind(
        "too-many-streams",
        429,
        "Too many streams are open",
        "A stream stays open, so only so many can be: of one key, and of all keys together. “detail” says which.",
        "Have one part of your software listen for all of it. Without a stream, the same is there page by page.",
    ),
    Poisoned: Kind(
        "unreadable-event",
        500,
        "An event of the log cannot be read",
        "The log holds an event that this version of Spotter cannot read.",
        "Whoever runs this Spotter finds the event with “spotter verify”. A newer version may read it.",
    ),
    Busy: Kind(
        "busy",
        503,
        "No place for a costly request now",
        "Simulations, derivations, histories and exports are worked on beside all else, so many at once. As many "
        "as may are under way, of this key, of this gym or of all; or this one did not come to its end in time.",
        "Wait as many seconds as Retry-After says and send the same request again, one after the other rather than at "
        "once. Everything else is answered meanwhile.",
    ),
    Unavailable: Kind(
        "unavailable",
        503,
        "Not available just now",
        "A part that is needed does not answer, or cannot promise what the reply would say.",
        "Wait as many seconds as Retry-After says and send the same request again. An event sent again with the same "
        "event_id is never appended twice.",
    ),
}
"""The kind of everything that Spotter raises."""

BAD_REQUEST: Final = Kind(
    "bad-request",
    400,
    "The request cannot be understood",
    "The request breaks the rules of HTTP, or its body stopped arriving.",
    "Send it with an HTTP library, whole.",
)

METHOD_NOT_ALLOWED: Final = Kind(
    "method-not-allowed",
    405,
    "The method is not allowed here",
    "The path exists, and does not take this method. “Allow” lists those that it takes.",
    "Use one of them. Nothing in a log is ever changed: what was wrong is corrected by a further event.",
)

UNSUPPORTED_MEDIA_TYPE: Final = Kind(
    "unsupported-media-type",
    415,
    "The body has the wrong media type",
    "The body is not of the media type that this operation takes, or comes in an encoding that it does not.",
    "Say what the body is in Content-Type; “detail” names what is taken.",
)

INTERNAL_ERROR: Final = Kind(
    "internal-error",
    500,
    "Something went wrong on our side",
    "A mistake of ours. The request id leads to it in the server's log.",
    "Send the same request again, once; if it fails again, tell whoever runs this Spotter the request id.",
)

NOT_READY: Final = Kind(
    "not-ready",
    503,
    "A part is unwell",
    "Spotter runs, but a part that it needs is unwell; “parts” says which, and what is the matter with it.",
    "Send requests elsewhere until /readyz answers 200. Whoever runs this Spotter looks after the part.",
)

EVERY: Final[dict[str, Kind]] = {
    kind.slug: kind
    for kind in sorted(
        {
            *KINDS.values(),
            BAD_REQUEST,
            METHOD_NOT_ALLOWED,
            TOO_LARGE,
            UNSUPPORTED_MEDIA_TYPE,
            INTERNAL_ERROR,
            NOT_READY,
        },
        key=lambda kind: (kind.status, kind.slug),
    )
}
"""Every kind that a reply can name, by its slug."""
