import assert from 'node:assert/strict';
import test from 'node:test';
import { fieldValues } from '../../../src/core/header-list.ts';
import type { HeaderList } from '../../../src/core/header-list.ts';
import type { InboundRequest } from '../../../src/core/message.ts';
import { isRefusal } from '../../../src/core/refusal.ts';
import { identityFields } from '../../../src/evaluate/identity/identity-fields.ts';
import { requestHeaders } from '../../../src/forward/request-headers.ts';
import type { RequestHeadersInput } from '../../../src/forward/request-headers.ts';
import { FakeBody, inboundRequest } from '../../support/fakes/message.ts';
import { fieldFacts } from '../../support/evaluation/field-facts.ts';
import { routeTable, rule, service } from '../../support/policy/policy.ts';

const withUser = rule({ identityHeaders: [{ name: 'x-user', value: { kind: 'subject' } }] });

function forwarded(
  request: Partial<InboundRequest>,
  overrides: Partial<RequestHeadersInput> = {},
): HeaderList {
  const { rule: own = withUser, identity } = overrides;
  const told = identityFields(own, fieldFacts({ identity }));
  assert.ok(!isRefusal(told));
  return requestHeaders({
    request: inboundRequest(request),
    rule: withUser,
    service: service(),
    table: { ...routeTable({}), guardedNames: new Set(['x-user']) },
    identity: undefined,
    requestFields: told,
    publicPort: 443,
    ...overrides,
  });
}

const alice = {
  provider: 'corp',
  subject: 'alice',
  issuer: 'i',
  method: 'jwt',
  authenticatedAt: 0,
  claims: {},
};

for (const name of [
  'Connection',
  'Keep-Alive',
  'Proxy-Authorization',
  'TE',
  'Upgrade',
  'Expect',
  'Client-Cert',
  'Client-Cert-Chain',
  'Fairlead-Decision',
  'X-Real-IP',
  'x_user',
  'X_Forwarded_For',
]) {
  test(`the application never sees the client's ${name} (R-7, R-8, R-10, I2, E12)`, () => {
    const headers = forwarded({ headers: ['host', 'a', name, 'evil'] });

    assert.deepEqual(fieldValues(headers, name.toLowerCase()), []);
  });
}

test('fields the client nominated for this hop end here', () => {
  const headers = forwarded({ headers: ['Connection', 'x-secret, close', 'X-Secret', '1'] });

  assert.deepEqual(fieldValues(headers, 'x-secret'), []);
});

test('an identity field of the client is replaced by ours', () => {
  const headers = forwarded({ headers: ['X-User', 'root'] }, { identity: alice });

  assert.deepEqual(fieldValues(headers, 'x-user'), ['alice']);
});

test('an identity field of the client is gone also where nobody is known', () => {
  const headers = forwarded({ headers: ['X-User', 'root'] });

  assert.deepEqual(fieldValues(headers, 'x-user'), []);
});

test('a client cannot nominate our identity field away', () => {
  const headers = forwarded({ headers: ['Connection', 'x-user'] }, { identity: alice });

  assert.deepEqual(fieldValues(headers, 'x-user'), ['alice']);
});

test('the way here is told by us, whatever the client said of it (R-9)', () => {
  const headers = forwarded({
    headers: [
      'X-Forwarded-For',
      '6.6.6.6',
      'Forwarded',
      'for=6.6.6.6',
      'X-Forwarded-Proto',
      'http',
    ],
  });

  assert.deepEqual(fieldValues(headers, 'x-forwarded-for'), ['192.0.2.7']);
  assert.deepEqual(fieldValues(headers, 'forwarded'), [
    'for=192.0.2.7;host=app.example.com;proto=https',
  ]);
  assert.deepEqual(fieldValues(headers, 'x-forwarded-proto'), ['https']);
  assert.deepEqual(fieldValues(headers, 'x-forwarded-port'), ['443']);
});

test('an IPv6 client is quoted in Forwarded (RFC 7239 6)', () => {
  const request = inboundRequest();
  const connection = { ...request.connection, remoteAddress: '2001:db8::1' };

  const headers = forwarded({ connection });

  assert.match(fieldValues(headers, 'forwarded')[0]!, /^for="\[2001:db8::1\]";/);
});

