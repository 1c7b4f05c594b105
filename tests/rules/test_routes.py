"""Every route says who may call it, in the form the house has agreed on."""

import re

import pytest
from flask import Blueprint, Flask
from werkzeug.routing import Rule

from elearn.app import Elearn
from elearn.organisations.access import owner
from elearn.web import access
from elearn.web.access import MissingAccessRule, require_rules, rule_of
from tests.rules.field import routes

RULES = {"anyone", "signed_in", "just_signed_in", "ticket", "token", "demo", "owner", "buyer", "leader", "order_party"}
TYPED_TEXT = {"slug", "token", "code", "passage", "question", "package", "name", "key", "module_key"}
TYPED_TEXT |= {"join_code", "occasion_code", "joining_token", "quote_code", "order_token", "campaign_slug"}
TYPED_TEXT |= {"text_id", "section_key", "question_key", "film_key", "caption_language", "upload_id"}
TYPED_TEXT |= {"lesson_key", "text_language"}
"""Variables that are words by nature; all others are whole numbers or paths."""
KEBAB = re.compile(r"/(?:[a-z0-9]+(?:-[a-z0-9]+)*(?:/|$))*(?:[a-z0-9-]+\.[a-z]+)?")


def test_every_route_declares_a_rule_that_exists(app: Elearn) -> None:
    declared = {rule.endpoint: rule_of(app, rule.endpoint) for rule in app.url_map.iter_rules()}

    assert set(declared.values()) <= RULES, declared


def test_the_app_refuses_a_route_without_rule_and_says_what_to_write() -> None:
    careless = Flask("careless")
    careless.add_url_rule("/open-to-all", "seats.forgotten", lambda: "")

    with pytest.raises(MissingAccessRule, match=r"seats\.forgotten.*@access\.signed_in above the function"):
        require_rules(careless)


def test_the_app_does_not_start_with_such_a_route(monkeypatch: pytest.MonkeyPatch, settings) -> None:
    from elearn import app as app_module

    careless = Blueprint("careless", __name__)
    careless.add_url_rule("/careless", "page", lambda: "")
    monkeypatch.setattr(app_module.demo, "bp", careless)

    with pytest.raises(MissingAccessRule, match=r"careless\.page"):
        app_module.create_app(settings)


def test_two_rules_on_one_view_are_refused() -> None:
    with pytest.raises(MissingAccessRule, match="two access rules; leave one"):

        @access.anyone
        @owner
        def view() -> str:
            return ""


def test_addresses_are_lower_case_words_with_hyphens(app: Elearn) -> None:
    bare = {rule.rule: re.sub(r"<[^>]+>", "x", rule.rule) for rule in app.url_map.iter_rules()}

    wrong = [rule for rule, path in bare.items() if not KEBAB.fullmatch(path)]
    assert not wrong, f"write these in kebab-case: {wrong}"


def test_every_variable_of_an_address_has_a_type(app: Elearn) -> None:
    untyped = [rule.rule for rule, _ in routes(app) for name in _untyped(rule) if name not in TYPED_TEXT]

    assert not untyped, f"write <int:…>, or list the word in TYPED_TEXT: {untyped}"


def test_words_of_an_address_never_name_a_topic(app: Elearn) -> None:
    learner = [rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith(("/learn", "/media"))]

    assert not [rule for rule in learner if "slug" in rule], "learners' addresses carry numbers, not course names"


def _untyped(rule: Rule) -> list[str]:
    return re.findall(r"<([a-z_]+)>", rule.rule)
