import { deepFreeze } from '../core/deep-freeze.ts';
import { parseJson, stringifyJson } from '../core/exact-json.ts';
import type { Identity, Json, RequestView, Session } from '../plugin/contract.ts';

/** What is kept of a session. Times are wall time in milliseconds. */
export interface SessionRecord {
  readonly identity: Identity;
  readonly data: Json;
  /** Where the person logged in; a cookie that is brought anywhere else is none. */
  readonly host: string;
  /** The issuer's name for the session; undefined: it gave none. */
  readonly sid: string | undefined;
  readonly openedAtMs: number;
  /** Over at this moment, however much it is used. */
  readonly endsAtMs: number;
}

/** A record that was read, ready to be handed to its provider. */
export interface KnownSession {
  readonly record: SessionRecord;
  /** Frozen to the leaves: the host need not walk the same claims again with each request. */
  readonly session: Session;
}

/** 2: records name their host. */
const VERSION = 2;

export function encodeRecord(record: SessionRecord): string {
  return stringifyJson({ version: VERSION, ...record });
}

/** Undefined: the record was written by a version of Fairlead that this one does not understand. */
export function decodeRecord(id: string, text: string): KnownSession | undefined {
  const { version, ...record } = parseJson(text) as SessionRecord & { readonly version: number };
  if (version !== VERSION) return undefined;
  return knownSession(id, record);
}

export function knownSession(id: string, record: SessionRecord): KnownSession {
  const frozen = deepFreeze(record);
  return { record: frozen, session: deepFreeze(sessionOf(id, frozen)) };
}

/**
 * A browser brings a `__Host-` cookie to its host alone, and whoever copies it takes it to another one:
 * what the person agreed to at the one host must not open the other, whatever provider they share.
 */
export function isOfHost(record: SessionRecord, request: RequestView): boolean {
  return record.host === request.host;
}

export function changedRecord(
  before: SessionRecord,
  change: (data: Json) => Json,
  identity: Identity | undefined,
): SessionRecord {
  const data = change(before.data);
  if (identity === undefined) return { ...before, data };
  return { ...before, data, identity, sid: claimedSid(identity) ?? before.sid };
}

/** The issuer's name for a session, where the identity itself says it (OIDC Back-Channel Logout 2.1). */
export function claimedSid({ claims }: Identity): string | undefined {
  const { sid } = claims;
  return typeof sid === 'string' && sid !== '' ? sid : undefined;
}

/** The identity of a session never outlasts it. */
function sessionOf(id: string, { identity, data, endsAtMs }: SessionRecord): Session {
  const expiresAt = Math.min(identity.expiresAt ?? endsAtMs, endsAtMs);
  return { id, identity: { ...identity, session: id, expiresAt }, data };
}
