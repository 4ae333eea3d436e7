import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { MisbehavingProvider } from './misbehaving-provider.ts';
import { TestBrowser } from './test-browser.ts';
import type { Shown } from './test-browser.ts';
import type { Replica } from './harness.ts';
import { APP_ORIGIN } from './real-provider.ts';

/** A person who is logged in, and another login of the same browser that waits for its callback. */
export async function loggedInAndWaiting(replica: Replica) {
  const browser = new TestBrowser(replica);
  await browser.open('/');
  browser.onStep = ({ url }) => !url.includes('/callback');
  const { url } = await browser.open('/.fairlead/corp/login?return_to=/wanted');
  browser.onStep = () => true;
  return { browser, callback: new URL(url) };
}

/** What must not change: sessions, and what the provider was asked for. */
export function fingerprint(replica: Replica, provider: MisbehavingProvider): string {
  const state = JSON.stringify([replica.cluster.sessions.all(), provider.tokenRequests.length]);
  return createHash('sha256').update(state).digest('hex');
}

/** A 4xx that says why, to a person or to a program. */
export function assertRefused({ status, body }: Shown): void {
  assert.ok(status >= 400 && status < 500, `${status}: ${body}`);
  assert.match(body, /oidc\.[a-z_]+ \(4\d\d\)|"error":"invalid_request"|not complete|too large/);
}

export const at = (path: string): string => `${APP_ORIGIN}/.fairlead/corp/${path}`;
