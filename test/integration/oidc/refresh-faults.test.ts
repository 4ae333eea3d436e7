import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { LIMITS } from '../../../plugins/oidc/limits.ts';
import { Secret } from '../../../src/core/secret.ts';
import { MemoryStore } from '../../../src/store/memory-store.ts';
import { makeIssuerKey } from '../../support/auth/issuer.ts';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import { Cluster, Replica, optionsFor } from '../../support/oidc/harness.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';

/** Sessions in the store, and in the browser's cookies. */
const MODES = {
  server: {},
  cookie: { store: 'cookie', keys: [new Secret('0123456789abcdef'.repeat(4))] },
} as const;
type Mode = keyof typeof MODES;

type Fault = (provider: MisbehavingProvider) => void | Promise<void>;

/** The token endpoint answers a refresh so. */
const answers =
  (answer: (response: ServerResponse) => void): Fault =>
  (provider) => {
    provider.tokenAnswer = (_request, response) => answer(response);
  };

const says = (status: number, body: string, headers: Record<string, string> = {}): Fault =>
  answers((response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  });

const page = (status: number): Fault =>
  says(status, '<html><h1>We are back soon</h1></html>', { 'content-type': 'text/html' });

const refusal = (status: number, error: string, headers = {}): Fault =>
  says(status, JSON.stringify({ error }), headers);

const claims =
  (more: object): Fault =>
  (provider) => {
    provider.claims = (honest) => ({ ...honest, ...more });
  };

let deep: unknown = 'bottom';
for (let depth = 0; depth < 40; depth += 1) deep = [deep];

const SAYS_NOTHING_OF_THE_SESSION: Readonly<Record<string, Fault>> = {
  'a maintenance page with 200': page(200),
  'a maintenance page with 503': page(503),
  'a page that is not found': page(404),
  'broken JSON': says(200, '{"access_token":"x",'),
  'an empty body': says(200, ''),
  'a list': says(200, '[]'),
  null: says(200, 'null'),
  'JSON that is no token response': says(200, '{"status":"ok"}'),
  'a token type of its own': says(200, '{"access_token":"x","token_type":"mac"}'),
  'an ID token that is a number': says(
    200,
    '{"access_token":"x","token_type":"Bearer","id_token":1}',
  ),
  'no content': answers((response) => response.writeHead(204).end()),
  'a body that is cut': answers((response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
    response.write('{"access_token":"x"', () => response.destroy());
  }),
  'a body larger than any provider needs': says(
    200,
    `{"access_token":"${'x'.repeat(LIMITS.documentOctets)}","token_type":"Bearer"}`,
  ),
  'a connection that ends': answers((response) => void response.destroy()),
  'a redirect': answers((response) => response.writeHead(302, { location: '/login' }).end()),
  invalid_request: refusal(400, 'invalid_request'),
  invalid_client: refusal(401, 'invalid_client'),
  'invalid_client with a challenge': refusal(401, 'invalid_client', {
    'www-authenticate': 'Basic realm="op"',
  }),
  unauthorized_client: refusal(400, 'unauthorized_client'),
  invalid_scope: refusal(400, 'invalid_scope'),
  'an error without a name': says(400, '{}'),
  'too many requests': refusal(429, 'invalid_grant'),
  'a failure of its own': refusal(500, 'invalid_grant'),
  'an ID token that is not signed': (provider) => {
    provider.idToken = (honest) => provider.signNot(honest);
  },
  'an ID token signed with the secret': (provider) => {
    provider.idToken = (honest) => provider.signHmac(honest);
  },
  'an ID token by a key that nobody published': async (provider) => {
    const foreign = await makeIssuerKey();
    provider.idToken = (honest) => provider.sign({ ...honest, sub: 'mallory' }, {}, foreign);
  },
  'an ID token of another issuer by a key that nobody published': async (provider) => {
    const foreign = await makeIssuerKey();
    const iss = 'https://elsewhere.example';
    provider.idToken = (honest) => provider.sign({ ...honest, iss }, {}, foreign);
  },
  'an ID token that is over': claims({ exp: 1_000_000, iat: 999_000 }),
  'an ID token for another client': claims({ aud: 'somebody-else' }),
  'an ID token without a subject': claims({ sub: undefined }),
  'an ID token with claims too deep to keep': claims({ deep }),
};

