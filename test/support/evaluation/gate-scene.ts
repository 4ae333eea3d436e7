import assert from 'node:assert/strict';
import type { InboundRequest } from '../../../src/core/message.ts';
import { refuse } from '../../../src/core/refusal.ts';
import type { Decision } from '../../../src/evaluate/decision.ts';
import { evaluate } from '../../../src/evaluate/evaluate.ts';
import { AddressLimiter } from '../../../src/evaluate/limit/address-limiter.ts';
import { addressRate } from '../../../src/policy/compile/compile-limits.ts';
import type { Check, SpentCheck } from '../../../src/policy/snapshot/snapshot.ts';
import type { Maybe } from '../../../src/core/maybe.ts';
import type { LimitStore, Taken } from '../../../src/evaluate/limit/limit-store.ts';
import { Limiter } from '../../../src/evaluate/limit/limiter.ts';
import type { Provider } from '../../../src/plugin/host/kinds/provider.ts';
import type {
  ClaimRequirement,
  CorsPolicy,
  PolicySnapshot,
} from '../../../src/policy/snapshot/snapshot.ts';
import { identityOf, provider } from '../auth/auth.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { addresses, limits, rate, routeTable, rule } from '../policy/policy.ts';

/** Somebody who waits. */
export const ASKER = { id: 'x', signal: AbortSignal.any([]), isAborted: false, routed: () => {} };

/** Counts what a store holds of all requests. */
class CountedLimits implements LimitStore {
  taken = 0;
  placesTaken = 0;
  readonly #store: LimitStore;

  constructor(store: LimitStore) {
    this.#store = store;
  }

  take(check: Check, nowMs: number) {
    const taken = this.#store.take(check, nowMs);
    if (taken instanceof Promise) return taken.then((late) => this.#count(check, late));
    return this.#count(check, taken);
  }

  look(check: SpentCheck, nowMs: number): Maybe<number> {
    return this.#store.look(check, nowMs);
  }

  undo(check: Check, taken: Taken): void {
    this.#add(check, -1);
    this.#store.undo(check, taken);
  }

  #count(check: Check, taken: Taken): Taken {
    if (taken.isAdmitted) this.#add(check, 1);
    return taken;
  }

  #add(check: Check, by: number): void {
    this.taken += by;
    if (check.kind === 'place') this.placesTaken += by;
  }
}

/** Gates, the limits that they take of, and a request each that spends them. */
export function gateScene(store: LimitStore) {
  const clock = new FakeClock();
  const limitStore = new CountedLimits(store);
  const limiter = new Limiter({ clock, store: limitStore });
  const addressLimiter = new AddressLimiter({ clock });
  const shedder = {
    refusal: (tier: string | undefined) => (tier === 'low' ? refuse('overloaded') : undefined),
  };
  const generation = { snapshot: POLICY, providers: PROVIDERS, publicPort: 443 };
  const decide = (request: InboundRequest, asker = ASKER) =>
    evaluate({ request, generation, asker }, { clock, addressLimiter, limiter, shedder });
  return {
    limits: limitStore,
    decide,
    /** Takes the one token of the rate that covers it. */
    async spend(request: InboundRequest): Promise<void> {
      const decision: Decision = await decide(request);
      assert.equal(decision.kind, 'allow');
      decision.permit[Symbol.dispose]();
    },
    /** The address has no request left, whatever it asks for. */
    async spendAddress({ clientAddress }: InboundRequest): Promise<void> {
      const { rate: perAddress } = POLICY.gateway.limits.perClientAddress;
      for (let i = 0; i < perAddress!.client.shape.capacity; i += 1) {
        assert.equal(await addressLimiter.admit(clientAddress, perAddress), undefined);
      }
    },
  };
}

const PROVIDERS: ReadonlyMap<string, Provider> = new Map(
  [
    provider('nobody', { kind: 'pass' }),
    provider(
      'user',
      identityOf('acme-user', { claims: { org: 'acme', role: 'user', nickname: 'a\nb' } }),
    ),
    provider('late', identityOf('late', { claims: { org: 'acme' } }), { isLate: true }),
    provider('person', identityOf('person', { session: 's1', claims: { org: 'acme' } })),
    provider('shed-user', identityOf('shed-user', { claims: { org: 'shed' } })),
    provider('nameless', identityOf('nameless', { claims: {} })),
  ].map((each) => [each.name, each]),
);

const by = (name: string) => ({ kind: 'any' as const, providers: [name] });
const ADMIN: ClaimRequirement = {
  text: 'role',
  path: { kind: 'claim', keys: ['role'] },
  conditions: [{ kind: 'any', values: ['admin'] }],
};
const CORS: CorsPolicy = {
  origins: new Set(['https://a.example']),
  credentials: true,
} as Partial<CorsPolicy> as CorsPolicy;

/** As much of a policy as the gates read. */
const POLICY = {
  gateway: {
    from: [addresses('gateway.from', 'deny', '198.51.100.66')],
    limits: { perClientAddress: { connections: 10, rate: addressRate(rate('20/m')) } },
  },
  tenants: {
    id: { kind: 'claim', keys: ['org'] },
    tier: { from: undefined, default: 'free' },
    anonymous: { tier: undefined },
    overrides: new Map([['shed', { tier: 'low', limits: undefined }]]),
  },
  tiers: new Map([['free', limits({ rates: [rate('100/m')], concurrent: 5 })]]),
  routes: routeTable({
    'app.example.com': [
      rule({ path: '/login', auth: by('nobody') }),
      rule({
        path: '/inside',
        auth: by('nobody'),
        from: [addresses('routes.web.from', 'allow', '203.0.113.0/24')],
      }),
      rule({ path: '/session', auth: by('person') }),
      rule({
        path: '/admin',
        auth: by('user'),
        requires: { acr: undefined, maxAgeMs: undefined, claims: [ADMIN] },
      }),
      rule({ path: '/nameless', auth: by('nameless') }),
      rule({
        path: '/told',
        auth: by('user'),
        identityHeaders: [{ name: 'x-nick', value: { kind: 'claim', keys: ['nickname'] } }],
      }),
      rule({ path: '/shed', auth: by('shed-user') }),
      rule({ path: '/small', auth: by('user'), bodyBytes: 10 }),
      rule({ path: '/full', auth: by('user'), pathLimits: limits({ rates: [rate('1/h')] }) }),
      rule({ path: '/late', auth: by('late') }),
      rule({ path: '/read', methods: new Set(['GET', 'HEAD']) }),
      rule({
        path: '/cors',
        auth: by('nobody'),
        cors: CORS,
      }),
    ],
  }),
} as unknown as PolicySnapshot;
