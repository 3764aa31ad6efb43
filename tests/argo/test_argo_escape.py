"""Argo's tags and Kubernetes' variables do not change literal and run-time text."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from dagwright.backends.argo.exprlang.escape import LBRACE, data, literal

TEXT = (
    st.text(st.sampled_from("{$(é)a}"))
    | st.text(st.sampled_from("{}$()=aé\\'\n \U0001f600"))
    | st.text(st.characters(exclude_categories=["Cs"]))
)


def expand(text: str) -> str:
    """The text after Kubernetes' expansion in `env`, `command` and `args`, with only DW_LBRACE defined.

    Kubernetes breaks a character outside ASCII after a dollar, so the escaped text must not contain this.
    """
    out, at = [], 0
    while at < len(text):
        if text[at] != "$" or at + 1 == len(text):
            out.append(text[at])
            at += 1
        elif text[at + 1] == "$":
            out.append("$")
            at += 2
        elif text[at + 1] == "(":
            end = text.find(")", at)
            name = text[at + 2 : end] if end >= 0 else None
            assert name == "DW_LBRACE", "a variable that nobody meant"
            out.append("{")
            at = end + 1
        else:
            assert text[at + 1].isascii()
            out.append(text[at : at + 2])
            at += 2
    return "".join(out)


def inserted(value: str) -> str:
    """The value of the expression from `data`."""
    return value.replace("$", "$$").replace("{", LBRACE)


@settings(max_examples=1000)
@example("${{x}}")
@example("$${{{(${")
@given(TEXT)
def test_literal_text_arrives(text: str) -> None:
    spelt = literal(text)
    assert "{{" not in spelt
    assert expand(spelt) == text


@settings(max_examples=1000)
@example([("${", "")], "")
@given(st.lists(st.tuples(TEXT, TEXT), min_size=1), TEXT)
def test_text_between_tags_arrives(pairs: list[tuple[str, str]], last: str) -> None:
    """Literals and inserted values in turn: neither values nor their borders become a tag or a variable."""
    spelt, meant = "", ""
    for at, (text, value) in enumerate(pairs):
        spelt += literal(text, after_tag=at > 0, before_tag=True) + inserted(value)
        meant += text + value
    spelt += literal(last, after_tag=True)
    assert "{{" not in spelt
    assert expand(spelt) == meant + last


def test_shell_text_stays_readable() -> None:
    assert literal('echo "$HOME" ${X} a{b}c') == 'echo "$HOME" ${X} a{b}c'
    assert literal("$(ls) {{x}}") == "$$(ls) $(DW_LBRACE){x}}"


def test_data_names_its_value_once() -> None:
    assert data("v") == "replace(replace(v, '$', '$$'), '{', '$(DW_LBRACE)')"
