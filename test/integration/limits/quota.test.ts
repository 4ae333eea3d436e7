import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { firstField } from '../../../src/core/header-list.ts';
import { FIELD_CLIENTS } from '../../support/clients/field-clients.ts';
import { BothWays, WAYS } from '../../support/gateway/both-ways.ts';

let gateways: BothWays;

before(async () => {
  gateways = await BothWays.start(['app'], {
    policy: `
routes:
  h1: { host: h1.wild.example.test, service: app, auth: public, limits: { quota: { amount: 2, per: month } } }
  h2: { host: h2.wild.example.test, service: app, auth: public, limits: { quota: { amount: 2, per: month } } }
  shadow: { host: shadow.wild.example.test, service: app, auth: public, limits: { quota: { amount: 1, per: month }, mode: shadow } }
`,
  });
});

after(() => gateways?.[Symbol.asyncDispose]());

/** Of this month, in UTC. */
function secondsLeft(): number {
  const now = new Date();
  return (Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1) - now.getTime()) / 1000;
}

for (const way of WAYS) {
  for (const [version, ask] of Object.entries(FIELD_CLIENTS)) {
    test(`a quota that is used up: 429 until the period ends, over ${way} and ${version}`, async () => {
      const asked = { host: hostOf(version), method: 'GET', path: '/' };
      gateways[way].records.length = 0;
      const first = await ask(gateways[way], asked);
      const second = await ask(gateways[way], asked);

      const third = await ask(gateways[way], asked);

      assert.deepEqual([first.status, second.status, third.status], [200, 200, 429]);
      const name = `"routes.${hostOf(version).split('.')[0]!}.quota"`;
      assert.equal(firstField(first.fields, 'ratelimit-policy'), `${name};q=2`);
      assert.match(firstField(first.fields, 'ratelimit')!, new RegExp(`^${name};r=1;t=\\d+$`));
      const wait = Number(firstField(third.fields, 'retry-after'));
      assert.ok(Math.abs(wait - secondsLeft()) < 60, `${wait} s, wanted ${secondsLeft()}`);
      assert.equal(firstField(third.fields, 'ratelimit'), `${name};r=0;t=${wait}`);
      assert.equal((await gateways[way].record(3))['refusal'], 'quota_exceeded');
    });
  }

  test(`a quota in shadow mode refuses nobody, over ${way}`, async () => {
    const asked = { host: 'shadow.wild.example.test', method: 'GET', path: '/' };
    const [ask] = Object.values(FIELD_CLIENTS);

    for (let i = 0; i < 3; i += 1) assert.equal((await ask!(gateways[way], asked)).status, 200);
  });
}

function hostOf(version: string): string {
  return version.includes('2') ? 'h2.wild.example.test' : 'h1.wild.example.test';
}
