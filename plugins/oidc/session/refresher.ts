import type { Call, Context, Cookie, Identity, Json, RequestView, Session } from 'fairlead/plugin';
import { pause, timeLeft, within } from 'fairlead/plugin/kit';
import { malformedIdentity } from '../provider/failures.ts';
import { HeldRenewals } from './held-renewals.ts';
import type { HeldRenewal } from './held-renewals.ts';
import { LIMITS } from '../limits.ts';
import type { OidcParts } from '../parts.ts';
import { summaryOf } from '../provider/provider.ts';
import { RenewalMarks } from './renewal-marks.ts';
import { fromJson, toJson } from './session-data.ts';
import type { SessionData } from './session-data.ts';
import { TokenRenewal } from './token-renewal.ts';
import type { Outcome, Renewed } from './token-renewal.ts';

/** The session as it is after a refresh, or undefined when the refresh ended it. */
export type Refreshed =
  | {
      readonly identity: Identity;
      readonly data: SessionData;
      readonly setCookies: readonly Cookie[];
    }
  | undefined;

type Later = Extract<Outcome, { readonly kind: 'later' }>;
/** What the store is to know of a request that was sent at that time. */
type Due = Renewed & Pick<HeldRenewal, 'sentAtMs'>;

/** A sibling may have the new token and not have written it yet. */
const LOOKS_FOR_SIBLING = 4;
const LOOK_PAUSE_MS = 250;
/** Between attempts at a store that is away: doubling up to this. */
const MAX_PAUSE_MS = 2000;

/**
 * Renews the tokens of sessions: one request per session over all replicas, and whoever waited
 * reads what came of it. A refresh token that the provider refuses, or an ID token about somebody else,
 * ends the session; everything else leaves it to its own limits. What came of a request is held here
 * until the store has it.
 */
export class Refresher {
  readonly #context: Context;
  readonly #renewal: TokenRenewal;
  readonly #marks: RenewalMarks;
  readonly #held = new HeldRenewals();

  constructor(parts: OidcParts) {
    this.#context = parts.context;
    this.#renewal = new TokenRenewal(parts);
    this.#marks = new RenewalMarks(parts.context);
  }

  /**
   * The session with fresh tokens. When they do not come within the call, the session as it is: its
   * login holds to its own limits, and the refresh goes on for the requests that follow.
   */
  async refreshed(request: RequestView, session: Session, call: Call): Promise<Refreshed> {
    const run = this.#context
      .singleFlight(`refresh.${session.id}`, LIMITS.refreshLeaseMs, (signal) =>
        this.#run(request, session.id, signal),
      )
      .catch((thrown: unknown) => this.#failed(request, thrown));
    run.catch(() => {});
    const leftMs = timeLeft(call, this.#context.clock);
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
    this.#context.log.warn('a refresh did not finish', { detail });
    return session === undefined ? undefined : asItIs(session);
  }

  /** Looks again and again while another replica, or an earlier run of this one, has it under way. */
  async #run(request: RequestView, id: string, signal: AbortSignal): Promise<Refreshed> {
    for (;;) {
      const session = await this.#context.sessions.current(request);
      if (session === undefined) return undefined;
      const data = fromJson(session.data);
      if (session.id !== id || !isDue(data, this.#context.clock.now())) return asItIs(session);
      const held = this.#held.get(data);
      if (held !== undefined) return this.#settle(request, session, held);
      // Sent again, it would look stolen, and the provider would end what came of its first use, too.
      if (await this.#marks.wasRotated(data)) return asItIs(session);
      // Without the lease another may be at it; a run that is over must send nothing any more.
      signal.throwIfAborted();
      if (await this.#marks.claim(data)) {
        return this.#settle(request, session, this.#send(session, data));
      }
      await pause(LOOK_PAUSE_MS);
    }
  }

  #send(session: Session, data: SessionData): HeldRenewal {
    const sentAtMs = this.#context.clock.now();
    return this.#held.add(data, { sentAtMs, outcome: this.#renewal.ask(session) });
  }

  /** What came of the request, as the store is to know it; it stays held when the store is away. */
  async #settle(request: RequestView, session: Session, held: HeldRenewal): Promise<Refreshed> {
    const outcome = await held.outcome;
    const settled = await this.#settled(request, session, { ...held, outcome });
    this.#held.delete(fromJson(session.data));
    return settled;
  }

  #settled(
    request: RequestView,
    session: Session,
    { outcome, sentAtMs }: { readonly outcome: Outcome; readonly sentAtMs: number },
  ): Promise<Refreshed> {
    if (outcome.kind === 'renewed') return this.#keep(request, session, { ...outcome, sentAtMs });
    if (outcome.kind === 'later') {
      const due = this.#putOff(session, outcome);
      return this.#keep(request, session, { ...due, sentAtMs });
    }
    return outcome.isRefused
      ? this.#siblingOr(request, session, outcome.detail)
      : this.#end(session, `the refresh is about somebody else: ${outcome.detail}`);
  }

  /**
   * The provider takes the old token no more, so a store that is away for a moment must not cost the new
   * one: tried until the lease would be over, and after that once by each request that comes.
   */
  async #keep(request: RequestView, session: Session, renewed: Due): Promise<Refreshed> {
    for (let pauseMs = LOOK_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
      try {
        return await this.#write(session, renewed);
      } catch (thrown) {
        const fault = malformedIdentity(thrown);
        if (fault !== undefined)
          return this.#keep(request, session, this.#without(renewed, session, fault));
        if (await this.#isOver(request, session)) return undefined;
        const ageMs = this.#context.clock.now() - renewed.sentAtMs;
        if (ageMs >= LIMITS.refreshLeaseMs) throw thrown;
      }
      await pause(pauseMs);
    }
  }

  async #write(session: Session, { data, identity }: Renewed): Promise<Refreshed> {
    const before = fromJson(session.data);
    // What another has renewed meanwhile is newer than ours.
    const change = (now: Json): Json =>
      fromJson(now).refreshToken === before.refreshToken ? toJson(data) : now;
    const next = identity === session.identity ? undefined : identity;
    const { setCookies } = await this.#context.sessions.update(session.id, change, next);
    if (before.refreshToken !== data.refreshToken) await this.#marks.noteRotation(before);
    return { identity, data, setCookies };
  }

