import { hash } from 'node:crypto';
import type { Json } from 'fairlead/plugin';
import type { TokenEndpointResponse } from 'openid-client';
import { LIMITS } from '../limits.ts';
import type { Options } from '../options.ts';

/** What a session keeps for this plugin. None of it ever reaches the browser in the clear (B1). */
export interface SessionData {
  /** When the login was completed; ms. */
  readonly openedAtMs: number;
  /** For `id_token_hint` at logout, when it is short enough for a URL. */
  readonly idToken?: string;
  readonly refreshToken?: string;
  /** Kept only when the service gets it. */
  readonly accessToken?: string;
  /** From then on the tokens are refreshed; absent when nothing can be refreshed. */
  readonly refreshAtMs?: number;
  /** Names of the claims that came of userinfo and not of the ID token: a refresh leaves these. */
  readonly userinfoClaims?: readonly string[];
}

/** Without `expires_in` an access token is taken for short-lived (RFC 6749 5.1: RECOMMENDED only). */
const USUAL_SECONDS = 300;
/** Shorter than this and every request would refresh; and once a day the provider is heard at least. */
const SECONDS = { least: 1, most: 86_400 };

/** The data after a login or a refresh; a refresh that brings no new token keeps the old one. */
export function dataFrom(
  tokens: TokenEndpointResponse,
  options: Options,
  nowMs: number,
  before?: SessionData,
): SessionData {
  const refreshToken = tokens.refresh_token ?? before?.refreshToken;
  const idToken = hintOf(tokens.id_token) ?? before?.idToken;
  const wanted = tokens.expires_in ?? USUAL_SECONDS;
  const seconds = Math.min(Math.max(wanted, SECONDS.least), SECONDS.most);
  return {
    openedAtMs: before?.openedAtMs ?? nowMs,
    ...(idToken !== undefined && { idToken }),
    ...(options.forward === 'access-token' && { accessToken: tokens.access_token }),
    ...(refreshToken !== undefined && { refreshToken, refreshAtMs: nowMs + seconds * 1000 }),
    ...(before?.userinfoClaims !== undefined && { userinfoClaims: before.userinfoClaims }),
  };
}

/** Names the tokens of a session, until they are renewed or their refresh is put off; tells nobody what they are. */
export function generationOf({ refreshToken, refreshAtMs }: SessionData): string {
  return hash('sha256', `${refreshAtMs} ${refreshToken}`, 'base64url');
}

/** Ours, from the session service: written by `toJson` and by nobody else. */
export function fromJson(json: Json): SessionData {
  return json as unknown as SessionData;
}

export function toJson({ userinfoClaims, ...data }: SessionData): Json {
  return { ...data, ...(userinfoClaims !== undefined && { userinfoClaims: [...userinfoClaims] }) };
}

function hintOf(idToken: string | undefined): string | undefined {
  return idToken !== undefined && idToken.length <= LIMITS.idTokenHintCharacters
    ? idToken
    : undefined;
}
