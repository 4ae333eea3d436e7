import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLOSED, GatewayScene } from '../../support/gateway/gateway-scene.ts';

const scene = GatewayScene.forFile({
  set: (port) => ({
    files: CLOSED.files,
    policy: `
services: { app: { via: tcp, host: 127.0.0.1, port: ${port} } }
providers:
  ${CLOSED.provider}
profiles:
  open: { auth: public }
  closed: { auth: local }
  few: { limits: { rate: 2/h } }
  small: { body: 10B }
  smaller: { body: 5B }
routes:
  app: { host: app.example.test, service: app, use: [open, few] }
  other: { host: other.example.test, service: app, use: [open, few], limits: { burst: 3 } }
  free: { host: free.wild.example.test, service: app, use: [open, few], limits: null }
  sizes:
    host: sizes.wild.example.test
    service: app
    use: [open, small]
    paths:
      /closed: { use: [closed] }
      /ordered: { use: [small, smaller] }
      /own: { use: [smaller], body: 20B }
      /back: { use: [smaller], body: null }
`,
  }),
});

async function post(host: string, path: string, octets = 1): Promise<number> {
  const body = 'x'.repeat(octets);
  const options = { host: `${host}.example.test`, method: 'POST', body };
  const { statusCode, body: answer } = await scene.gateway.request(path, options);
  await answer.dump();
  return statusCode;
}

async function inTurn(host: string, requests: number): Promise<readonly number[]> {
  const statuses = [];
  for (let n = 0; n < requests; n += 1) statuses.push(await post(host, '/'));
  return statuses;
}

test('a route or path has what its profiles say; the later profile, and what it says itself, wins', async () => {
  const told = [];
  for (const [path, fits] of [
    ['/', 10],
    ['/ordered', 5],
    ['/own', 20],
  ] as const) {
    told.push(await post('sizes.wild', path, fits), await post('sizes.wild', path, fits + 1));
  }

  assert.deepEqual(told, [200, 413, 200, 413, 200, 413]);
  assert.equal(await post('sizes.wild', '/back', 21), 200, 'back to the default that is built in');
  assert.equal(
    await post('sizes.wild', '/closed'),
    401,
    'the profile of a path wins over its route',
  );
});

test('the rate of a profile counts for each route by itself, with the keys of the route', async () => {
  assert.deepEqual(await inTurn('app', 3), [200, 200, 429]);
  assert.deepEqual(await inTurn('other', 4), [200, 200, 200, 429]);
  assert.deepEqual(
    await inTurn('free.wild', 4),
    [200, 200, 200, 200],
    'null takes the limits back',
  );
});
