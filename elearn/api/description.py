"""The API's OpenAPI description."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import flask_smorest
from flask_smorest.utils import prepare_response

from elearn.api.schemas import Problem
from elearn.web.problems import PROBLEM

VERSION = "1"
DESCRIPTION = """For municipalities' HR systems. Send a token in every call: `Authorization: Bearer <token>`.
A buyer makes one under Settings, says what it may do, and can revoke it. Everything is the token's municipality's
own; what belongs to others is answered 404. At most 600 calls a minute. Days are the municipality's local days."""


@dataclass(frozen=True)
class Field:
    """A field of what a call is sent."""

    name: str
    is_required: bool
    values: list[str]
    """The words it may hold; none when it is free."""
    text: str


@dataclass(frozen=True)
class Call:
    """A call as the page for people describes it."""

    method: str
    path: str
    summary: str
    details: str
    fields: list[Field]
    answers: list[tuple[str, str]]


class Api(flask_smorest.Api):  # type: ignore[misc]  # untyped
    """flask-smorest without its error handlers: ours answer, and keep the headers of a refusal, such as Allow."""

    def _register_error_handlers(self) -> None:
        """Leave errors to `elearn.web.errors`."""

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            response: dict[str, Any] = {"description": status.phrase, "schema": Problem}
            prepare_response(response, self.spec, PROBLEM)
            self.spec.components.response(status.name, response, lazy=True)


def new_api() -> Api:
    """Return an API without routes."""
    return Api(
        spec_kwargs={
            "title": "Seats and completions",
            "version": VERSION,
            "openapi_version": "3.1.0",
            "info": {"description": DESCRIPTION},
            "security": [{"token": []}],
        }
    )


def described(api: Api) -> dict[str, Any]:
    """Return the description; it lists every answer there is, so no 'any other answer' stands in it."""
    found: dict[str, Any] = api.spec.to_dict()
    for calls in found["paths"].values():
        for call in calls.values():
            if isinstance(call, dict):
                call["responses"].pop("default", None)
    return found


def calls(description: dict[str, Any]) -> list[Call]:
    """Return the calls of a description, in its order."""
    return [
        Call(
            method.upper(),
            path,
            call["summary"],
            call.get("description", ""),
            _fields(description, call),
            [(status, _answer(answer)) for status, answer in sorted(call["responses"].items())],
        )
        for path, methods in description["paths"].items()
        for method, call in methods.items()
        if method in ("get", "post")
    ]


def _fields(description: dict[str, Any], call: dict[str, Any]) -> list[Field]:
    if "requestBody" not in call:
        return []
    reference: str = call["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    shape = description["components"]["schemas"][reference.rsplit("/", 1)[1]]
    return [
        Field(name, name in shape.get("required", []), field.get("enum", []), field.get("description", ""))
        for name, field in shape["properties"].items()
    ]


def _answer(answer: dict[str, Any]) -> str:
    if "$ref" in answer:
        return HTTPStatus[answer["$ref"].rsplit("/", 1)[1]].phrase
    return str(answer["description"])
