"""The program `blogai`, also as `python -m blogai`."""

import sys


def main() -> None:
    """Entry point. Imports nothing before it can be stopped: Ctrl-C ends quietly, at any moment."""
    try:
        from blogai.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
