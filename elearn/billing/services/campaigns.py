"""Campaigns, their places, discount codes, and what municipalities that apply are answered."""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from elearn.billing import code_uses, discounts, emails, errors, pricing
from elearn.billing.models import (
    ApplicationState,
    Campaign,
    CampaignApplication,
    CampaignPlace,
    DiscountCode,
    DiscountKind,
    Order,
)
from elearn.billing.services.pricing_orders import regions_of
from elearn.catalogue.models import Course
from elearn.core import audit, clock
from elearn.core.errors import NotFound
from elearn.core.scope import HouseScope
from elearn.organisations.models import Municipality, Region

CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without those that are read as one another."""
CODE_LENGTH = 12
_CODE = re.compile(r"[^\W_](?:[^\W_]|-){3,39}")
_NOT_IN_SLUGS = re.compile(r"[^a-z0-9]+")
_PLAIN = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})

CAMPAIGN_SAVED = audit.kind("billing.campaign.saved", "campaign_id")
CODE_MADE = audit.kind("billing.code.made", "code_id", "campaign_id")
CODE_OFF = audit.kind("billing.code.switched_off", "code_id")
APPLICATION_ANSWERED = audit.kind("billing.application.answered", "application_id", "campaign_id", "state", "code_id")


@dataclass(frozen=True)
class CampaignTerms:
    """A campaign as the owner writes it down."""

    course_id: int
    name: str
    text: str
    country: str
    starts_on: date
    ends_on: date
    has_places: bool
    """Whether one municipality in each region may have it."""
    is_public: bool
    duty_share: int | None = None
    duty_months: int | None = None


@dataclass(frozen=True)
class CodeTerms:
    """A code as the owner writes it down; '' as its name makes one that nobody guesses."""

    kind: DiscountKind
    value: int
    valid_from: date
    valid_until: date
    code: str = ""
    currency: str | None = None
    course_ids: frozenset[int] = frozenset()
    min_seats: int | None = None
    max_seats: int | None = None
    max_uses: int | None = None
    country: str | None = None
    municipality_id: int | None = None
    region_code: str | None = None


def save_campaign(
    session: Session, *, scope: HouseScope, campaign_id: int | None, terms: CampaignTerms, by_id: int | None
) -> Campaign:
    """Begin a campaign or change one; its places are its country's regions as of its first day.

    Raises `NotFound`, `LastDayBeforeFirst`, and `CampaignInUse` when orders hold places that would change.
    """
    if terms.ends_on < terms.starts_on:
        raise errors.LastDayBeforeFirst
    if terms.course_id not in _own_courses(session, scope, frozenset({terms.course_id})):
        raise NotFound("no such course")
    if campaign_id is None:
        campaign = Campaign(
            course_house_id=scope.course_house_id, slug=_free_slug(session, terms.name), created_at=clock.now()
        )
        session.add(campaign)
    else:
        campaign = _own_campaign(session, scope, campaign_id)
    for name in ("course_id", "name", "text", "country", "starts_on", "ends_on", "is_public"):
        setattr(campaign, name, getattr(terms, name))
    campaign.duty_share, campaign.duty_months = terms.duty_share, terms.duty_months
    session.flush()
    _set_places(session, campaign, terms.has_places)
    audit.record(
        session,
        CAMPAIGN_SAVED,
        actor_id=by_id,
        course_house_id=scope.course_house_id,
        campaign_id=campaign.id,
    )
    return campaign


def save_code(
    session: Session, *, scope: HouseScope, campaign_id: int | None, terms: CodeTerms, by_id: int | None
) -> DiscountCode:
    """Make a code; it is never changed afterwards, only switched off.

    Raises `NotFound`, `CodeNotValid`, `CodeTaken`, `CodeValueNotValid`, `CodeSizesNotValid`, `LastDayBeforeFirst`.
    """
    _check_code(terms)
    if campaign_id is not None:
        _own_campaign(session, scope, campaign_id)
    courses = _own_courses(session, scope, terms.course_ids)
    if set(courses) != terms.course_ids:
        raise NotFound("no such course")
    if terms.municipality_id is not None:
        _check_municipality(session, scope, terms.municipality_id)
    name = _free_code(session, scope, terms.code)
    code = DiscountCode(
        course_house_id=scope.course_house_id,
        campaign_id=campaign_id,
        code=name,
        kind=terms.kind,
        value=terms.value,
        currency=None if terms.kind is DiscountKind.PERCENT else terms.currency,
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        min_seats=terms.min_seats,
        max_seats=terms.max_seats,
        max_uses=terms.max_uses,
        country=terms.country,
        municipality_id=terms.municipality_id,
        region_code=terms.region_code,
        courses=list(courses.values()),
        created_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(code)
    except IntegrityError:  # another press took the name a moment ago
        raise errors.CodeTaken from None
    audit.record(
        session,
        CODE_MADE,
        actor_id=by_id,
        municipality_id=terms.municipality_id,
        course_house_id=scope.course_house_id,
        code_id=code.id,
        campaign_id=campaign_id,
    )
    return code


def switch_code_off(session: Session, *, scope: HouseScope, code_id: int, by_id: int) -> DiscountCode:
    """Let a code make nothing cheaper any more; orders that hold a use keep their price. Raises `NotFound`."""
    code = session.scalar(
        select(DiscountCode).where(DiscountCode.id == code_id, DiscountCode.course_house_id == scope.course_house_id)
    )
    if code is None:
        raise NotFound("no such code")
    if code.is_active:
        code.is_active = False
        audit.record(session, CODE_OFF, actor_id=by_id, course_house_id=scope.course_house_id, code_id=code.id)
    return code


def accept_application(session: Session, *, scope: HouseScope, application_id: int, by_id: int) -> CampaignApplication:
    """Send a municipality that applied a code of its own, on the terms of the first of the campaign's that holds today.

    A second press sends nothing more. Raises `NotFound`, `ApplicationAnswered` after it was declined,
    `CampaignHasNoCode`, `PlaceTaken` when another municipality of its region has the place, and `PlacePromised` when
    another has a code for it.
    """
    application = _lock_application(session, scope, application_id)
    if application.state == ApplicationState.ACCEPTED:
        return application
    if application.state != ApplicationState.NEW:
        raise errors.ApplicationAnswered
    campaign = application.campaign
    today = clock.today(campaign.country)
    like = next((code for code in campaign.codes if code.municipality_id is None and code.holds_on(today)), None)
    if like is None:
        raise errors.CampaignHasNoCode
    _check_place(session, campaign, application.municipality_id)
    code = save_code(
        session,
        scope=scope,
        campaign_id=campaign.id,
        terms=CodeTerms(
            kind=DiscountKind(like.kind),
            value=like.value,
            currency=like.currency,
            valid_from=like.valid_from,
            valid_until=like.valid_until,
            course_ids=frozenset(course.id for course in like.courses),
            min_seats=like.min_seats,
            max_seats=like.max_seats,
            max_uses=1,
            municipality_id=application.municipality_id,
        ),
        by_id=by_id,
    )
    _answer(session, application, ApplicationState.ACCEPTED, by_id, code)
    emails.application_accepted(session, application=application, code=code)
    return application


def decline_application(
    session: Session, *, scope: HouseScope, application_id: int, words: str, by_id: int
) -> CampaignApplication:
    """Tell a municipality that applied that it gets no place, in the owner's words.

    A second press writes nothing more. Raises `NotFound`, `ApplicationAnswered` after it was accepted.
    """
    application = _lock_application(session, scope, application_id)
    if application.state == ApplicationState.DECLINED:
        return application
    if application.state != ApplicationState.NEW:
        raise errors.ApplicationAnswered
    _answer(session, application, ApplicationState.DECLINED, by_id, None)
    emails.application_declined(session, application=application, words=words)
    return application


def _answer(
    session: Session,
    application: CampaignApplication,
    state: ApplicationState,
    by_id: int,
    code: DiscountCode | None,
) -> None:
    application.state, application.answered_at, application.answered_by_id = state, clock.now(), by_id
    application.code_id = code.id if code else None
    audit.record(
        session,
        APPLICATION_ANSWERED,
        actor_id=by_id,
        municipality_id=application.municipality_id,
        course_house_id=application.campaign.course_house_id,
        application_id=application.id,
        campaign_id=application.campaign_id,
        state=str(state),
        code_id=application.code_id,
    )


def _check_place(session: Session, campaign: Campaign, municipality_id: int) -> None:
    """Raise `PlaceTaken`, `PlacePromised` or `CodeForOtherPlace` unless the municipality's region has a free place."""
    if not campaign.places:
        return
    regions = regions_of(session, municipality_id, campaign.starts_on)
    place = next((each for each in campaign.places if each.region_code in regions), None)
    if place is None:
        raise errors.CodeForOtherPlace
    if code_uses.is_taken(session, place.id):
        raise errors.PlaceTaken(place.name)
    others = select(DiscountCode).where(
        DiscountCode.campaign_id == campaign.id, DiscountCode.municipality_id != municipality_id
    )
    for code in session.scalars(others.order_by(DiscountCode.id)):
        other = code.municipality
        if other is None or not code.holds_on(clock.today(campaign.country)):
            continue
        if place.region_code in regions_of(session, other.id, campaign.starts_on):
            raise errors.PlacePromised(place.name, other.official_name, code.code)


