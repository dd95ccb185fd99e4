"""`python -m mediant` is `mediant`."""

from mediant.cli.main import run

if __name__ == "__main__":
    run()
