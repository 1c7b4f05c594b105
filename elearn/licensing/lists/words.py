"""The words by which lists name columns, sectors, roles and languages, in Danish, Norwegian and English."""

import re
from enum import StrEnum
from functools import cache
from typing import TypeVar

from elearn.core.i18n import LANGUAGES, speaking
from elearn.organisations.models import Role
from elearn.organisations.sectors import SECTORS

Code = TypeVar("Code")


class Field(StrEnum):
    """What a column can tell of a person."""

    EMAIL = "email"
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    DEPARTMENT = "department"
    SECTOR = "sector"
    ROLE = "role"
    LANGUAGE = "language"


HEADINGS = {
    Field.EMAIL: "mail email epost mailadresse emailadresse epostadresse emailadr mailadr adresse elektroniskpost "
    "arbejdsmail arbejdsemail arbeidsepost arbeidsmail jobmail jobbepost workemail emailaddress emailaddresses "
    "workmail tjenestemail primaryemail smtp upn brugernavnmail epostadr",
    Field.NAME: "navn namn name fuldenavn fuldtnavn fuldnavn helenavnet fulltnavn fulltnamn fullname displayname "
    "visningsnavn visningsnamn medarbejder medarbejdernavn medarbeider medarbeidar ansat ansatt tilsett ansatnavn "
    "tilsettnamn employee employeename person deltager deltaker deltakar deltagernavn kursist staff",
    Field.FIRST_NAME: "fornavn fornamn førenavn førenamn firstname givenname forename",
    Field.LAST_NAME: "efternavn etternavn etternamn lastname surname familyname slægtsnavn slektsnavn",
    Field.DEPARTMENT: "afdeling afd avdeling avd avdeling department dept enhed enhet eining unit arbejdssted "
    "arbeidssted arbeidsstad tjenestested tenestestad institution institusjon workplace afsnit seksjon sektion "
    "team skole barnehage organisation organisasjon organisatoriskenhed orgenhet",
    Field.SECTOR: "sektor sector fagområde fagomraade fagfelt fag forvaltning forvaltningsområde tjenesteområde "
    "tenesteområde område omraade faggruppe profession tjeneste teneste",
    Field.ROLE: "rolle role",
    Field.LANGUAGE: "sprog språk spraak language mål lang",
}

ROLES = {
    Role.LEARNER: "learner medarbejder medarbeider medarbeidar ansat ansatt tilsett deltager deltaker deltakar kursist "
    "bruger bruker brukar staff employee elev",
    Role.LEADER: "leader leder leiar chef sjef manager head afdelingsleder avdelingsleder avdelingsleiar nærmesteleder",
    Role.BUYER: "buyer indkøber innkjøper innkjøpar licensansvarlig lisensansvarlig lisensansvarleg",
}
"""None that is a job title like 'koordinator': whoever is invited as a buyer may give seats away."""

SECTOR_WORDS = {
    "health_visitor": "sundhedspleje sundhedsplejen sundhedsplejerske sundhedsplejersker helsesøster helsesykepleier "
    "helsesjukepleiar helsestasjon helsesykepleiere helsesjukepleiarar skolehelsetjenesten skulehelsetenesta "
    "helsestasjonen healthvisitor",
    "school": "skole skolen skoler folkeskole folkeskoler folkeskolen grunnskole grunnskule grunnskoler grunnskular "
    "barneskole barneskule barneskoler barneskular skule skulen skular school lærer lærar lærere lærarar",
    "after_school": "sfo fritidshjem fritid afterschool",
    "daycare": "dagtilbud dagpleje dagplejen daginstitution daginstitutioner vuggestue vuggestuer børnehave børnehaver "
    "barnehage barnehager barnehagar barnehagen daycare kindergarten",
    "ppr": "ppr ppt pptjenesten pptenesta pptjeneste ppteneste",
    "family_services": "familie familieafdeling familieafdelingen familievern familieteam familietjeneste "
    "familietjenester familievernet familieteneste familietenester",
    "child_protection": "børnebeskyttelse barnevern barnevernet barnevernstjenesten barneverntjenesten "
    "barneverntenesta barnevernstenesta barneverntjeneste barnevernteneste myndighed socialrådgiver socialrådgivere",
    "nav": "nav jobcenter beskæftigelse",
    "police": "politi politiet",
    "dental": "tandpleje tandplejen tannhelse tannhelsetjenesten tannhelsetenesta tannlege tandlæge tandplejere",
    "youth": "ungdom ungdomsklubb ungeindsats klub",
    "psychiatry": "psykiatri bup",
    "other": "andet annet anna andre øvrige",
}
"""As lists write them. What means different things is not here, so that it is asked: 'Børn og Unge' is an
administration with schools and daycare in it, an 'ungdomsskole' is a school in Norway and none in Denmark."""

LANGUAGE_WORDS = {
    "da": "dansk danish dk",
    "nb": "norsk bokmål norskbokmål norwegian no",
    "nn": "nynorsk norsknynorsk",
    "en": "engelsk english eng",
}

_NOT_LETTERS = re.compile(r"[\W_\d]+")


def key(text: str) -> str:
    """Return what two ways to write a word share: its letters, case-folded, without what stands in brackets."""
    return _NOT_LETTERS.sub("", re.sub(r"\(.*?\)", "", text).casefold())


def field_of_heading(heading: str) -> Field | None:
    """Return what a column of this heading tells, or None."""
    return _heading_words().get(key(heading))


def commonness(heading: str) -> int:
    """Return how usual a heading is among those of its field, 0 the most: of two columns the more usual one is read."""
    return list(_heading_words()).index(key(heading))


@cache
def _sector_words() -> dict[str, str]:
    words = _by_word(SECTOR_WORDS) | {key(code): code for code in SECTORS}
    for language in LANGUAGES:
        with speaking(language):
            words |= {key(str(name)): code for code, name in SECTORS.items()}
    return words


def sector_of(text: str) -> str | None:
    """Return the code of a sector by its name in any of our languages, or None."""
    return _sector_words().get(key(text))


def role_of(text: str) -> Role | None:
    """Return the role that a word means, or None."""
    return _role_words().get(key(text))


def language_of(text: str) -> str | None:
    """Return the code of a language by its name, or None."""
    return key(text) if key(text) in LANGUAGES else _language_words().get(key(text))


@cache
def _heading_words() -> dict[str, Field]:
    return _by_word(HEADINGS)


@cache
def _role_words() -> dict[str, Role]:
    return _by_word(ROLES)


@cache
def _language_words() -> dict[str, str]:
    return _by_word(LANGUAGE_WORDS)


def _by_word(words: dict[Code, str]) -> dict[str, Code]:
    return {key(word): code for code, written in words.items() for word in written.split()}
