import { fieldsThatAre } from '../../core/fields/fields.ts';
import { foldFieldName } from '../../core/fields/fold-field-name.ts';
import type { HeaderList } from '../../core/header-list.ts';
import { refuse, type Refusal } from '../../core/refusal.ts';
import { namedReason } from '../../telemetry/names/names.ts';

/** What one pass over the fields finds of those that frame or direct the message. */
export interface FieldScan {
  hostCount: number;
  host: string | undefined;
  lengthCount: number;
  length: string | undefined;
  codingCount: number;
  coding: string | undefined;
  expectCount: number;
  expect: string | undefined;
  /** `websocket` is among the protocols of Upgrade. Every other one is ignored (RFC 9110 7.8). */
  namesWebSocket: boolean;
  credentialCount: number;
  /** Lower case, trimmed. */
  nominated: readonly string[];
}

/** What the policy says of fields. */
export interface FieldBounds {
  /** Identity fields and the like, whose look-alikes are refused. */
  readonly guardedNames: ReadonlySet<string>;
  /**
   * Each field costs memory twice. Over HTTP/2 a browser sends each cookie as a field of its own, 150 and more
   * of them: together they are the one field that they become (RFC 9113 8.2.3), and their octets are bounded with all
   * others.
   */
  readonly limits: { readonly headerCount: number };
}

/**
 * Names whose look-alikes must not reach an application that reads `_` or `.` as `-`, as CGI does:
 * what frames, what identifies, and what the gateway itself sets.
 */
const PROTECTED = fieldsThatAre('hop', 'framing', 'vouched', 'credential');

/** a client may not have these removed on the way. */
const NOT_NOMINATED = fieldsThatAre('framing', 'credential');

/** One pass, no object per field. Refuses too many fields and look-alike names. */
export function scanFields(
  headers: HeaderList,
  { guardedNames, limits }: FieldBounds,
): FieldScan | Refusal {
  if (headers.length > limits.headerCount * 2) {
    return refuse('headers_too_large', {
      closeConnection: true,
      reason: namedReason('http.fields', `more than ${limits.headerCount} fields`),
    });
  }
  const scan = emptyScan();
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!;
    noteField(scan, name, headers[i + 1]!);
    if (isLookAlike(name, guardedNames)) return lookAlike(name);
  }
  if (scan.credentialCount > 1) return twoCredentials();
  return checkNominated(scan);
}

function emptyScan(): FieldScan {
  return {
    hostCount: 0,
    host: undefined,
    lengthCount: 0,
    length: undefined,
    codingCount: 0,
    coding: undefined,
    expectCount: 0,
    expect: undefined,
    namesWebSocket: false,
    credentialCount: 0,
    nominated: [],
  };
}

/** The length of the name decides first: most fields cost one comparison. */
function noteField(scan: FieldScan, name: string, value: string): void {
  switch (name.length) {
    case 4:
      if (name.toLowerCase() === 'host') [scan.hostCount, scan.host] = [scan.hostCount + 1, value];
      return;
    case 6:
      if (name.toLowerCase() === 'expect') noteExpect(scan, value);
      return;
    case 7:
      if (name.toLowerCase() === 'upgrade') noteUpgrade(scan, value);
      return;
    case 10:
      if (name.toLowerCase() === 'connection') noteConnection(scan, value);
      return;
    case 13:
      if (name.toLowerCase() === 'authorization') scan.credentialCount += 1;
      return;
    case 14:
      if (name.toLowerCase() === 'content-length') noteLength(scan, value);
      return;
    case 17:
      if (name.toLowerCase() === 'transfer-encoding') noteCoding(scan, value);
  }
}

function noteUpgrade(scan: FieldScan, value: string): void {
  const protocols = value.split(',').map((protocol) => protocol.trim().toLowerCase());
  scan.namesWebSocket ||= protocols.includes('websocket');
}

function noteExpect(scan: FieldScan, value: string): void {
  scan.expectCount += 1;
  scan.expect = value;
}

function noteLength(scan: FieldScan, value: string): void {
  scan.lengthCount += 1;
  scan.length = value;
}

function noteCoding(scan: FieldScan, value: string): void {
  scan.codingCount += 1;
  scan.coding = value;
}

function noteConnection(scan: FieldScan, value: string): void {
  const names = value.split(',').map((part) => part.trim().toLowerCase());
  scan.nominated = [...scan.nominated, ...names];
}

/** Case aside, the name is not protected, but becomes so when `_` and `.` are read as `-`. */
function isLookAlike(name: string, guardedNames: ReadonlySet<string>): boolean {
  if (!name.includes('_') && !name.includes('.')) return false;
  const folded = foldFieldName(name.toLowerCase());
  return PROTECTED.has(folded) || guardedNames.has(folded);
}

function lookAlike(name: string): Refusal {
  const detail = `field name ${JSON.stringify(name.slice(0, 64))} reads like a protected one`;
  return refuse('malformed_request', {
    closeConnection: true,
    reason: namedReason('http.look_alike_field', detail),
  });
}

/** a reader of the first and a reader of the last would see two different clients. */
function twoCredentials(): Refusal {
  const reason = namedReason('http.two_credentials');
  return refuse('malformed_request', { closeConnection: true, reason });
}

function checkNominated(scan: FieldScan): FieldScan | Refusal {
  const bad = scan.nominated.find((name) => NOT_NOMINATED.has(name));
  if (bad === undefined) return scan;
  return refuse('malformed_request', {
    closeConnection: true,
    reason: namedReason('http.connection_nominates', `Connection names ${bad}`),
  });
}
