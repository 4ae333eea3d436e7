import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../../plugins/oidc/limits.ts';
import { Application } from '../../support/applications/application.ts';
import type { Echo } from '../../support/applications/application.ts';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import {
  GATEWAY_ORIGIN,
  GatewaySite,
  startLoginGateway,
} from '../../support/oidc/login-gateway.ts';
import { Replica, optionsFor } from '../../support/oidc/harness.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';
import { APP_ORIGIN } from '../../support/oidc/real-provider.ts';

const KEPT: readonly string[] = [
  '/npm/@scope/package',
  '/user@example.test/inbox?folder=1',
  '/search?q=a@b.example',
  "/it's(ok)~/a:b,d=e$f",
  '/x?a=foo;bar&b=c%2Fd%3Fe%26f&g=1+2%2B3',
  '/x?q=%E2%82%AC&empty=&flag',
  '/files/100%25',
  `/long?${'x'.repeat(LIMITS.returnToCharacters - 6)}`,
];
/** The test's client for HTTP leaves this `?` out, so these are tried without a gateway around the plugin. */
const BARE: readonly string[] = ['/asdf?', '/?'];
/** Too long for a login, and what browsers and servers read differently. */
const LOST: readonly string[] = [`/long?${'x'.repeat(LIMITS.returnToCharacters)}`, '/x?re=\\d'];

test('after the login the address is the one that was opened, octet for octet', async () => {
  await using application = await Application.start();
  await using provider = await MisbehavingProvider.start();
  await using gateway = await startLoginGateway(application, provider);
  for (const path of KEPT) {
    const browser = new TestBrowser(new GatewaySite(gateway), GATEWAY_ORIGIN);

    const shown = await browser.open(path);

    assert.equal(shown.status, 200, path);
    assert.equal((JSON.parse(shown.body) as Echo).url, path);
  }
});

test('a question mark with nothing behind it comes back as well', async () => {
  await using provider = await MisbehavingProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url));
  for (const path of [...BARE, ...KEPT]) {
    const shown = await new TestBrowser(replica).open(path);

    assert.equal(shown.body, 'hello alice');
    assert.equal(shown.url, `${APP_ORIGIN}${path}`);
  }
});

test('an address that a login cannot keep is told, and opens once more', async () => {
  await using application = await Application.start();
  await using provider = await MisbehavingProvider.start();
  await using gateway = await startLoginGateway(application, provider);
  for (const path of LOST) {
    const browser = new TestBrowser(new GatewaySite(gateway), GATEWAY_ORIGIN);

    const told = await browser.open(path);
    const again = await browser.open(path);

    assert.equal(told.status, 200);
    assert.match(told.body, /was lost while you signed in. Open it again/);
    assert.equal((JSON.parse(again.body) as Echo).url, path);
  }
});
