import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import * as fc from 'fast-check';
import { OfflineProviders } from '../../../src/app/load/offline-providers.ts';
import { evaluate } from '../../../src/evaluate/evaluate.ts';
import type { Generation } from '../../../src/evaluate/generation.ts';
import { AddressLimiter } from '../../../src/evaluate/limit/address-limiter.ts';
import { Limiter } from '../../../src/evaluate/limit/limiter.ts';
import type { Permit } from '../../../src/evaluate/limit/permit.ts';
import { acts } from '../../support/evaluation/acts.ts';
import type { Act, Asking } from '../../support/evaluation/acts.ts';
import { LiveSide } from '../../support/evaluation/live-side.ts';
import type { Exchanged } from '../../support/evaluation/live-side.ts';
import { policies } from '../../support/evaluation/policies.ts';
import { load, policyFiles, requestOf } from '../../support/evaluation/scene.ts';
import { Tokens } from '../../support/evaluation/tokens.ts';
import { verdictOfDecision } from '../../support/evaluation/verdict.ts';
import type { Verdict } from '../../support/evaluation/verdict.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { writePolicySet } from '../../support/policy/policy-set.ts';

// `evaluate` is the one order of the gates: what it says by itself is what happens to live traffic.

const NOW_MS = Date.UTC(2026, 0, 1);
const PUBLIC_PORT = 8443;

let directory: string;
let tokens: Tokens;

before(async () => {
  ({ directory } = await writePolicySet({ policy: '' }));
  tokens = await Tokens.make(NOW_MS);
});

after(() => rm(directory, { recursive: true, force: true }));

test('live traffic and evaluate by itself decide alike, over any policy and any requests', async () => {
  const seen = new Set<string>();
  let requests = 0;

  await fc.assert(
    fc.asyncProperty(policies, acts, async (policy, steps) => {
      const set = await load(directory, policyFiles(policy, tokens.providers, 1));
      const clock = new FakeClock(NOW_MS);
      await using forLive = new OfflineProviders(set, clock);
      await using forAlone = new OfflineProviders(set, clock);
      const { snapshot } = set;
      const generation = async (offline: OfflineProviders): Promise<Generation> => ({
        snapshot,
        providers: await offline.start(),
        publicPort: PUBLIC_PORT,
      });
      const both = new BothWays(clock, await generation(forLive), await generation(forAlone));

      for (const step of steps) {
        const outcome = await both.act(step);
        if (outcome === undefined) continue;
        requests += 1;
        seen.add(outcome);
      }
    }),
    { seed: 20261128, numRuns: 40, endOnFailure: true },
  );

  assert.ok(requests > 2000, `${requests} requests`);
  const wanted = [
    'allow',
    'own',
    'preflight',
    'redirect',
    'respond',
    'authentication_required',
    'body_too_large',
    'concurrency_limited',
    'credential_rejected',
    'forbidden',
    'invalid_path',
    'method_not_allowed',
    'no_route',
    'rate_limited',
    'tenant_unknown',
    'websocket_not_allowed',
  ];
  assert.deepEqual([...seen].toSorted(), wanted.toSorted());
});

/** Forwarded, and not answered yet. */
interface Held {
  readonly exchanged: Exchanged;
  readonly permit: Permit;
  readonly alone: Verdict;
}

/** The request path and `evaluate`, each with providers and limits of its own, at one clock. */
class BothWays {
  readonly #clock: FakeClock;
  readonly #live: LiveSide;
  readonly #alone: Generation;
  readonly #stores;
  readonly #held: Held[] = [];

  constructor(clock: FakeClock, live: Generation, alone: Generation) {
    this.#clock = clock;
    this.#live = new LiveSide(clock, live);
    this.#alone = alone;
    const limits = {
      addressLimiter: new AddressLimiter({ clock }),
      limiter: new Limiter({ clock }),
    };
    this.#stores = { clock, ...limits };
  }

  /** What became of a request; undefined: none was sent. */
  async act(step: Act): Promise<string | undefined> {
    if (step.kind === 'ask') return this.#ask(step);
    if (step.kind === 'wait') this.#clock.advance(step.ms);
    else this.#answerFirst();
    this.#giveBack();
    return undefined;
  }

  async #ask(asking: Asking): Promise<string> {
    const nowMs = this.#clock.now();
    const exchanged = await this.#live.handle(requestOf(asking, tokens, nowMs));
    const decision = await evaluate(
      {
        request: requestOf(asking, tokens, nowMs),
        generation: this.#alone,
        asker: { id: 'alone', signal: AbortSignal.any([]), isAborted: false, routed: () => {} },
      },
      this.#stores,
    );
    const alone = verdictOfDecision(decision);
    if (decision.kind !== 'allow') {
      if ('permit' in decision) decision.permit[Symbol.dispose]();
      const live = exchanged.finish();
      // A page of the gateway's own says no by itself, after the gates.
      if (decision.kind === 'own') assert.equal(live.route, alone.route);
      else assert.deepEqual(live, alone);
      return decision.kind === 'refuse' ? decision.refusal.code : decision.kind;
    }
    assert.equal(exchanged.isForwarded, true);
    this.#held.push({ exchanged, permit: decision.permit, alone });
    if (!asking.isHeld) this.#answer(this.#held.at(-1)!);
    this.#giveBack();
    return decision.kind;
  }

  #answerFirst(): void {
    const [first] = this.#held;
    if (first !== undefined) this.#answer(first);
  }

  #answer({ exchanged, alone }: Held): void {
    assert.deepEqual(exchanged.finish(), alone);
  }

  /** The places of exchanges that are over: they were answered, or their identity has ended. */
  #giveBack(): void {
    for (const held of this.#held.splice(0)) {
      if (held.exchanged.isOver) held.permit[Symbol.dispose]();
      else this.#held.push(held);
    }
  }
}
