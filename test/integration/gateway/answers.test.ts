import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { firstField } from '../../../src/core/header-list.ts';
import type { Echo } from '../../support/applications/application.ts';
import { FIELD_CLIENTS } from '../../support/clients/field-clients.ts';
import type { FieldRequest, FieldResponse } from '../../support/clients/field-clients.ts';
import { BothWays, WAYS } from '../../support/gateway/both-ways.ts';

let gateways: BothWays;

before(async () => {
  gateways = await BothWays.start(['app', 'v2'], {
    files: { 'keys.json': '{"keys":[]}', 'pages/later.html': '<h1>Später</h1>\n' },
    policy: `
providers:
  local: { plugin: jwt, issuer: "https://issuer.example.test", audience: a, jwks: { file: keys.json } }
profiles: { maintenance: { respond: { status: 503, headers: { retry-after: "600" }, body: later } } }
routes:
  app:
    host: app.example.test
    service: app
    auth: public
    paths:
      /old/**: { redirect: { status: 301, path: "/new{path}?{query}" } }
      /www: { redirect: { host: www.example.test } }
      /robots.txt: { respond: { body: "User-agent: *\\n" } }
      /later: { respond: { status: 410, file: pages/later.html } }
      /empty: { respond: { status: 204 } }
      /down/**: { use: [maintenance] }
      /private: { auth: local, redirect: { path: / } }
      /limited-1: { limits: { rate: 1/h }, respond: { body: once } }
      /limited-2: { limits: { rate: 1/h }, respond: { body: once } }
      /api/**: { service: v2, rewrite: { strip: /api, add: /v2 } }
      /bare/**: { rewrite: { strip: /bare } }
      /status: { rewrite: { path: /internal/status } }
`,
  });
});

after(() => gateways?.[Symbol.asyncDispose]());

const GET = { host: 'app.example.test', method: 'GET' };

type Expected = Partial<Pick<FieldResponse, 'status' | 'body'>> & {
  readonly fields?: Readonly<Record<string, string | undefined>>;
  /** What the application got. */
  readonly url?: string;
  readonly prefix?: string | undefined;
  /** What is recorded. */
  readonly service?: string | undefined;
};

const CASES: readonly (readonly [
  what: string,
  asked: Omit<FieldRequest, 'host'>,
  expected: Expected,
])[] = [
  [
    'a redirect is made of the request, with its status',
    { path: '/old/a?b=c' },
    { status: 301, fields: { location: '/new/old/a?b=c' }, service: undefined },
  ],
  [
    'a redirect to another host keeps path and query',
    { path: '/www?b', method: 'POST' },
    { status: 308, fields: { location: 'https://www.example.test/www?b' }, service: undefined },
  ],
  [
    'a fixed answer has the text of the policy',
    { path: '/robots.txt' },
    {
      status: 200,
      body: 'User-agent: *\n',
      fields: { 'content-type': 'text/plain; charset=utf-8', 'content-length': '14' },
      service: undefined,
    },
  ],
  [
    'HEAD has the length of a fixed answer',
    { path: '/robots.txt', method: 'HEAD' },
    { status: 200, body: '', fields: { 'content-length': '14' } },
  ],
  [
    'an answer from a file has its octets and the type of its name',
    { path: '/later' },
    {
      status: 410,
      body: '<h1>Später</h1>\n',
      fields: { 'content-type': 'text/html; charset=utf-8', 'content-length': '17' },
    },
  ],
  [
    'HEAD has the length of the file',
    { path: '/later', method: 'HEAD' },
    { status: 410, body: '', fields: { 'content-length': '17' } },
  ],
  [
    'an answer of a profile',
    { path: '/down/x', method: 'POST' },
    { status: 503, body: 'later', fields: { 'retry-after': '600' } },
  ],
  ['an answer without content', { path: '/empty' }, { status: 204, body: '' }],
  ['a redirect stands behind authentication', { path: '/private' }, { status: 401 }],
  [
    'a path with a service of its own gets the rewritten path and the stripped prefix',
    { path: '/api/a?b', headers: ['x-forwarded-prefix', '/x'] },
    { status: 200, url: '/v2/a?b', prefix: '/api', service: 'v2' },
  ],
  [
    'a literal path takes the place of the path, and the query stays',
    { path: '/status?b', headers: ['x-forwarded-prefix', '/x'] },
    { status: 200, url: '/internal/status?b', prefix: undefined, service: 'app' },
  ],
  [
    'a rewrite leads to no page of the gateway',
    { path: '/bare/.fairlead/session' },
    { status: 404, service: undefined },
  ],
];

for (const way of WAYS) {
  for (const [version, ask] of Object.entries(FIELD_CLIENTS)) {
    for (const [what, asked, expected] of CASES) {
      test(`${what} (${way}, ${version})`, async () => {
        const gateway = gateways[way];
        gateway.records.length = 0;

        const answer = await ask(gateway, { ...GET, ...asked });

        const record = await gateway.record();
        assert.deepEqual(found(answer, record, expected), expected);
        // The log has the path of the client, whatever was forwarded.
        assert.equal(record['url.path'], asked.path!.split('?')[0]);
      });
    }

    test(`answers stand behind limits (${way}, ${version})`, async () => {
      const path = version === 'HTTP/2' ? '/limited-2' : '/limited-1';

      const first = await ask(gateways[way], { ...GET, path });

      assert.equal(first.body, 'once');
      assert.ok(firstField(first.fields, 'ratelimit') !== undefined);
      assert.equal((await ask(gateways[way], { ...GET, path })).status, 429);
    });
  }
}

/** As much as is expected. */
function found(
  answer: FieldResponse,
  record: Readonly<Record<string, unknown>>,
  expected: Expected,
) {
  const { status, body, fields } = answer;
  const named = Object.keys(expected.fields ?? {}).map((name) => [name, firstField(fields, name)]);
  const echo = 'url' in expected ? (JSON.parse(body) as Echo) : undefined;
  const all: Record<string, unknown> = {
    status,
    body,
    fields: Object.fromEntries(named),
    url: echo?.url,
    prefix: echo && firstField(echo.headers, 'x-forwarded-prefix'),
    service: record['service'],
  };
  return Object.fromEntries(Object.keys(expected).map((key) => [key, all[key]]));
}
