"""The command `qa-service`: settings and wiring only."""

import typer

from qa_service import __version__
from qa_service.cli.asking import ask, serve
from qa_service.cli.checking import benchmark, verify
from qa_service.cli.console import out
from qa_service.cli.doctoring import doctor
from qa_service.cli.feedback import feedback_app
from qa_service.cli.indexes import build, index_app
from qa_service.cli.measuring import calibrate, evaluate

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Verbatim, cited answers from your own documents.",
)


def version() -> None:
    """Print the version."""
    out.print(__version__)


for command in (build, serve, ask, verify, doctor, evaluate, calibrate, benchmark, version):
    app.command()(command)
app.add_typer(index_app, name="index")
app.add_typer(feedback_app, name="feedback")


def main() -> None:
    app()
