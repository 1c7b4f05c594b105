"""What publishing a course refuses."""

from elearn.core.content_files import FileProblems
from elearn.core.errors import DomainError
from elearn.core.file_rules import FileProblem
from elearn.media.errors import NotPublishable


class CourseNotReady(FileProblems):
    """A course's files have problems, or films of it lack what a published film owes its viewers; all are named."""

    def __init__(self, problems: list[FileProblem], films: list[NotPublishable]) -> None:
        super().__init__(problems)
        self.films = films
        self.args = ("\n".join(self.sentences()),)

    def sentences(self) -> list[str]:
        """Return everything that stands in the way, one line each."""
        return [*(str(problem) for problem in self.problems), *(str(film) for film in self.films)]


class CourseOfAnotherHouse(DomainError):
    """Another course house has published a course under this id."""

    def __init__(self, slug: str) -> None:
        super().__init__(
            f"Another course house has published a course with the id '{slug}'. "
            "Give this course's folder and the id in course.yaml another name."
        )
        self.slug = slug


class CourseExists(DomainError):
    """There is a course with this id already: a folder, or a course of some house."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"There is a course with the id '{slug}'.")


class CourseIsPublished(DomainError):
    """The course cannot be removed: people have watched it, or may have."""


class CourseChanged(DomainError):
    """The course is not what it was when whoever removes something of it looked."""


class FolderNotWritable(DomainError):
    """The course's files cannot be written: the folder is somebody else's, read-only, or its disk is full."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"The files of '{slug}' cannot be written here.")


class CannotBeSaved(DomainError):
    """What was written does not fit into a course's files, such as too many questions, or texts of a megabyte."""
