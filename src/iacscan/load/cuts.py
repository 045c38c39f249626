"""What is left of a text of which a beginning is cut off: the host of an OIDC provider, of its URL or its ARN.

The condition keys of roles for OIDC begin with the provider's URL without scheme, which configurations cut out of the URL
(`replace(url, "https://", "")`) or the ARN (`split("oidc-provider/", arn)[1]`). Where that is known only after apply, a cut
goes with the mark: `⟦aws_eks_cluster.a.issuer without https://⟧` stands for what will be left.
"""

import re
from typing import Final

from ..lazy import regex

WITHOUT: Final = " without "  # the text without a beginning; the text as it is, if it does not begin so
AFTER: Final = " after "  # what stands after a delimiter
_SCHEME: Final = "https://"
_DELIMITERS: Final = ("://", "//", _SCHEME, "provider/", "oidc-provider/", ":oidc-provider/")
CUTS: Final = (WITHOUT + _SCHEME, *(AFTER + delimiter for delimiter in _DELIMITERS))

_ENDINGS: Final = "|".join(map(re.escape, CUTS))
# A cut that is still to be made of a text, in which there may be marks: the innermost first.
_CUT: Final = regex(rf"⟦\|(?P<text>(?:[^⟦⟧]|⟦(?!\|)[^⟦⟧]*⟧)*?)(?P<cut>{_ENDINGS})⟧")
_FIRST: Final = regex(r"(⟦[^⟦⟧]*)⟧([^⟦⟧]*)\Z")
_MARK: Final = regex(r"⟦[^⟦⟧]*⟧")


def to_cut(text: str, cut: str) -> str:
    """A text of which something is to be cut off as soon as it is known (see `resolved`)."""
    return f"⟦|{text}{cut}⟧"


def delimiter_of(cut: str) -> str:
    """Where a cut is made."""
    return cut.removeprefix(WITHOUT).removeprefix(AFTER)


def cut_of(content: str) -> tuple[str, str]:
    """Take the content of a mark apart: what is cut, and the last cut; that is empty if there is none."""
    cut = next((cut for cut in CUTS if content.endswith(cut)), "")
    return content.removesuffix(cut), cut


def leave(text: str, cut: str) -> str | None:
    """What a cut leaves of a text, in which marks may stand; None if nobody can say.

    What is certain is the same for all functions that are written as this cut: where they would differ, it is not known. A
    mark at the beginning takes the cut upon itself.
    """
    at = delimiter_of(cut)
    plain = _MARK.sub(lambda mark: "\0" * len(mark[0]), text)  # a delimiter inside of a mark is none
    first, last = plain.find(at), plain.rfind(at)  # which overlap in "///"
    if first >= 0:
        return text[first + len(at) :] if first == last and (cut.startswith(AFTER) or first == 0) else None
    if text.startswith("⟦"):
        found = _FIRST.match(text)
        return f"{found[1]}{cut}⟧{found[2]}" if found else None
    known = text.partition("⟦")[0]
    return None if cut.startswith(AFTER) or (known != text and at.startswith(known)) else text


def resolved(text: str) -> str | None:
    """A text with all cuts made that were to be made; None if nobody can say what one leaves."""
    missing = False

    def fill(found: re.Match[str]) -> str:
        nonlocal missing
        left = leave(found["text"], found["cut"])
        missing = missing or left is None
        return left or ""

    while not missing:
        filled = _CUT.sub(fill, text)
        if filled == text:
            return text
        text = filled
    return None
