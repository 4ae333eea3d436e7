/** What each answer of a grant server means, and what to do next (docs/joining.md). */
const SENTENCES: ReadonlyMap<number, string> = new Map([
  [400, 'The grant server could not read the request; try again.'],
  [
    403,
    'The code does not belong to this grant: the token was changed, or replaced by a newer one.',
  ],
  [
    404,
    'The grant is unknown, has expired, or is used up: a token works once and for 15 minutes by default; issue a new one.',
  ],
  [405, 'The url of the token does not lead to a grant server; issue a new token.'],
  [
    500,
    'The grant server failed while it made the credentials; this counts as a use, so issue a new token.',
  ],
  [503, 'The grant server could not note the redemption; try again in a moment.'],
]);

/** What the peer says is shown, but not what it could do to a terminal. */
const MAX_WORDS = 200;

export function sentenceOf(status: number, body: string): string {
  const sentence = SENTENCES.get(status) ?? otherwise(status);
  const words = (body.split('\n')[0] ?? '')
    .replace(/[^ -~]/g, '')
    .trim()
    .slice(0, MAX_WORDS);
  const said = words === '' ? '' : ` It said: "${words}"`;
  return `${sentence} (status ${status}.${said})`;
}

function otherwise(status: number): string {
  return status >= 300 && status < 400
    ? 'The grant server answered with a redirect, which is not followed: the token trusts one address only.'
    : 'The grant server gave an answer that Skupper does not define.';
}
