import assert from 'node:assert/strict';
import test from 'node:test';
import { z } from 'zod';
import type { AuthenticatorPlugin } from '../../../src/plugin/host/load/catalogue.ts';
import { PLUGIN_API } from '../../../src/plugin/contract.ts';
import type { AuthResult } from '../../../src/plugin/contract.ts';
import { Application } from '../../support/applications/application.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { logIn } from '../../support/sessions/session-gateway.ts';
import { sessionPlugin } from '../../support/sessions/session-plugin.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';
import {
  echo,
  startWebSocketApplication,
  webSocketTo,
} from '../../support/applications/websocket.ts';

/** A second provider that lets everybody in, as soon as the test does: as one that fetches its keys. */
function slowPlugin() {
  const gate = Promise.withResolvers<void>();
  const seen = { asked: 0 };
  const result = (now: number): AuthResult => ({
    kind: 'identity',
    identity: { subject: 'p', issuer: 'slow', method: 'slow', claims: {}, authenticatedAt: now },
  });
  const plugin: AuthenticatorPlugin = {
    api: PLUGIN_API,
    kind: 'authenticator',
    name: 'slow',
    options: z.strictObject({}),
    create: (_options, { clock }) =>
      Promise.resolve({
        authenticate: () => {
          seen.asked += 1;
          return gate.promise.then(() => result(clock.now()));
        },
      }),
  };
  return { plugin, seen, release: () => gate.resolve() };
}

/** Asks with a session, and lets the logout come while the second provider is waited for. */
async function loggedOutMeanwhile<T>(
  application: Pick<Application, 'address'>,
  ask: (gateway: TestGateway, headers: Readonly<Record<string, string>>) => Promise<T>,
): Promise<PromiseSettledResult<T>> {
  const { host, port } = application.address;
  const slow = slowPlugin();
  await using gateway = await TestGateway.start({
    plugins: [sessionPlugin(), slow.plugin],
    policy: `
providers: { corp: { plugin: fake-login }, api: { plugin: slow } }
services: { web: { via: tcp, host: "${host}", port: ${port} } }
routes: { web: { host: app.example.test, service: web, auth: { all: [corp, api] } } }
`,
  });
  const cookie = await logIn(gateway);
  const asking = ask(gateway, { cookie, origin: `https://app.example.test:${gateway.port}` });
  const settled = Promise.allSettled([asking]);
  await waitUntil('the second provider is asked', () => slow.seen.asked === 1);

  const path = '/.fairlead/corp/backchannel-logout';
  const logout = await gateway.request(path, { method: 'POST', body: 'ada' });
  assert.deepEqual(await logout.body.json(), { ended: 1 });
  slow.release();

  const [outcome] = await settled;
  return outcome;
}

test('a request whose session ended while it was authenticated reaches no application', async () => {
  await using application = await Application.start();

  const outcome = await loggedOutMeanwhile(application, async (gateway, headers) => {
    const response = await gateway.request('/', { headers });
    const { code } = (await response.body.json()) as { code: string };
    return [response.statusCode, code];
  });

  assert.deepEqual(outcome, { status: 'fulfilled', value: [401, 'identity_ended'] });
  assert.equal(application.requests, 0);
});

test('a WebSocket whose session ended while it was authenticated does not open', async () => {
  await using application = await startWebSocketApplication(echo);

  const outcome = await loggedOutMeanwhile(application, (gateway, headers) =>
    webSocketTo(gateway, '/ws', headers),
  );

  assert.equal(outcome.status, 'rejected');
  assert.match(String(outcome.reason), /401/);
  assert.equal(application.headers.length, 0);
});
