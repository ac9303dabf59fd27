"""Dataclasses of this package as bytes and back, without pickle."""

import importlib
import io
import json
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_PACKAGE = "analytics.forecasting"
_TEXT = "__text__"


def pack(value: object) -> bytes:
    """Return a dataclass of arrays, frames, numbers, texts, lists and dataclasses as bytes.

    Raises
    ------
    TypeError
        Something else is in it.
    """
    arrays: dict[str, NDArray[Any]] = {}
    text = json.dumps(_packed(value, arrays))
    arrays[_TEXT] = np.frombuffer(text.encode(), dtype=np.uint8)
    out = io.BytesIO()
    np.savez_compressed(out, allow_pickle=False, **arrays)
    return out.getvalue()


def unpack(packed: bytes) -> object:
    """Return what `pack` packed.

    Raises
    ------
    ValueError
        The bytes name something that is no dataclass of this package.
    """
    with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
        return _unpacked(json.loads(arrays[_TEXT].tobytes().decode()), arrays)


def _packed(value: object, arrays: dict[str, NDArray[Any]]) -> object:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, np.ndarray):
        return _packed_array(value, arrays)
    if isinstance(value, pd.DataFrame):
        return {"frame": {str(name): _packed(_plain(value[name]), arrays) for name in value}}
    if isinstance(value, tuple | list):
        return {"tuple": [_packed(part, arrays) for part in value]}
    return _packed_parts(value, arrays)


def _packed_array(value: NDArray[Any], arrays: dict[str, NDArray[Any]]) -> object:
    if value.dtype == object:
        return {"objects": [_packed(part, arrays) for part in value.tolist()]}
    name = f"a{len(arrays)}"
    arrays[name] = value
    return {"array": name}


def _packed_parts(value: object, arrays: dict[str, NDArray[Any]]) -> object:
    kind = type(value)
    if not is_dataclass(value) or not kind.__module__.startswith(_PACKAGE):
        message = f"a {kind.__name__} cannot be packed"
        raise TypeError(message)
    parts = {part.name: _packed(getattr(value, part.name), arrays) for part in fields(value)}
    return {"kind": [kind.__module__, kind.__qualname__], "parts": parts}


def _plain(column: pd.Series) -> NDArray[Any]:
    """Return a column as an array of numbers, days or plain texts."""
    if column.dtype.kind in "biufM":
        return np.asarray(column.to_numpy())
    return np.asarray(column.astype(object).to_numpy())


def _unpacked(value: Any, arrays: Any) -> Any:  # noqa: ANN401 - JSON is anything
    if not isinstance(value, dict):
        return value
    how, what = next(iter(value.items()))
    if how == "array":
        return arrays[what]
    if how == "frame":
        return pd.DataFrame({name: _unpacked(part, arrays) for name, part in what.items()})
    if how == "kind":
        parts = {name: _unpacked(part, arrays) for name, part in value["parts"].items()}
        return _kind(*what)(**parts)
    listed = [_unpacked(part, arrays) for part in what]
    return tuple(listed) if how == "tuple" else _objects(listed)


def _objects(parts: list[Any]) -> NDArray[np.object_]:
    out = np.empty(len(parts), dtype=object)
    out[:] = parts
    return out


def _kind(module: str, name: str) -> Any:  # noqa: ANN401 - a class that is named in the bytes
    if module.startswith(f"{_PACKAGE}."):
        kind = getattr(importlib.import_module(module), name, None)
        if isinstance(kind, type) and is_dataclass(kind):
            return kind
    message = f"{module}.{name} is no dataclass of {_PACKAGE}"
    raise ValueError(message)
