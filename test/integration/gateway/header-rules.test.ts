import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, beforeEach, test } from 'node:test';
import { fieldValues } from '../../../src/core/header-list.ts';
import { extendedConnect } from '../../support/applications/websocket.ts';
import { FIELD_CLIENTS } from '../../support/clients/field-clients.ts';
import type { FieldRequest } from '../../support/clients/field-clients.ts';
import { http2To, rawTo } from '../../support/clients/gateway-clients.ts';
import { RULED_WAYS, startRuledGateway } from '../../support/gateway/ruled-gateway.ts';

// `headers.request`, `headers.response` and `headers.preset`: whatever the way to the application and the version of
// the client, the same fields come and go.

let scene: Awaited<ReturnType<typeof startRuledGateway>>;

before(async () => {
  scene = await startRuledGateway();
});

after(() => scene?.[Symbol.asyncDispose]());

beforeEach(() => {
  scene.seen.fields = [];
  scene.seen.trailers = [];
  scene.upgrades.length = 0;
});

const evil = (...names: readonly string[]) => names.flatMap((name) => [name, 'evil']);
/** What a client sends under names that the rule sets or removes, in every case and as often as it likes. */
const CLIENTS_OWN = evil(
  'X-User',
  'x-user',
  'X-Org',
  'X-Tier',
  'x-missing',
  'X-MISSING',
  'X-Client',
  'x-user*',
  'X-Debug',
  'x-debug',
  'X-DEBUG',
  'X-Request-ID',
  'User-Agent',
  'x_debug',
  'x-debug*',
);

const values = (fields: readonly string[], ...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, fieldValues(fields, name)]));

