import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { Application } from '../../support/applications/application.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

let stable: Application;
let canary: Application;
let router: RunningRouter;

before(async () => {
  stable = await Application.start((_request, response) => response.end('stable'));
  canary = await Application.start((_request, response) => response.end('canary'));
  router = await startRouter({
    connectors: { 'stable:1': stable.address, 'canary:1': canary.address },
  });
});

after(async () => {
  await router?.[Symbol.asyncDispose]();
  await stable?.[Symbol.asyncDispose]();
  await canary?.[Symbol.asyncDispose]();
});

test('weighted: a canary gets its share of the requests', async () => {
  await using gateway = await start('weighted: { "stable:1": 80, "canary:1": 20 }');

  const counts = await answers(gateway, 400);

  // Four standard deviations of a binomial of 400 with 0.2: 8 each.
  assert.equal(counts.stable + counts.canary, 400);
  assert.ok(Math.abs(counts.canary - 80) < 32, JSON.stringify(counts));
});

test('priority: the second takes over when the first has no consumer, and gives back', async () => {
  await using gateway = await start('priority: ["stable:1", "canary:1"]');
  const before = await answers(gateway, 20);

  await router.removeConnector('stable:1');
  await untilKnown(gateway, 'canary');
  const during = await answers(gateway, 20);
  await router.addConnector('stable:1', stable.address);
  await untilKnown(gateway, 'stable');
  const later = await answers(gateway, 20);

  assert.deepEqual(before, { stable: 20, canary: 0 });
  assert.deepEqual(during, { stable: 0, canary: 20 });
  assert.deepEqual(later, { stable: 20, canary: 0 });
});

test('a key whose consumer leaves under load costs a few requests their retry, and none its answer', async () => {
  await using gateway = await start('priority: ["stable:1", "canary:1"]');
  await answers(gateway, 20);
  const count = gateway.records.length;

  await router.removeConnector('stable:1');
  const during = await answers(gateway, 100);
  await waitUntil('all is recorded', () => gateway.records.length === count + 100);
  await router.addConnector('stable:1', stable.address);

  const retried = gateway.records.slice(count).filter(({ retries }) => retries !== undefined);
  assert.deepEqual(during, { stable: 0, canary: 100 });
  assert.ok(retried.length < 10, `${retried.length} of 100 were sent again`);
});

test('no key has a consumer: 503, and the keys are named in the record', async () => {
  await using gateway = await start('priority: ["gone:1", "gone:2"]');

  const detail = () => JSON.stringify(gateway.records.at(-1) ?? {});
  // Until the network has told of them the keys are tried, with the same answer.
  for (let i = 0; i < 50 && !detail().includes('knows a consumer'); i += 1) {
    const { statusCode, body } = await gateway.request('/');
    await body.dump();
    assert.equal(statusCode, 503);
    await waitUntil('it is recorded', () => gateway.records.length > i);
  }

  assert.match(detail(), /knows a consumer of gone:1, gone:2/);
});

test('a refused opening goes to the next key', async () => {
  const refusing = await Application.start((_request, response) => response.end());
  const { address } = refusing;
  await refusing[Symbol.asyncDispose]();
  await router.addConnector('refusing:1', address);
  await using gateway = await start('priority: ["refusing:1", "canary:1"]');

  const counts = await answers(gateway, 20);
  await router.removeConnector('refusing:1');

  assert.deepEqual(counts, { stable: 0, canary: 20 });
});

test('sticky by a header: one value keeps to one key, and nothing of it chooses which', async () => {
  await using gateway = await start(
    'weighted: { "stable:1": 50, "canary:1": 50 }, sticky: { header: X-User }',
  );

  const seen = await Promise.all(
    Array.from({ length: 16 }, async (_, user) => {
      const own = [];
      for (let i = 0; i < 5; i += 1) own.push(await answer(gateway, { 'x-user': `user ${user}` }));
      return new Set(own);
    }),
  );

  assert.ok(seen.every((own) => own.size === 1));
  assert.equal(new Set(seen.flatMap((own) => [...own])).size, 2);
});

test('sticky by session: without a login a client address keeps to one key', async () => {
  await using gateway = await start(
    'weighted: { "stable:1": 50, "canary:1": 50 }, sticky: session',
  );

  const { stable: first } = await answers(gateway, 20);

  assert.ok(first === 0 || first === 20);
});

test('a reload that changes the weights keeps the connections and holds from the next request on', async () => {
  await using gateway = await start('weighted: { "stable:1": 1, "canary:1": 0 }');
  const before = await answers(gateway, 10);

  await gateway.reload({ 'policy.yaml': policy('weighted: { "stable:1": 0, "canary:1": 1 }') });
  const later = await answers(gateway, 10);

  assert.deepEqual(
    [before, later],
    [
      { stable: 10, canary: 0 },
      { stable: 0, canary: 10 },
    ],
  );
});

function policy(addresses: string): string {
  return `
services: { web: { addresses: { ${addresses} } } }
routes: { web: { host: app.example.test, service: web, auth: public } }
`;
}

function start(addresses: string): Promise<TestGateway> {
  return TestGateway.start({ links: [router.link], policy: policy(addresses) });
}

async function answer(gateway: TestGateway, headers: Record<string, string> = {}): Promise<string> {
  const { body } = await gateway.request('/', { headers });
  return body.text();
}

/**
 * The gateway learns of consumers a moment later than routers do. Until then a refused opening goes on to the other key,
 * as often as the rule of retries allows: an answer without a retry is the sign that the gateway knows.
 */
async function untilKnown(gateway: TestGateway, wanted: string): Promise<void> {
  for (let i = 0; i < 500; i += 1) {
    const count = gateway.records.length;
    const found = await answer(gateway);
    const { retries } = await gateway.record(count + 1);
    if (found === wanted && retries === undefined) return;
    await setTimeout(10);
  }
  assert.fail(`${wanted} never answered without a retry`);
}

async function answers(gateway: TestGateway, count: number) {
  const counts = { stable: 0, canary: 0 };
  for (let i = 0; i < count; i += 1) counts[(await answer(gateway)) as keyof typeof counts] += 1;
  return counts;
}
