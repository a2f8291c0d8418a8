"""`python -m qa_service` is the command `qa-service`."""

from qa_service.cli import main

main()
