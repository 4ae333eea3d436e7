import assert from 'node:assert/strict';
import oidc from '../../../plugins/oidc/oidc.ts';
import type { Authenticator, AuthResult, Context } from '../../../src/plugin/contract.ts';
import type { EndpointAnswer, RequestView, Requirements } from '../../../src/plugin/contract.ts';
import { challengeFault, resultFault } from '../../../src/plugin/host/kinds/check-result.ts';
import { MemoryStore } from '../plugins/plugin-store.ts';
import { SingleFlight } from '../plugins/plugin-flight.ts';
import { systemClock } from '../../../src/app/system-clock.ts';
import { SessionService } from '../../../src/session/session-service.ts';
import type { SessionLimits, SessionSettings } from '../../../src/session/provider-sessions.ts';
import type { KeyValueStore } from '../../../src/store/key-value-store.ts';
import { ProviderStore } from '../../../src/store/provider-store.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { DEADLINES } from '../../../src/core/deadlines.ts';
import { directFetch } from '../auth/issuer.ts';
import { APP_ORIGIN, CLIENT } from './real-provider.ts';
import { FakeSessions } from './fake-sessions.ts';

/** What replicas have in common: store, sessions, lease, and one clock that can be moved on. */
export class Cluster {
  readonly sessions = new FakeSessions();
  readonly lines: string[] = [];
  offsetMs = 0;
  /** Entries of a provider's store. */
  maxEntries: number | undefined;
  fetch: Context['fetch'] = directFetch;
  readonly clock: Clock = {
    now: () => Date.now() + this.offsetMs,
    monotonicMs: () => performance.now() + this.offsetMs,
    after: (delayMs, action) => systemClock.after(delayMs, action),
  };
  readonly #stores = new Map<string, MemoryStore>();
  readonly #leases = new Map<string, Promise<unknown>>();
  readonly #gateway: KeyValueStore | undefined;
  readonly #service: SessionService | undefined;

  /** With a store of the gateway: its own sessions and provider stores over it, instead of the fakes. */
  constructor(gateway?: KeyValueStore, mode: Omit<SessionSettings, keyof SessionLimits> = {}) {
    this.#gateway = gateway;
    if (gateway === undefined) return;
    const settings = () => ({ idleMs: 1_800_000, absoluteMs: 43_200_000, ...mode });
    const { clock } = this;
    this.#service = new SessionService({ clock, store: gateway, settings, log: () => {} });
  }

  /** The capabilities of one replica; store, sessions and leases are those of all. */
  context(name: string, signal: AbortSignal): Context {
    const flights = new SingleFlight(this.clock);
    const note = (level: string) => (message: string, fields?: object) =>
      void this.lines.push(`${name} ${level} ${message} ${JSON.stringify(fields ?? {})}`);
    return {
      name,
      signal,
      log: { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') },
      metrics: { count: () => {} },
      clock: this.clock,
      fetch: (input, init) => this.fetch(input, init),
      store:
        this.#gateway === undefined ? this.store(name) : new ProviderStore(this.#gateway, name),
      sessions: this.#service?.forProvider(name) ?? this.sessions.of(name),
      singleFlight: (key, ttlMs, work) =>
        flights.run(key, ttlMs, (signal) => this.#lease(`${name}.${key}`, () => work(signal))),
    };
  }

  store(name: string): MemoryStore {
    const store = this.#stores.get(name) ?? new MemoryStore(this.clock, this.maxEntries);
    this.#stores.set(name, store);
    return store;
  }

  /** One at a time over all replicas; the next runs its own work when the one before has ended. */
  async #lease<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#leases.get(key) ?? Promise.resolve();
    const run = before.catch(() => {}).then(work);
    this.#leases.set(key, run);
    return run;
  }
}

export interface AppAnswer {
  readonly response: Response;
  readonly setCookies: readonly CookieLike[];
}

type CookieLike = {
  readonly name: string;
  readonly value: string;
  readonly maxAgeSeconds?: number;
  readonly crossSitePost?: boolean;
};

export interface AppRequest {
  readonly url: string;
  readonly method?: string;
  readonly cookies?: ReadonlyMap<string, string>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly class?: RequestView['class'];
  readonly requires?: Requirements;
}

/** One replica: the plugin, with as much of a gateway around it as a browser needs. */
export class Replica implements AsyncDisposable {
  readonly cluster: Cluster;
  readonly name: string;
  readonly authenticator: Authenticator;
  /** Milliseconds that a call may take, and one of an endpoint. */
  callMs: number = DEADLINES.pluginCallMs;
  endpointMs: number = DEADLINES.pluginEndpointMs;
  /** What routes want, by path. */
  readonly requires = new Map<string, Requirements>();
  readonly #closing: AbortController;

