import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { Application } from '../../support/applications/application.ts';
import { type IssuedCertificate, issue, makeCa } from '../../support/tools/certificates.ts';
import type { TestGateway } from '../../support/gateway/gateway.ts';
import { KubernetesMount } from '../../support/policy/kubernetes-mount.ts';
import { networkCertificates } from '../../support/routers/network-certificates.ts';
import { writeFiles } from '../../support/policy/policy-set.ts';
import { startStandin, type RunningStandin } from '../../support/routers/standin.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';
import { startWatchedGateway } from '../../support/gateway/watched-gateway.ts';
import {
  echo,
  startWebSocketApplication,
  webSocketTo,
} from '../../support/applications/websocket.ts';

// The stand-in says which certificate a client came with, so it serves here whatever SKROUTERD says.

let router: RunningStandin;
let application: Application;

before(async () => {
  router = await startStandin();
  application = await Application.start();
  router.router.addConnector('web', application.address);
});

after(async () => {
  await router[Symbol.asyncDispose]();
  await application[Symbol.asyncDispose]();
});

async function credentials(name: string): Promise<Record<string, string>> {
  const { ca, issueClient } = await networkCertificates();
  const { certPem, keyPem } = await issueClient(name);
  return { 'ca.crt': ca, 'tls.crt': certPem, 'tls.key': keyPem };
}

function start(mount: KubernetesMount, service = 'web') {
  const policy = `routes: { web: { host: app.example.test, service: ${service}, auth: public } }\n`;
  return startWatchedGateway({ links: [router.link], mount, policy });
}

/** Steady traffic until stopped; the statuses that came. */
function traffic(gateway: TestGateway) {
  const statuses: number[] = [];
  const stopping = new AbortController();
  const worker = async () => {
    while (!stopping.signal.aborted) {
      const response = await gateway.request('/');
      await response.body.dump();
      statuses.push(response.statusCode);
      await sleep(5);
    }
  };
  const working = Promise.all([worker(), worker(), worker()]);
  return {
    async stop() {
      stopping.abort();
      await working;
      return statuses;
    },
  };
}

function readyReasons({ gateway }: TestGateway): Promise<{ ready: boolean; reasons: string[] }> {
  return fetch(`http://127.0.0.1:${gateway.adminPort}/readyz`).then(
    (response) => response.json() as Promise<{ ready: boolean; reasons: string[] }>,
  );
}

const clients = (): string => router.router.clients.join(' ');

test('connects with new credentials before it lets go of the old, and loses no request', async () => {
  await using mount = await KubernetesMount.create(await credentials('gateway-1'));
  await using running = await start(mount);
  const load = traffic(running.gateway);
  await waitUntil('old connections', () => clients() === 'gateway-1 gateway-1');

  await mount.swap(await credentials('gateway-2'));
  await waitUntil('new connections only', () => clients() === 'gateway-2 gateway-2', 10_000);
  const statuses = await load.stop();

  assert.ok(statuses.length > 20);
  assert.deepEqual(new Set(statuses), new Set([200]));
});

test('a response and a WebSocket begun before the swap end whole after it', async () => {
  const { promise: held, resolve: hold } = Promise.withResolvers<ServerResponse>();
  await using talk = await startWebSocketApplication(echo, (_request, response) => {
    response.write('begun before ');
    hold(response);
  });
  router.router.addConnector('talk', talk.address);
  await using mount = await KubernetesMount.create(await credentials('gateway-5'));
  await using running = await start(mount, 'talk');
  const response = await running.gateway.request('/');
  const socket = await webSocketTo(running.gateway);

  await mount.swap(await credentials('gateway-6'));
  const both = 'gateway-5 gateway-5 gateway-6 gateway-6';
  await waitUntil('both', () => clients() === both && !isPending(running.gateway), 10_000);
  (await held).end('ended after');
  socket.send('after');
  const [echoed] = (await once(socket, 'message')) as [Buffer];
  socket.close(1000);
  const [code] = (await once(socket, 'close')) as [number];

  assert.equal(await response.body.text(), 'begun before ended after');
  assert.equal(echoed.toString(), 'after');
  assert.equal(code, 1000);
  await waitUntil('the old ones end', () => clients() === 'gateway-6 gateway-6', 10_000);
});

