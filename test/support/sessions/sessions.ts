import { COOKIE_PREFIX } from '../../../src/plugin/contract.ts';
import type { Cookie, Identity, RequestView } from '../../../src/plugin/contract.ts';
import { SessionService } from '../../../src/session/session-service.ts';
import type { SessionSettings } from '../../../src/session/provider-sessions.ts';
import { MemoryStore } from '../../../src/store/memory-store.ts';
import type { KeyValueStore } from '../../../src/store/key-value-store.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { viewOf } from '../plugins/plugin-host.ts';

export const MINUTE = 60_000;

/** The session service of one replica on a clock that a test holds. */
export function sessionService(
  clock = new FakeClock(),
  store: KeyValueStore = new MemoryStore(clock),
  settings: SessionSettings = { idleMs: 30 * MINUTE, absoluteMs: 12 * 60 * MINUTE },
) {
  return {
    clock,
    store,
    service: new SessionService({ clock, store, settings: () => settings, log: () => {} }),
  };
}

export function person(subject = 'ada', more: Partial<Identity> = {}): Identity {
  const issuer = 'https://login.example.com';
  return { subject, issuer, method: 'oidc', authenticatedAt: 0, claims: {}, ...more };
}

/** A request that brings the cookies a response set. */
export function withCookies(cookies: readonly Cookie[]): RequestView {
  const kept = cookies.filter(({ maxAgeSeconds }) => maxAgeSeconds !== 0);
  const pairs = kept.map(({ name, value }) => [COOKIE_PREFIX + name, value] as const);
  return { ...viewOf(), cookies: new Map(pairs) };
}
