import type { FrameClientOptions } from '../routers/frame-client.ts';

/** Something that goes wrong, and ends again. */
export interface Fault {
  readonly name: string;
  /** The entry routers themselves, or what lies behind them. */
  readonly where: 'entry' | 'beyond';
  /** How long it lasts. */
  readonly holdMs: number;
  readonly begin: () => Promise<void> | void;
  readonly end: () => Promise<void> | void;
  /** Statuses that the contract allows for requests of that time, beside 200. */
  readonly allows: readonly number[];
  /**
   * A healthy way is left: at most so many requests that began before its end may fail, besides those on
   * the way when it began. Undefined: nothing can carry them while it lasts.
   */
  readonly failuresAtMost?: number;
  /**
   * At most so many requests that began after its end may fail: about twice what was seen. Workers that
   * are refused at once send some hundred a second.
   */
  readonly failuresAfterAtMost: number;
}

/** Entry routers for a gateway, an application behind them at `web:8080`, and what can go wrong there. */
export interface FaultSite extends AsyncDisposable {
  readonly kind: 'stand-in' | 'skrouterd';
  /** Entry routers, in the order of preference of nobody. */
  readonly links: readonly FrameClientOptions[];
  readonly faults: readonly Fault[];
  /** Resolves when every router is linked again: one fault must not meet the rest of another. */
  settle(): Promise<void>;
}

/** Faults of a service that nothing can carry while they last. */
export const SERVICE_LOST = [502, 503, 504];
/** A request that was on its way on what is lost, and no other; one still being opened goes another way. */
export const STREAM_LOST = [502];
