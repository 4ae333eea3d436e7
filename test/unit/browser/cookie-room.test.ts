import assert from 'node:assert/strict';
import test from 'node:test';
import { hasCookieRoom } from '../../../src/browser/cookie-room.ts';
import { COOKIE_PREFIX } from '../../../src/plugin/contract.ts';
import { viewOf } from '../../support/plugins/plugin-host.ts';

const KIB = 1024;
const brought = (cookies: Readonly<Record<string, number>>) => ({
  ...viewOf(),
  cookies: new Map(Object.entries(cookies).map(([name, octets]) => [name, 'x'.repeat(octets)])),
});
const set = (name: string, octets: number, maxAgeSeconds = 60) => ({
  name,
  value: 'x'.repeat(octets),
  maxAgeSeconds,
});
const CORP = `${COOKIE_PREFIX}corp.s0`;

test('a session fits beside another as long as both together are small enough', () => {
  const view = brought({ [CORP]: 15 * KIB });

  assert.equal(hasCookieRoom(view, [set('partners.s0', 4 * KIB)], 'login'), true);
  assert.equal(hasCookieRoom(view, [set('partners.s0', 6 * KIB)], 'login'), false);
});

test('a session that is there may grow by more than a new one may bring', () => {
  const view = brought({ [CORP]: 10 * KIB, [`${COOKIE_PREFIX}partners.s0`]: 10 * KIB });

  assert.equal(hasCookieRoom(view, [set('corp.s0', 15 * KIB)], 'renewal'), true);
  assert.equal(hasCookieRoom(view, [set('corp.s0', 17 * KIB)], 'renewal'), false);
});

test('a session takes the place of the one before, and cookies of others do not count', () => {
  const view = brought({ [CORP]: 15 * KIB, 'theme-of-the-application': 15 * KIB });

  assert.equal(hasCookieRoom(view, [set('corp.s0', 16 * KIB)], 'login'), true);
});

test('whatever makes it less is let through, so that nobody is kept from logging out', () => {
  const view = brought({ [CORP]: 15 * KIB, [`${COOKIE_PREFIX}partners.s0`]: 15 * KIB });
  const third = brought({
    ...Object.fromEntries([...view.cookies].map(([n]) => [n, 15 * KIB])),
    [`${COOKIE_PREFIX}more.s0`]: 15 * KIB,
  });

  assert.equal(hasCookieRoom(third, [set('corp.s0', 0, 0), set('corp.login', 30)], 'login'), true);
  assert.equal(hasCookieRoom(view, [], 'login'), true);
});