def _set_places(session: Session, campaign: Campaign, has_places: bool) -> None:
    """Give a campaign its places. Raises `CampaignInUse` when others than those wanted are held."""
    wanted = _regions(session, campaign.country, campaign.starts_on) if has_places else {}
    if {place.region_code: place.name for place in campaign.places} == wanted:
        return
    held = select(Order.id).where(Order.campaign_place_id.in_([place.id for place in campaign.places]))
    if session.scalar(held.limit(1)) is not None:
        raise errors.CampaignInUse
    for place in campaign.places:
        session.delete(place)
    session.flush()
    session.expire(campaign, ["places"])
    campaign.places = [CampaignPlace(region_code=code, name=name) for code, name in sorted(wanted.items())]
    session.flush()


def _regions(session: Session, country: str, on: date) -> dict[str, str]:
    found = session.execute(
        select(Region.code, Region.name)
        .where(Region.country == country)
        .where(or_(Region.valid_from.is_(None), Region.valid_from <= on))
        .where(or_(Region.valid_until.is_(None), Region.valid_until >= on))
    )
    return {row.code: row.name for row in found}


def _check_code(terms: CodeTerms) -> None:
    if terms.valid_until < terms.valid_from:
        raise errors.LastDayBeforeFirst
    if terms.kind is DiscountKind.PERCENT:
        is_good = 0 < terms.value <= pricing.FULL
    else:
        is_good = terms.currency is not None and (terms.value > 0 or terms.kind is DiscountKind.PRICE)
    if not is_good:
        raise errors.CodeValueNotValid
    least, most = terms.min_seats, terms.max_seats
    if any(number is not None and number < 1 for number in (least, most, terms.max_uses)):
        raise errors.CodeSizesNotValid
    if least is not None and most is not None and most < least:
        raise errors.CodeSizesNotValid


