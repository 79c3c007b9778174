// Clients of voice models: what a service says of itself at once, and then silence.
//
// Many a scenario places its call only when the model is ready. The forms of these messages are the providers'; the
// platform hands them on as `data.payload`.

const CONVERSATION = "00000000-0000-4000-8000-000000000000";

// By class: the events after the connection, in their order, and those that answer a method.
const CONNECTORS = {
  __proto__: null,
  "Cartesia.AgentsClient": { first: [], replies: { start: ["Cartesia.Agents.ACK", { event: "ack" }] } },
  "Deepgram.VoiceAgentClient": {
    first: [
      ["Deepgram.VoiceAgent.Welcome", { type: "Welcome", request_id: CONVERSATION }],
      ["Deepgram.VoiceAgent.SettingsApplied", { type: "SettingsApplied" }],
    ],
    replies: {},
  },
  "ElevenLabs.AgentsClient": elevenLabs("ElevenLabs.Agents"),
  "ElevenLabs.ConversationalAIClient": elevenLabs("ElevenLabs.ConversationalAI"),
  "Gemini.LiveAPIClient": { first: [["Gemini.LiveAPI.SetupComplete", { setupComplete: {} }]], replies: {} },
  "Grok.VoiceAgentAPIClient": {
    first: [
      ["Grok.VoiceAgentAPI.ConversationCreated", { type: "conversation.created", conversation: { id: CONVERSATION } }],
    ],
    replies: { sessionUpdate: ["Grok.VoiceAgentAPI.SessionUpdated", { type: "session.updated", session: {} }] },
  },
  "Inworld.RealtimeAPIClient": realtime("Inworld.RealtimeAPI"),
  "OpenAI.Beta.RealtimeAPIClient": realtime("OpenAI.Beta.RealtimeAPI"),
  "OpenAI.RealtimeAPIClient": realtime("OpenAI.RealtimeAPI"),
  "Ultravox.WebSocketAPIClient": {
    first: [["Ultravox.WebSocketAPI.State", { type: "state", state: "listening" }]],
    replies: {},
  },
  "VoximplantAvatar.Avatar": { first: [["AvatarEvents.Loaded", {}]], replies: {} },
  "Yandex.RealtimeAPIClient": realtime("Yandex.RealtimeAPI"),
};

function elevenLabs(events) {
  const about = {
    conversation_id: CONVERSATION,
    agent_output_audio_format: "pcm_16000",
    user_input_audio_format: "pcm_16000",
  };
  const type = "conversation_initiation_metadata";
  return {
    first: [[`${events}.ConversationInitiationMetadata`, { type, conversation_initiation_metadata_event: about }]],
    replies: {},
  };
}

function realtime(events) {
  const session = { id: CONVERSATION, object: "realtime.session" };
  return {
    first: [[`${events}.SessionCreated`, { type: "session.created", session }]],
    replies: { sessionUpdate: [`${events}.SessionUpdated`, { type: "session.updated", session }] },
  };
}

function connector(name) {
  const { first, replies } = CONNECTORS[name];
  const members = {};
  const methods = ownKeys(replies);
  for (let i = 0; i < methods.length; i += 1) members[methods[i]] = replying(name, methods[i], replies[methods[i]]);
  const made = instance(name, members);
  later(playbackSeconds(""), () => {
    for (let i = 0; i < first.length; i += 1) tellOf(made, first[i]);
  });
  return made.self;

  function replying(owner, method, message) {
    return () => {
      note(`${owner}.${method}`);
      later(0, () => tellOf(made, message));
    };
  }
}

// A copy, so that a scenario which changes a message changes no other.
function tellOf(made, message) {
  made.raise(message[0], { data: { payload: parse(stringify(message[1])) } });
}
