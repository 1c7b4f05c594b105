"""Says what a schema refuses in words for whoever wrote the file: what is wrong, and what to write instead."""

import difflib
import types
import typing
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails
from yaml import MappingNode, Node

from elearn.core.yaml_nodes import Loc, at, plain


def sentences(model: type[BaseModel], node: Node, loc: Loc, detail: ErrorDetails) -> tuple[str, str]:
    """Return what is wrong at a place, as pydantic found it, and what to write there instead."""
    kind = detail["type"]
    key = str(loc[-1]) if loc else "it"
    if kind == "extra_forbidden":
        return "this key is not known here", _known_key(model, node, loc)
    if kind.startswith("union_tag"):
        return _unknown_arm(model, node, loc, detail)
    hint = _description(model, node, loc)
    if kind == "missing":
        return "it is missing", f"Write {key}: {hint or '…'}"
    if detail["input"] is None:
        return "there is nothing behind the colon", f"Write {hint}" if hint else "Write its value or remove the line"
    problem, cure = _type_sentences(kind, detail)
    return problem, f"Write {hint}" if hint else cure


def discriminator(detail: ErrorDetails) -> str:
    """Return the key that says which arm of a union is meant."""
    return str(detail["ctx"]["discriminator"]).strip("'")


def _type_sentences(kind: str, detail: ErrorDetails) -> tuple[str, str]:
    given = str(detail["input"])
    shown = f"'{given[:60]}…'" if len(given) > 60 else f"'{given}'"
    ctx = detail.get("ctx", {})
    families = [
        ("int_", f"{shown} is not a whole number", "Write a whole number, such as 8"),
        ("float_", f"{shown} is not a number", "Write a number, such as 41.5"),
        ("finite_number", f"{shown} is not a number", "Write a number, such as 41.5"),
        ("bool_", f"{shown} is neither yes nor no", "Write true or false"),
        ("date_", f"{shown} is not a date", "Write year, month and day, such as 2026-11-30"),
        ("url_", f"{shown} is not an address", "Write the whole address, beginning with https://"),
        ("string_too_short", "the text is too short", f"Write at least {ctx.get('min_length')} characters"),
        ("string_too_long", "the text is too long", f"Write at most {ctx.get('max_length')} characters"),
        ("string_pattern", f"{shown} has a character that does not belong there", f"Match {ctx.get('pattern')}"),
        ("string_", "this is not a text", "Write the text behind the colon, or below '|' and indented"),
        ("literal_error", f"{shown} is not one of the words used here", f"Write {ctx.get('expected')}"),
        ("enum", f"{shown} is not one of the words used here", f"Write {ctx.get('expected')}"),
        ("list_", "this is not a list", "Write one line per item, each beginning with '- '"),
        ("tuple_", "this is not a list", "Write one line per item, each beginning with '- '"),
        ("too_short", "there are too few", f"Write at least {ctx.get('min_length')}"),
        ("too_long", "there are too many", f"Write at most {ctx.get('max_length')}"),
        ("dict_", "this is not a group of keys", "Write the keys below it, indented by two spaces"),
        ("model_", "this is not a group of keys", "Write the keys below it, indented by two spaces"),
        ("greater_than_equal", f"{shown} is too small", f"Write {ctx.get('ge')} or more"),
        ("greater_than", f"{shown} is too small", f"Write more than {ctx.get('gt')}"),
        ("less_than_equal", f"{shown} is too large", f"Write {ctx.get('le')} or less"),
        ("less_than", f"{shown} is too large", f"Write less than {ctx.get('lt')}"),
    ]
    for prefix, problem, cure in families:
        if kind.startswith(prefix):
            return problem, cure
    return str(detail["msg"])[:1].lower() + str(detail["msg"])[1:], "Write it as the documentation of this file says"


def _unknown_arm(model: type[BaseModel], node: Node, loc: Loc, detail: ErrorDetails) -> tuple[str, str]:
    """Explain that a group does not say, or says in an unknown word, which of several kinds it is."""
    key = discriminator(detail)
    words = sorted(word for arm in _arms(_annotation_at(model, node, loc[:-1])) for word in _literals(arm).get(key, ()))
    cure = f"Write {key}: and one of {', '.join(words)}"
    if not detail["input"].get(key):
        return "it is missing", cure
    given = detail["ctx"]["tag"]
    if near := difflib.get_close_matches(str(given), words, n=1):
        cure = f"Did you mean '{near[0]}'? Known are {', '.join(words)}"
    return f"'{str(given)[:60]}' is not one of the words used here", cure


def _known_key(model: type[BaseModel], node: Node, loc: Loc) -> str:
    owner = _model_at(model, node, loc[:-1])
    known = sorted(_keys_of(owner)) if owner else []
    if near := difflib.get_close_matches(str(loc[-1]) if loc else "", known, n=1):
        return f"Did you mean '{near[0]}'?"
    return f"Known keys are {', '.join(known)}" if known else "Remove it"


def _description(model: type[BaseModel], node: Node, loc: Loc) -> str | None:
    owner = _model_at(model, node, loc[:-1]) if loc else None
    field = _keys_of(owner).get(str(loc[-1])) if owner else None
    return field.description if field else None


def _keys_of(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _model_at(model: type[BaseModel], node: Node, loc: Loc) -> type[BaseModel] | None:
    return _model_in(_annotation_at(model, node, loc), at(node, loc))


def _annotation_at(model: type[BaseModel], node: Node, loc: Loc) -> Any:
    """Return what the schema says of a place; what is written above it chooses among the arms of unions."""
    annotation: Any = model
    for depth, part in enumerate(loc):
        owner = _model_in(annotation, at(node, loc[:depth]))
        if owner is not None:
            field = _keys_of(owner).get(str(part))
            annotation = field.annotation if field else None
        else:
            annotation = _item_of(annotation)
    return annotation


def _model_in(annotation: Any, node: Node | None) -> type[BaseModel] | None:
    """Return the model that an annotation is; of several arms of a union, the one that the words in the file name."""
    models = [arm for arm in _arms(annotation) if isinstance(arm, type) and issubclass(arm, BaseModel)]
    if len(models) < 2:
        return models[0] if models else None
    given = plain(node) if isinstance(node, MappingNode) else {}
    return next(
        (arm for arm in models if any(given.get(key) in words for key, words in _literals(arm).items())),
        None,
    )


def _literals(arm: Any) -> dict[str, tuple[Any, ...]]:
    """Return the words that a model takes, by the keys that take nothing else."""
    fields = arm.model_fields if isinstance(arm, type) and issubclass(arm, BaseModel) else {}
    return {
        name: typing.get_args(field.annotation)
        for name, field in fields.items()
        if typing.get_origin(field.annotation) is typing.Literal
    }


def _item_of(annotation: Any) -> Any:
    """Return what a list or a dictionary holds."""
    return next((typing.get_args(arm)[-1] for arm in _arms(annotation) if typing.get_args(arm)), None)


def _arms(annotation: Any) -> tuple[Any, ...]:
    """Return what an annotation allows: the arms of a union, or itself."""
    while typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    is_union = typing.get_origin(annotation) in (typing.Union, types.UnionType)
    return typing.get_args(annotation) if is_union else (annotation,)
