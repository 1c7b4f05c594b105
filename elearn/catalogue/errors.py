"""What publishing a course refuses."""

from elearn.core.errors import DomainError


class CourseOfAnotherHouse(DomainError):
    """Another course house has published a course under this id."""

    def __init__(self, slug: str) -> None:
        super().__init__(
            f"Another course house has published a course with the id '{slug}'. "
            "Give this course's folder and the id in course.yaml another name."
        )
        self.slug = slug
