"""How the shipped weights were made. Nothing in qa_service imports this."""
