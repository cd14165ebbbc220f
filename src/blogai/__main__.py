"""`python -m blogai` is the program `blogai`."""

from blogai.cli import main

if __name__ == "__main__":
    main()
