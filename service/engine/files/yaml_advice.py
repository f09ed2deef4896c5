"""What a coach should write instead, where YAML itself is in the way."""

from __future__ import annotations

import re

SURPRISES = tuple(
    (re.compile(pattern), advice)
    for pattern, advice in (
        (r"(?i)yes|on|y", "`{text}` means different things to different programs; write true, or put it in quotes."),
        (r"(?i)no|off|n", "`{text}` means different things to different programs; write false, or put it in quotes."),
        (r"True|TRUE", "`{text}` is written true, in small letters."),
        (r"False|FALSE", "`{text}` is written false, in small letters."),
        (r"~|(?i:null)|None", "`{text}` says nothing; write a value or leave the whole line out."),
        (
            r"[-+]?0[0-9_]+",
            "`{text}` starts with a zero, which some programs read as octal; write it without, or in quotes.",
        ),
        (
            r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+",
            "`{text}` is read as base sixty by some programs; put it in quotes, or write seconds as one number.",
        ),
        (r"[-+]?\.(?i:inf|nan)", "`{text}` is no number to train by; write the number itself."),
        (r"[-+]?[0-9][0-9.]*[eE][-+]?[0-9]+", "`{text}` has an exponent; write the number out."),
        (
            r"[-+]?0[xXoObB][0-9a-fA-F]+|[-+]?[0-9]+(_[0-9]+)+",
            "`{text}` is not how a number is written here; write its digits only.",
        ),
        (r"[\u201c\u201d\u201e\u2018\u2019].*", '“ and ” are no quotes here; put the text into straight ones, ".'),
        (r"<<", "rule files have no merge key `<<`; write the values out."),
    )
)

EXPLANATIONS = (
    (
        "that cannot start any token",
        "a text that starts with this character needs quotes around it.",
    ),
    (
        "mapping values are not allowed",
        "no colon can be here: quote a text with `: ` in it, put `key: value` behind another key in {}, or indent it.",
    ),
    ("could not find expected ':'", "a key without its colon: write `key: value`."),
    (
        "did not find expected key",
        "this does not fit what stands before it: mend the indentation, or put a text that starts with `{` in quotes.",
    ),
    (
        "did not find expected '-' indicator",
        "a list entry is expected here: start it with `- `, indented like the entries above.",
    ),
    (
        "did not find expected ',' or",
        "brackets are not closed, or a comma is missing between entries; a text with brackets in it needs quotes.",
    ),
    ("alphabetic or numeric character", "a text that starts with * or & needs quotes around it."),
    (
        "block sequence entries are not allowed",
        "a list starts on a line of its own, below its key; a text that starts with a dash needs quotes.",
    ),
    ("while scanning a quoted scalar", "a quote is opened and never closed."),
    ("found unexpected end of stream", "a quote is opened and never closed."),
    ("unknown escape", "in double quotes a backslash starts an escape; use single quotes or leave the backslash out."),
    ("control characters", "there is an invisible control character here; delete it."),
    ("special characters", "there is an invisible control character here; delete it."),
)
