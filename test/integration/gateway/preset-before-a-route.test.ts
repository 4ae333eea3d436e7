import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fieldValues } from '../../../src/core/header-list.ts';
import { FIELD_CLIENTS } from '../../support/clients/field-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';

let gateway: TestGateway;

before(async () => {
  gateway = await TestGateway.start({
    policy: `
services: { app: { via: tcp, host: 127.0.0.1, port: 1 } }
routes:
  app: { host: app.example.test, service: app, auth: public, methods: [GET] }
  plain:
    host: other.example.test
    auth: public
    headers: { preset: off }
    paths: { /closed: { respond: { status: 404 } } }
`,
    gateway:
      'defaults: { headers: { preset: web, response: { set: { X-Frame-Options: DENY }, remove: [Permissions-Policy] } } }',
  });
});

after(() => gateway?.[Symbol.asyncDispose]());

/** The fields of the preset, and two that the defaults change. */
const NAMES = ['cross-origin-opener-policy', 'x-frame-options', 'permissions-policy'];

for (const [version, ask] of Object.entries(FIELD_CLIENTS)) {
  for (const [what, request, status] of [
    ['a path that no rule has', { host: 'other.example.test', path: '/x', method: 'GET' }, 404],
    ['a host that no route has', { host: 'no.wild.example.test', path: '/', method: 'GET' }, 404],
    ['a method that no rule takes', { host: 'app.example.test', path: '/', method: 'PUT' }, 405],
    ['a path that cannot be read', { host: 'app.example.test', path: '/%zz', method: 'GET' }, 400],
  ] as const) {
    test(`${what} is refused with the preset of the defaults, over ${version}`, async () => {
      const { status: got, fields } = await ask(gateway, request);

      const found = NAMES.map((name) => fieldValues(fields, name));
      assert.deepEqual([got, found], [status, [['same-origin-allow-popups'], ['DENY'], []]]);
    });
  }

  test(`a route that wants none has none, over ${version}`, async () => {
    const request = { host: 'other.example.test', path: '/closed', method: 'GET' };
    const { status, fields } = await ask(gateway, request);

    assert.deepEqual([status, fieldValues(fields, 'cross-origin-opener-policy')], [404, []]);
  });
}
