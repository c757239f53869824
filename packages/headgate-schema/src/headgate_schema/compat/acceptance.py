"""Does a schema accept a value? Nothing is called a proof before both schemas have said so here.

The keywords of ``subset.py``, as draft-07 has them; patterns end where they say, also before a line break.
"""

from __future__ import annotations

from typing import Any

from headgate_schema.compat.language import has_word
from headgate_schema.compat.pattern import read_pattern
from headgate_schema.compat.subset import BOUNDS, EXCEPT, Node
from headgate_schema.json_values import is_listed, is_of_type, is_same, kind_of


def accepts(node: Node, value: Any) -> bool:
    """Tell whether a value is valid; raises ``CannotTell`` for a pattern that is not read here."""
    node = node.resolve()
    if isinstance(node.schema, bool):
        return node.schema
    return all(accepts_by(keyword, node, value) for keyword in node.schema)


def accepts_by(keyword: str, node: Node, value: Any) -> bool:
    """Tell whether one keyword of a schema lets a value pass."""
    wanted = node.schema[keyword]
    kind = kind_of(value)
    match keyword:
        case "type":
            return any(is_of_type(value, name) for name in ([wanted] if isinstance(wanted, str) else wanted))
        case "const":
            return is_same(value, wanted)
        case "enum":
            return is_listed(value, wanted)
        case _ if keyword == EXCEPT:
            return not is_listed(value, wanted)
        case "pattern":
            return kind != "string" or has_word(read_pattern(wanted), value)
        case "anyOf":
            return any(accepts(node.at("anyOf", index), value) for index in range(len(wanted)))
        case "allOf":
            return all(accepts(node.at("allOf", index), value) for index in range(len(wanted)))
        case "if":
            return accepts(node.at("then" if accepts(node.at("if"), value) else "else"), value)
        case _ if keyword in BOUNDS:
            return kind != BOUNDS[keyword][0] or _is_within(keyword, value, wanted)
        case "items":
            return kind != "array" or all(accepts(node.at("items"), item) for item in value)
        case _:
            return kind != "object" or _accepts_object_by(keyword, node, value)


def _is_within(keyword: str, value: Any, bound: float) -> bool:
    measure = value if BOUNDS[keyword][0] == "number" else len(value)
    return bool(measure >= bound if BOUNDS[keyword][1] == "least" else measure <= bound)


def _accepts_object_by(keyword: str, node: Node, value: dict[str, Any]) -> bool:
    match keyword:
        case "required":
            return all(name in value for name in node.schema["required"])
        case "propertyNames":
            return all(accepts(node.at("propertyNames"), name) for name in value)
        case "properties":
            declared = node.schema["properties"].keys() & value.keys()
            return all(accepts(node.at("properties", name), value[name]) for name in declared)
        case "patternProperties":
            return all(
                accepts(node.at("patternProperties", pattern), item)
                for pattern in node.schema["patternProperties"]
                for name, item in value.items()
                if has_word(read_pattern(pattern), name)
            )
        case "additionalProperties":
            others = (item for name, item in value.items() if not _is_declared(node, name))
            return all(accepts(node.at("additionalProperties"), item) for item in others)
        case _:
            return True


def _is_declared(node: Node, name: str) -> bool:
    patterns = node.schema.get("patternProperties", ())
    return name in node.schema.get("properties", ()) or any(
        has_word(read_pattern(pattern), name) for pattern in patterns
    )
