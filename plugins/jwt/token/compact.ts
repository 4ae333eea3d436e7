import { Buffer } from 'node:buffer';
import { isJsonObject, readJsonObject, shown } from 'fairlead/plugin/kit';
import type { JsonObject } from 'fairlead/plugin/kit';
import { denial } from './denial.ts';
import type { Denial } from './denial.ts';
import { LIMITS } from '../limits.ts';

/** A JWS compact serialisation (RFC 7515 7.1), read strictly and not verified. */
export interface Compact {
  readonly algorithm: string;
  readonly keyId: string | undefined;
  /** `typ`, lower case, `application/` taken off (RFC 7515 4.1.9); undefined when absent. */
  readonly type: string | undefined;
  readonly claims: JsonObject;
}

/** Five parts are a JWE; these members are one, too, or a compressed one, or PBES2. */
const ENCRYPTION_MEMBERS = ['enc', 'zip', 'epk', 'p2s', 'p2c', 'iv', 'tag'];

/** jwk, jku, x5u, x5c and x5t are not even looked at: keys come from the policy's issuer alone. */
export function readCompact(token: string): Compact | Denial {
  const parts = token.split('.');
  if (parts.length !== 3) return denial('jwt.malformed', 'not three parts joined by dots');
  const [headerOctets, claimOctets, signature] = parts.map(decodePart);
  if (headerOctets === undefined || claimOctets === undefined || signature === undefined) {
    return denial('jwt.malformed', 'a part is empty or not canonical base64url');
  }
  const header = readJsonObject(headerOctets);
  if (!isJsonObject(header)) return denial('jwt.malformed', `header: ${header}`);
  const headerDenial = judgeHeader(header);
  if (headerDenial !== undefined) return headerDenial;
  const claims = readJsonObject(claimOctets);
  if (!isJsonObject(claims)) return denial('jwt.malformed', `claims: ${claims}`);
  return {
    algorithm: header['alg'] as string,
    keyId: header['kid'] as string | undefined,
    type: mediaType(header['typ']),
    claims,
  };
}

/** Octets of a part; undefined where the text is empty or other texts would give the same octets. */
function decodePart(text: string): Buffer | undefined {
  const octets = Buffer.from(text, 'base64url');
  return text !== '' && octets.toString('base64url') === text ? octets : undefined;
}

function judgeHeader(header: JsonObject): Denial | undefined {
  const { alg, kid, typ } = header;
  if (typeof alg !== 'string') return denial('jwt.malformed', 'header: alg is not a text');
  if (Object.hasOwn(header, 'crit')) {
    return denial('jwt.malformed', `header: crit ${shown(header['crit'])} is not understood`);
  }
  if (Object.hasOwn(header, 'b64')) return denial('jwt.malformed', 'header: b64 is not allowed');
  const encryption = ENCRYPTION_MEMBERS.find((name) => Object.hasOwn(header, name));
  if (encryption !== undefined) {
    return denial('jwt.malformed', `header: ${encryption} belongs to encryption or compression`);
  }
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > LIMITS.keyIdCharacters)) {
    const limit = LIMITS.keyIdCharacters;
    return denial('jwt.malformed', `header: kid is not a text of at most ${limit} characters`);
  }
  if (typ !== undefined && typeof typ !== 'string') {
    return denial('jwt.malformed', 'header: typ is not a text');
  }
  if (header['cty'] !== undefined) {
    return denial('jwt.malformed', 'header: cty says that the token holds another one');
  }
  return undefined;
}

function mediaType(typ: unknown): string | undefined {
  return typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : undefined;
}
