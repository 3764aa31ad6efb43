"""`dagwright explain`."""

from __future__ import annotations

import sys

import click

from dagwright.cli import exits
from dagwright.cli.session import wants_color


@click.command(short_help="Explain a diagnostic code, with a wrong and a right example.")
@click.argument("codes", nargs=-1, metavar="[CODE]...")
def explain(codes: tuple[str, ...]) -> int:
    """\b
    Examples:
      dagwright explain E302
      dagwright explain            # a list of all codes

    Print the cause of a diagnostic, an example that has it and one that has not.
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
        if explanation is None:
            guess = _near(code.upper(), all_codes())
            hint = f" Did you mean '{guess}'?" if guess else " `dagwright explain` lists all."
            raise click.BadParameter(f"there is no diagnostic '{code}'.{hint}", param_hint="CODE")
        click.echo(render_explanation(explanation, color=wants_color(sys.stdout)), nl=False)
    return exits.OK


def _near(code: str, known: list[str]) -> str | None:
    """The code that was surely meant: most codes are one digit from many others, and that says nothing.

    It has the same number, or two neighbours swapped, or one character more or less, if no other has.
    """
    same = [other for other in known if other[1:] in (code, code[1:])]
    swapped = {code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(len(code) - 1)}
    slips = [other for other in known if other in swapped | _shorter(code) or code in _shorter(other)]
    return next((found[0] for found in (same, slips) if len(found) == 1), None)


def _shorter(code: str) -> set[str]:
    return {code[:i] + code[i + 1 :] for i in range(len(code))}
