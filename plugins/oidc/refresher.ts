import { hash } from 'node:crypto';
import type { Call, Context, Cookie, Identity, RequestView, Session } from 'fairlead/plugin';
import * as openid from 'openid-client';
import { failureOf } from './failures.ts';
import { idTokenFault, identityOf } from './id-token.ts';
import { LIMITS } from './limits.ts';
import type { Options } from './options.ts';
import { isProblem, problem, shown } from './problems.ts';
import type { Problem } from './problems.ts';
import { summaryOf } from './provider.ts';
import type { IdentityProvider, Known } from './provider.ts';
import { dataFrom, fromJson, toJson } from './session-data.ts';
import type { SessionData } from './session-data.ts';
import { pause, within } from './wait.ts';

/** The session as it is after a refresh, or undefined when the refresh ended it. */
export type Refreshed =
  | {
      readonly identity: Identity;
      readonly data: SessionData;
      readonly setCookies: readonly Cookie[];
    }
  | undefined;

/** Of the time a call has left: enough remains to answer ourselves instead of being timed out. */
const SHARE_OF_CALL = 0.75;
/** A sibling whose lease was lost may have the new token and not have written it yet. */
const LOOKS_FOR_SIBLING = 4;
const LOOK_PAUSE_MS = 250;

/**
 * Renews the tokens of sessions: one request per session over all replicas, and whoever waited
 * reads what came of it. Refused by the provider ends the session; out of reach leaves it to its own
 * limits.
 */
export class Refresher {
  readonly #options: Options;
  readonly #context: Context;
  readonly #provider: IdentityProvider;

  constructor(options: Options, context: Context, provider: IdentityProvider) {
    this.#options = options;
    this.#context = context;
    this.#provider = provider;
  }

