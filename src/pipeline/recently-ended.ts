import { DEADLINES } from '../core/deadlines.ts';

/** More logouts than that within the time: the oldest is forgotten, and the check of open streams finds it. */
const MAX_REMEMBERED = 10_000;

/**
 * Sessions whose end was heard of just now. A request that was being authenticated meanwhile knows its
 * session from before, and would stay open although all others were ended.
 */
export class RecentlyEnded {
  /** In the order of their ends. */
  readonly #endedAtMs = new Map<string, number>();

  note(sessions: readonly string[], nowMs: number): void {
    for (const session of sessions) {
      this.#endedAtMs.delete(session);
      this.#endedAtMs.set(session, nowMs);
    }
    for (const [session, endedAtMs] of this.#endedAtMs) {
      const isOld = nowMs - endedAtMs >= DEADLINES.sessionCheckMs;
      if (!isOld && this.#endedAtMs.size <= MAX_REMEMBERED) return;
      this.#endedAtMs.delete(session);
    }
  }

  /** For as long as a request may wait to be authenticated, and more. */
  has(session: string): boolean {
    return this.#endedAtMs.has(session);
  }
}
