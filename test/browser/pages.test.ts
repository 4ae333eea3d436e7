import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROBLEMS } from '../../plugins/oidc/pages/problems.ts';
import { assertAccessible } from '../support/clients/accessible.ts';
import { needsChromium, screenshot } from '../support/clients/chromium.ts';
import { LoginScene } from '../support/oidc/login-scene.ts';
import { GATEWAY_ORIGIN } from '../support/oidc/login-gateway.ts';

const options = { ...needsChromium, timeout: 60_000 };
const CALLBACK = `${GATEWAY_ORIGIN}/.fairlead/corp/callback`;

test('the page of each problem is one that axe finds nothing in', options, async () => {
  await using scene = await LoginScene.start();
  const page = await scene.browser.tab();

  for (const [code, { title, status }] of Object.entries(PROBLEMS)) {
    const answer = await page.goto(`${GATEWAY_ORIGIN}/.fairlead/corp/problem?reason=${code}`);
    assert.equal(await page.getByRole('heading').textContent(), title);
    assert.equal(answer?.status(), status);
    assert.equal(await page.locator('script').count(), 0);
    await assertAccessible(page);
  }
  await screenshot(page, 'problem');
});

test('the pages are as good in the dark, and on a narrow screen', options, async () => {
  await using scene = await LoginScene.start();
  const page = await scene.browser.tab();
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 320, height: 568 });
  await page.goto(`${GATEWAY_ORIGIN}/`);

  for (const path of ['corp/problem?reason=redirect_uri_mismatch', 'session', 'corp/nothing']) {
    await page.goto(`${GATEWAY_ORIGIN}/.fairlead/${path}`);
    await assertAccessible(page);
    const width = await page.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(width <= 320, `${path} is ${width} wide`);
    await screenshot(page, `dark-${path.replaceAll(/\W/g, '-')}`);
  }
});

test('a callback that belongs to no login says what is wrong', options, async () => {
  await using scene = await LoginScene.start();
  const page = await scene.browser.tab();

  for (const [query, title] of [
    ['?code=c&state=unknown', 'We do not know this sign-in'],
    ['?code=c', 'This address is not complete'],
  ]) {
    await page.goto(`${CALLBACK}${query}`);
    assert.equal(await page.getByRole('heading').textContent(), title);
    await assertAccessible(page);
  }
});

test('refusals are pages that axe finds nothing in', options, async () => {
  await using scene = await LoginScene.start();
  const page = await scene.browser.tab();
  const refused = {
    'not-found': `${GATEWAY_ORIGIN}/.fairlead/nothing`,
    'no-session': `${GATEWAY_ORIGIN}/.fairlead/session`,
    misdirected: 'https://nobody.example.test/',
  };

  for (const [name, url] of Object.entries(refused)) {
    const answer = await page.goto(url);
    assert.ok(answer!.status() >= 400);
    await assertAccessible(page);
    await screenshot(page, `refused-${name}`);
  }
});

test('while the provider is away, a page says so and not more', options, async () => {
  await using scene = await LoginScene.start({ isProviderAway: true });
  const page = await scene.browser.tab();

  const answer = await page.goto(`${GATEWAY_ORIGIN}/`);

  assert.equal(answer?.status(), 503);
  await assertAccessible(page);
  await screenshot(page, 'provider-down');
});
