import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Application } from '../support/application.ts';
import { PersonBrowser } from '../support/chromium.ts';
import { Keycloak } from '../support/keycloak.ts';
import { GATEWAY_ORIGIN, startLoginGateway } from '../support/oidc-gateway.ts';
import { CLIENT } from '../support/oidc-provider.ts';

const REALM = {
  realm: 'main',
  enabled: true,
  sslRequired: 'none',
  clients: [
    {
      clientId: CLIENT.id,
      secret: CLIENT.secret,
      redirectUris: [`${GATEWAY_ORIGIN}/.fairlead/corp/callback`],
      attributes: {
        'post.logout.redirect.uris': `${GATEWAY_ORIGIN}/.fairlead/corp/logged-out`,
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
};

test('a person logs in at Keycloak, and logs out of both', { timeout: 280_000 }, async () => {
  await using keycloak = await Keycloak.start(REALM);
  await using application = await Application.start();
  await using gateway = await startLoginGateway(application, {
    url: `${keycloak.url}/realms/main`,
  });
  await using browser = await PersonBrowser.start({ port: gateway.port });
  const page = await browser.tab();
  page.setDefaultTimeout(30_000);

  await page.goto(`${GATEWAY_ORIGIN}/things`);
  await page.locator('#username').fill('alice');
  await page.locator('#password').fill('wonderland');
  await page.locator('#kc-login').click();
  await page.waitForURL(`${GATEWAY_ORIGIN}/things`);
  await page.goto(`${GATEWAY_ORIGIN}/.fairlead/session`);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.waitForURL(`${GATEWAY_ORIGIN}/.fairlead/corp/logged-out`);

  await page.goto(`${GATEWAY_ORIGIN}/things`);
  assert.ok(page.url().startsWith(keycloak.url), 'it wants a login again');
});
