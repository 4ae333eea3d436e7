import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { assertAccessible } from '../support/clients/accessible.ts';
import { needsChromium, screenshot } from '../support/clients/chromium.ts';
import { LoginScene } from '../support/oidc/login-scene.ts';
import { GATEWAY_ORIGIN } from '../support/oidc/login-gateway.ts';

const ALICE = { name: 'alice', password: 'wonderland' };
const options = { ...needsChromium, timeout: 60_000 };

test('a person logs in at the provider and is where the way led', options, async () => {
  await using scene = await LoginScene.start({ provider: { people: [ALICE] } });
  const page = await scene.browser.tab();

  await page.goto(`${GATEWAY_ORIGIN}/things?a=b`);
  assert.equal(new URL(page.url()).origin, scene.provider.url);
  await assertAccessible(page);
  await screenshot(page, 'login-form');
  await fillIn(page, 'wrong');
  await page.getByRole('alert').waitFor();
  await fillIn(page, ALICE.password);
  await page.waitForURL(`${GATEWAY_ORIGIN}/things?a=b`);

  assert.equal(await heading(page), 'Hello alice');
});

test('ten tabs that are opened at once all end logged in', options, async () => {
  await using scene = await LoginScene.start();
  const tabs = await Promise.all(Array.from({ length: 10 }, () => scene.browser.tab()));

  await Promise.all(tabs.map((tab, at) => tab.goto(`${GATEWAY_ORIGIN}/tab/${at}`)));
  await Promise.all(tabs.map((tab) => tab.getByText('Hello alice').waitFor()));

  const urls = tabs.map((tab) => tab.url());
  assert.deepEqual(
    urls,
    tabs.map((_, at) => `${GATEWAY_ORIGIN}/tab/${at}`),
  );
});

test('by form_post, a second login ends the session of the first', options, async () => {
  await using scene = await LoginScene.start({ login: 'responseMode: form_post' });
  const page = await scene.browser.tab();
  const session = async () => {
    const cookies = await scene.browser.context.cookies(GATEWAY_ORIGIN);
    return cookies.find(({ name }) => name === '__Host-fairlead-corp')?.value;
  };
  await page.goto(`${GATEWAY_ORIGIN}/things`);
  await page.waitForURL(`${GATEWAY_ORIGIN}/things`);
  const first = await session();

  await page.goto(`${GATEWAY_ORIGIN}/.fairlead/corp/login?return_to=/again`);
  await page.waitForURL(`${GATEWAY_ORIGIN}/again`);

  assert.equal(await heading(page), 'Hello alice');
  assert.notEqual(await session(), first);
  const old = await scene.gateway.request('/', {
    headers: { cookie: `__Host-fairlead-corp=${first}` },
  });
  assert.equal(old.statusCode, 401);
});

test(
  'a reload after the session has ended logs in again, without a page between',
  options,
  async () => {
    await using scene = await LoginScene.start({ gateway: 'sessions: { absolute: 2s }' });
    const page = await scene.browser.tab();
    await page.goto(`${GATEWAY_ORIGIN}/work`);
    const logins = scene.provider.tokenRequests;

    const renewed = async () => {
      await page.reload();
      return scene.provider.tokenRequests > logins;
    };
    for (let i = 0; i < 100 && !(await renewed()); i += 1) await page.waitForTimeout(50);

    assert.equal(page.url(), `${GATEWAY_ORIGIN}/work`);
    assert.equal(await heading(page), 'Hello alice');
    assert.equal(scene.provider.tokenRequests, logins + 1);
  },
);

test(
  'whoever blocks our cookies is told so, and is not sent round in circles',
  options,
  async () => {
    await using scene = await LoginScene.start({ blockCookiesOf: 'app.example.test' });
    const page = await scene.browser.tab();

    await page.goto(`${GATEWAY_ORIGIN}/`);

    assert.equal(await heading(page), 'The browser sent no cookie');
    await assertAccessible(page);
    await screenshot(page, 'cookie-blocked');
    assert.equal(scene.provider.tokenRequests, 0);
  },
);

async function fillIn(page: Page, password: string): Promise<void> {
  await page.getByLabel('Name').fill(ALICE.name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button').click();
}

async function heading(page: Page): Promise<string | null> {
  return page.getByRole('heading').textContent();
}
