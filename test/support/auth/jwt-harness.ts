import assert from 'node:assert/strict';
import { KeyObject, sign } from 'node:crypto';
import jwt from '../../../plugins/jwt/jwt.ts';
import type { Authenticator, AuthResult, Context } from '../../../src/plugin/contract.ts';
import { createContext } from '../../../src/plugin/host/instance/context.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import type { IssuerKey } from './issuer.ts';
import { recordedCapabilities, viewOf } from '../plugins/plugin-host.ts';

export interface JwtHarness {
  readonly clock: FakeClock;
  readonly lines: string[];
  readonly authenticator: Authenticator;
  /** Presents a value of the Authorization field. */
  readonly present: (
    authorization: string | undefined,
    callMs?: number,
  ) => AuthResult | Promise<AuthResult>;
  /** Presents a bearer token and gives `identity`, `pass`, `error`, `unclaimed` with its code, or the code of the denial. */
  readonly verdict: (token: string, callMs?: number) => Promise<string>;
}

export interface JwtHarnessOptions {
  readonly clock?: FakeClock;
  readonly fetch?: Context['fetch'];
}

/** The jwt plugin with validated options, created as the host would. */
export async function jwtHarness(
  options: object,
  { clock = new FakeClock(), fetch }: JwtHarnessOptions = {},
): Promise<JwtHarness> {
  const capabilities = recordedCapabilities(clock, fetch);
  const context = createContext('api', capabilities, new AbortController().signal);
  const authenticator = await jwt.create(await validOptions(options), context);
  const present: JwtHarness['present'] = (authorization, callMs = 2000) =>
    authenticator.authenticate(viewOf(authorization === undefined ? {} : { authorization }), {
      signal: new AbortController().signal,
      deadline: clock.now() + callMs,
    });
  const verdict = async (token: string, callMs?: number): Promise<string> => {
    try {
      const result = await present(`Bearer ${token}`, callMs);
      if (result.kind === 'pass' && result.unclaimed !== undefined) {
        return `unclaimed ${result.unclaimed.reason.code}`;
      }
      return result.kind === 'deny' ? result.reason.code : result.kind;
    } catch {
      return 'error';
    }
  };
  return { clock, lines: capabilities.lines, authenticator, present, verdict };
}

/** Options as the policy would hand them over; fails the test when they are refused. */
export async function validOptions(options: object) {
  const result = await jwt.options['~standard'].validate(options);
  assert.equal(result.issues, undefined);
  return (result as { readonly value: Parameters<typeof jwt.create>[0] }).value;
}

/** A token of exactly these texts with a good ES256 signature: for what no library would sign. */
export function signTexts(key: IssuerKey, header: string, claims: string): string {
  const input = `${base64url(header)}.${base64url(claims)}`;
  const privateKey = KeyObject.from(key.privateKey);
  const signature = sign('sha256', Buffer.from(input), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return `${input}.${signature.toString('base64url')}`;
}

export function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
