import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertAccessible } from '../support/clients/accessible.ts';
import { needsChromium, PersonBrowser, screenshot } from '../support/clients/chromium.ts';
import { DemoProcess, temporaryFolder } from '../support/gateway/demo-process.ts';

test('the login that the demo prints works', { ...needsChromium, timeout: 90_000 }, async () => {
  await using folder = await temporaryFolder();
  const args = ['--port', '0', '--dir', join(folder.path, 'd')];
  await using demo = await DemoProcess.run(args).ready();
  const [, url, name, password] =
    /open (\S+) and log in as (\S+) with the password (\S+)/.exec(demo.output) ?? [];
  await using browser = await PersonBrowser.start({ port: demo.gatewayPort });
  const page = await browser.tab();

  await page.goto(url!);
  await page.getByLabel('Name').fill(name!);
  await page.getByLabel('Password').fill(password!);
  await page.getByRole('button').click();
  await page.waitForURL(url!);

  const told = JSON.parse(await page.locator('pre').innerText()) as Record<string, unknown>;
  assert.deepEqual([told['x-user'], told['x-tenant']], ['alice', 'acme']);
  const answers = [];
  for (let reload = 0; reload < 3; reload += 1) answers.push((await page.reload())?.status());
  assert.deepEqual(answers, [200, 200, 200]);
  assert.ok(!demo.output.includes('oidc-provider NOTICE'), demo.output);
  await page.goto(new URL('/.fairlead/session', url).href);
  assert.match(
    await page.locator('dl').innerText(),
    /Requests left\s+\d+ \(burst 50, 20 per second\)/,
  );
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 });
    await assertAccessible(page);
    await screenshot(page, `demo-session-${width}`);
    assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= width);
  }
});
