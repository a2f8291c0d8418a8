"""Verbatim, cited answers from an organisation's own documents."""

import os
from importlib.metadata import PackageNotFoundError, version

# Loading a model is no news; transformers reads these before its first import.
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")

try:
    __version__ = version("qa-service")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0+unknown"
