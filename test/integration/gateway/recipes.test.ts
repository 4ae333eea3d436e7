import assert from 'node:assert/strict';
import { generateKeyPair } from 'jose';
import { after, before, test } from 'node:test';
import type { PolicyTest } from '../../../src/policy/snapshot/snapshot.ts';
import { Application } from '../../support/applications/application.ts';
import { makeIssuerKey, signWith } from '../../support/auth/issuer.ts';
import type { IssuerKey } from '../../support/auth/issuer.ts';
import { HttpsClient } from '../../support/clients/https-client.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { readRecipes } from '../../support/policy/recipes.ts';
import type { Recipe } from '../../support/policy/recipes.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';
import { issue, makeCa } from '../../support/tools/certificates.ts';

/** Their cases name client addresses that this machine does not have. */
const BY_ADDRESS = new Set(['behind-a-balancer', 'limits-of-visitors']);

let application: Application;
let router: RunningRouter;
let key: IssuerKey;
let stranger: IssuerKey;

before(async () => {
  application = await Application.start((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(200).end(`application ${request.url}`));
  });
  const keys = ['app-v1:8080', 'app-v2:8080', 'app-east:8080', 'app-west:8080'];
  router = await startRouter({
    connectors: Object.fromEntries(keys.map((each) => [each, application.address])),
  });
  key = await makeIssuerKey();
  stranger = { ...key, privateKey: (await generateKeyPair('ES256')).privateKey };
});

after(async () => {
  await router?.[Symbol.asyncDispose]();
  await application?.[Symbol.asyncDispose]();
});

for (const recipe of readRecipes()) {
  test(`the recipe ${recipe.name} does through real traffic what its tests say`, async () => {
    const ca = await makeCa('recipes');
    const server = await issue(ca, { names: hostsOf(recipe) });
    await using gateway = await TestGateway.start({
      links: [router.link],
      ...partsOf(recipe),
      files: {
        'certs/tls.crt': server.certPem,
        'certs/tls.key': server.keyPem,
        'keys.json': JSON.stringify({ keys: [key.jwk] }),
      },
    });
    await using client = new HttpsClient(ca.certPem);

    let count = 0;
    for (const policyTest of gateway.gateway.snapshot.tests) {
      if (!isForTheWire(policyTest)) continue;
      count += 1;
      const found = await send(gateway, client, policyTest);
      assert.deepEqual(found, expectedOf(policyTest), policyTest.name);
    }

    assert.ok(count > 0 || BY_ADDRESS.has(recipe.name));
  });
}

/** As the recipe has it, but for the port of the application and the keys of issuers that nobody can reach. */
function partsOf({ text }: Recipe) {
  const { port } = application.address;
  const policy = text
    .replace('port: 3000', `port: ${port}`)
    .replace(/^network: .*\n/m, '')
    .replaceAll(/(plugin: jwt,[^}]*?) }/g, '$1, jwks: { file: keys.json }, algorithms: [ES256] }');
  const block = /^gateway:\n((?: {2}.*\n)+)/m.exec(policy);
  return {
    policy: block === null ? policy : policy.replace(block[0], ''),
    gateway: (block?.[1] ?? '').replaceAll(/^ {2}/gm, ''),
  };
}

function hostsOf({ text }: Recipe): string[] {
  const urls = [...text.matchAll(/https:\/\/([a-z.]+example\.com)\//g)].map(([, host]) => host!);
  return [...new Set([...urls, 'localhost'])];
}

/** Not those that need another address, a login page, or two tokens in one request. */
function isForTheWire({ request, proofs }: PolicyTest): boolean {
  return request.clientAddress === '192.0.2.1' && proofs.length < 2;
}

async function send(gateway: TestGateway, client: HttpsClient, { request, proofs }: PolicyTest) {
  const url = new URL(request.url);
  const headers = Object.fromEntries(
    Array.from({ length: request.headers.length / 2 }, (_, i) =>
      request.headers.slice(2 * i, 2 * i + 2),
    ),
  ) as Record<string, string>;
  const [proof] = proofs;
  if (proof !== undefined) {
    const { options } = gateway.gateway.snapshot.providers.get(proof.provider)!;
    const { issuer } = options as { issuer: string };
    const claims = { auth_time: Math.floor((Date.now() - proof.ageMs) / 1000), ...proof.claims };
    const signer = proof.claims === undefined ? stranger : key;
    headers['authorization'] = `Bearer ${await tokenOf(signer, issuer, claims)}`;
  }
  const { statusCode, body } = await client.request(gateway.port, `${url.pathname}${url.search}`, {
    host: url.hostname,
    method: request.method,
    headers,
    ...(request.bodyBytes > 0 && { body: Buffer.alloc(request.bodyBytes) }),
  });
  const text = await body.text();
  return { statusCode, isApplication: text.startsWith('application ') };
}

function tokenOf(signer: IssuerKey, issuer: string, claims: Record<string, unknown>) {
  const now = Math.floor(Date.now() / 1000);
  const full = { sub: 'nobody', iss: issuer, aud: 'app', iat: now, exp: now + 60, ...claims };
  return signWith(signer, full);
}

function expectedOf({ expected }: PolicyTest) {
  const isApplication = expected.outcome === 'allow';
  const statusCode = expected.status ?? (isApplication ? 200 : STATUS_OF[expected.outcome!]);
  return { statusCode, isApplication };
}

const STATUS_OF: Readonly<Record<string, number>> = { preflight: 204, challenge: 401 };
