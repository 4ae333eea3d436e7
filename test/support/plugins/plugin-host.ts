import type {
  HostCapabilities,
  SharedCapabilities,
} from '../../../src/plugin/host/instance/context.ts';
import { PLUGIN_API } from '../../../src/plugin/contract.ts';
import type { Authenticator, Context, Plugin, RequestView } from '../../../src/plugin/contract.ts';
import type { ProviderSettings } from '../../../src/plugin/host/kinds/provider.ts';
import { SessionService } from '../../../src/session/session-service.ts';
import { MemoryStore } from '../../../src/store/memory-store.ts';
import { ProviderStore } from '../../../src/store/provider-store.ts';
import { LeasedFlight } from '../../../src/store/leased-flight.ts';
import { z } from 'zod';
import { FakeClock } from '../fakes/fake-clock.ts';

export interface RecordedCapabilities extends HostCapabilities {
  readonly clock: FakeClock;
  readonly lines: string[];
  readonly counts: string[];
}

/** Capabilities that write down what a plugin logs and counts; `fetch` fails unless one is given. */
export function recordedCapabilities(
  clock = new FakeClock(),
  fetch: Context['fetch'] = () => Promise.reject(new Error('no network in this test')),
): RecordedCapabilities {
  const lines: string[] = [];
  const counts: string[] = [];
  return {
    clock,
    fetch,
    lines,
    counts,
    shared: sharedCapabilities(clock),
    log: (provider, level, message, fields) => {
      lines.push(`${provider} ${level} ${message} ${JSON.stringify(fields ?? {})}`);
    },
    count: (provider, name, by) => void counts.push(`${provider} ${name} ${by}`),
  };
}

/** Store, sessions and leases in memory, as a gateway without `gateway.store` has them. */
export function sharedCapabilities(
  clock = new FakeClock(),
  store = new MemoryStore(clock),
): (provider: string) => SharedCapabilities {
  const limits = () => ({ idleMs: 1_800_000, absoluteMs: 43_200_000 });
  const service = new SessionService({ clock, store, settings: limits, log: () => {} });
  return (provider) => {
    const flights = new LeasedFlight({ clock, store }, provider);
    return {
      store: new ProviderStore(store, provider),
      sessions: service.forProvider(provider),
      singleFlight: (key, ttlMs, work) => flights.run(key, ttlMs, work),
    };
  };
}

/** A plugin whose instances are what `create` gives. */
export function pluginOf(
  create: (options: unknown, context: Context) => Authenticator | Promise<Authenticator>,
): Plugin<'authenticator', unknown> {
  return {
    api: PLUGIN_API,
    kind: 'authenticator',
    name: 'fake',
    options: z.unknown(),
    create: async (options, context) => create(options, context),
  };
}

export function settingsOf(
  plugin: Plugin<'authenticator', unknown>,
  more: Partial<ProviderSettings> = {},
): ProviderSettings {
  return { name: 'fake', plugin, timeoutMs: 2000, options: {}, ...more };
}

/** A view with the given fields, for plugins that are called without a gateway around them. */
export function viewOf(headers: Readonly<Record<string, string>> = {}): RequestView {
  return {
    id: '01J00000000000000000000000',
    class: 'api',
    method: 'GET',
    host: 'app.example.com',
    url: new URL('https://app.example.com/'),
    headers: new Headers(headers),
    cookies: new Map(),
    client: { ip: '192.0.2.1' },
    route: { name: 'web', requires: {} },
  };
}

/** Lets everything that is ready now run: promise callbacks and what they start. */
export function turns(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