test('shows an application the new client certificate once its files were swapped', async () => {
  const authority = await makeCa('applications');
  const server = await issue(authority, { names: ['secure'] });
  const client = async (name: string) => {
    const { certPem, keyPem } = await issue(authority, { names: [name], client: true });
    return { 'ca.crt': authority.certPem, 'tls.crt': certPem, 'tls.key': keyPem };
  };
  await using secure = await startSecure({ ...server, caPem: authority.certPem });
  router.router.addConnector('secure', secure.address);
  await using own = await KubernetesMount.create(await client('before'));
  await using mount = await KubernetesMount.create(await credentials('gateway-7'));
  const at = (name: string) => join(own.path, name);
  const tls = `{ ca: ${at('ca.crt')}, cert: ${at('tls.crt')}, key: ${at('tls.key')} }`;
  const policy = `
services: { app: { address: secure, tls: ${tls} } }
routes: { web: { host: app.example.test, service: app, auth: public } }
`;
  await using running = await startWatchedGateway({ links: [router.link], mount, policy });

  const seen = await ask(running.gateway);
  await own.swap(await client('after'));
  let now = seen;
  const endMs = performance.now() + 10_000;
  while (now === seen && performance.now() < endMs) {
    await sleep(50);
    now = await ask(running.gateway);
  }

  assert.deepEqual([seen, now], ['before', 'after']);
});

test('refuses a key that does not belong to its certificate, says so, and goes on', async () => {
  const good = await credentials('gateway-1');
  await using mount = await KubernetesMount.create(good);
  await using running = await start(mount);
  const other = await credentials('other');

  await mount.swap({ ...good, 'tls.key': other['tls.key']! });
  await waitUntil(
    'refusal',
    () => running.gateway.gateway.isReady && isRefused(running.gateway),
    10_000,
  );
  const { ready, reasons } = await readyReasons(running.gateway);
  const response = await running.gateway.request('/');
  await response.body.dump();
  await mount.swap(await credentials('gateway-3'));
  await waitUntil('the correction', () => clients() === 'gateway-3 gateway-3', 10_000);

  assert.equal(ready, true);
  assert.match(reasons.join(), /degraded: the running policy was kept: .*E206/);
  assert.equal(response.statusCode, 200);
  assert.equal(isRefused(running.gateway), false);
});

test('serves a new server certificate from the next handshake on', async () => {
  await using mount = await KubernetesMount.create(await credentials('gateway-1'));
  await using running = await start(mount);
  const before = await servedCertificate(running.gateway);
  const ca = await makeCa('test clients, next year');
  const { certPem, keyPem } = await issue(ca, { names: ['app.example.test'] });

  await writeFiles(running.gateway.directory, {
    'certs/tls.crt': certPem,
    'certs/tls.key': keyPem,
  });
  let now = before;
  const endMs = performance.now() + 10_000;
  while (now === before && performance.now() < endMs) {
    await sleep(50);
    now = await servedCertificate(running.gateway);
  }

  assert.equal(now, new X509Certificate(certPem).serialNumber);
});

test('keeps the old connections while an authority that no router has is given', async () => {
  const good = await credentials('gateway-1');
  await using mount = await KubernetesMount.create(good);
  await using running = await start(mount);
  const load = traffic(running.gateway);
  const wrong = await makeCa('another network');

  await mount.swap({ ...good, 'ca.crt': wrong.certPem });
  const isPending = async () => (await readyReasons(running.gateway)).reasons.join();
  let reasons = '';
  while (!reasons.includes('are still in use')) reasons = await isPending();
  const { ready } = await readyReasons(running.gateway);
  await mount.swap(await credentials('gateway-4'));
  await waitUntil('the right one', () => clients() === 'gateway-4 gateway-4', 10_000);
  const statuses = await load.stop();

  assert.equal(ready, true);
  assert.match(reasons, /degraded: network: the earlier router connections are still in use/);
  assert.deepEqual(new Set(statuses), new Set([200]));
});

/** The serial number of what a new client is shown. */
async function servedCertificate({ port }: TestGateway): Promise<string> {
  const host = 'app.example.test';
  const socket = connect({ port, host: '127.0.0.1', servername: host, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

function isPending({ gateway }: TestGateway): boolean {
  return gateway.metrics.render().includes('\nfairlead_router_credentials_pending 1\n');
}

/** An application that answers with the name of the certificate its client shows. */
async function startSecure({ certPem, keyPem, caPem }: IssuedCertificate & { caPem: string }) {
  const options = { cert: certPem, key: keyPem, ca: caPem, requestCert: true };
  const server = createServer(options, (request, response) => {
    response.end(String((request.socket as TLSSocket).getPeerCertificate().subject?.CN));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function ask(gateway: TestGateway): Promise<string> {
  return (await gateway.request('/')).body.text();
}

function isRefused({ gateway }: TestGateway): boolean {
  return gateway.metrics.render().includes('fairlead_config_last_reload_ok 0');
}
