"""Applying for a campaign's place."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts import addresses
from elearn.billing.errors import CampaignClosed
from elearn.billing.models import ApplicationState, Campaign, CampaignApplication
from elearn.core import audit, clock
from elearn.organisations.models import Municipality

APPLIED = audit.kind("billing.campaign.applied", "campaign_id", "application_id")


def apply(
    session: Session,
    *,
    campaign: Campaign,
    municipality: Municipality,
    name: str,
    email: str,
    phone: str,
    message: str,
    language: str,
    form_key: str,
) -> CampaignApplication:
    """Note that a municipality would like a place, once per form; the course house answers.

    Raises `CampaignClosed` outside its days or its country, `NotAnAddress`.
    """
    session.execute(select(Campaign.id).where(Campaign.id == campaign.id).with_for_update(key_share=True))
    known = session.scalar(
        select(CampaignApplication).where(
            CampaignApplication.campaign_id == campaign.id, CampaignApplication.form_key == form_key
        )
    )
    if known is not None:
        return known
    if not is_open(campaign) or municipality.country != campaign.country:
        raise CampaignClosed
    application = CampaignApplication(
        campaign_id=campaign.id,
        municipality=municipality,
        form_key=form_key,
        name=name,
        email=addresses.check(email),
        phone=phone,
        message=message,
        language=language,
        state=ApplicationState.NEW,
        applied_at=clock.now(),
    )
    session.add(application)
    session.flush()  # the event names its id
    audit.record(
        session,
        APPLIED,
        actor_id=None,
        municipality_id=municipality.id,
        course_house_id=campaign.course_house_id,
        campaign_id=campaign.id,
        application_id=application.id,
    )
    return application


def is_open(campaign: Campaign) -> bool:
    """Say whether a campaign takes applications today."""
    return campaign.starts_on <= clock.today(campaign.country) <= campaign.ends_on
