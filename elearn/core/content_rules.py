"""Finds the rule that a file breaks where its schema refuses it, and what to say to whoever wrote it."""

import difflib
import types
import typing
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails
from yaml import MappingNode, Node

from elearn.core.file_rules import FileRule
from elearn.core.yaml_nodes import Loc, at, plain


def broken_rule(
    model: type[BaseModel], node: Node, loc: Loc, detail: ErrorDetails
) -> tuple[FileRule, dict[str, object]]:
    """Return what pydantic found at a place as the rule that is broken, and what its sentences speak of."""
    kind = detail["type"]
    if kind == "extra_forbidden":
        return _unknown_key(model, node, loc)
    if kind.startswith("union_tag"):
        return _unknown_kind(model, node, loc, detail)
    hint = _description(model, node, loc)
    if kind == "missing":
        return FileRule.MISSING, {"key": loc[-1] if loc else "it", "what": hint or "…"}
    if detail["input"] is None:
        return FileRule.NOTHING_BEHIND_COLON, {"hint": hint}
    rule = next((rule for prefix, rule in _FAMILIES.items() if kind.startswith(prefix)), FileRule.OTHERWISE)
    return rule, {**detail.get("ctx", {}), "given": _shortened(detail["input"]), "said": detail["msg"], "hint": hint}


def discriminator(detail: ErrorDetails) -> str:
    """Return the key that says which arm of a union is meant."""
    return str(detail["ctx"]["discriminator"]).strip("'")


_FAMILIES = {
    "int_": FileRule.NO_WHOLE_NUMBER,
    "float_": FileRule.NO_NUMBER,
    "finite_number": FileRule.NO_NUMBER,
    "bool_": FileRule.NO_YES_OR_NO,
    "date_": FileRule.NO_DATE,
    "string_too_short": FileRule.TOO_SHORT,
    "string_too_long": FileRule.TOO_LONG,
    "string_pattern": FileRule.PATTERN,
    "string_": FileRule.NO_TEXT,
    "literal_error": FileRule.NOT_OFFERED,
    "enum": FileRule.NOT_OFFERED,
    "list_": FileRule.NO_LIST,
    "too_short": FileRule.TOO_FEW,
    "too_long": FileRule.TOO_MANY,
    "dict_": FileRule.NO_GROUP,
    "model_": FileRule.NO_GROUP,
    "greater_than_equal": FileRule.LESS_THAN_LEAST,
    "greater_than": FileRule.NOT_MORE_THAN,
    "less_than_equal": FileRule.MORE_THAN_MOST,
}
"""By how pydantic's names for what it found begin; the first that fits holds."""


def _shortened(given: object) -> str:
    words = str(given)
    return f"{words[:60]}…" if len(words) > 60 else words


def _unknown_kind(
    model: type[BaseModel], node: Node, loc: Loc, detail: ErrorDetails
) -> tuple[FileRule, dict[str, object]]:
    """Explain that a group does not say, or says in an unknown word, which of several kinds it is."""
    key = discriminator(detail)
    words = sorted(word for arm in _arms(_annotation_at(model, node, loc[:-1])) for word in _literals(arm).get(key, ()))
    names: dict[str, object] = {"key": key, "words": ", ".join(words)}
    if not detail["input"].get(key):
        return FileRule.KIND_MISSING, names
    given = str(detail["ctx"]["tag"])
    names["given"] = _shortened(given)
    if near := difflib.get_close_matches(given, words, n=1):
        return FileRule.KIND_MISSPELT, names | {"near": near[0]}
    return FileRule.KIND_UNKNOWN, names


def _unknown_key(model: type[BaseModel], node: Node, loc: Loc) -> tuple[FileRule, dict[str, object]]:
    owner = _model_at(model, node, loc[:-1])
    known = sorted(_keys_of(owner)) if owner else []
    if near := difflib.get_close_matches(str(loc[-1]) if loc else "", known, n=1):
        return FileRule.KEY_MISSPELT, {"near": near[0]}
    return FileRule.KEY_UNKNOWN, {"known": ", ".join(known)}


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
