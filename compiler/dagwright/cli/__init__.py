"""The command line; `main` is the entry point of the `dagwright` script."""


def main() -> None:
    from dagwright.cli.commands import cli

    cli()
