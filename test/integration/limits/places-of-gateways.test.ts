import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { DEADLINES } from '../../../src/core/deadlines.ts';
import { Application } from '../../support/applications/application.ts';
import { GatewayProcess } from '../../support/gateway/gateway-process.ts';
import { NO_REDIS, TestRedis } from '../../support/sessions/redis.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const skip = NO_REDIS;

/** Two processes with one Redis, four requests at the same time, and an application that answers when it is told to. */
async function startGateways(limits: string) {
  const stack = new AsyncDisposableStack();
  const redis = stack.use(await TestRedis.start());
  const held: ServerResponse[] = [];
  const application = stack.use(
    await Application.start((_, response) => {
      held.push(response);
    }),
  );
  const start = async (): Promise<GatewayProcess> =>
    stack.use(
      await GatewayProcess.start({
        gateway: `store: { redis: "${redis.url}", replicas: 2 }`,
        policy: `
services: { web: { via: tcp, host: 127.0.0.1, port: ${application.address.port} } }
routes: { web: { host: app.example.test, service: web, auth: public, limits: ${limits} } }`,
      }),
    );
  const gateways = await Promise.all([start(), start()]);
  return { held, gateways, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test(
  'gateways share places, and those of one that is killed are free within a lease',
  { skip },
  async () => {
    await using both = await startGateways('{ concurrent: 4 }');
    const [one, other] = both.gateways;
    const inFlight = [one, one, one, other].map((gateway) => statusOf(gateway));
    await waitUntil('four are in flight', () => both.held.length === 4);
    assert.equal(await statusOf(one), 429);
    assert.equal(await statusOf(other), 429);

    one.child.kill('SIGKILL');
    const late = await enterUntil(both.held, 7, other);

    // What lives has kept its place for longer than a lease: three were free, not four.
    assert.equal(await statusOf(other), 429);
    for (const response of both.held) response.end('ok');
    assert.deepEqual(await Promise.all([inFlight[3], ...late]), [200, 200, 200, 200]);
  },
);

/** Asks until the application holds so many; the requests that came in. Within a lease, and a moment for slow machines. */
async function enterUntil(
  held: readonly ServerResponse[],
  count: number,
  gateway: GatewayProcess,
): Promise<Promise<number>[]> {
  const inside: Promise<number>[] = [];
  const enter = async (): Promise<boolean> => {
    const before = held.length;
    const answer = statusOf(gateway);
    const isAnswered = answer.then(() => false);
    const isIn = waitUntil('it is in', () => held.length > before).then(() => true);
    isIn.catch(() => {});
    if (await Promise.race([isAnswered, isIn])) inside.push(answer);
    return held.length === count;
  };
  await waitUntil('places of the killed one are free', enter, DEADLINES.placeLeaseMs + 1_000);
  return inside;
}

async function statusOf(gateway: GatewayProcess): Promise<number> {
  try {
    const { statusCode, body } = await gateway.request('/');
    await body.dump();
    return statusCode;
  } catch {
    return 0;
  }
}
