import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoutingKey } from '../../../../src/core/ids.ts';
import type { ServicePolicy } from '../../../../src/policy/snapshot/snapshot.ts';
import { AddressChoice } from '../../../../src/upstream/addresses/address-choice.ts';

type Reachability = 'reachable' | 'unreachable' | 'unknown';

function service(
  order: 'priority' | 'weighted',
  weights: Readonly<Record<string, number>>,
): ServicePolicy {
  const members = Object.entries(weights).map(([address, weight]) => ({
    weight,
    service: { name: 'web', address: address as RoutingKey } as ServicePolicy,
  }));
  return {
    name: 'web',
    address: members[0]!.service.address,
    addresses: { order, sticky: undefined, members },
  } as unknown as ServicePolicy;
}

/** `draws` are evenly spread, so shares come out exact. */
function choice(known: Readonly<Record<string, Reachability>> = {}, draws = 1000): AddressChoice {
  let draw = 0;
  return new AddressChoice({
    reachability: (key) => known[key] ?? 'reachable',
    isOpen: ({ address }) => address !== 'failing',
    wasRefused: (key) => key.startsWith('refused'),
    random: () => (draw++ % draws) / draws,
  });
}

function shares(chooser: AddressChoice, of: ServicePolicy, count = 1000): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < count; i += 1) {
    const key = chooser.choose(of, {})?.address ?? 'none';
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

test('by priority the first with consumers gets everything', () => {
  const three = service('priority', { a: 1, b: 1, c: 1 });

  assert.deepEqual(shares(choice(), three), { a: 1000 });
  assert.deepEqual(shares(choice({ a: 'unreachable' }), three), { b: 1000 });
  assert.deepEqual(shares(choice({ a: 'unreachable', b: 'unreachable' }), three), { c: 1000 });
});

test('a key of which nothing is known yet is tried', () => {
  assert.deepEqual(shares(choice({ a: 'unknown' }), service('priority', { a: 1, b: 1 })), {
    a: 1000,
  });
});

test('a key that refused a moment ago is taken when no other is left', () => {
  assert.deepEqual(shares(choice(), service('priority', { refused: 1, b: 1 })), { b: 1000 });
  assert.deepEqual(shares(choice(), service('weighted', { refused: 90, b: 10 })), { b: 1000 });
  assert.deepEqual(
    shares(choice({ b: 'unreachable' }), service('priority', { refused: 1, b: 1 })),
    { refused: 1000 },
  );
});

test('by weight each gets its share', () => {
  assert.deepEqual(shares(choice(), service('weighted', { a: 90, b: 10 })), { a: 900, b: 100 });
});

test('the weights of the keys that are left count', () => {
  const three = service('weighted', { a: 80, b: 15, c: 5 });

  assert.deepEqual(shares(choice({ a: 'unreachable' }), three), { b: 750, c: 250 });
});

test('a weight of 0 gets nothing, also where no other is left', () => {
  const two = service('weighted', { a: 100, b: 0 });

  assert.deepEqual(shares(choice(), two), { a: 1000 });
  assert.deepEqual(shares(choice({ a: 'unreachable' }), two), { none: 1000 });
});

test('a key whose connections fail is left out until an attempt is due', () => {
  assert.deepEqual(shares(choice(), service('priority', { failing: 1, b: 1 })), { b: 1000 });
});

test('no key is left: none is chosen', () => {
  const known = { a: 'unreachable', b: 'unreachable' } as const;

  assert.deepEqual(shares(choice(known), service('priority', { a: 1, b: 1 })), { none: 1000 });
});

test('what was tried is not chosen again', () => {
  const two = service('priority', { a: 1, b: 1 });
  const first = choice().choose(two, {})!;

  assert.equal(choice().choose(two, { without: new Set([first]) })?.address, 'b');
});

test('the same affinity keeps to one key, and all of them together have their shares', () => {
  const three = service('weighted', { a: 70, b: 20, c: 10 });
  const counts: Record<string, number> = {};
  for (let person = 0; person < 10_000; person += 1) {
    const affinity = `person ${person}`;
    const key = choice().choose(three, { affinity })!.address;
    assert.equal(choice().choose(three, { affinity })!.address, key);
    counts[key] = (counts[key] ?? 0) + 1;
  }

  // Three standard deviations of a binomial of 10,000.
  assert.ok(Math.abs(counts['a']! - 7000) < 140, JSON.stringify(counts));
  assert.ok(Math.abs(counts['b']! - 2000) < 120, JSON.stringify(counts));
  assert.ok(Math.abs(counts['c']! - 1000) < 90, JSON.stringify(counts));
});

test('a key that goes away moves only those who had it', () => {
  const three = service('weighted', { a: 70, b: 20, c: 10 });
  const without = choice({ b: 'unreachable' });
  for (let person = 0; person < 1000; person += 1) {
    const affinity = `person ${person}`;
    const before = choice().choose(three, { affinity })!.address;
    const after = without.choose(three, { affinity })!.address;

    if (before !== 'b') assert.equal(after, before);
    else assert.notEqual(after, 'b');
  }
});
