import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccessible } from '../support/clients/accessible.ts';
import { needsChromium, screenshot } from '../support/clients/chromium.ts';
import { LoginScene } from '../support/oidc/login-scene.ts';
import type { SceneOptions } from '../support/oidc/login-scene.ts';
import { GATEWAY_ORIGIN } from '../support/oidc/login-gateway.ts';

const options = { ...needsChromium, timeout: 60_000 };
const THINGS = `${GATEWAY_ORIGIN}/things`;

function start(more: SceneOptions = {}): Promise<LoginScene> {
  const redirectUris = ['corp', 'partners'].map(
    (name) => `${GATEWAY_ORIGIN}/.fairlead/${name}/callback`,
  );
  return LoginScene.start({ hasPartners: true, provider: { redirectUris }, ...more });
}

test(
  'a person chooses a login on an accessible page, and is not asked again',
  options,
  async () => {
    await using scene = await start();
    const page = await scene.browser.tab();

    await page.goto(THINGS);
    assert.equal(await page.getByRole('heading').textContent(), 'Sign in');
    await assertAccessible(page);
    await screenshot(page, 'chooser');
    const begun = scene.provider.requests.filter((path) => path === '/auth').length;
    await page.getByRole('link', { name: 'partners' }).click();
    await page.waitForURL(THINGS);

    assert.equal(begun, 0);
    assert.match(await page.locator('body').innerText(), /alice/);
    await scene.browser.context.clearCookies({ name: '__Host-fairlead-partners' });
    await page.goto(THINGS);
    assert.equal(page.url(), THINGS);
    assert.match(await page.locator('body').innerText(), /alice/);
  },
);

test('a login that was chosen and is away leaves the choice, and says so', options, async () => {
  await using scene = await start({ isProviderAway: true });
  const page = await scene.browser.tab();
  await scene.browser.context.addCookies([
    { name: '__Host-fairlead-.choice', value: 'partners', url: GATEWAY_ORIGIN, secure: true },
  ]);

  await page.goto(THINGS);

  assert.match(await page.locator('main').innerText(), /partners is not available right now/);
  assert.equal(await page.getByRole('link').count(), 2);
  await assertAccessible(page);
  await screenshot(page, 'chooser-away');
});
