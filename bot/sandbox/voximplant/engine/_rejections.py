"""Rejections that nobody handles, as JavaScript's engine itself tells of them.

quickjs-ng tells its host of each, but its Python binding does not pass that on, and JavaScript cannot see the promise
of an async function that nobody keeps. So the function of the library inside the binding is called directly. That
needs the places of two pointers in the binding's objects, which are known of the versions below; with any other one,
and where the library shows no such function, these rejections are not told of, and nothing else changes.
"""

import ctypes
import importlib.metadata
import struct
from functools import cache
from importlib import import_module

import quickjs

_KNOWN_VERSIONS = frozenset({"0.17.0.2"})
_HEADER = 16  # bytes of any Python object before its own fields: a reference count and a type
_RUNTIME = _HEADER  # in a Context: the first field is the runtime
_FUNCTION = _HEADER + 8  # in an Object: a pointer to its context, then the value
_UNDEFINED = 3  # tags of values in this version
_EXCEPTION = 6


class _Value(ctypes.Structure):
    """A JavaScript value of a 64-bit build."""

    _fields_ = (("content", ctypes.c_uint64), ("tag", ctypes.c_int64))


_Tracker = ctypes.CFUNCTYPE(None, ctypes.c_void_p, _Value, _Value, ctypes.c_bool, ctypes.c_void_p)


def track_rejections(context: quickjs.Context, told: quickjs.Object) -> bool:
    """Call the context's function `told(promise, reason, isHandled)` at each rejection without a handler.

    It is called again when a handler comes later. Keep both objects for as long as either is used. Return whether
    rejections are told of: see above.
    """
    library = _library()
    if library is None:
        return False
    runtime = ctypes.c_void_p.from_address(id(context) + _RUNTIME)
    library.JS_SetHostPromiseRejectionTracker(runtime, _TELL, ctypes.c_void_p(id(told) + _FUNCTION))
    return True


@cache
def _library() -> ctypes.PyDLL | None:
    known = importlib.metadata.version("quickjs-ng") in _KNOWN_VERSIONS
    if not known or struct.calcsize("P") != 8 or object.__basicsize__ != _HEADER:  # noqa: PLR2004 - bytes of a pointer
        return None
    library = ctypes.PyDLL(import_module("_quickjs").__file__)  # which holds Python's lock
    try:
        library.JS_SetHostPromiseRejectionTracker.argtypes = (ctypes.c_void_p, _Tracker, ctypes.c_void_p)
        library.JS_SetHostPromiseRejectionTracker.restype = None
        library.JS_Call.argtypes = (ctypes.c_void_p, _Value, _Value, ctypes.c_int, ctypes.POINTER(_Value))
        library.JS_Call.restype = _Value
        library.JS_GetException.argtypes = (ctypes.c_void_p,)
        library.JS_GetException.restype = _Value
    except AttributeError:  # not exported
        return None
    return library


def _tell(context: int, promise: _Value, reason: _Value, is_handled: bool, function: int) -> None:  # noqa: FBT001 - C's signature
    library = _library()
    if library is None:
        return
    undefined = _Value(0, _UNDEFINED)
    arguments = (_Value * 3)(promise, reason, _Value(int(is_handled), 1))
    answer = library.JS_Call(context, _Value.from_address(function), undefined, len(arguments), arguments)
    if answer.tag == _EXCEPTION:
        library.JS_GetException(context)  # no memory is left: it must not surface in the scenario


_TELL = _Tracker(_tell)