test('Via is added after those before it (E14)', () => {
  const headers = forwarded({ headers: ['Via', '1.0 old'], version: '2' });

  assert.deepEqual(fieldValues(headers, 'via'), ['1.0 old, 2.0 fairlead']);
});

test('a body of known length is framed, whatever the method (R-3)', () => {
  const headers = forwarded({ method: 'GET', body: new FakeBody(7) });

  assert.deepEqual(fieldValues(headers, 'content-length'), ['7']);
});

test('the application sees the Host that its policy says', () => {
  const client = forwarded({ authority: 'app.example.com:8443' });
  const own = forwarded({}, { service: service({ hostHeader: 'service' }) });
  const literal = forwarded({}, { service: service({ hostHeader: 'internal.example' }) });

  assert.deepEqual(fieldValues(client, 'host'), ['app.example.com:8443']);
  assert.deepEqual(fieldValues(own, 'host'), ['web']);
  assert.deepEqual(fieldValues(literal, 'host'), ['internal.example']);
});

test('an identity value beyond ASCII goes as an ext-value (RFC 8187)', () => {
  const headers = forwarded({}, { identity: { ...alice, subject: 'Zoë' } });

  assert.deepEqual(fieldValues(headers, 'x-user'), []);
  assert.deepEqual(fieldValues(headers, 'x-user*'), ["UTF-8''Zo%C3%AB"]);
});

test('a field can come of the claims of another provider', () => {
  const value = { kind: 'with', provider: 'api', keys: ['org'] } as const;
  const headers = forwarded(
    {},
    {
      rule: rule({ identityHeaders: [{ name: 'x-org', value }] }),
      identity: { ...alice, claims: { org: 'own' }, with: { api: { org: 'acme' } } },
    },
  );

  assert.deepEqual(fieldValues(headers, 'x-org'), ['acme']);
});

test('a credential of the gateway goes on in place of the client’s, however it is written', () => {
  const identity = { ...alice, authorization: 'Bearer of-the-session' };
  const headers = forwarded(
    { headers: ['AUTHORIZATION', 'Basic x', 'Authorization', 'y'] },
    { identity },
  );

  const values = headers.filter((_, i) => headers[i - 1]?.toLowerCase() === 'authorization');
  assert.deepEqual(values, ['Bearer of-the-session']);
});

const sent = { headers: ['Authorization', 'Bearer of-the-client'] };
const shared = { ...withUser, authorizationOf: ['api'] };
/** Who asked, where a provider of the route writes the field, and whether the client's goes on. */
const AUTHORIZATIONS: readonly (readonly [string, RequestHeadersInput['identity'], boolean])[] = [
  ['nobody', undefined, false],
  ['somebody of a provider that does not read it', alice, false],
  ['somebody of one that reads it', { ...alice, provider: 'api' }, true],
  ['somebody of both', { ...alice, with: { api: {} } }, true],
];

for (const [who, identity, isKept] of AUTHORIZATIONS) {
  test(`the client's Authorization ${isKept ? 'goes on' : 'ends here'} with ${who}`, () => {
    const headers = forwarded(sent, { identity, rule: shared });

    assert.deepEqual(fieldValues(headers, 'authorization'), isKept ? ['Bearer of-the-client'] : []);
  });
}

test("where no provider writes it, the client's Authorization goes on as it came", () => {
  const headers = forwarded(sent);

  assert.deepEqual(fieldValues(headers, 'authorization'), ['Bearer of-the-client']);
});

test('a rule that removes Authorization keeps a token of the provider from the application, too', () => {
  const requestFields = {
    said: [{ kind: 'remove' as const, name: 'authorization', texts: [] }],
    removed: new Set(['authorization']),
    added: [],
    literals: [],
  };
  const request = { headers: ['Authorization', 'Bearer theirs'] };
  const identity = { ...alice, authorization: 'Bearer ours' };

  const kept = forwarded(request, { rule: rule(), identity });
  const removed = forwarded(request, { rule: rule({ requestFields }), identity });

  assert.deepEqual(fieldValues(kept, 'authorization'), ['Bearer ours']);
  assert.deepEqual(fieldValues(removed, 'authorization'), []);
});
