/** What the gateway reads of a ClientHello before TLS begins (RFC 8446 4.1.2, RFC 6066 3, RFC 7301 3.1). */
export interface ClientHello {
  /** Lower case; undefined when the client sent none. */
  readonly serverName: string | undefined;
  /** In the client's order; empty when it sent none. */
  readonly protocols: readonly string[];
}

export type HelloResult =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'hello'; readonly hello: ClientHello }
  | { readonly kind: 'invalid'; readonly reason: 'not_tls' | 'malformed_hello' };

/** A hello with post-quantum key shares is near 2 KiB; nothing honest comes near this (bounded). */
export const MAX_HELLO_BYTES = 16_384;

/**
 * Records that a hello may be cut into. Clients cut it once or twice to pass narrow middleboxes; a record
 * an octet would make every further octet cost a walk over all of them.
 */
export const MAX_HELLO_RECORDS = 64;

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const APPLICATION_PROTOCOLS = 16;
const INCOMPLETE: HelloResult = { kind: 'incomplete' };
const NOT_TLS: HelloResult = { kind: 'invalid', reason: 'not_tls' };
const MALFORMED: HelloResult = { kind: 'invalid', reason: 'malformed_hello' };

/**
 * Reads the ClientHello at the start of `octets`, over as many records as it was cut into. Total: any
 * input gives a result, and `incomplete` is only given while fewer than `MAX_HELLO_BYTES` are there.
 */
export function parseClientHello(octets: Buffer): HelloResult {
  const message = joinRecords(octets);
  if (!Buffer.isBuffer(message)) return message;
  try {
    return { kind: 'hello', hello: readHello(new Reader(message)) };
  } catch (error) {
    if (error instanceof HelloError) return MALFORMED;
    throw error;
  }
}

/** The body of the handshake message, once all records that carry it are there. */
function joinRecords(octets: Buffer): Buffer | HelloResult {
  const parts: Buffer[] = [];
  let collected = 0;
  for (let at = 0; ;) {
    const missing = octets.length >= MAX_HELLO_BYTES ? MALFORMED : INCOMPLETE;
    if (octets.length <= at) return missing;
    if (octets[at] !== HANDSHAKE_RECORD) return at === 0 ? NOT_TLS : MALFORMED;
    if (octets.length < at + 5) return missing;
    const length = octets.readUInt16BE(at + 3);
    if (octets[at + 1] !== 3) return at === 0 ? NOT_TLS : MALFORMED;
    if (length === 0 || length > MAX_HELLO_BYTES) return MALFORMED;
    if (parts.length === MAX_HELLO_RECORDS) return MALFORMED;
    parts.push(octets.subarray(at + 5, at + 5 + length));
    collected += parts.at(-1)!.length;
    const wanted = messageLength(parts, collected);
    if (wanted === undefined || wanted > MAX_HELLO_BYTES) return MALFORMED;
    if (collected >= wanted) return Buffer.concat(parts).subarray(4, wanted);
    if (octets.length < at + 5 + length) return missing;
    at += 5 + length;
  }
}

/** Octets of the message with its own head; undefined when it is no ClientHello. */
function messageLength(parts: readonly Buffer[], collected: number): number | undefined {
  if (parts[0]!.length > 0 && parts[0]![0] !== CLIENT_HELLO) return undefined;
  if (collected < 4) return 4;
  const head = parts[0]!.length >= 4 ? parts[0]! : Buffer.concat(parts);
  return 4 + head.readUIntBE(1, 3);
}

function readHello(reader: Reader): ClientHello {
  reader.skip(2 + 32); // legacy version and random
  reader.skip(reader.number(1)); // legacy session id
  reader.skip(reader.number(2)); // cipher suites
  reader.skip(reader.number(1)); // compression methods
  if (reader.isAtEnd) return { serverName: undefined, protocols: [] };
  return readExtensions(reader.part(reader.number(2)));
}

function readExtensions(reader: Reader): ClientHello {
  let serverName: string | undefined;
  let protocols: readonly string[] = [];
  const seen = new Set<number>();
  while (!reader.isAtEnd) {
    const type = reader.number(2);
    const body = reader.part(reader.number(2));
    // RFC 8446 4.2: no extension twice. Two readings of the name must not be possible.
    if (seen.has(type)) throw new HelloError();
    seen.add(type);
    if (type === SERVER_NAME) serverName = readServerName(body);
    if (type === APPLICATION_PROTOCOLS) protocols = readProtocols(body);
  }
  return { serverName, protocols };
}

function readServerName(reader: Reader): string {
  const list = reader.part(reader.number(2));
  const nameType = list.number(1);
  const name = list.part(list.number(2)).text().toLowerCase();
  // RFC 6066 3: a DNS name in ASCII without trailing dot, and one name of the one type there is.
  if (nameType !== 0 || !list.isAtEnd || !reader.isAtEnd) throw new HelloError();
  if (name.length > 253 || !/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(name)) throw new HelloError();
  return name;
}

function readProtocols(reader: Reader): string[] {
  const list = reader.part(reader.number(2));
  const protocols: string[] = [];
  while (!list.isAtEnd) {
    const name = list.part(list.number(1)).text();
    if (name === '') throw new HelloError();
    protocols.push(name);
  }
  if (protocols.length === 0 || !reader.isAtEnd) throw new HelloError();
  return protocols;
}

/** Not well-formed; never leaves this file. */
class HelloError extends Error {}

/** A cursor that throws rather than read past its end. */
class Reader {
  readonly #octets: Buffer;
  #at = 0;

  constructor(octets: Buffer) {
    this.#octets = octets;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#octets.length;
  }

  number(width: 1 | 2): number {
    this.#need(width);
    this.#at += width;
    return this.#octets.readUIntBE(this.#at - width, width);
  }

  skip(length: number): void {
    this.#need(length);
    this.#at += length;
  }

  part(length: number): Reader {
    this.skip(length);
    return new Reader(this.#octets.subarray(this.#at - length, this.#at));
  }

  text(): string {
    return this.#octets.toString('latin1');
  }

  #need(length: number): void {
    if (this.#octets.length - this.#at < length) throw new HelloError();
  }
}
