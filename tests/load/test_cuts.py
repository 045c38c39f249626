"""What a cut leaves is what the functions give that are written as this cut, or it is not known."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from iacscan.load.cuts import AFTER, CUTS, WITHOUT, cut_of, delimiter_of, leave, resolved, to_cut
from iacscan.load.terraform_functions import cut_of_call

SCHEME = f"{WITHOUT}https://"
PROVIDER = f"{AFTER}provider/"
PIECES = st.lists(st.sampled_from(("https://", "//", "provider/", "oidc-", ":", "a", "h", "")), max_size=6)
TEXTS = PIECES.map("".join)


@given(TEXTS, st.sampled_from(CUTS))
@example("provider///", f"{AFTER}//")
def test_what_is_left_of_a_known_text_is_what_every_function_gives(text, cut):
    left, at = leave(text, cut), delimiter_of(cut)
    if cut.startswith(WITHOUT):
        assert left is None or left == text.replace(at, "") == text.removeprefix(at)
    else:
        assert left is None or left == text.split(at)[1] == text[text.rindex(at) + len(at) :]


@given(st.sampled_from(("a", "oidc.example.com/id/A", "")))
def test_a_host_is_left_of_its_url_and_of_its_arn(host):
    assert leave(f"https://{host}", SCHEME) == host
    assert leave(host, SCHEME) == host
    assert leave(f"arn:aws:iam::1:oidc-provider/{host}", PROVIDER) == host


@pytest.mark.parametrize(
    ("text", "cut", "left"),
    [
        ("⟦a.url⟧", SCHEME, "⟦a.url without https://⟧"),
        ("⟦a.url⟧/realms/x", SCHEME, "⟦a.url without https://⟧/realms/x"),
        ("⟦a.url without https://⟧", SCHEME, "⟦a.url without https:// without https://⟧"),
        ("https://⟦a.name⟧/x", SCHEME, "⟦a.name⟧/x"),
        ("oidc.⟦region⟧.example.com", SCHEME, "oidc.⟦region⟧.example.com"),
        ("http⟦a.rest⟧", SCHEME, None),
        ("⟦a.url⟧⟦b.path⟧", SCHEME, None),
        ("arn:aws:iam::⟦account⟧:oidc-provider/⟦a⟧", PROVIDER, "⟦a⟧"),
        ("⟦a.arn⟧", PROVIDER, "⟦a.arn after provider/⟧"),
        ("arn:aws:iam::⟦account⟧:role/x", PROVIDER, None),
        ("a.provider/b.provider/c", PROVIDER, None),
    ],
)
def test_a_mark_takes_upon_itself_the_cut_that_nobody_can_make(text, cut, left):
    assert leave(text, cut) == left


def test_cuts_are_made_from_the_inside_out():
    assert resolved(to_cut(to_cut("arn:aws:iam::1:oidc-provider/https://a", PROVIDER), SCHEME)) == "a"
    assert resolved(f"{to_cut('https://a', SCHEME)}:sub") == "a:sub"
    assert resolved(f"{to_cut('⟦a.url⟧', SCHEME)}:sub") == "⟦a.url without https://⟧:sub"
    assert resolved(f"x {to_cut('a', PROVIDER)}") is None
    assert resolved("⟦a.url without https://⟧") == "⟦a.url without https://⟧"


@given(st.sampled_from(CUTS), st.sampled_from(("a.b", "module.a.b[0].c", 'a.b["x"].arn')))
def test_a_mark_tells_what_is_cut_off_of_what(cut, base):
    assert cut_of(base + cut) == (base, cut)
    assert cut_of(base) == (base, "")


@pytest.mark.parametrize(
    ("call", "text", "cut"),
    [
        ('replace(a.url, "https://", "")', "a.url", SCHEME),
        ('replace(\n  a.url,\n  "https://",\n  "",\n)', "a.url", SCHEME),
        (r'replace(a.url, "/^https:\\/\\//", "")', "a.url", SCHEME),
        ('trimprefix(a[0].x[0].url, "https://")', "a[0].x[0].url", SCHEME),
        ('replace("https://", "https://", "")', '"https://"', SCHEME),
        ('replace(v.arn, "/^(.*provider/)/", "")', "v.arn", PROVIDER),
        ('replace(v["a"].arn, "/(^.*provider/)/", "")', 'v["a"].arn', PROVIDER),
        (r'replace(a.arn, "/^.*oidc-provider\\//", "")', "a.arn", f"{AFTER}oidc-provider/"),
        ('element(split("oidc-provider/", a.arn), 1)', "a.arn", f"{AFTER}oidc-provider/"),
        ('split("//", join("", a[*].url))[1]', 'join("", a[*].url)', f"{AFTER}//"),
    ],
)
def test_a_call_that_cuts_is_known_by_what_it_says(call, text, cut):
    found = cut_of_call(f"x = {call}", call.partition("(")[0], 4)
    assert found is not None
    assert (f"x = {call}"[found.first : found.last].strip(), found.cut, found.end) == (text, cut, len(call) + 4)


@pytest.mark.parametrize(
    "call",
    [
        'replace(a.url, "https://", "http://")',
        'replace(a.url, "a", "")',
        'replace(a.url, var.scheme, "")',
        'replace(a.url, "https://${b.c}", "")',
        r'replace(a.arn, "/\\.*provider//", "")',
        r'replace(a.arn, "/^[^:]*provider//", "")',
        'trimprefix(a.url, "arn:")',
        'trim(a.url, "https://")',
        'element(split("oidc-provider/", a.arn), 0)',
        'element(split("/", a.arn), 1)',
        'split("oidc-provider/", a.arn)',
        'split("oidc-provider/", a.arn)[2]',
    ],
)
def test_any_other_call_is_none(call):
    assert cut_of_call(call, call.partition("(")[0], 0) is None
