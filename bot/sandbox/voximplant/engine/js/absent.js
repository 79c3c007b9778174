// Names of the platform that the sandbox does not play.

// A module is asked for in silence; what the scenario then does with it is told.
world.Modules = new NativeProxy({}, { get: (_, key) => (isLanguage(key) ? undefined : `Modules.${key}`) });
world.require = (module) => standIn(textOf(module), true);

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
for (let i = 0; i < ABSENT.length; i += 1) world[ABSENT[i]] = standIn(ABSENT[i], false);
