"""What commands print: results on stdout, progress and errors on stderr."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from qa_service.errors import QAError

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def reporting_errors() -> Iterator[None]:
    """Foreseen errors become one message on stderr and exit code 1."""
    try:
        yield
    except QAError as error:
        err.print(Text("error: ", style="bold red") + Text(str(error)))
        raise typer.Exit(1) from None
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        err.print(Text("error: ", style="bold red") + Text(f"{error.strerror or error}{where}"))
        raise typer.Exit(1) from None


def progress_bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeRemainingColumn(), console=err)


def steps(bar: Progress, description: str) -> Callable[[int, int], None]:
    """What shows one more task on the bar, as far as it is called with (done, total)."""
    task = bar.add_task(description, total=None)
    return lambda done, total: bar.update(task, completed=done, total=total)
