"""What is said about lists of people: why one cannot be read, and what is wrong with a row."""

from elearn.core.i18n import gettext as _
from elearn.core.i18n import ngettext
from elearn.licensing.lists.cells import MOST_ROWS, Unreadable
from elearn.licensing.lists.plan import LONGEST_NAME, Fault, Problem
from elearn.licensing.lists.words import Field
from elearn.organisations.models import Role


def refusal(what: str, row: int | None) -> tuple[str, str]:
    """Return why a list cannot be read, and the cure."""
    said = {
        Unreadable.EMPTY: (
            _("The list is empty"),
            _("Write one person a row, with the email address, and choose the file again."),
        ),
        Unreadable.NOT_A_LIST: (
            _("This is no list that we can read"),
            _("Choose an Excel workbook (.xlsx) or a CSV file, or paste the rows."),
        ),
        Unreadable.OLD_EXCEL: (
            _("The file is in Excel’s old format (.xls)"),
            _("Open it in Excel, choose Save as, and take Excel workbook (.xlsx)."),
        ),
        Unreadable.LOCKED: (
            _("The file has a password"),
            _("Open it in Excel, remove the password under File, Info, Protect Workbook, and save it again."),
        ),
        Unreadable.OPEN_DOCUMENT: (
            _("The file comes from LibreOffice or Numbers"),
            _("Save it as an Excel workbook (.xlsx) or as CSV, and choose that."),
        ),
        Unreadable.WEB_PAGE: (
            _("The file is a web page, whatever it is called"),
            _("Open it in Excel, choose Save as, and take Excel workbook (.xlsx)."),
        ),
        Unreadable.TOO_MUCH: (
            _("There is much more in the file than a list of people"),
            _("Copy the rows into a new workbook, without pictures and formats, and choose that."),
        ),
        Unreadable.HOSTILE: (
            _("Excel did not write this file"),
            _("Open it in Excel, copy the rows into a new workbook, and choose that."),
        ),
        Unreadable.BROKEN: (
            _("The file is damaged"),
            _("Open it in Excel, save it once more as .xlsx, and choose it again. Or paste the rows."),
        ),
        Unreadable.TOO_MANY_ROWS: (
            _("The list is too long"),
            ngettext(
                "It goes on at row %(row)s; at most %(num)s person fits. Split it up.",
                "It goes on at row %(row)s; at most %(num)s people fit in one list. Split it in two.",
                MOST_ROWS,
                row=row,
            ),
        ),
        Unreadable.OPEN_QUOTE: (
            _("Row %(row)s: a quotation mark is opened and never closed", row=row),
            _("Delete the quotation mark in that row, or save the list as an Excel workbook (.xlsx)."),
        ),
        Unreadable.NO_ADDRESSES: (
            _("There are no email addresses in the list"),
            _("Write each person’s email address in a column of its own, headed Email, and choose the file again."),
        ),
    }
    return said[Unreadable(what)]


def fault(problem: Problem) -> str:
    """Return what is wrong with a row, and what to write."""
    if problem.field is Field.EMAIL:
        return _fault_of_address(problem)
    if problem.field is Field.NAME:
        return _fault_of_name(problem)
    return _fault_of_word(problem)


def field_name(field: Field) -> str:
    """Return what a column tells, in words."""
    return {
        Field.EMAIL: _("Email"),
        Field.NAME: _("Name"),
        Field.FIRST_NAME: _("First name"),
        Field.LAST_NAME: _("Last name"),
        Field.DEPARTMENT: _("Department"),
        Field.SECTOR: _("Sector"),
        Field.ROLE: _("Role"),
        Field.LANGUAGE: _("Language"),
    }[field]


def role_name(role: Role) -> str:
    """Return a role in a municipality, in words."""
    return {Role.LEADER: _("Leader"), Role.BUYER: _("Buyer")}.get(role, _("Learner"))


def _fault_of_address(problem: Problem) -> str:
    match problem.fault:
        case Fault.NO_AT:
            return _("The address has no @. Write the whole address.")
        case Fault.MISSING:
            return _("The address is missing. Write it.")
        case Fault.DUPLICATE:
            return _("The address stands in row %(row)s too. Correct it, or skip this row.", row=problem.other_row)
        case Fault.TOO_LONG:
            return _("The address is too long. Write at most 254 characters.")
        case Fault.GARBLED:
            return _("Letters of the address were broken when the file was saved. Write it again.")
        case Fault.FORMULA:
            return _("The address is a formula. Write it as text.")
        case Fault.ERROR:
            return _("The address is an error in Excel. Write it as text.")
        case Fault.MERGED:
            return _("The cell of the address is merged with others. Write the address.")
    return _("This is no email address. Write it as name@workplace.dk.")


def _fault_of_name(problem: Problem) -> str:
    match problem.fault:
        case Fault.FORMULA:
            return _("The name is a formula. Write it as text.")
        case Fault.NUMBER:
            return _("The name is a number. Excel may have read it as a date. Write the name.")
        case Fault.DATE:
            return _("The name is a date. Write the name.")
        case Fault.ERROR:
            return _("The name is an error in Excel. Write it as text.")
        case Fault.MERGED:
            return _("The cell of the name is merged with others. Write the name.")
        case Fault.MISSING:
            return _("The name is missing. Write it as it should stand on the certificate.")
        case Fault.TOO_LONG:
            return _("The name is too long. Write at most %(most)s characters.", most=LONGEST_NAME)
        case Fault.GARBLED:
            return _("Letters of the name were broken when the file was saved. Write it again.")
    return _("This is no name. Write it as it should stand on the certificate.")


def _fault_of_word(problem: Problem) -> str:
    if problem.fault is Fault.NEEDS_DEPARTMENT:
        return _("A leader needs a department to lead. Choose it.")
    if problem.fault is Fault.TOO_LONG:
        return _("The name is too long. Write at most %(most)s characters.", most=LONGEST_NAME)
    if problem.fault is Fault.MERGED:
        return _("The cell is merged with others. Choose what goes for this row.")
    if problem.fault in (Fault.FORMULA, Fault.ERROR):
        return _("The cell is a formula or an error in Excel. Choose what goes for this row.")
    if problem.field is Field.DEPARTMENT:
        return _("The department “%(name)s” does not exist.", name=problem.value)
    if problem.field is Field.SECTOR:
        return _("We know no sector “%(name)s”.", name=problem.value)
    if problem.field is Field.ROLE:
        return _("We know no role “%(name)s”.", name=problem.value)
    return _("We do not speak the language “%(name)s”.", name=problem.value)
