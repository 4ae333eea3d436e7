import assert from 'node:assert/strict';
import test from 'node:test';
import { Secret } from '../../../src/core/secret.ts';
import type { Json } from '../../../src/plugin/contract.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { viewOf } from '../../support/plugins/plugin-host.ts';
import { MINUTE, person, sessionService, withCookies } from '../../support/sessions/sessions.ts';

const LARGE: Record<string, Json> = {
  org: 9_007_199_254_740_993n,
  teams: [{ id: -(2n ** 64n) }, 7, '9007199254740993', 0.1],
};
const IN_COOKIES = {
  store: 'cookie',
  idleMs: 30 * MINUTE,
  absoluteMs: 12 * 60 * MINUTE,
  keys: [new Secret('key-'.repeat(16))],
} as const;

for (const [place, settings] of [
  ['in the store', undefined],
  ['in a cookie', IN_COOKIES],
] as const) {
  test(`a session ${place} keeps every digit of large integers, through updates`, async () => {
    const { service } = sessionService(new FakeClock(), undefined, settings);
    const sessions = service.forProvider('corp');
    const identity = person('ada', { claims: LARGE });

    const { setCookies } = await sessions.open({
      request: viewOf(),
      identity,
      data: { kept: LARGE },
    });
    const opened = await sessions.current(withCookies(setCookies));
    const { setCookies: changed } = await sessions.update(opened!.id, (data) => [data, 2n ** 70n]);
    const cookies = changed.length > 0 ? changed : setCookies;
    const updated = await sessions.current(withCookies(cookies));

    assert.deepEqual(opened?.identity.claims, LARGE);
    assert.deepEqual(updated?.identity.claims, LARGE);
    assert.deepEqual(updated?.data, [{ kept: LARGE }, 2n ** 70n]);
  });
}
