import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccessible } from '../support/clients/accessible.ts';
import { needsChromium, screenshot } from '../support/clients/chromium.ts';
import { LoginScene } from '../support/oidc/login-scene.ts';
import { GATEWAY_ORIGIN } from '../support/oidc/login-gateway.ts';

const options = { ...needsChromium, timeout: 60_000 };
const SESSION = `${GATEWAY_ORIGIN}/.fairlead/session`;
/** With the state of the logout. */
const isLoggedOut = ({ href }: URL) =>
  href.startsWith(`${GATEWAY_ORIGIN}/.fairlead/corp/logged-out?state=`);

test('the button of the session page logs out, here and at the provider', options, async () => {
  await using scene = await LoginScene.start();
  const page = await scene.browser.tab();
  await page.goto(`${GATEWAY_ORIGIN}/`);
  await page.goto(SESSION);
  assert.match(await page.locator('main').innerText(), /alice/);
  await assertAccessible(page);
  await screenshot(page, 'session');

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'yes' }).click();
  await page.waitForURL(isLoggedOut);

  await assertAccessible(page);
  await screenshot(page, 'logged-out');
  const cookies = await scene.browser.context.cookies(GATEWAY_ORIGIN);
  assert.deepEqual(
    cookies.filter(({ name }) => name === '__Host-fairlead-corp'),
    [],
  );
  const answer = await page.goto(SESSION);
  assert.equal(answer?.status(), 401);
  await assertAccessible(page);
  await screenshot(page, 'no-session');
});

test('the logout page asks first, and ends the session by its button', options, async () => {
  await using scene = await LoginScene.start();
  const page = await scene.browser.tab();
  await page.goto(`${GATEWAY_ORIGIN}/`);

  await page.goto(`${GATEWAY_ORIGIN}/.fairlead/corp/logout`);
  await assertAccessible(page);
  await screenshot(page, 'log-out');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'yes' }).click();

  await page.waitForURL(isLoggedOut);
});

test('the back button shows nothing protected after a logout', options, async () => {
  await using scene = await LoginScene.start();
  const page = await scene.browser.tab();
  await page.goto(`${GATEWAY_ORIGIN}/secret`);
  await page.goto(SESSION);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'yes' }).click();
  await page.waitForURL(isLoggedOut);
  scene.provider.user = 'bob';

  const seen: string[] = [];
  for (let back = 0; back < 4; back += 1) {
    await page.goBack({ waitUntil: 'commit' });
    seen.push(`${page.url()} ${await page.locator('body').innerText()}`);
  }

  assert.ok(
    seen.some((text) => text.includes('/secret')),
    seen.join('\n'),
  );
  assert.ok(!seen.some((text) => text.includes('alice')), seen.join('\n'));
});
