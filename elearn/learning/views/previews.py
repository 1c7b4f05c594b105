"""The module page for those without a seat: visitors of an open module, and owners who look at their own course."""

from flask import render_template, request

from elearn.catalogue import queries
from elearn.catalogue.queries import CourseOutline, ModuleOutline
from elearn.core.i18n import language
from elearn.learning.views import bp
from elearn.learning.views.module_page import ModulePage, Reader, asked_language, chosen_lesson, show_film
from elearn.learning.views.modules import render_module
from elearn.organisations.access import house_scope, owner
from elearn.web import access
from elearn.web.session import current_session


@bp.get("/courses/<slug>/modules/<int:module_id>")
@access.anyone
def open_module(slug: str, module_id: int) -> str:
    """Show a module that anyone may watch. Nothing is kept, and the page says so."""
    course, module = queries.open_module(current_session(), slug, module_id)
    after = course.after(module_id)
    return _show(Reader.VISITOR, course, module, after if after and after.content.is_open else None)


@bp.get("/owner/preview/<int:module_id>")
@owner
def preview_module(module_id: int) -> str:
    """Show an owner a module of their house as a learner sees it, in any version: `?course=…&version=…`."""
    course_id, version = request.args.get("course", type=int), request.args.get("version", type=int)
    if course_id is None:
        course = queries.outline_of_module(current_session(), house_scope(), module_id)
    else:
        course = queries.course(current_session(), house_scope(), course_id, version=version)
    return _show(Reader.OWNER, course, course.module(module_id), course.after(module_id), version)


@bp.get("/owner/preview/courses/<int:course_id>")
@owner
def preview_course(course_id: int) -> str:
    """Show an owner a course of their house as a learner meets it, as it stands or in `?version=N`."""
    version = request.args.get("version", type=int)
    course = queries.course(current_session(), house_scope(), course_id, version=version)
    return render_template("learning/preview-course.html", course=course, version=version, spoken=language())


def _show(
    reader: Reader,
    course: CourseOutline,
    module: ModuleOutline,
    after: ModuleOutline | None,
    version: int | None = None,
) -> str:
    lesson = chosen_lesson(module, None, request.args.get("film"))
    page = ModulePage(
        reader=reader,
        course=course,
        module=module,
        number=course.modules.index(module) + 1,
        shown=show_film(reader, course, module, lesson, None),
        progress=None,
        notes={},
        after=after,
        version=version,
        asked=asked_language(module),
    )
    return render_module(page)
