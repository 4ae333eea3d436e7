import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { createPluginFetch } from '../../../src/upstream/plugin-fetch.ts';
import { issue, makeCa } from '../../support/tools/certificates.ts';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import { Cluster, Replica } from '../../support/oidc/harness.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';
import { CLIENT } from '../../support/oidc/real-provider.ts';

test('the client proves itself by mutual TLS, trusts the named authority, and sends no secret', async () => {
  await using scene = await TlsFront.start();
  const plugins = createPluginFetch();
  const cluster = new Cluster();
  cluster.fetch = plugins.fetch;
  await using replica = await Replica.start(scene.options, cluster);
  const browser = new TestBrowser(replica);
  browser.fetch = (url, init) => plugins.fetch(url, { ...init, ca: scene.ca, allowPrivate: true });

  const shown = await browser.open('/');

  assert.equal(shown.body, 'hello alice', cluster.lines.join('\n'));
  assert.deepEqual(scene.tokenClients, ['web-gateway']);
  const [request] = scene.provider.tokenRequests;
  assert.equal(request?.form.get('client_id'), CLIENT.id);
  assert.equal(request?.form.get('client_secret'), null);
  assert.equal(request?.authorization, undefined);
  await plugins.close();
});

for (const key of ['ca', 'allowPrivate'] as const) {
  test(`without ${key} a provider on this machine with an authority of its own is not believed`, async () => {
    await using scene = await TlsFront.start();
    const plugins = createPluginFetch();
    const cluster = new Cluster();
    cluster.fetch = plugins.fetch;
    const { [key]: _left, ...options } = scene.options;
    await using replica = await Replica.start(options, cluster);

    const shown = await new TestBrowser(replica).open('/');

    assert.equal(shown.status, 503);
    await plugins.close();
  });
}

/** TLS in front of a provider: asks for certificates, and notes whose came to the token endpoint. */
class TlsFront implements AsyncDisposable {
  readonly provider: MisbehavingProvider;
  readonly ca: string;
  readonly options: Readonly<Record<'ca' | 'allowPrivate' | 'issuer' | 'client', unknown>>;
  readonly tokenClients: string[];
  readonly #close: () => Promise<void>;

  private constructor(
    parts: Omit<TlsFront, typeof Symbol.asyncDispose>,
    close: () => Promise<void>,
  ) {
    this.provider = parts.provider;
    this.ca = parts.ca;
    this.options = parts.options;
    this.tokenClients = parts.tokenClients;
    this.#close = close;
  }

  static async start(): Promise<TlsFront> {
    const provider = await MisbehavingProvider.start();
    const authority = await makeCa();
    const own = await issue(authority, { names: ['localhost'] });
    const client = await issue(authority, { names: ['web-gateway'], client: true });
    const folder = await mkdtemp(join(tmpdir(), 'oidc-'));
    const file = async (name: string, text: string): Promise<string> => {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    };
    const tokenClients: string[] = [];
    const server = createServer(
      {
        cert: own.certPem,
        key: own.keyPem,
        ca: authority.certPem,
        requestCert: true,
        rejectUnauthorized: false,
      },
      (request, response) => {
        const peer = (request.socket as TLSSocket).getPeerCertificate();
        if (request.url === '/token') tokenClients.push(String(peer.subject?.CN));
        void forward(provider.url, request).then(async (answer) => {
          response.writeHead(answer.status, Object.fromEntries(answer.headers));
          response.end(Buffer.from(await answer.arrayBuffer()));
        });
      },
    );
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const issuer = `https://localhost:${(server.address() as AddressInfo).port}`;
    const moved = (text: unknown): string => String(text).replace(provider.url, issuer);
    provider.metadata = (honest) =>
      Object.fromEntries(
        Object.entries(honest).map(([name, value]) => [
          name,
          typeof value === 'string' ? moved(value) : value,
        ]),
      );
    provider.claims = (honest) => ({ ...honest, iss: issuer });
    const options = {
      issuer,
      allowPrivate: true,
      ca: await file('ca.pem', authority.certPem),
      client: {
        id: CLIENT.id,
        cert: await file('client.pem', client.certPem),
        key: await file('client.key', client.keyPem),
      },
    };
    const parts = { provider, ca: authority.certPem, options, tokenClients };
    return new TlsFront(parts, async () => {
      server.closeAllConnections();
      server.close();
      await provider[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}

async function forward(origin: string, request: IncomingMessage) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = 'GET', headers } = request;
  const type = headers['content-type'];
  return fetch(`${origin}${request.url}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(type !== undefined && { 'content-type': type }),
      ...(headers.authorization !== undefined && { authorization: headers.authorization }),
    },
    ...(method === 'POST' && { body: Buffer.concat(chunks) }),
  });
}
