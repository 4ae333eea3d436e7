import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import test from 'node:test';
import { Application } from '../../support/applications/application.ts';
import type { TestGateway } from '../../support/gateway/gateway.ts';
import { NO_REDIS, TestRedis } from '../../support/sessions/redis.ts';
import { logIn, startSessionGateway } from '../../support/sessions/session-gateway.ts';
import { sessionPlugin } from '../../support/sessions/session-plugin.ts';
import type { SeenByPlugin } from '../../support/sessions/session-plugin.ts';

/** Two gateways with one Redis, and what their plugins did together. */
async function startReplicas(work?: () => Promise<void>) {
  const stack = new AsyncDisposableStack();
  const redis = stack.use(await TestRedis.start());
  const application = stack.use(await Application.start(streamOrAnswer));
  const seen: SeenByPlugin = { refreshes: 0 };
  const start = async (): Promise<TestGateway> => {
    const gateway = await startSessionGateway(application, {
      gateway: `store: { redis: "${redis.url}" }`,
      plugins: [sessionPlugin(seen, work)],
    });
    return stack.use(gateway);
  };
  const [one, two] = [await start(), await start()];
  return { redis, one, two, seen, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function statusOf(gateway: TestGateway, cookie: string): Promise<number> {
  const response = await gateway.request('/', { headers: { cookie } });
  await response.body.dump();
  return response.statusCode;
}

test('a session opened on one replica is known on the other', { skip: NO_REDIS }, async () => {
  await using replicas = await startReplicas();
  const cookie = await logInWhenReady(replicas.one);

  assert.equal(await statusOf(replicas.two, cookie), 200);
});

test(
  'a logout on one replica ends sessions and streams on the other within a second',
  { skip: NO_REDIS },
  async () => {
    await using replicas = await startReplicas();
    const cookie = await logInWhenReady(replicas.one);
    const stream = await replicas.two.request('/events', { headers: { cookie } });
    await once(stream.body, 'readable');
    const ended = once(stream.body, 'error');
    const started = performance.now();

    const path = '/.fairlead/corp/backchannel-logout';
    const logout = await replicas.one.request(path, { method: 'POST', body: 'ada' });
    await logout.body.dump();
    await ended;

    assert.ok(performance.now() - started < 1000);
    assert.equal(await statusOf(replicas.two, cookie), 401);
  },
);

test(
  'a hundred refreshes on two replicas at once do the work once',
  { skip: NO_REDIS },
  async () => {
    // Longer than a lease that nobody renews.
    await using replicas = await startReplicas(() => passed(3500));
    const cookie = await logInWhenReady(replicas.one);
    const refresh = async (gateway: TestGateway): Promise<unknown> => {
      const response = await gateway.request('/.fairlead/corp/refresh', { headers: { cookie } });
      return response.body.json();
    };

    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_each, at) =>
        refresh(at % 2 === 0 ? replicas.one : replicas.two),
      ),
    );

    assert.equal(replicas.seen.refreshes, 1);
    assert.deepEqual(
      new Set(outcomes.map((outcome) => JSON.stringify(outcome))),
      new Set(['{"version":1}']),
    );
  },
);

test(
  'a store that is down is 503, never anonymous and never a logout',
  { skip: NO_REDIS },
  async () => {
    await using replicas = await startReplicas();
    const cookie = await logInWhenReady(replicas.one);

    replicas.redis.suspend();
    const suspended = await statusOf(replicas.one, cookie);
    replicas.redis.resume();
    const resumed = await settled(replicas.one, cookie, 200);
    await replicas.redis.kill();
    const killed = await statusOf(replicas.two, cookie);

    assert.deepEqual([suspended, resumed, killed], [503, 200, 503]);
  },
);

test(
  'a gateway whose store is down says so and serves what needs none',
  { skip: NO_REDIS },
  async () => {
    await using replicas = await startReplicas();
    await logInWhenReady(replicas.one);

    await replicas.redis.kill();
    while (!(await readiness(replicas.one)).includes('store: Redis')) await passed(10);

    const open = await replicas.one.request('/public/x');
    await open.body.dump();
    assert.equal(open.statusCode, 200);
    assert.equal(replicas.one.gateway.isReady, true);
  },
);

async function readiness({ gateway }: TestGateway): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${gateway.adminPort}/readyz`);
  return response.text();
}

/** The store is connected to in the background; until then a login is 503. */
async function logInWhenReady(gateway: TestGateway): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const cookie = await logIn(gateway);
    if (cookie !== '') return cookie;
    await passed(20);
  }
  throw new Error('no login within two seconds');
}

async function settled(gateway: TestGateway, cookie: string, wanted: number): Promise<number> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if ((await statusOf(gateway, cookie)) === wanted) return wanted;
    await passed(50);
  }
  return statusOf(gateway, cookie);
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function streamOrAnswer(request: IncomingMessage, response: ServerResponse): void {
  if (request.url !== '/events') {
    response.end('ok');
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('data: hello\n\n');
}
