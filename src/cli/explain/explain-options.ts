import { isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';

export function urlOption(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && ['https:', 'http:'].includes(url.protocol)) return url;
  throw new InvalidArgumentError(
    'It must be a whole address, such as https://app.example.com/path.',
  );
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

export function claimsOption(text: string): Readonly<Record<string, unknown>> {
  const claims = parsed(text);
  if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) {
    return claims as Readonly<Record<string, unknown>>;
  }
  throw new InvalidArgumentError('It must be a JSON object, such as \'{"sub":"alice"}\'.');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
