import type { Clock } from '../../../src/core/clock.ts';
import { SessionService } from '../../../src/session/session-service.ts';
import { MemoryStore } from '../../../src/store/memory-store.ts';

/** Sessions in memory, for a request path whose plugins have none. */
export function sessionService(clock: Clock): SessionService {
  const settings = () => ({ idleMs: 1_800_000, absoluteMs: 43_200_000 });
  return new SessionService({ clock, store: new MemoryStore(clock), settings, log: () => {} });
}