for (const [way, host] of Object.entries(RULED_WAYS)) {
  for (const [version, ask] of Object.entries(FIELD_CLIENTS)) {
    const send = (asked: Omit<FieldRequest, 'host'>) => ask(scene.gateway, { host, ...asked });
    const bearer = () => ['Authorization', `Bearer ${scene.token}`];

    test(`over ${way}, a client of ${version}: the application gets the fields of the policy alone`, async () => {
      const headers = [...CLIENTS_OWN, ...bearer(), 'X-Tag', 'mine', 'X-Plain', 'kept'];
      const trailers = [...evil('x-debug', 'x-request-id', 'x-user'), 'x-plain', 'late'];
      const response = await send({ headers, trailers });

      assert.equal(response.status, 200);
      assert.ok(!scene.seen.fields.includes('evil'), scene.seen.fields.join(' '));
      const id = fieldValues(scene.seen.fields, 'x-request-id');
      assert.match(id.join(), /^[0-9A-Z]{26}$/);
      assert.deepEqual(fieldValues(response.fields, 'x-request-id'), id);
      assert.deepEqual(
        values(
          scene.seen.fields,
          'x-user',
          'x-org',
          'x-tier',
          'x-missing',
          'x-client',
          'user-agent',
          'x-tag',
        ),
        {
          'x-user': ['user ada'],
          'x-org': ['acme'],
          'x-tier': ['gold'],
          'x-missing': [],
          'x-client': ['127.0.0.1'],
          'user-agent': ['fairlead'],
          'x-tag': ['mine', 'one', 'two'],
        },
      );
      assert.deepEqual(values(scene.seen.fields, 'authorization', 'x-plain'), {
        authorization: [],
        'x-plain': ['kept'],
      });
      // HTTP/1.1 applications get no trailers at all.
      assert.deepEqual(scene.seen.trailers, way === 'h2' ? ['x-plain', 'late'] : []);
    });

    test(`over ${way}, a client of ${version}: it gets the response as the policy wants it`, async () => {
      const { fields, trailers, hints } = await send({ headers: bearer() });

      assert.deepEqual(
        values(fields, 'x-powered-by', 'x_powered_by', 'server', 'x-kept', 'x-list', 'x-for'),
        {
          'x-powered-by': [],
          x_powered_by: [],
          server: [],
          'x-kept': ['kept'],
          'x-list': ['theirs', 'ours'],
          'x-for': ['ada'],
        },
      );
      assert.deepEqual(fieldValues(fields, 'x-frame-options'), ['DENY']);
      assert.deepEqual(fieldValues(fields, 'x-content-type-options'), ['nosniff']);
      assert.deepEqual(trailers, ['x-late', 'late']);
      assert.deepEqual(hints, ['link', '</a.css>; rel=preload']);
    });

    test(`over ${way}, a client of ${version}: a path says some of it otherwise`, async () => {
      const headers = [...bearer(), 'X-Tag', 'mine', 'User-Agent', 'mine', 'X-Debug', 'evil'];
      const { fields } = await send({ path: '/path', headers });

      assert.deepEqual(
        values(scene.seen.fields, 'x-user', 'user-agent', 'x-tag', 'x-debug', 'x-tier'),
        {
          'x-user': ['acme'],
          'user-agent': ['mine'],
          'x-tag': [],
          'x-debug': [],
          'x-tier': ['gold'],
        },
      );
      assert.deepEqual(values(fields, 'x-powered-by', 'x-frame-options', 'x-list', 'x-for'), {
        'x-powered-by': ['us'],
        'x-frame-options': [],
        'x-list': [],
        'x-for': ['ada'],
      });
    });

    test(`over ${way}, a client of ${version}: a public path has the tenant and nobody`, async () => {
      const { fields } = await send({ path: '/public/a', headers: CLIENTS_OWN });

      assert.ok(!scene.seen.fields.includes('evil'), scene.seen.fields.join(' '));
      assert.deepEqual(values(scene.seen.fields, 'x-org', 'x-user', 'x-tier', 'x-client'), {
        'x-org': ['127.0.0.1'],
        'x-user': [],
        'x-tier': ['free'],
        'x-client': ['127.0.0.1'],
      });
      assert.deepEqual(fieldValues(fields, 'x-for'), []);
    });

    test(`over ${way}, a client of ${version}: names that tell who asks are guarded where no rule sets them`, async () => {
      const { fields } = await send({ path: '/plain', headers: CLIENTS_OWN });

      assert.deepEqual(values(scene.seen.fields, 'x-user', 'x-client', 'x-user*', 'x-debug'), {
        'x-user': [],
        'x-client': [],
        'x-user*': [],
        'x-debug': ['evil', 'evil', 'evil'],
      });
      assert.deepEqual(fieldValues(fields, 'x-frame-options'), ['ALLOWALL']);
      assert.deepEqual(fieldValues(fields, 'permissions-policy'), []);
    });

    test(`over ${way}, a client of ${version}: answers of the policy and refusals`, async () => {
      const moved = await send({ path: '/moved', method: 'GET', headers: bearer() });
      const fixed = await send({ path: '/fixed', method: 'GET', headers: bearer() });
      const denied = await send({ method: 'GET' });
      const down = await send({ path: '/down', method: 'GET', headers: bearer() });

      assert.deepEqual([moved.status, fixed.status, denied.status], [308, 200, 401]);
      assert.ok(down.status >= 502);
      assert.deepEqual(values(moved.fields, 'location', 'x-for', 'x-list', 'x-frame-options'), {
        location: ['/elsewhere'],
        'x-for': ['ada'],
        'x-list': ['ours'],
        'x-frame-options': ['DENY'],
      });
      assert.deepEqual(values(fixed.fields, 'x-powered-by', 'x-kept', 'x-for'), {
        'x-powered-by': [],
        'x-kept': ['kept'],
        'x-for': ['ada'],
      });
      for (const { fields } of [denied, down]) {
        assert.deepEqual(values(fields, 'x-for', 'x-list'), { 'x-for': [], 'x-list': [] });
      }
      for (const { fields } of [moved, fixed, denied, down]) {
        assert.deepEqual(values(fields, 'x-content-type-options', 'permissions-policy'), {
          'x-content-type-options': ['nosniff'],
          'permissions-policy': ['camera=(), geolocation=(), microphone=()'],
        });
      }
      assert.deepEqual(fieldValues(denied.fields, 'x-frame-options'), ['DENY']);
      assert.deepEqual(fieldValues(denied.fields, 'referrer-policy'), ['no-referrer']);
    });
  }
}