def _free_code(session: Session, scope: HouseScope, written: str) -> str:
    """Return a code as it is stored. Raises `CodeNotValid`, `CodeTaken`."""
    name = discounts.normalised(written) or "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    if not _CODE.fullmatch(name):
        raise errors.CodeNotValid
    taken = select(DiscountCode.id).where(
        DiscountCode.course_house_id == scope.course_house_id, DiscountCode.code == name
    )
    if session.scalar(taken) is not None:
        raise errors.CodeTaken
    return name


def _free_slug(session: Session, name: str) -> str:
    """Return an address that no campaign has, made of a name."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_PLAIN)).encode("ascii", "ignore").decode()
    slug = _NOT_IN_SLUGS.sub("-", plain).strip("-")[:60] or "campaign"
    known = set(session.scalars(select(Campaign.slug).where(Campaign.slug.startswith(slug))))
    number = 1
    while (wanted := slug if number == 1 else f"{slug}-{number}") in known:
        number += 1
    return wanted


def _own_courses(session: Session, scope: HouseScope, ids: frozenset[int]) -> dict[int, Course]:
    own = select(Course).where(
        Course.id.in_(ids), Course.course_house_id == scope.course_house_id, Course.current_version_id.is_not(None)
    )
    return {course.id: course for course in session.scalars(own.order_by(Course.id))}


def _own_campaign(session: Session, scope: HouseScope, campaign_id: int) -> Campaign:
    campaign = session.get(Campaign, campaign_id)
    if campaign is None or campaign.course_house_id != scope.course_house_id:
        raise NotFound("no such campaign")
    return campaign


def _check_municipality(session: Session, scope: HouseScope, municipality_id: int) -> None:
    found = session.get(Municipality, municipality_id)
    if found is None or found.course_house_id not in (None, scope.course_house_id):
        raise NotFound("no such municipality")


def _lock_application(session: Session, scope: HouseScope, application_id: int) -> CampaignApplication:
    application = session.scalar(
        select(CampaignApplication)
        .join(Campaign)
        .where(CampaignApplication.id == application_id, Campaign.course_house_id == scope.course_house_id)
        .with_for_update(of=CampaignApplication)
        .execution_options(populate_existing=True)
    )
    if application is None:
        raise NotFound("no such application")
    return application
