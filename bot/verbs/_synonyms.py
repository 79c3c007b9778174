"""Synonyms of verbs: they are answered with the verb's name, and do nothing themselves."""

from collections.abc import Mapping
from typing import Final

_SAID: Final = {
    "start": (
        "run, launch, call, dial, begin, new, create, trigger, exec, execute, make, go, fire, invoke, spawn, "
        "phone, ring"
    ),
    "send": "post, push, pass, say, tell, message, msg, write, data, event, inject, put, publish",
    "stop": (
        "abort, halt, kill, terminate, hangup, hang up, hang, cancel, end, quit, exit, finish, drop, "
        "disconnect, interrupt, shutdown, shut down, shut, break, cut, destroy, delete, rm, remove, turn off, "
        "switch off, call off, tear down, die, beende, beenden, stopp, stoppe, stoppen, abbrechen, anhalten, parar, "
        "para, alto, detener, detén, terminar, cancelar, arrete, arrête, arrêter, arrêtez, annuler, ferma, fermare, "
        "termina, annulla, zatrzymaj, durdur, lopeta, стоп, стой, остановить, останови, остановите, завершить, "
        "зупинити, 停止, 停, 终止, 結束, 结束, 終了, 止めて, 止める, 停止して, ストップ, 중지, 정지, 멈춰, توقف, أوقف"
    ),
    "again": "restart, retry, rerun, redo, repeat, relaunch, redial, run again, start again, try again, start over",
    "close": "resolve, dismiss, forget, archive, abandon",
    "list": (
        "ls, ps, sessions, jobs, top, overview, dashboard, active, open, all, running, calls, which, count, "
        "queue, find, search"
    ),
    "status": (
        "show, info, get, describe, view, inspect, details, detail, state, stat, stats, check, look, see, "
        "display, read, watch, what, how, about, tell me, tell us, give me, show me, is, why, when, who"
    ),
    "refresh": "update, sync, repaint, reload",
    "rules": "scenarios, scenario, rule, catalogue, catalog, apps, applications",
    "log": "logs, tail, output, trace, logfile",
    "audit": "history, events, trail",
    "adopt": "attach, import, claim, take over",
    "help": "?, h, man, usage, commands, hi, hello, howto, manual, options",
    "version": "v, ver, release, build",
}

SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {verb: tuple(words.split(", ")) for verb, words in _SAID.items()}
"""By the verb's name; each word stands for one verb only."""
