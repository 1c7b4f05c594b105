"""Published courses. Files are the source; rows hold the stable ids that progress hangs on, and every version."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from elearn.core.db import Base
from elearn.organisations.models import CourseHouse


class Course(Base):
    """A course of a course house."""

    __tablename__ = "courses"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_house_id: Mapped[int] = mapped_column(ForeignKey("course_houses.id"), index=True)
    slug: Mapped[str] = mapped_column(unique=True)
    """The id in the course file; public pages carry it, learner pages never do."""
    current_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("course_versions.id", use_alter=True, name="fk_courses_current_version_id")
    )
    """None while a course that was begun in the browser is not published yet: it belongs to its house already."""

    course_house: Mapped[CourseHouse] = relationship()
    current_version: Mapped["CourseVersion | None"] = relationship(foreign_keys=[current_version_id], post_update=True)
    modules: Mapped[list["Module"]] = relationship(back_populates="course", order_by="Module.position")


class CourseVersion(Base):
    """What a course said at one time: all texts and structure, unchanged ever after."""

    __tablename__ = "course_versions"
    __table_args__ = (UniqueConstraint("course_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    """The checked course file and its texts in every language, as `content.Content` reads them."""
    content_hash: Mapped[str]
    published_at: Mapped[datetime]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))


class Module(Base):
    """A module; its row outlives edits of the file, found by course and key."""

    __tablename__ = "modules"
    __table_args__ = (UniqueConstraint("course_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    key: Mapped[str]
    position: Mapped[int]
    is_open: Mapped[bool]
    """Anyone may watch it from the public course page."""
    retired_at: Mapped[datetime | None]
    """When a version was published without it; progress stays."""

    course: Mapped[Course] = relationship(back_populates="modules")
    lessons: Mapped[list["Lesson"]] = relationship(back_populates="module", order_by="Lesson.position")


class Lesson(Base):
    """One film of a module, in one or more spoken languages."""

    __tablename__ = "lessons"
    __table_args__ = (UniqueConstraint("module_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("modules.id"))
    key: Mapped[str]
    position: Mapped[int]
    retired_at: Mapped[datetime | None]

    module: Mapped[Module] = relationship(back_populates="lessons")
    videos: Mapped[list["LessonVideo"]] = relationship(back_populates="lesson")


class LessonVideo(Base):
    """The film that a lesson shows in one spoken language."""

    __tablename__ = "lesson_videos"

    lesson_id: Mapped[int] = mapped_column(ForeignKey("lessons.id"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id"), index=True)

    lesson: Mapped[Lesson] = relationship(back_populates="videos")
