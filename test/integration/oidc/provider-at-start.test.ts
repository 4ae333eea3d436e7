import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';
import { Application } from '../../support/applications/application.ts';
import { closedPort } from '../../support/applications/backend.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { TestIssuer } from '../../support/auth/issuer.ts';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import { GATEWAY_ORIGIN, GatewaySite, loginPolicy } from '../../support/oidc/login-gateway.ts';
import { RealProvider } from '../../support/oidc/real-provider.ts';

/** Something at a port that is no provider, until it ends. */
interface Away extends AsyncDisposable {
  readonly port: number;
}

async function refusing(): Promise<Away> {
  return { port: await closedPort(), [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** Accepts, and says nothing ever. */
async function silent(): Promise<Away> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    socket.on('error', () => {});
    sockets.add(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const ROUTE = `auth: corp, paths: { /public/**: { auth: public }, /api/**: { auth: api } }`;

for (const [how, beAway] of [
  ['refuses connections', refusing],
  ['accepts connections and says nothing', silent],
] as const) {
  test(`a provider that ${how} at start holds up its own routes alone, which recover`, async () => {
    await using application = await Application.start();
    await using issuer = await TestIssuer.start();
    const away = await beAway();
    const url = `http://127.0.0.1:${away.port}`;
    const providers = `  api: { plugin: jwt, issuer: "${issuer.url}", audience: web, jwks: { allowPrivate: true } }`;
    await using gateway = await TestGateway.start({
      ...loginPolicy(application, { url }, { providers, route: ROUTE }),
      waitUntilReady: false,
    });
    const bearer = await issuer.sign({ sub: 'robot', aud: 'web' }, Date.now());
    const site = new GatewaySite(gateway);
    const statuses = async () => {
      const open = await site.handle({ url: '/public/x' });
      const program = await site.handle({
        url: '/api/x',
        headers: { authorization: `Bearer ${bearer}`, accept: '*/*' },
      });
      return [open.response.status, program.response.status];
    };

    const atStart = await statuses();
    const person = await new TestBrowser(site, GATEWAY_ORIGIN).open('/');
    const meanwhile = await statuses();
    await away[Symbol.asyncDispose]();
    await using _provider = await RealProvider.start({ origin: GATEWAY_ORIGIN, port: away.port });
    const recovered = await untilLoggedIn(site);

    assert.deepEqual(
      [atStart, meanwhile],
      [
        [200, 200],
        [200, 200],
      ],
    );
    assert.equal(person.status, 503);
    assert.equal(recovered, 200);
  });
}

/** A person who reloads the page. */
async function untilLoggedIn(site: GatewaySite): Promise<number> {
  const browser = new TestBrowser(site, GATEWAY_ORIGIN);
  let status = 503;
  for (let i = 0; i < 150 && status === 503; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    ({ status } = await browser.open('/'));
  }
  return status;
}
