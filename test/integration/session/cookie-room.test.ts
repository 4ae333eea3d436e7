import assert from 'node:assert/strict';
import test from 'node:test';
import { Application } from '../../support/applications/application.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import {
  cookieOf,
  logIn,
  setCookiesOf,
  startSessionGateway,
} from '../../support/sessions/session-gateway.ts';
import { sessionPlugin } from '../../support/sessions/session-plugin.ts';

test('sessions in cookies that do not fit side by side: a page says so, and the first goes on', async () => {
  await using application = await Application.start();
  const { host, port } = application.address;
  await using gateway = await TestGateway.start({
    plugins: [sessionPlugin()],
    gateway: `sessions: { store: cookie, keys: ["${'0123456789abcdef'.repeat(4)}"] }`,
    policy: `
providers: { corp: { plugin: fake-login }, partners: { plugin: fake-login } }
services: { web: { via: tcp, host: "${host}", port: ${port} } }
routes: { web: { host: app.example.test, service: web, auth: [corp, partners] } }
`,
  });
  const logInAt = (provider: string, cookie: string) =>
    gateway.request(`/.fairlead/${provider}/login?filler=${'x'.repeat(7800)}`, {
      headers: { accept: 'text/html', ...(cookie !== '' && { cookie }) },
    });
  const first = await logInAt('corp', '');
  const cookie = cookieOf(first);

  const second = await logInAt('partners', cookie);
  const page = await second.body.text();
  const after = await gateway.request('/', { headers: { cookie } });
  await Promise.all([first.body.dump(), after.body.dump()]);

  assert.equal(first.statusCode, 303);
  assert.ok(cookie.length > 10_240, `${cookie.length} octets`);
  assert.equal(second.statusCode, 431);
  assert.match(page, /too many sessions[^<]*\/\.fairlead\/session/);
  assert.deepEqual(setCookiesOf(second), []);
  assert.equal(after.statusCode, 200);
});

test('a session that grows beyond what fits: a page says so, and a logout makes room again', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application);
  const session = await logIn(gateway);
  const other = `__Host-fairlead-partners.s0=${'x'.repeat(26 * 1024)}`;
  const cookie = `${session}; ${other}`;
  const origin = `https://app.example.test:${gateway.port}`;

  const grown = await gateway.request('/cookies', { headers: { cookie, accept: 'text/html' } });
  const page = await grown.body.text();
  const logout = await gateway.request('/.fairlead/session', {
    method: 'POST',
    headers: { cookie, origin },
  });
  await logout.body.dump();

  assert.equal(grown.statusCode, 431);
  assert.match(page, /too many sessions/);
  assert.equal(application.requests, 0);
  assert.equal(logout.statusCode, 303);
});