  /**
   * The session with fresh tokens. When they do not come within the call, the session as it is: its
   * login holds to its own limits, and the refresh goes on for the requests that follow.
   */
  async refreshed(request: RequestView, session: Session, call: Call): Promise<Refreshed> {
    const run = this.#context
      .singleFlight(`refresh.${session.id}`, LIMITS.refreshLeaseMs, () =>
        this.#run(request, session),
      )
      .catch((thrown: unknown) => this.#failed(request, thrown));
    run.catch(() => {});
    const leftMs = (call.deadline - this.#context.clock.now()) * SHARE_OF_CALL;
    const outcome = await within(
      leftMs,
      run.then((value) => ({ value })),
    );
    return outcome === undefined ? asItIs(session) : outcome.value;
  }

  /**
   * A logout in between makes the update fail, and too many refreshes at a time are none at all: what
   * is known of the session counts. Rejects when nothing can be known, since the store is down.
   */
  async #failed(request: RequestView, thrown: unknown): Promise<Refreshed> {
    const session = await this.#context.sessions.current(request);
    const detail = summaryOf(thrown);
    this.#context.log.warn('a refresh did not come to an end', { detail });
    return session === undefined ? undefined : asItIs(session);
  }

  async #run(request: RequestView, asked: Session): Promise<Refreshed> {
    const session = await this.#context.sessions.current(request);
    if (session === undefined) return undefined;
    const data = fromJson(session.data);
    const isDone = !isDue(data, this.#context.clock.now());
    if (isDone || session.id !== asked.id) return asItIs(session);
    // Sent again, it would look stolen, and the provider would end what came of its first use, too.
    if (await this.#wasRotated(data.refreshToken!)) return asItIs(session);
    const renewed = await this.#renew(session, data);
    if (!isProblem(renewed)) return this.#keep(session, renewed);
    if (renewed.code === 'code_refused') return this.#siblingOr(request, session, renewed);
    if (renewed.code === 'token_invalid') return this.#end(session, renewed);
    // Out of reach, or the gateway's own credentials are refused: nothing is said of the session.
    return this.#later(session, renewed);
  }

  async #renew(session: Session, data: SessionData): Promise<Renewed | Problem> {
    const known = await this.#provider.known();
    if (known === undefined) return problem('provider_down', this.#provider.problem);
    try {
      this.#context.metrics.count('oidc.refreshes');
      const tokens = await openid.refreshTokenGrant(known.configuration, data.refreshToken!);
      return await this.#judge(tokens, session, known);
    } catch (thrown) {
      return failureOf(thrown);
    }
  }

  /** OIDC Core 12.2: a new ID token is of the same person; its nonce is not asked for. */
  async #judge(
    tokens: Awaited<ReturnType<typeof openid.refreshTokenGrant>>,
    { identity: before, data }: Session,
    known: Known,
  ): Promise<Renewed | Problem> {
    const { clock } = this.#context;
    const renewed = dataFrom(tokens, this.#options, clock.now(), fromJson(data));
    const claims = tokens.claims();
    if (claims === undefined) return { data: renewed, identity: before };
    const fault = await idTokenFault(tokens.id_token!, known.keys, this.#options, this.#context);
    if (fault !== undefined) return fault;
    if (claims.sub !== before.subject) {
      return problem('token_invalid', `sub is ${shown(claims.sub)} after a refresh`);
    }
    const merged = { ...before.claims, ...claims };
    const fresh = identityOf(merged, this.#options.issuer, clock.now());
    // A refresh is no login: how and when the person was authenticated stays as it was.
    return { data: renewed, identity: { ...before, claims: fresh.claims } };
  }

  /** Kept before anything else can fail: the provider takes the old token no more. */
  async #keep(session: Session, { data, identity }: Renewed): Promise<Refreshed> {
    const { refreshToken } = fromJson(session.data);
    const { setCookies } = await this.#context.sessions.update(
      session.id,
      () => toJson(data),
      identity,
    );
    if (refreshToken !== data.refreshToken) await this.#noteRotation(refreshToken!);
    return { identity, data, setCookies };
  }

  /** For whoever still holds the old token where sessions are kept in cookies. */
  async #noteRotation(refreshToken: string): Promise<void> {
    try {
      const options = { ttlMs: LIMITS.rotatedMs };
      await this.#context.store.set(rotationKey(refreshToken), '1', options);
    } catch {
      this.#context.log.warn('a rotated refresh token could not be noted');
    }
  }

  /** Out of reach: asked again in a while, by all replicas together. */
  async #later(session: Session, { detail }: Problem): Promise<Refreshed> {
    this.#context.log.warn('a session could not be refreshed and goes on', {
      detail: detail ?? '',
    });
    const refreshAtMs = this.#context.clock.now() + LIMITS.refreshRetryMs;
    const { setCookies } = await this.#context.sessions.update(session.id, (data) =>
      toJson({ ...fromJson(data), refreshAtMs }),
    );
    const data = { ...fromJson(session.data), refreshAtMs };
    return { identity: session.identity, data, setCookies };
  }

  /** Refused. When another has renewed the same token meanwhile, that one counts and nobody is logged out. */
  async #siblingOr(request: RequestView, asked: Session, refusal: Problem): Promise<Refreshed> {
    const { refreshToken } = fromJson(asked.data);
    for (let look = 0; look < LOOKS_FOR_SIBLING; look += 1) {
      const session = await this.#context.sessions.current(request);
      if (session === undefined) return undefined;
      const isRenewed = fromJson(session.data).refreshToken !== refreshToken;
      if (isRenewed || (await this.#wasRotated(refreshToken!))) return asItIs(session);
      await pause(LOOK_PAUSE_MS);
    }
    return this.#end(asked, refusal);
  }

  async #end({ id }: Session, { code, detail = code }: Problem): Promise<undefined> {
    this.#context.log.info('a session ended: its refresh was refused', { detail });
    await this.#context.sessions.revoke({ session: id });
  }

  async #wasRotated(refreshToken: string): Promise<boolean> {
    return (await this.#context.store.get(rotationKey(refreshToken))) !== undefined;
  }
}

interface Renewed {
  readonly data: SessionData;
  readonly identity: Identity;
}

/** True when the tokens of the session are to be renewed. */
export function isDue({ refreshAtMs }: SessionData, nowMs: number): boolean {
  return refreshAtMs !== undefined && nowMs >= refreshAtMs;
}

function asItIs({ identity, data }: Session): NonNullable<Refreshed> {
  return { identity, data: fromJson(data), setCookies: [] };
}

function rotationKey(refreshToken: string): string {
  return `rotated.${hash('sha256', refreshToken, 'base64url')}`;
}
