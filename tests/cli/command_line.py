"""The command line, run as people run it, on two documents."""

from typer.testing import CliRunner, Result

from qa_service.cli import app

ENGLISH = """---
id: lighthouse
title: The lighthouse of Kolka
language: en
---

# The lighthouse of Kolka

The lighthouse was lit for the first time on 13 June 1884. It stands on an artificial island.
Its keeper in 1901 was Karl Bergmann, who kept a diary.
"""
LATVIAN = """---
id: tirgus
title: Rīgas Centrāltirgus
language: lv
---

# Rīgas Centrāltirgus

Rīgas Centrāltirgu atklāja 1930. gada 2. novembrī. Tirgū ir pieci paviljoni.
"""
ANSWER = "1930. gada 2. novembrī"
LIT = "When was the lighthouse of Kolka lit for the first time?"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def told(result: Result) -> str:
    """What was printed to stderr, on one line."""
    return " ".join(result.stderr.split())