/** As a claim, and what the application gets of `is {identity.claims.missing}`; undefined: 403. */
const HOSTILE: readonly (readonly [unknown, string | undefined])[] = [
  ['a\r\nx-evil: 1', undefined],
  ['a\nx-evil: 1', undefined],
  ['a\0', undefined],
  ['a\u0085x-evil: 1', undefined],
  ['a ', undefined],
  ['\u560d\u560ax-evil: 1', "UTF-8''is%20%E5%98%8D%E5%98%8Ax-evil%3A%201"],
  ['a\u2028x-evil: 1', "UTF-8''is%20a%E2%80%A8x-evil%3A%201"],
  [['a\r\nx-evil: 1', 'b'], 'is ["a\\r\\nx-evil: 1","b"]'],
  [{ 'x-evil\r\n': 1 }, 'is {"x-evil\\r\\n":1}'],
  ['{request.id}', 'is {request.id}'],
];

for (const [version, ask] of Object.entries(FIELD_CLIENTS)) {
  test(`no claim makes a second field, over ${version}`, async () => {
    for (const host of Object.values(RULED_WAYS)) {
      for (const [missing, expected] of HOSTILE) {
        scene.seen.fields = [];
        const headers = ['Authorization', `Bearer ${await scene.tokenWith({ missing })}`];
        const { status, fields } = await ask(scene.gateway, { host, method: 'GET', headers });

        const found = ['x-missing', 'x-missing*'].flatMap((name) =>
          fieldValues(scene.seen.fields, name),
        );
        assert.equal(status, expected === undefined ? 403 : 200, JSON.stringify(missing));
        assert.deepEqual(found, expected === undefined ? [] : [expected]);
        assert.deepEqual(fieldValues([...scene.seen.fields, ...fields], 'x-evil'), []);
        const decision = fieldValues(fields, 'fairlead-decision').join();
        if (status === 403) assert.match(decision, /reason="identity_header"/);
      }
    }
  });
}

test('a gRPC call that is refused has the preset beside its status', async () => {
  const headers = ['content-type', 'application/grpc', 'te', 'trailers'];
  const { status, fields } = await FIELD_CLIENTS['HTTP/2'](scene.gateway, {
    host: RULED_WAYS.h2,
    headers,
  });

  assert.equal(status, 200);
  assert.deepEqual(values(fields, 'grpc-status', 'x-frame-options', 'x-for'), {
    'grpc-status': ['16'],
    'x-frame-options': ['DENY'],
    'x-for': [],
  });
});

for (const host of [RULED_WAYS.lane, RULED_WAYS.tcp]) {
  test(`the rules hold for a WebSocket to ${host}`, async () => {
    using client = await rawTo(scene.gateway, { servername: host });
    client.write(
      `GET /ws HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Debug: evil\r\nX-User: evil\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer ${scene.token}\r\n\r\n`,
    );
    const answer = await client.got(/^HTTP\/1\.1 101 [^]*?\r\n\r\n/);
    const session = await http2To(scene.gateway, host);
    if (!session.remoteSettings.enableConnectProtocol) await once(session, 'remoteSettings');
    const headers = {
      ':authority': host,
      'x-debug': 'evil',
      authorization: `Bearer ${scene.token}`,
    };
    const stream = extendedConnect(session, '/ws', { headers });
    const [fields] = (await once(stream, 'response')) as [Record<string, string>];
    stream.on('error', () => {}).close();
    session.destroy();

    assert.match(answer, /\r\nx-for: ada\r\n/i);
    assert.match(answer, /\r\nx-frame-options: DENY\r\n/i);
    assert.deepEqual([fields['x-for'], fields['x-frame-options']], ['ada', 'DENY']);
    assert.equal(scene.upgrades.length, 2);
    for (const received of scene.upgrades) {
      assert.ok(!received.includes('evil'), received.join(' '));
      assert.deepEqual(fieldValues(received, 'x-user'), ['user ada']);
    }
  });
}
