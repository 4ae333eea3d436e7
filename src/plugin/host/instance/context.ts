import type { Clock } from '../../../core/clock.ts';
import type { Context, FetchInit, Json } from '../../contract.ts';

type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** What a provider shares with its other instances and, where the store is shared, with other replicas. */
export type SharedCapabilities = Pick<Context, 'store' | 'sessions' | 'singleFlight'>;

/** What the composition root hands in for all providers; each provider gets it under its own name. */
export interface HostCapabilities {
  readonly clock: Clock;
  /** Undici behind the egress rules: `allowPrivate` and `ca` of FetchInit are enforced at connect. */
  readonly fetch: Context['fetch'];
  log(provider: string, level: LogLevel, message: string, fields?: Record<string, Json>): void;
  /** The same for every instance of one provider; a reload loses nothing of it. */
  shared(provider: string): SharedCapabilities;
  count(provider: string, name: string, by: number, labels?: Record<string, string>): void;
}

/** The capabilities of one instance; `signal` aborts when it is closed, and with it every fetch. */
export function createContext(
  name: string,
  capabilities: HostCapabilities,
  signal: AbortSignal,
): Context {
  const { clock } = capabilities;
  const { store, sessions, singleFlight } = capabilities.shared(name);
  return {
    name,
    signal,
    log: createLog(name, capabilities),
    metrics: {
      count: (metric, by = 1, labels) => capabilities.count(name, metric, by, labels),
    },
    clock: { now: () => clock.now() },
    fetch: (input, init) => capabilities.fetch(input, bindToInstance(init, signal)),
    store,
    sessions,
    singleFlight,
  };
}

function createLog(name: string, capabilities: HostCapabilities): Context['log'] {
  const at = (level: LogLevel) => (message: string, fields?: Record<string, Json>) =>
    capabilities.log(name, level, message, fields);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function bindToInstance(init: FetchInit | undefined, closing: AbortSignal): FetchInit {
  const own = init?.signal;
  return { ...init, signal: own ? AbortSignal.any([own, closing]) : closing };
}
