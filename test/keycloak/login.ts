import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { LoopbackServer } from '../../demo/loopback-server.ts';
import { Application } from '../support/applications/application.ts';
import type { Echo } from '../support/applications/application.ts';
import { needsChromium, PersonBrowser, screenshot } from '../support/clients/chromium.ts';
import type { TestGateway } from '../support/gateway/gateway.ts';
import { Keycloak } from '../support/oidc/keycloak.ts';
import { GATEWAY_ORIGIN, startLoginGateway } from '../support/oidc/login-gateway.ts';
import { CLIENT } from '../support/oidc/real-provider.ts';

const TOKEN_SECONDS = 2;
const RENEWED_MS = 20_000;
const OWN = `${GATEWAY_ORIGIN}/.fairlead`;
const BACK_CHANNEL = '/.fairlead/corp/backchannel-logout';

const realm = (relayUrl: string) => ({
  realm: 'main',
  enabled: true,
  sslRequired: 'none',
  clients: [
    {
      clientId: CLIENT.id,
      secret: CLIENT.secret,
      redirectUris: [`${OWN}/corp/callback`],
      attributes: {
        'access.token.lifespan': String(TOKEN_SECONDS),
        'post.logout.redirect.uris': `${OWN}/corp/logged-out`,
        'backchannel.logout.url': `${relayUrl}${BACK_CHANNEL}`,
        'backchannel.logout.session.required': 'true',
      },
    },
  ],
  users: [
    {
      username: 'alice',
      email: 'alice@example.test',
      emailVerified: true,
      firstName: 'Alice',
      lastName: 'Liddell',
      enabled: true,
      credentials: [{ type: 'password', value: 'wonderland' }],
    },
  ],
});

test(
  'a person at Keycloak: login, refresh, logout here and there',
  { timeout: 560_000 },
  async (t) => {
    assert.ok(!('skip' in needsChromium), JSON.stringify(needsChromium));
    await using relay = await LoopbackServer.start();
    await using keycloak = await Keycloak.start(realm(`http://127.0.0.1:${relay.port}`));
    await using application = await Application.start();
    const issuer = `${keycloak.url}/realms/main`;
    await using gateway = await startLoginGateway(
      application,
      { url: issuer },
      { provider: 'forward: access-token' },
    );
    passOn(relay, gateway);
    await using browser = await PersonBrowser.start({ port: gateway.port });
    const page = await browser.tab();
    page.setDefaultTimeout(30_000);

    await t.test('the login comes back to the page that was asked for', async () => {
      await logIn(page, `${GATEWAY_ORIGIN}/things`);

      assert.equal((await echoOn(page)).url, '/things');
    });

    await t.test('an access token that is over is renewed without a word', async () => {
      const before = await tokenOn(page);
      const visited = new Set<string>();
      page.on('framenavigated', (frame) => visited.add(frame.url()));

      const after = await renewedToken(page, before);

      assert.deepEqual([after.sub, after.sid], [before.sub, before.sid]);
      assert.deepEqual([...visited], [`${GATEWAY_ORIGIN}/things`]);
    });

    await t.test('the button of the session page logs out of both', async () => {
      await page.goto(`${OWN}/session`);
      await screenshot(page, 'keycloak-session');
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.waitForURL(({ href }) => href.startsWith(`${OWN}/corp/logged-out?state=`));

      await page.goto(`${GATEWAY_ORIGIN}/things`);
      assert.ok(page.url().startsWith(keycloak.url), 'it wants a login again');
    });

    await t.test('a logout at Keycloak ends the session here, by back channel', async () => {
      await logIn(page, `${GATEWAY_ORIGIN}/things`);
      assert.equal((await page.goto(`${OWN}/session`))?.status(), 200);

      await page.goto(`${issuer}/protocol/openid-connect/logout`);
      await page.locator('#kc-logout').click();
      await page.getByRole('heading', { name: 'You are logged out' }).waitFor();

      assert.equal((await page.goto(`${OWN}/session`))?.status(), 401);
      const told = gateway.records.filter((line) => line['url.path'] === BACK_CHANNEL);
      assert.ok(
        told.some((line) => line['http.response.status_code'] === 200),
        JSON.stringify(told),
      );
    });
  },
);

/**
 * Keycloak trusts no authority of the tests, so its word to the gateway goes the last step through here,
 * unchanged.
 */
function passOn(relay: LoopbackServer, gateway: TestGateway): void {
  relay.serve((request, response) => {
    const headers = { 'content-type': String(request.headers['content-type']) };
    gateway.request(request.url!, { method: 'POST', headers, body: request }).then(
      async ({ statusCode, body }) => response.writeHead(statusCode).end(await body.text()),
      (error: unknown) => response.writeHead(502).end(String(error)),
    );
  });
}

async function logIn(page: Page, target: string): Promise<void> {
  await page.goto(target);
  await page.locator('#username').fill('alice');
  await page.locator('#password').fill('wonderland');
  await page.locator('#kc-login').click();
  await page.waitForURL(target);
}

/** What the application says it was asked. */
async function echoOn(page: Page): Promise<Echo> {
  return JSON.parse(await page.locator('body').innerText()) as Echo;
}

interface AccessToken {
  readonly sub: string;
  readonly sid: string;
  /** Seconds. */
  readonly exp: number;
}

/** Of a later reload: a refresh that takes longer than a request waits shows in the next one. */
async function renewedToken(page: Page, before: AccessToken): Promise<AccessToken> {
  const end = performance.now() + RENEWED_MS;
  for (;;) {
    await page.reload();
    const token = await tokenOn(page);
    if (token.exp > before.exp) return token;
    assert.ok(performance.now() < end, `no other access token within ${RENEWED_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function tokenOn(page: Page): Promise<AccessToken> {
  const { headers } = await echoOn(page);
  const value = headers[headers.findIndex((name) => name.toLowerCase() === 'authorization') + 1]!;
  const payload = value.split('.')[1]!;
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as AccessToken;
}
