"""A folder of source files -> Documents, their text kept exactly."""

from qa_service.corpus.folder import read_folder

__all__ = ["read_folder"]
