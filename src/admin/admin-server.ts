import type { IncomingMessage, RequestListener } from 'node:http';
import type { ServerOptions, Server as TlsServer } from 'node:https';
import { isLoopbackHost } from '../core/network-addresses.ts';
import type { AdminPolicy } from '../policy/snapshot/snapshot.ts';
import { JSON_TYPE, isRead, json, pathOf, plain, send } from './admin-answer.ts';
import type { Answer } from './admin-answer.ts';
import { guard } from './admin-guard.ts';
import type { AdminAccess } from './admin-guard.ts';
import { startAdminListener } from './admin-listener.ts';
import type { AdminListener } from './admin-listener.ts';
import type { AdminAction, AdminSources, Readiness } from './admin-sources.ts';
import { healthPage } from './health-pages.ts';
import { readJson } from './read-json.ts';

/**
 * Health, readiness, metrics, configuration and what can be done to a running gateway, on listeners apart from
 * clients: everything on `gateway.admin.listen`, and what anybody may know on `gateway.admin.health`.
 */
export class AdminServer implements AsyncDisposable {
  readonly #sources: AdminSources;
  #policy: AdminPolicy;
  #access: AdminAccess;
  #listeners: readonly AdminListener[] = [];

  private constructor(policy: AdminPolicy, sources: AdminSources) {
    this.#policy = policy;
    this.#access = policy;
    this.#sources = sources;
  }

  /** Resolves when the ports are bound; rejects with a sentence that names the key when one is not. */
  static async start(policy: AdminPolicy, sources: AdminSources): Promise<AdminServer> {
    const server = new AdminServer(policy, sources);
    try {
      await server.#start();
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  get port(): number {
    return this.#listeners[0]!.port;
  }

  /** Of `gateway.admin.health`. */
  get healthPort(): number | undefined {
    return this.#listeners[1]?.port;
  }

  /** Hosts, tokens and certificates of another generation; addresses stay. */
  update(policy: AdminPolicy): void {
    const isOpen = !isLoopback(this.#policy.listen.address);
    // The socket is bound as it was: a policy that needs no auth on the loopback must not open it.
    const auth = policy.auth ?? (isOpen ? this.#access.auth : undefined);
    this.#access = { auth, hosts: policy.hosts };
    const tls = tlsOptions(policy);
    const listener = this.#listeners[0]!;
    if (tls !== undefined && 'setSecureContext' in listener.server) {
      (listener.server as TlsServer).setSecureContext(tls);
    }
  }

  /** Stops listening and closes what is open; resolves when no socket is left. */
  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #start(): Promise<void> {
    const { listen, health, metrics } = this.#policy;
    const all = await startAdminListener({
      at: listen,
      key: 'gateway.admin.listen',
      handler: handlerOf((request) => this.#answer(request)),
      tls: tlsOptions(this.#policy),
    });
    this.#listeners = [all];
    if (health === undefined) return;
    const few = await startAdminListener({
      at: health,
      key: 'gateway.admin.health',
      handler: handlerOf((request) => healthPage(request, this.#sources, metrics)),
    });
    this.#listeners = [all, few];
  }

  #answer(request: IncomingMessage): Answer | Promise<Answer> {
    const refused = guard(request, this.#access);
    if (refused !== undefined) return refused;
    return isRead(request)
      ? answerPath(pathOf(request), this.#sources)
      : act(request, this.#sources.action(pathOf(request)));
  }
}

function isLoopback(address: string | undefined): boolean {
  return address === undefined || isLoopbackHost(address);
}

function tlsOptions({ certificate, auth }: AdminPolicy): ServerOptions | undefined {
  if (certificate === undefined) return undefined;
  const { certPem: cert, keyPem } = certificate;
  const own = { cert, key: keyPem.reveal(), minVersion: 'TLSv1.2' } as const;
  if (auth?.kind !== 'clientCa') return own;
  // The handshake goes on without a certificate, for /healthz; everything else asks whether there was one.
  return { ...own, ca: auth.caPem, requestCert: true, rejectUnauthorized: false };
}

function handlerOf(
  answerTo: (request: IncomingMessage) => Answer | Promise<Answer>,
): RequestListener {
  return (request, response) => {
    void answerSafely(request, answerTo).then((answer) => {
      // What was sent and not read is read away, which keeps the connection usable.
      request.resume();
      send(request, response, answer);
    });
  };
}

/** A source that fails must not look healthy, nor end the process. */
async function answerSafely(
  request: IncomingMessage,
  answerTo: (request: IncomingMessage) => Answer | Promise<Answer>,
): Promise<Answer> {
  try {
    return await answerTo(request);
  } catch (error) {
    return plain(500, error instanceof Error ? error.message : String(error));
  }
}

async function act(request: IncomingMessage, action: AdminAction | undefined): Promise<Answer> {
  if (action === undefined) return plain(404, 'nothing here that takes a POST');
  const sent = await readJson(request);
  if (sent.kind === 'refused') return plain(sent.status, sent.reason);
  const { status, value } = await action(sent.value);
  return json(status, value);
}

function answerPath(path: string, sources: AdminSources): Answer {
  switch (path) {
    case '/healthz':
      return plain(200, 'alive');
    case '/readyz':
      return readiness(sources.readiness());
    case '/metrics':
      return { status: 200, ...sources.metrics() };
    case '/-/config':
      return json(200, sources.config());
    case '/-/network':
      return json(200, sources.network() ?? { isReady: true, connections: [] });
    case '/-/decisions':
      return { status: 200, contentType: JSON_TYPE, body: `${sources.decisions.refusals()}\n` };
    default:
      if (path.startsWith(DECISION)) return decision(path.slice(DECISION.length), sources);
      return plain(404, 'nothing here');
  }
}

const DECISION = '/-/decisions/';

function decision(id: string, { decisions }: AdminSources): Answer {
  const body = decisions.find(id);
  if (body !== undefined) return { status: 200, contentType: JSON_TYPE, body: `${body}\n` };
  return plain(
    404,
    'no decision with this id is kept: never made here, not sampled, or too long ago',
  );
}

function readiness({ isReady, reasons }: Readiness): Answer {
  return json(isReady ? 200 : 503, { ready: isReady, reasons });
}
