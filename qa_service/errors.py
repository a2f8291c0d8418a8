"""Everything that can go wrong on purpose.

    QAError
    ├── SettingsError            a setting has a value that cannot work
    ├── CorpusError              the corpus cannot be turned into Documents
    │   └── DocumentError        one file cannot be turned into a Document
    ├── ModelError               an encoder or a reader cannot be loaded
    ├── SnapshotError            an index folder cannot be used
    │   ├── NoSnapshotError      nothing was built yet
    │   ├── DamagedSnapshotError a file is missing or differs from its recorded hash
    │   ├── MismatchError        the Snapshot was built with another format or encoder
    │   └── BuildRunningError    another build holds the index folder
    ├── WorseSnapshotError       what was built answers worse than what is served
    ├── QuestionError            a question that cannot be asked as it stands
    ├── UnknownDocumentError     no Document has this id
    ├── UnknownBuildError        no build has this id
    ├── FeedbackError            the file of readers' opinions cannot be used
    └── RowError                 an evaluation file, or a row of it, cannot be used

Each message says what is wrong, which value caused it and how to mend it.
Abstaining is not among them: "not in these documents" is an answer.
"""


class QAError(Exception):
    """The base of every error raised on purpose."""


class SettingsError(QAError):
    """A setting has a value that cannot work."""


class CorpusError(QAError):
    """The corpus cannot be turned into Documents."""


class DocumentError(CorpusError):
    """One file cannot be turned into a Document."""


class ModelError(QAError):
    """An encoder or a reader cannot be loaded."""


class SnapshotError(QAError):
    """An index folder cannot be used."""


class NoSnapshotError(SnapshotError):
    """Nothing was built yet."""


class DamagedSnapshotError(SnapshotError):
    """A file of a Snapshot is missing or differs from its recorded hash."""


class MismatchError(SnapshotError):
    """A Snapshot was built with another format or encoder than the one in use."""


class BuildRunningError(SnapshotError):
    """Another build holds the index folder."""


class WorseSnapshotError(QAError):
    """What was built answers worse than what is served."""


class QuestionError(QAError):
    """A question that cannot be asked as it stands."""


class UnknownDocumentError(QAError):
    """No Document of the Snapshot has the given id."""


class UnknownBuildError(QAError):
    """No build has the given id."""


class FeedbackError(QAError):
    """The file of readers' opinions cannot be read or written."""


class RowError(QAError):
    """An evaluation file, or a row of it, cannot be used."""
