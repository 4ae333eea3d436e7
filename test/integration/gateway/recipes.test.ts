import assert from 'node:assert/strict';
import { createServer } from 'node:http2';
import type { Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { generateKeyPair } from 'jose';
import { after, before, test } from 'node:test';
import type { PolicyTest, TestExpectation } from '../../../src/policy/snapshot/snapshot.ts';
import { Application } from '../../support/applications/application.ts';
import { makeIssuerKey, signWith } from '../../support/auth/issuer.ts';
import type { IssuerKey } from '../../support/auth/issuer.ts';
import { HttpsClient } from '../../support/clients/https-client.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import type { AccessLine } from '../../support/gateway/gateway.ts';
import { RealProvider } from '../../support/oidc/real-provider.ts';
import { liveRecipe } from '../../support/policy/live-recipe.ts';
import type { RecipeWorld } from '../../support/policy/live-recipe.ts';
import { readRecipes } from '../../support/policy/recipes.ts';
import { startRouter } from '../../support/routers/router.ts';
import type { RunningRouter } from '../../support/routers/router.ts';
import { issue, makeCa } from '../../support/tools/certificates.ts';

/** On every answer of the application. */
const FROM_IT = { 'x-application': 'yes' };

let application: Application;
let h2Application: Http2Server;
let login: RealProvider;
let router: RunningRouter;
let key: IssuerKey;
let stranger: IssuerKey;
let world: Omit<RecipeWorld, 'certificate'>;

before(async () => {
  application = await Application.start((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(200, FROM_IT).end(request.url));
  });
  h2Application = createServer((request, response) => {
    response.writeHead(200, FROM_IT).end(request.url);
  });
  await new Promise<void>((resolve) => h2Application.listen(0, '127.0.0.1', resolve));
  const routingKeys = ['app-v1:8080', 'app-v2:8080', 'app-east:8080', 'app-west:8080'];
  router = await startRouter({
    connectors: Object.fromEntries(routingKeys.map((each) => [each, application.address])),
  });
  login = await RealProvider.start();
  key = await makeIssuerKey();
  stranger = { ...key, privateKey: (await generateKeyPair('ES256')).privateKey };
  world = {
    router,
    ports: {
      http1: application.address.port,
      h2: (h2Application.address() as AddressInfo).port,
    },
    keys: JSON.stringify({ keys: [key.jwk] }),
    login: login.url,
  };
});

after(async () => {
  await login?.[Symbol.asyncDispose]();
  await router?.[Symbol.asyncDispose]();
  h2Application?.close();
  await application?.[Symbol.asyncDispose]();
});

for (const recipe of readRecipes()) {
  test(`the recipe ${recipe.name} does through real traffic what its tests say`, async () => {
    const ca = await makeCa('recipes');
    const certificate = await issue(ca, { names: recipe.askedHosts });
    await using gateway = await TestGateway.start(liveRecipe(recipe, { ...world, certificate }));
    await using client = new HttpsClient(ca.certPem);

    let count = 0;
    for (const policyTest of gateway.gateway.snapshot.tests) {
      if (!isForTheWire(gateway, policyTest)) continue;
      count += 1;
      const sent = await send(gateway, client, policyTest);
      const found = { ...sent, ...recorded(await gateway.record(count)) };
      const wanted = wantedOf(policyTest.expected);
      assert.deepEqual(shownLike(wanted, found), wanted, policyTest.name);
    }

    assert.ok(count > 0);
  });
}

/** Not what would need a person at a login page, two tokens in one request, or a client of WebSocket. */
function isForTheWire(gateway: TestGateway, { request, proofs }: PolicyTest): boolean {
  const { providers } = gateway.gateway.snapshot;
  return (
    !request.headers.includes('upgrade') &&
    proofs.length < 2 &&
    proofs.every(({ provider }) => providers.get(provider)!.plugin !== 'oidc')
  );
}

interface Sent {
  readonly status: number;
  readonly isApplication: boolean;
  readonly forwarded: string;
  readonly location: string | undefined;
}

async function send(
  gateway: TestGateway,
  client: HttpsClient,
  policyTest: PolicyTest,
): Promise<Sent> {
  const { request } = policyTest;
  const url = new URL(request.url);
  const { statusCode, headers, body } = await client.request(
    gateway.port,
    `${url.pathname}${url.search}`,
    {
      host: url.hostname,
      method: request.method,
      headers: await headersOf(gateway, policyTest),
      ...(request.bodyBytes > 0 && { body: Buffer.alloc(request.bodyBytes) }),
    },
  );
  const text = await body.text();
  return {
    status: statusCode,
    isApplication: headers['x-application'] === 'yes',
    forwarded: text,
    location: headers['location'] as string | undefined,
  };
}

async function headersOf(gateway: TestGateway, { request, proofs }: PolicyTest) {
  const headers = Object.fromEntries(
    Array.from({ length: request.headers.length / 2 }, (_, i) =>
      request.headers.slice(2 * i, 2 * i + 2),
    ),
  ) as Record<string, string>;
  const hops = [headers['x-forwarded-for'], request.clientAddress];
  headers['x-forwarded-for'] = hops.filter((hop) => hop !== undefined).join(', ');
  const [proof] = proofs;
  if (proof === undefined) return headers;
  const { options } = gateway.gateway.snapshot.providers.get(proof.provider)!;
  const now = Math.floor(Date.now() / 1000);
  const token = await signWith(proof.claims === undefined ? stranger : key, {
    iss: (options as { issuer: string }).issuer,
    aud: 'app',
    sub: 'nobody',
    iat: now,
    exp: now + 60,
    auth_time: Math.floor((Date.now() - proof.ageMs) / 1000),
    ...(proof.acr !== undefined && { acr: proof.acr }),
    ...proof.claims,
  });
  return { ...headers, authorization: `Bearer ${token}` };
}

/** What the access log says of it, in the words of a case. */
function recorded(line: AccessLine) {
  return {
    route: line['route'],
    path: line['http.route'],
    service: line['service'],
    identity: line['subject'] ?? 'none',
    tenant: line['tenant'],
    tier: line['tier'] ?? 'none',
    code: line['refusal'],
    reason: line['reason'],
  };
}

/** What a case expects that can be seen from outside: not who begins a login, and not what the limits are. */
function wantedOf(expected: TestExpectation) {
  const { outcome, provider: _provider, rate: _rate, concurrent: _concurrent, ...rest } = expected;
  const isApplication = outcome === 'allow';
  const named = Object.entries({ ...STATUS_OF[outcome!], ...rest, isApplication });
  return Object.fromEntries(named.filter(([, value]) => value !== undefined));
}

const STATUS_OF: Readonly<Record<string, { readonly status: number }>> = {
  allow: { status: 200 },
  preflight: { status: 204 },
};

function shownLike(wanted: object, found: object): object {
  const facts = found as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.keys(wanted).map((name) => [name, facts[name]]));
}
