/**
 * What a plugin threw, in words that cannot hold a credential: name, code and place. Its message is
 * left out, since libraries quote their input in messages (JSON.parse shows the text it choked on).
 */
export function describeThrown(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `threw a ${typeof thrown}`;
  const code = (thrown as { readonly code?: unknown }).code;
  const place = /\n\s+at (?:.* \()?(?:file:\/\/)?([^\s()]+:\d+:\d+)\)?/.exec(
    thrown.stack ?? '',
  )?.[1];
  const parts = [thrown.name, isShortCode(code) ? `(${code})` : '', place ? `at ${place}` : ''];
  return parts.filter((part) => part !== '').join(' ');
}

function isShortCode(code: unknown): code is string {
  return typeof code === 'string' && /^[A-Za-z0-9_.-]{1,64}$/.test(code);
}
