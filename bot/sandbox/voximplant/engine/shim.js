// The part of VoxEngine that the sandbox plays. Evaluated once in each session's context, before its scenario.
//
// The value of this script is one function, the only door between Python and the context:
//   door("turn", json)   lets one thing happen: the scenario is loaded, an event is raised, a timer fires
//   door("effects", "")  hands over, as JSON text, what the scenario did since it was last asked
// With a time limit set JavaScript cannot call Python, so effects are collected here and taken after each turn.
// Only ASCII JSON text goes through the door: other values are cut, wrapped or refused on the way.
(function () {
  "use strict";

  const { parse, stringify } = JSON;
  const { captureStackTrace } = Error;
  const evaluate = globalThis.eval; // called by another name it evaluates in the global scope
  const TIMERS_MAX = 100; // facts: 100 timers a session

  let effects = [];
  let facts = { sessionId: 0, customData: "" };

  function effect(kind, fields) {
    effects[effects.length] = { kind, ...fields };
  }

  // ---- The door ----

  const happenings = {
    load(event) {
      facts = event;
      for (const source of event.sources) $enter(evaluate, source);
    },
    app(event) {
      const body = application.raise(event.name, event.fields).find((answer) => typeof answer === "string");
      if (body !== undefined) effect("answer", { body });
    },
    call(event) {
      const { call, listeners } = calls.get(event.id);
      if (event.last) calls.delete(event.id);
      listeners.raise(event.name, { call, headers: {}, ...event.fields });
    },
    timer(event) {
      const timer = timers.get(event.id);
      if (timer === undefined) return; // cleared while this firing was on its way
      if (!timer.repeat) timers.delete(event.id);
      watch($enter(timer.callback));
    },
  };

  function door(what, text) {
    if (what === "effects") {
      const taken = effects;
      effects = [];
      return stringify(taken).replace(/[\u007f-\uffff]/g, escape);
    }
    try {
      const event = parse(text);
      happenings[event.kind](event);
    } catch (thrown) {
      fail(thrown);
    }
    return undefined;
  }

  function escape(character) {
    return "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0");
  }

  // ---- Errors, told with the scenario's own lines ----

  // Every call into the scenario goes through here: stack frames from this one on are the sandbox's.
  function $enter(callback, argument) {
    return callback(argument);
  }

  function fail(thrown) {
    let text = thrown instanceof Error ? described(thrown) : `Uncaught ${String(thrown)}`;
    if (thrown === null) text += " (so it also looks when no memory is left to say: out of memory)";
    effect("failure", { text });
  }

  function described(error) {
    const frames = [];
    for (const frame of String(error.stack).split("\n")) {
      if (frame.includes("$enter")) break;
      if (frame.includes("<input>")) frames.push(frame.replace("<input>", "scenario"));
    }
    return [`${error.name}: ${error.message}`, ...frames].join("\n");
  }

  // What an async function throws is thrown by the scenario too.
  function watch(answer) {
    if (answer instanceof Promise) answer.then(undefined, fail);
    return answer;
  }

  function refuse(api, message) {
    const error = new TypeError(message);
    captureStackTrace(error, api);
    throw error;
  }

  function functionOr(api, callback) {
    if (typeof callback !== "function") refuse(api, "the callback must be a function");
    return callback;
  }

  // ---- Stand-ins: what the sandbox does not play is logged and harmless ----

  function note(name, below) {
    const here = {};
    captureStackTrace(here, below);
    const line = /<input>:(\d+):/.exec(here.stack);
    effect("log", { text: `not simulated: ${name}, line ${line === null ? "unknown" : line[1]}` });
  }

  // MethodCall for by the language itself (await, JSON, String), not by the scenario.
  function isLanguage(key) {
    return typeof key === "symbol" || key === "then" || key === "toJSON" || key === "toString" || key === "valueOf";
  }

  function standIn(name, noted) {
    return new Proxy(function () {}, {
      get: function get(_, key) {
        if (key === Symbol.iterator) return function* () {};
        if (key === Symbol.toPrimitive || key === "toString" || key === "valueOf") return () => "";
        if (isLanguage(key)) return undefined;
        note(`${name}.${key}`, get);
        return standIn(`${name}.${key}`, true);
      },
      apply: function apply() {
        if (!noted) note(`${name}()`, apply);
        return standIn(`${name}()`, true);
      },
      construct: function construct() {
        if (!noted) note(`new ${name}`, construct);
        return standIn(`new ${name}`, true);
      },
      set: () => true,
    });
  }

  function partly(name, real) {
    return new Proxy(real, {
      get: function get(target, key) {
        if (key in target || isLanguage(key)) return target[key];
        note(`${name}.${key}`, get);
        return standIn(`${name}.${key}`, true);
      },
    });
  }

  // ---- Events ----

  function eventTarget() {
    const byName = new Map();
    return {
      addEventListener: function addEventListener(name, callback) {
        const listeners = byName.get(name) ?? [];
        byName.set(name, [...listeners, functionOr(addEventListener, callback)]);
      },
      removeEventListener: function removeEventListener(name, callback) {
        const left = (byName.get(name) ?? []).filter((listener) => callback !== undefined && listener !== callback);
        byName.set(name, left);
      },
      raise(name, event) {
        return (byName.get(name) ?? []).map((listener) => watch($enter(listener, event)));
      },
    };
  }

  const application = eventTarget();

  // ---- Timers ----

  const timers = new Map();
  let lastTimer = 0;

  function startTimer(api, callback, delay, repeat) {
    functionOr(api, callback);
    if (timers.size >= TIMERS_MAX) refuse(api, `${TIMERS_MAX} timers run already, more are not allowed`);
    lastTimer += 1;
    timers.set(lastTimer, { callback, repeat });
    effect("timer", { id: lastTimer, delay: Number(delay) > 0 ? Number(delay) : 0, repeat });
    return lastTimer;
  }

  function clearTimer(id) {
    if (timers.delete(id)) effect("clear", { id });
  }

  // ---- Calls ----

  const calls = new Map();
  let lastCall = 0;

  function callPSTN(number, callerid) {
    lastCall += 1;
    const id = `${facts.sessionId}-${lastCall}`;
    const listeners = eventTarget();
    const call = partly("Call", {
      addEventListener: listeners.addEventListener,
      removeEventListener: listeners.removeEventListener,
      hangup: () => effect("hangup", { id }),
      id: () => id,
      number: () => String(number),
    });
    calls.set(id, { call, listeners });
    effect("call", { id, number: String(number), callerid: String(callerid ?? "") });
    return call;
  }

  // ---- What a scenario sees ----

  Object.assign(globalThis, {
    VoxEngine: partly("VoxEngine", {
      addEventListener: application.addEventListener,
      removeEventListener: application.removeEventListener,
      terminate: () => effect("terminate", {}),
      customData(text) {
        if (text !== undefined) {
          facts.customData = String(text);
          effect("customData", { text: facts.customData });
        }
        return facts.customData;
      },
      callPSTN,
    }),
    AppEvents: partly("AppEvents", {
      Started: "Application.Started",
      HttpRequest: "Application.HttpRequest",
      Terminating: "Application.Terminating",
      Terminated: "Application.Terminated",
    }),
    CallEvents: partly("CallEvents", {
      Connected: "Call.Connected",
      Disconnected: "Call.Disconnected",
      Failed: "Call.Failed",
    }),
    Logger: partly("Logger", { write: (text) => effect("log", { text: String(text) }) }),
    // A module is asked for in silence; what the scenario then does with it is told.
    Modules: new Proxy({}, { get: (_, key) => (isLanguage(key) ? undefined : `Modules.${key}`) }),
    require: (module) => standIn(String(module), true),
    setTimeout: function setTimeout(callback, delay) {
      return startTimer(setTimeout, callback, delay, false);
    },
    setInterval: function setInterval(callback, delay) {
      return startTimer(setInterval, callback, delay, true);
    },
    clearTimeout: clearTimer,
    clearInterval: clearTimer,
  });

  const ABSENT = [
    "ACD", "ACDEvents", "AI", "AMD", "AnswerDirection", "ApplicationStorage", "ASR", "ASREvents", "ASRLanguage",
    "ASRModelList", "ASRProfileList", "Avatar", "AvatarEvents", "CallList", "Cartesia", "CCAI", "Conference",
    "ConferenceEvents", "Crypto", "Deepgram", "Dialogflow", "DialogflowEvents", "ElevenLabs", "EndpointEvents",
    "Gemini", "Grok", "Inworld", "IVR", "IVREvents", "IVRState", "Language", "MeasurementProtocol", "Net",
    "OpenAI", "PhoneNumber", "Player", "PlayerEvents", "PushService", "Recorder", "RecorderEvents",
    "RecordExpireTime", "SequencePlayerEvents", "SmartQueue", "SmartQueueEvents", "StreamingAgent",
    "StreamingAgentEvents", "TTSEffectsProfile", "Ultravox", "URLPlayerEvents", "VoiceList", "VoximplantAPI",
    "VoximplantAvatar", "WebSocketCloseCode", "WebSocketEvents", "WebSocketReadyState", "Yandex", "base64_decode",
    "base64_encode", "bytes2hex", "bytes2str", "hex2bytes", "str2bytes", "trace", "uuidgen",
  ];
  for (const name of ABSENT) globalThis[name] = standIn(name, false);

  return door;
})();
