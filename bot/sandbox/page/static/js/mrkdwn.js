// Slack's mrkdwn as nodes.

/** Return a text in mrkdwn as nodes. */
export function drawMrkdwn(text) {
  const fragment = document.createDocumentFragment();
  fragment.append(text);
  return fragment;
}
