import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { LIMITS } from '../../../plugins/oidc/limits.ts';
import { closedPort } from '../../support/applications/backend.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { directFetch } from '../../support/auth/issuer.ts';
import { jwtHarness } from '../../support/auth/jwt-harness.ts';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import { Replica, optionsFor } from '../../support/oidc/harness.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';

/** What a plugin logs when it asks this provider for metadata and keys. */
const PLUGINS = {
  jwt: async (provider: MisbehavingProvider): Promise<string> => {
    const options = { issuer: provider.url, audience: 'app', jwks: { allowPrivate: true } };
    const clock = new FakeClock();
    return (await jwtHarness(options, { clock, fetch: directFetch })).lines.join('\n');
  },
  oidc: async (provider: MisbehavingProvider): Promise<string> => {
    await using replica = await Replica.start(optionsFor(provider.url));
    await new TestBrowser(replica).open('/');
    return replica.cluster.lines.join('\n');
  },
} as const;

const METADATA = '/.well-known/openid-configuration';
const KEYS = '/keys';
const TOO_MANY = LIMITS.documentOctets + 1;

const answersAt =
  (place: string, answer: (response: ServerResponse) => void) =>
  (provider: MisbehavingProvider): void => {
    provider.override = (path) => (path === place ? answer : undefined);
  };

const metadata = (more: object) => (provider: MisbehavingProvider) => {
  provider.metadata = (honest) => ({ ...honest, ...more });
};

interface Case {
  readonly does: (provider: MisbehavingProvider) => void | Promise<void>;
  /** Every piece is in the log; `URL` stands for the provider's address. */
  readonly says: readonly string[];
  readonly isReached: boolean;
}

const ANSWERS: Readonly<
  Record<string, { readonly answer: (response: ServerResponse) => void; readonly says: string }>
> = {
  'a redirect': {
    answer: (response) => response.writeHead(301, { location: '/elsewhere/' }).end(),
    says: 'answered 301, a redirect to \\"URL/elsewhere/\\", which is not followed',
  },
  'a redirect to another host': {
    answer: (response) => response.writeHead(302, { location: 'https://sso.example/login' }).end(),
    says: 'answered 302, a redirect to \\"https://sso.example/login\\", which is not followed',
  },
  'a failure': {
    answer: (response) => response.writeHead(500).end(),
    says: 'answered 500, wanted 200',
  },
  'no content': {
    answer: (response) => response.writeHead(204).end(),
    says: 'answered 204, wanted 200',
  },
  'a page': {
    answer: (response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>'),
    says: ': not JSON in UTF-8',
  },
  'a list': { answer: (response) => response.end('[]'), says: ': not a JSON object' },
  'a cut answer': {
    answer: (response) => {
      response.writeHead(200, { 'content-length': '500' });
      response.write('{"issuer"', () => response.destroy());
    },
    says: 'answered, and the answer was cut',
  },
  'too large an answer': {
    answer: (response) => response.end(`"${'x'.repeat(TOO_MANY)}"`),
    says: 'octets',
  },
};

const CASES: Readonly<Record<string, Case>> = {
  ...Object.fromEntries(
    Object.entries({ metadata: METADATA, keys: KEYS }).flatMap(([what, place]) =>
      Object.entries(ANSWERS).map(([name, { answer, says }]): [string, Case] => [
        `${what} answered with ${name}`,
        { does: answersAt(place, answer), says: [`URL${place}`, says], isReached: true },
      ]),
    ),
  ),
  'metadata of another issuer': {
    does: metadata({ issuer: 'https://sso.example/realms/main' }),
    says: ['names another issuer', '\\"https://sso.example/realms/main\\"', 'wanted \\"URL\\"'],
    isReached: true,
  },
  'metadata without an issuer': {
    does: metadata({ issuer: undefined }),
    says: ['names another issuer: nothing, wanted \\"URL\\"'],
    isReached: true,
  },
  'metadata without a place for keys': {
    does: metadata({ jwks_uri: undefined }),
    says: ['no jwks_uri'],
    isReached: true,
  },
  'keys that are no key set': {
    does: answersAt(KEYS, (response) => void response.end('{"kty":"RSA"}')),
    says: ['URL/keys is not a JSON Web Key Set'],
    isReached: true,
  },
  'keys that are not there': {
    does: answersAt(KEYS, (response) => void response.writeHead(404).end()),
    says: ['URL/keys answered 404, wanted 200'],
    isReached: true,
  },
  'keys at a port where nobody listens': {
    does: async (provider) => {
      const port = await closedPort();
      metadata({ jwks_uri: `http://127.0.0.1:${port}/keys` })(provider);
    },
    says: ['/keys cannot be reached (ECONNREFUSED)'],
    isReached: false,
  },
  'a connection that ends without an answer': {
    does: answersAt(METADATA, (response) => void response.destroy()),
    says: [`URL${METADATA} cannot be reached (`],
    isReached: false,
  },
};

for (const [plugin, linesOf] of Object.entries(PLUGINS)) {
  for (const [name, { does, says, isReached }] of Object.entries(CASES)) {
    test(`${plugin}: ${name} is told with the place and what came of it`, async () => {
      await using provider = await MisbehavingProvider.start('ES256');
      await does(provider);

      const lines = await linesOf(provider);

      for (const piece of says) {
        const wanted = piece.replaceAll('URL', provider.url);
        assert.ok(lines.includes(wanted), `${wanted}\n${lines}`);
      }
      assert.equal(lines.includes('cannot be reached'), !isReached, lines);
      assert.doesNotMatch(lines, /TypeError|OAUTH_|ERR_JOSE/);
    });
  }

  test(`${plugin}: a provider that does not listen is told as one that cannot be reached`, async () => {
    const provider = await MisbehavingProvider.start('ES256');
    await provider[Symbol.asyncDispose]();

    const lines = await linesOf(provider);

    assert.match(lines, /openid-configuration cannot be reached \(ECONNREFUSED\)/);
  });
}
