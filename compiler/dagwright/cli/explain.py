"""`dagwright explain`."""

from __future__ import annotations

import sys

import click

from dagwright.backends.registry import is_target, page
from dagwright.cli import exits
from dagwright.cli.command import command
from dagwright.cli.completing import codes as completed_codes
from dagwright.cli.session import wants_color


@command(short_help="Explain a diagnostic code, with examples.")
@click.argument("codes", nargs=-1, metavar="[CODE|TARGET]...", shell_complete=completed_codes)
def explain(codes: tuple[str, ...]) -> int:
    """Explain diagnostic codes: the cause, a wrong example and a right one. Without a CODE, list all codes.

    For a TARGET, print its documentation: what is generated, its settings and its features.

    \b
    Examples:
      dagwright explain E302
      dagwright explain argo
      dagwright explain
    """
    from dagwright.diagnostics.explain import codes as all_codes
    from dagwright.diagnostics.explain import explain as find
    from dagwright.diagnostics.explain import render_explanation

    if not codes:
        for code in all_codes():
            explanation = find(code)
            assert explanation is not None
            click.echo(f"{code}  {explanation.title}")
        return exits.OK
    for code in codes:
        explanation = find(code.upper())
        if explanation is None and (text := _page(code)) is not None:
            click.echo(text, nl=False)
            continue
        if explanation is None:
            guess = _near(code.upper(), all_codes())
            hint = f" Did you mean '{guess}'?" if guess else " `dagwright explain` lists all."
            raise click.BadParameter(f"there is no diagnostic '{code}'.{hint}", param_hint="CODE")
        click.echo(render_explanation(explanation, color=wants_color(sys.stdout)), nl=False)
    return exits.OK


def _page(name: str) -> str | None:
    """The documentation of a target, or None if there is no such target."""
    if not is_target(name):
        return None
    return page(name) or f"The package of target `{name}` has no documentation.\n"


def _near(code: str, known: list[str]) -> str | None:
    """The only code one typo away, if there is exactly one.

    A typo is another letter before the same number, two characters swapped, or one more or less.
    """
    same = [other for other in known if other[1:] in (code, code[1:])]
    swapped = {code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(len(code) - 1)}
    slips = [other for other in known if other in swapped | _shorter(code) or code in _shorter(other)]
    return next((found[0] for found in (same, slips) if len(found) == 1), None)


def _shorter(code: str) -> set[str]:
    return {code[:i] + code[i + 1 :] for i in range(len(code))}