  /** Known to be: a store that does not answer says nothing of a session. */
  async #isOver(request: RequestView, { id }: Session): Promise<boolean> {
    try {
      return (await this.#context.sessions.current(request))?.id !== id;
    } catch {
      return false;
    }
  }

  /**
   * The provider is out of reach, in maintenance, does not accept the gateway or says what cannot be
   * read: asked again in a while, by all replicas together, and the session goes on as it is.
   */
  #putOff({ identity, data }: Session, { detail, refreshToken }: Later): Renewed {
    this.#context.log.warn('a session could not be refreshed and continues', { detail });
    const refreshAtMs = this.#context.clock.now() + LIMITS.refreshRetryMs;
    const later = { ...fromJson(data), ...(refreshToken !== undefined && { refreshToken }) };
    return { kind: 'renewed', identity, data: { ...later, refreshAtMs } };
  }

  /** Claims that no session can hold: the tokens are kept without them. */
  #without(renewed: Due, session: Session, fault: string): Due {
    const { refreshToken } = renewed.data;
    const later: Later = {
      kind: 'later',
      detail: fault,
      ...(refreshToken !== undefined && { refreshToken }),
    };
    return { ...this.#putOff(session, later), sentAtMs: renewed.sentAtMs };
  }

  /** Refused. When another has renewed the same token meanwhile, that one counts and nobody is logged out. */
  async #siblingOr(request: RequestView, asked: Session, detail: string): Promise<Refreshed> {
    const before = fromJson(asked.data);
    for (let look = 0; look < LOOKS_FOR_SIBLING; look += 1) {
      const session = await this.#context.sessions.current(request);
      if (session === undefined) return undefined;
      const isRenewed = fromJson(session.data).refreshToken !== before.refreshToken;
      if (isRenewed || (await this.#marks.wasRotated(before))) return asItIs(session);
      await pause(LOOK_PAUSE_MS);
    }
    return this.#end(asked, `its refresh token was refused: ${detail}`);
  }

  async #end({ id }: Session, detail: string): Promise<undefined> {
    this.#context.log.info('a session ended when it was refreshed', { detail });
    await this.#context.sessions.revoke({ session: id });
  }
}

/** True when the tokens of the session are to be renewed. */
export function isDue({ refreshAtMs }: SessionData, nowMs: number): boolean {
  return refreshAtMs !== undefined && nowMs >= refreshAtMs;
}

function asItIs({ identity, data }: Session): NonNullable<Refreshed> {
  return { identity, data: fromJson(data), setCookies: [] };
}
