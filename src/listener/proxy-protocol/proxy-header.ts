import { isIP } from 'node:net';
import { plainAddress } from '../../core/address-list.ts';

/**
 * The longest header that is read: 16 octets, and 520 of addresses and extensions (HAProxy's own receiver has the
 * same bound). Version 1 has 107 at most.
 */
export const MAX_PROXY_HEADER_BYTES = 536;
const MAX_V1_BYTES = 107;

export interface ProxiedClient {
  readonly address: string;
  readonly port: number;
}

export type ProxyHeaderResult =
  | {
      readonly kind: 'header';
      readonly bytes: number;
      /** Undefined: the balancer speaks for itself (LOCAL, UNKNOWN), so the peer is the client. */
      readonly client: ProxiedClient | undefined;
    }
  | { readonly kind: 'incomplete' }
  /** `missing`: what came is no beginning of a header. */
  | { readonly kind: 'missing' | 'malformed' };

const INCOMPLETE: ProxyHeaderResult = { kind: 'incomplete' };
const MISSING: ProxyHeaderResult = { kind: 'missing' };
const MALFORMED: ProxyHeaderResult = { kind: 'malformed' };

const V1 = Buffer.from('PROXY ', 'latin1');
const V2 = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

/**
 * Reads the header of the PROXY protocol, version 1 or 2 (haproxy.org/download/3.0/doc/proxy-protocol.txt), at the
 * start of `octets`. Total, and never `incomplete` from `MAX_PROXY_HEADER_BYTES` on.
 */
export function parseProxyHeader(octets: Buffer): ProxyHeaderResult {
  if (octets.length === 0) return INCOMPLETE;
  if (octets[0] === V1[0]) return beginsWith(octets, V1, readVersion1);
  return octets[0] === V2[0] ? beginsWith(octets, V2, readVersion2) : MISSING;
}

function beginsWith(
  octets: Buffer,
  signature: Buffer,
  read: (octets: Buffer) => ProxyHeaderResult,
): ProxyHeaderResult {
  const length = Math.min(octets.length, signature.length);
  if (octets.compare(signature, 0, length, 0, length) !== 0) return MISSING;
  return length < signature.length ? INCOMPLETE : read(octets);
}

function readVersion1(octets: Buffer): ProxyHeaderResult {
  const line = octets.toString('latin1', 0, MAX_V1_BYTES);
  const end = line.indexOf('\r\n');
  if (end === -1) return octets.length < MAX_V1_BYTES ? INCOMPLETE : MALFORMED;
  const bytes = end + 2;
  const [, family, source = '', target = '', port = '', targetPort = '', ...more] = line
    .slice(0, end)
    .split(' ');
  // 2.1: what follows UNKNOWN is to be ignored.
  if (family === 'UNKNOWN') return { kind: 'header', bytes, client: undefined };
  const version = family === 'TCP4' ? 4 : family === 'TCP6' ? 6 : undefined;
  const isWhole = more.length === 0 && isPort(port) && isPort(targetPort);
  if (!isWhole || isIP(source) !== version || isIP(target) !== version) return MALFORMED;
  const address = plainAddress(source);
  if (address === undefined) return MALFORMED;
  return { kind: 'header', bytes, client: { address, port: Number(port) } };
}

/** 2.1: no leading zeros. */
function isPort(text: string): boolean {
  return /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
}

const LOCAL = 0x20;
const PROXY = 0x21;
const UNSPEC = 0x00;
const TCP4 = 0x11;
const TCP6 = 0x21;

function readVersion2(octets: Buffer): ProxyHeaderResult {
  if (octets.length < 16) return INCOMPLETE;
  const [command, family] = [octets[12]!, octets[13]!];
  const length = octets.readUInt16BE(14);
  const bytes = 16 + length;
  if (bytes > MAX_PROXY_HEADER_BYTES || (command !== LOCAL && command !== PROXY)) return MALFORMED;
  if (octets.length < bytes) return INCOMPLETE;
  // 2.2: of LOCAL the rest is to be ignored, and without a family there are no addresses.
  const isLocal = command === LOCAL || family === UNSPEC;
  if (isLocal) return { kind: 'header', bytes, client: undefined };
  const client = clientIn(octets.subarray(16, bytes), family);
  return client === undefined ? MALFORMED : { kind: 'header', bytes, client };
}

/** Extensions (TLVs) behind the addresses are not read. */
function clientIn(body: Buffer, family: number): ProxiedClient | undefined {
  if (family === TCP4 && body.length >= 12) {
    return { address: [...body.subarray(0, 4)].join('.'), port: body.readUInt16BE(8) };
  }
  if (family === TCP6 && body.length >= 36) {
    const groups = [0, 2, 4, 6, 8, 10, 12, 14].map((at) => body.readUInt16BE(at).toString(16));
    return { address: plainAddress(groups.join(':'))!, port: body.readUInt16BE(32) };
  }
  return undefined;
}