  private constructor(parts: {
    cluster: Cluster;
    name: string;
    authenticator: Authenticator;
    closing: AbortController;
  }) {
    this.cluster = parts.cluster;
    this.name = parts.name;
    this.authenticator = parts.authenticator;
    this.#closing = parts.closing;
  }

  static async start(options: object, cluster = new Cluster(), name = 'corp'): Promise<Replica> {
    const closing = new AbortController();
    const context = cluster.context(name, closing.signal);
    const authenticator = await oidc.create(await validOptions(options), context);
    return new Replica({ cluster, name, authenticator, closing });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
  }

  /** As the core would answer, with the subject as the application's page. */
  async handle(request: AppRequest): Promise<AppAnswer> {
    const view = viewOf(request, this.requires);
    const prefix = `/.fairlead/${this.name}/`;
    if (view.url.pathname.startsWith(prefix)) {
      return this.#endpoint(view, view.url.pathname.slice(prefix.length), request);
    }
    const result = await this.authenticate(view);
    return this.#answer(view, result);
  }

  authenticate(view: RequestView): AuthResult | Promise<AuthResult> {
    const result = this.authenticator.authenticate(view, this.#call());
    const judge = (value: AuthResult): AuthResult => {
      assert.equal(resultFault(value), undefined);
      return value;
    };
    return result instanceof Promise ? result.then(judge) : judge(result);
  }

  async #answer(view: RequestView, result: AuthResult): Promise<AppAnswer> {
    switch (result.kind) {
      case 'identity':
        return plain(200, `hello ${result.identity.subject}`, result.setCookies);
      case 'deny':
        return plain(result.status, result.reason.code);
      case 'challenge':
        return challenged(view, result.challenge);
      case 'pass':
        break;
    }
    const why = { code: 'auth.no_credential' };
    const challenge = await this.authenticator.challenge!(view, why, this.#call());
    return challenged(view, challenge);
  }

  async #endpoint(view: RequestView, path: string, request: AppRequest): Promise<AppAnswer> {
    const endpoint = this.authenticator.endpoints!.find(
      (each) => each.path === path && each.method === view.method,
    );
    if (endpoint === undefined) return plain(404, 'no such endpoint');
    if (endpoint.csrf === 'same-origin' && view.headers.get('origin') !== view.url.origin) {
      return plain(403, 'not of this origin');
    }
    const octets = Buffer.from(request.body ?? '');
    if (octets.length > (endpoint.maxBodyBytes ?? 65_536)) return plain(413, 'too large');
    const body = (): Promise<Uint8Array> => Promise.resolve(octets);
    const full = Object.assign(view, { body, look: undefined });
    return unpack(await endpoint.handle(full, this.#call(this.endpointMs)));
  }

  #call(limitMs = this.callMs) {
    return {
      signal: new AbortController().signal,
      deadline: this.cluster.clock.now() + limitMs,
    };
  }
}

/** Options for a provider at the loopback. */
export function optionsFor(issuer: string, more: object = {}): object {
  return { issuer, client: { ...CLIENT }, allowPrivate: true, ...more };
}

/** Options as the policy would hand them over; fails the test when they are refused. */
export async function validOptions(options: object) {
  const result = await oidc.options['~standard'].validate(options);
  assert.equal(result.issues, undefined);
  return (result as { readonly value: Parameters<typeof oidc.create>[0] }).value;
}

export function viewOf(
  request: AppRequest,
  requires: ReadonlyMap<string, Requirements> = new Map(),
): RequestView {
  const url = new URL(request.url, APP_ORIGIN);
  return {
    id: '01J00000000000000000000000',
    class: request.class ?? 'navigation',
    method: request.method ?? 'GET',
    host: url.hostname,
    url,
    headers: new Headers({ ...request.headers }),
    cookies: request.cookies ?? new Map(),
    client: { ip: '192.0.2.1' },
    route: { name: 'web', requires: request.requires ?? requires.get(url.pathname) ?? {} },
  };
}

function challenged(
  view: RequestView,
  challenge: Awaited<ReturnType<NonNullable<Authenticator['challenge']>>>,
): AppAnswer {
  assert.equal(challengeFault(challenge), undefined);
  const { redirect, unavailable, wwwAuthenticate = [] } = challenge;
  if (view.class === 'navigation' && redirect !== undefined) {
    const response = new Response(null, { status: 302, headers: { location: redirect.location } });
    return { response, setCookies: redirect.setCookies ?? [] };
  }
  if (view.class === 'navigation' && unavailable !== undefined) return plain(503, unavailable.code);
  return {
    response: new Response('login', {
      status: 401,
      headers: { 'www-authenticate': wwwAuthenticate.join(', ') },
    }),
    setCookies: [],
  };
}

function plain(status: number, text: string, setCookies: readonly CookieLike[] = []): AppAnswer {
  return { response: new Response(text, { status }), setCookies };
}

function unpack(answer: EndpointAnswer): AppAnswer {
  return answer instanceof Response ? { response: answer, setCookies: [] } : answer;
}
