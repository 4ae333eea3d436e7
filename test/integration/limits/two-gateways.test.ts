import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Application } from '../../support/applications/application.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { NO_REDIS, TestRedis } from '../../support/sessions/redis.ts';

const skip = NO_REDIS;

/** Two gateways with one Redis, and one route whose limits are `limits`. */
async function startGateways(limits: string, timeout = '5s') {
  const stack = new AsyncDisposableStack();
  const redis = stack.use(await TestRedis.start());
  const application = stack.use(await Application.start((_, response) => response.end('ok')));
  const start = async (): Promise<TestGateway> =>
    stack.use(
      await TestGateway.start({
        gateway: `store: { redis: "${redis.url}", replicas: 2, timeout: ${timeout} }`,
        policy: `
services: { web: { via: tcp, host: 127.0.0.1, port: ${application.address.port} } }
routes: { web: { host: app.example.test, service: web, auth: public, limits: ${limits} } }`,
      }),
    );
  const gateways = [await start(), await start()] as const;
  return { redis, gateways, start, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function statusesOf(gateways: readonly TestGateway[], count: number) {
  const answers = Array.from({ length: count }, async (_, i) => {
    const { statusCode, body } = await gateways[i % gateways.length]!.request('/');
    await body.dump();
    return statusCode;
  });
  return Promise.all(answers);
}

function countOf(statuses: readonly number[], status: number): number {
  return statuses.filter((each) => each === status).length;
}

for (const algorithm of ['window', 'strict']) {
  test(`gateways with one store admit one rate (${algorithm})`, { skip }, async () => {
    await using both = await startGateways(`{ rate: 10/h, algorithm: ${algorithm} }`);

    const statuses = await statusesOf(both.gateways, 30);

    assert.deepEqual([countOf(statuses, 200), countOf(statuses, 429)], [10, 20]);
  });
}

for (const [algorithm, seconds] of [
  ['window', 3600],
  ['strict', 360],
] as const) {
  test(
    `RateLimit says when more may come, as the algorithm has it: ${algorithm}`,
    { skip },
    async () => {
      await using both = await startGateways(`{ rate: 10/h, algorithm: ${algorithm} }`);

      const { headers, body } = await both.gateways[0].request('/');
      await body.dump();

      const [, left, until] = /;r=(\d+);t=(\d+)$/.exec(String(headers['ratelimit'])) ?? [];
      assert.equal(left, '9');
      assert.ok(Number(until) > seconds - 30 && Number(until) <= seconds, String(until));
    },
  );
}

test('a quota holds over gateways, and over a restart of one', { skip }, async () => {
  await using both = await startGateways('{ quota: { amount: 10, per: month } }');
  const statuses = await statusesOf(both.gateways, 20);

  const later = await statusesOf([await both.start()], 3);

  assert.deepEqual([countOf(statuses, 200), countOf(statuses, 429)], [10, 10]);
  assert.deepEqual(later, [429, 429, 429]);
});

test('gateways count by themselves where a limit says so', { skip }, async () => {
  await using both = await startGateways('{ rate: 10/h, shared: false }');

  const statuses = await statusesOf(both.gateways, 30);

  assert.deepEqual([countOf(statuses, 200), countOf(statuses, 429)], [20, 10]);
});

const AWAY = [
  ['local-share', { 200: 10, 429: 20 }],
  ['open', { 200: 30 }],
  ['closed', { 503: 30 }],
] as const;

for (const [whenDown, wanted] of AWAY) {
  test(`while the store is away: ${whenDown}`, { skip }, async () => {
    await using both = await startGateways(`{ rate: 10/h, whenDown: ${whenDown} }`);
    await both.redis.kill();

    const statuses = await statusesOf(both.gateways, 30);

    const found = Object.fromEntries(
      Object.keys(wanted).map((status) => [status, countOf(statuses, Number(status))]),
    );
    assert.deepEqual(found, wanted);
    const record = await both.gateways[0].record(15);
    if (whenDown === 'closed') assert.equal(record['refusal'], 'limit_unavailable');
    assert.match(both.gateways[0].lines.join(''), /limits: the shared store is away/);
  });
}

test('a request waits for its limits as long as the policy says', { skip }, async () => {
  await using both = await startGateways('{ rate: 10/h, whenDown: closed }', '70ms');
  both.redis.suspend();

  try {
    assert.deepEqual(await statusesOf(both.gateways.slice(0, 1), 1), [503]);
  } finally {
    both.redis.resume();
  }
  assert.match(both.gateways[0].lines.join(''), /no answer from Redis within 70 ms/);
});
