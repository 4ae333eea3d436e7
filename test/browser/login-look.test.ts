import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { assertAccessible } from '../support/clients/accessible.ts';
import { needsChromium, screenshot } from '../support/clients/chromium.ts';
import { GATEWAY_ORIGIN } from '../support/oidc/login-gateway.ts';
import { LoginScene } from '../support/oidc/login-scene.ts';
import { writeFiles } from '../support/policy/policy-set.ts';

const options = { ...needsChromium, timeout: 180_000 };
const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 44 44"><rect width="44" height="44" rx="8" fill="#7a1f5c"/></svg>';
/** In the dark, as each page is seen last. */
const OUR_ACCENT = '#7ec5cf';
const PAGES = `gateway:
  pages:
    brand: { name: Acme, logo: logo.svg, colours: { accent: "#7a1f5c" } }
    support: https://support.example.com/
`;

/** All pages that a person meets around a login, in an order in which they can be met. */
const BEFORE = {
  chooser: '/things',
  problem: '/.fairlead/corp/problem?reason=redirect_uri_mismatch',
  'no-session': '/.fairlead/session',
  refused: '/.fairlead/nothing',
  explained: '/.fairlead/errors/no_route',
};
const AFTER = {
  session: '/.fairlead/session',
  'sign-out': '/.fairlead/corp/logout',
  'signed-out': '/.fairlead/corp/logged-out',
};

for (const isBranded of [true, false]) {
  const name = isBranded ? 'branded' : 'plain';
  test(`all pages around a login have one look: ${name}`, options, async () => {
    const redirectUris = ['corp', 'partners'].map(
      (each) => `${GATEWAY_ORIGIN}/.fairlead/${each}/callback`,
    );
    await using scene = await LoginScene.start({ hasPartners: true, provider: { redirectUris } });
    if (isBranded) await brand(scene);
    const page = await scene.browser.tab();

    for (const [what, path] of Object.entries(BEFORE)) {
      await assertLook(page, { isBranded, path, name: `${name}-${what}` });
    }
    await page.goto(`${GATEWAY_ORIGIN}/.fairlead/corp/login?return_to=/things`);
    await page.waitForURL(`${GATEWAY_ORIGIN}/things`);
    for (const [what, path] of Object.entries(AFTER)) {
      await assertLook(page, { isBranded, path, name: `${name}-${what}` });
    }
  });
}

async function brand({ gateway }: LoginScene): Promise<void> {
  const set = await readFile(join(gateway.directory, 'gateway.yaml'), 'utf8');
  await writeFiles(gateway.directory, { 'logo.svg': LOGO });
  await gateway.reload({ 'gateway.yaml': set.replace('gateway:\n', PAGES) });
}

interface Expected {
  readonly isBranded: boolean;
  readonly path: string;
  readonly name: string;
}

async function assertLook(page: Page, { isBranded, path, name }: Expected): Promise<void> {
  for (const width of [1440, 390]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height: 844 });
      await page.emulateMedia({ colorScheme });
      await page.goto(`${GATEWAY_ORIGIN}${path}`);
      await assertAccessible(page);
      const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
      assert.ok(wide <= width, `${name} is ${wide} wide at ${width}`);
      await screenshot(page, `${name}-${width}-${colorScheme}`);
    }
  }
  const logo = await page.evaluate<number>('document.querySelector("img.mark")?.naturalWidth ?? 0');
  const accent = await page.evaluate<string>(
    'getComputedStyle(document.documentElement).getPropertyValue("--accent")',
  );
  assert.equal(logo > 0, isBranded, `${name}: the logo`);
  assert.equal(accent !== OUR_ACCENT, isBranded, `${name}: the accent`);
  assert.equal((await page.title()).endsWith(' – Acme'), isBranded, `${name}: the title`);
  const support = await page.getByRole('link', { name: 'Acme support' }).count();
  assert.equal(support, isBranded ? 1 : 0, `${name}: the link for help`);
}