const ENDS_THE_SESSION: Readonly<Record<string, Fault>> = {
  invalid_grant: refusal(400, 'invalid_grant'),
  'invalid_grant with a challenge': refusal(400, 'invalid_grant', {
    'www-authenticate': 'Bearer error="invalid_token"',
  }),
  'an ID token about another person': claims({ sub: 'mallory' }),
  'an ID token of another issuer': claims({ iss: 'https://elsewhere.example' }),
};

/** Alice is logged in, and her access token is over. */
async function expired(mode: Mode) {
  const stack = new AsyncDisposableStack();
  const provider = stack.use(await MisbehavingProvider.start());
  const cluster = new Cluster(new MemoryStore(new FakeClock()), MODES[mode]);
  const replica = stack.use(await Replica.start(optionsFor(provider.url), cluster));
  const browser = new TestBrowser(replica);
  const login = await browser.open('/');
  assert.equal(login.body, 'hello alice');
  cluster.offsetMs = 301_000;
  return {
    provider,
    cluster,
    /** What a program with her cookies is answered; `hello alice`, or where she is sent to. */
    ask: async (): Promise<string> => {
      browser.onStep = () => false;
      const { status, body } = await browser.open('/');
      return status === 200 ? body : `${status}`;
    },
    refreshes: (): readonly (string | null)[] =>
      provider.tokenRequests.slice(1).map(({ form }) => form.get('refresh_token')),
    honest: (): void => {
      provider.tokenAnswer = undefined;
      provider.claims = (claimed) => claimed;
      provider.idToken = (claimed) => provider.sign(claimed);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

for (const mode of ['server', 'cookie'] as const) {
  for (const [name, fault] of Object.entries(SAYS_NOTHING_OF_THE_SESSION)) {
    test(`a refresh answered with ${name} keeps the session, asked again later (${mode})`, async () => {
      await using scene = await expired(mode);
      await fault(scene.provider);

      const during = [await scene.ask(), await scene.ask()];
      const asked = scene.refreshes().length;
      scene.honest();
      scene.cluster.offsetMs += LIMITS.refreshRetryMs - 1000;
      const before = [await scene.ask(), scene.refreshes().length] as const;
      scene.cluster.offsetMs += 1001;
      const later = [await scene.ask(), await scene.ask()];

      assert.deepEqual(during, ['hello alice', 'hello alice']);
      assert.equal(asked, 1, 'not again at once');
      assert.deepEqual(before, ['hello alice', 1]);
      assert.deepEqual(later, ['hello alice', 'hello alice']);
      assert.equal(scene.refreshes().length, 2, 'renewed');
    });
  }

  for (const [name, fault] of Object.entries(ENDS_THE_SESSION)) {
    test(`a refresh answered with ${name} ends the session (${mode})`, async () => {
      await using scene = await expired(mode);
      await fault(scene.provider);

      const answer = await scene.ask();
      scene.honest();

      assert.equal(answer, '302');
      assert.equal(await scene.ask(), '302');
      assert.equal(scene.refreshes().length, 1);
    });
  }

  test(`a refresh token that came with an ID token nobody can use is the next to be sent (${mode})`, async () => {
    for (const name of ['that is not signed', 'that is over', 'with claims too deep to keep']) {
      await using scene = await expired(mode);
      await SAYS_NOTHING_OF_THE_SESSION[`an ID token ${name}`]!(scene.provider);

      await scene.ask();
      scene.honest();
      scene.cluster.offsetMs += LIMITS.refreshRetryMs + 1;
      await scene.ask();

      assert.deepEqual(scene.refreshes(), ['refresh-1', 'refresh-2'], name);
    }
  });
}
