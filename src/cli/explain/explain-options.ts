import { isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';

export function urlOption(text: string): URL {
  const url = webUrl(text);
  if (url !== undefined) return url;
  const meant = /^[\w.-]+(:\d+)?(\/|$)/.test(text) ? webUrl(`https://${text}`) : undefined;
  throw new InvalidArgumentError(
    meant === undefined
      ? 'It must be a whole address with a host, such as https://app.example.com/path.'
      : `It must be a whole address; did you mean ${meant.href}?`,
  );
}

/** `https:///x` and `https:x` are read as the host x, so the two slashes and a host behind them are asked for. */
function webUrl(text: string): URL | undefined {
  return /^https?:\/\/[^/?#]/i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
}

/** RFC 9110 9.1: a method is a token, and its case counts. */
export function methodOption(text: string): string {
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a method, such as GET.');
}

/** Collects repeated options. RFC 9110 5.1: a name is a token. */
export function headerOption(text: string, earlier: readonly string[]): readonly string[] {
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+:/.test(text)) return [...earlier, text];
  throw new InvalidArgumentError('It must be "Name: value".');
}

export function addressOption(text: string): string {
  if (isIP(text) !== 0) return text;
  throw new InvalidArgumentError('It must be an IP address, such as 192.0.2.1.');
}

/** RFC 7519 3: three parts, of an encrypted one five, and the first is a JSON object. What it says is judged by the providers. */
export function jwtOption(text: string): string {
  const parts = text.split('.');
  const isForm = [3, 5].includes(parts.length) && /^[\w-]+\.[\w.-]*$/.test(text);
  const head = isForm ? parsed(Buffer.from(parts[0]!, 'base64url').toString()) : undefined;
  if (isObject(head)) return text;
  throw new InvalidArgumentError(
    'It must be a JWT: three parts of base64url with dots between. Another token goes with --header "Authorization: Bearer …".',
  );
}

export function claimsOption(text: string): Readonly<Record<string, unknown>> {
  const claims = parsed(text);
  if (isObject(claims)) return claims;
  throw new InvalidArgumentError('It must be a JSON object, such as \'{"sub":"alice"}\'.');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
