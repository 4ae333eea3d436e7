/** A host in the one form the gateway compares and routes by, and the port the client wrote. */
export interface Authority {
  /** Lower case, no trailing dot, no port; an IPv6 address keeps its brackets. */
  readonly host: string;
  readonly port: number | undefined;
}

/** RFC 1035: a name is 253 octets at most; with dot, port and colon a little more. */
const MAX_AUTHORITY_LENGTH = 262;
/** RFC 9110 7.2 with RFC 3986 3.2.2, the strict reading: no user, no percent-encoding, no empty label. */
const NAME = /^([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?(?::(\d{1,5}))?$/;
const IPV6 = /^(\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/;

/** Undefined: not exactly one valid host with an optional port. */
export function parseAuthority(text: string): Authority | undefined {
  if (text.length > MAX_AUTHORITY_LENGTH) return undefined;
  const lower = text.toLowerCase();
  const match = NAME.exec(lower) ?? IPV6.exec(lower);
  if (match === null) return undefined;
  const port = match[2] === undefined ? undefined : Number(match[2]);
  if (port !== undefined && port > 65_535) return undefined;
  return { host: match[1]!, port };
}
