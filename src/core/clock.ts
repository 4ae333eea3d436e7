/**
 * Time as a parameter: everything that reads a clock or waits takes one of these, so a test can hold
 * time still. The real one is `app/system-clock.ts`; the fake one is `test/support/fakes/fake-clock.ts`.
 */
export interface Clock {
  /** Wall time in milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Milliseconds on a clock that never goes back; only differences have a meaning. */
  monotonicMs(): number;
  /** Calls `action` once after at least `delayMs`. The timer does not keep the process alive. */
  after(delayMs: number, action: () => void): Timer;
}

export interface Timer {
  /** Idempotent; the action will not be called after this. */
  cancel(): void;
}
