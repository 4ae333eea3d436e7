import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InboundRequest } from '../../../src/core/message.ts';
import { GATES } from '../../../src/evaluate/decision.ts';
import type { Gate } from '../../../src/evaluate/decision.ts';
import { MemoryLimits } from '../../../src/evaluate/limit/memory-limits.ts';
import { inbound } from '../../support/auth/auth.ts';
import { ASKER, gateScene } from '../../support/evaluation/gate-scene.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { LateLimits } from '../../support/fakes/late-limits.ts';
import { FakeBody } from '../../support/fakes/message.ts';

/** Gates of which this version has only the place. */
const NOT_YET: readonly Gate[] = ['authorize'];
/** Answers a preflight, and refuses nothing. */
const REFUSES_NOTHING: readonly Gate[] = ['cors'];

interface Case {
  readonly gate: Gate;
  readonly request: Partial<InboundRequest>;
  readonly code: string;
  /** What was found before it said no. */
  readonly found: { readonly path?: string; readonly subject?: string; readonly tenant?: string };
}

/** Of a client that no list lets in. */
const UNLISTED = { ...inbound().connection, remoteAddress: '198.51.100.66' };

const CASES: readonly Case[] = [
  {
    // Before an own page, and before its rate, which is spent.
    gate: 'address-list',
    request: { connection: UNLISTED, target: '/.fairlead/x' },
    code: 'address_not_allowed',
    found: {},
  },
  {
    // Before the CORS of its path, and before anybody is asked.
    gate: 'address-list',
    request: { target: '/inside' },
    code: 'address_not_allowed',
    found: { path: '/inside' },
  },
  {
    gate: 'address-limit',
    request: { connection: { ...inbound().connection, remoteAddress: '198.51.100.9' } },
    code: 'rate_limited',
    found: {},
  },
  {
    gate: 'own-page',
    request: { target: '/.fairlead/x', host: 'b.example' },
    code: 'no_route',
    found: {},
  },
  { gate: 'route', request: { host: 'b.example' }, code: 'no_route', found: {} },
  {
    gate: 'methods',
    request: { method: 'POST', target: '/read' },
    code: 'method_not_allowed',
    found: {},
  },
  {
    gate: 'authenticate',
    request: { target: '/login' },
    code: 'authentication_required',
    found: { path: '/login' },
  },
  {
    gate: 'cross-site',
    request: { method: 'POST', target: '/session', headers: ['origin', 'https://evil.example'] },
    code: 'cross_site',
    found: { path: '/session', subject: 'person' },
  },
  {
    gate: 'require',
    request: { target: '/admin' },
    code: 'forbidden',
    found: { path: '/admin', subject: 'acme-user' },
  },
  {
    gate: 'tenant',
    request: { target: '/nameless' },
    code: 'tenant_unknown',
    found: { path: '/nameless', subject: 'nameless' },
  },
  {
    gate: 'overload',
    request: { target: '/shed' },
    code: 'overloaded',
    found: { path: '/shed', subject: 'shed-user', tenant: 'shed' },
  },
  {
    gate: 'identity-headers',
    request: { target: '/told' },
    code: 'identity_header',
    found: { path: '/told', subject: 'acme-user', tenant: 'acme' },
  },
  {
    gate: 'limit',
    request: { target: '/small', body: new FakeBody(11) },
    code: 'body_too_large',
    found: { path: '/small', subject: 'acme-user', tenant: 'acme' },
  },
  {
    gate: 'limit',
    request: { target: '/full' },
    code: 'rate_limited',
    found: { path: '/full', subject: 'acme-user', tenant: 'acme' },
  },
];

for (const { gate, request, code, found } of CASES) {
  for (const [store, makeStore] of [
    ['memory', () => new MemoryLimits(new FakeClock())],
    ['a store that answers later', () => new LateLimits(new FakeClock())],
  ] as const) {
    test(`gate ${gate} refuses ${code} and spends nothing: ${store}`, async () => {
      const scene = gateScene(makeStore());
      await scene.spend(inbound({ target: '/full' }));
      if (gate === 'address-limit') await scene.spendAddress(inbound(request));
      const before = scene.limits.taken;

      const decision = await scene.decide(inbound(request));

      assert.equal(decision.kind, 'refuse');
      assert.equal(decision.gate, gate);
      assert.equal(decision.refusal.code, code);
      assert.equal(decision.match?.path, found.path);
      assert.equal(decision.identity?.subject, found.subject);
      assert.equal(decision.tenant?.id, found.tenant);
      assert.equal(scene.limits.taken, before);
    });
  }
}

test('every gate that exists has a request that it refuses', () => {
  const covered = new Set<Gate>([...NOT_YET, ...REFUSES_NOTHING, ...CASES.map(({ gate }) => gate)]);

  assert.deepEqual(
    GATES.filter((gate) => !covered.has(gate)),
    [],
  );
});

test('a preflight is answered before anybody is asked who it is', () => {
  const scene = gateScene(new MemoryLimits(new FakeClock()));
  const headers = ['origin', 'https://a.example', 'access-control-request-method', 'PUT'];

  const decision = scene.decide(inbound({ method: 'OPTIONS', target: '/cors', headers }));

  assert.ok(!(decision instanceof Promise));
  assert.equal(decision.kind, 'preflight');
  assert.equal(scene.limits.taken, 0);
});

test('what is allowed takes of the limits, and its permit gives the place back', async () => {
  const scene = gateScene(new MemoryLimits(new FakeClock()));

  const decision = await scene.decide(inbound({ target: '/small' }));

  assert.equal(decision.kind, 'allow');
  assert.equal(decision.tenant.id, 'acme');
  assert.equal(scene.limits.taken, 2);
  decision.permit[Symbol.dispose]();
  assert.equal(scene.limits.taken, 1);
});

test('a client that leaves while a plugin is asked: gone, and nothing is taken', async () => {
  const scene = gateScene(new MemoryLimits(new FakeClock()));
  const leaving = { ...ASKER, isAborted: false };

  const decision = scene.decide(inbound({ target: '/late' }), leaving);
  leaving.isAborted = true;

  assert.ok(decision instanceof Promise);
  assert.deepEqual(await decision, { kind: 'gone' });
  assert.equal(scene.limits.taken, 0);
});

test('a client that leaves while a store is asked: gone, and its place is free again', async () => {
  const scene = gateScene(new LateLimits(new FakeClock()));
  const leaving = { ...ASKER, isAborted: false };

  const decision = scene.decide(inbound({ target: '/small' }), leaving);
  leaving.isAborted = true;

  assert.ok(decision instanceof Promise);
  assert.deepEqual(await decision, { kind: 'gone' });
  assert.equal(scene.limits.placesTaken, 0);
});
