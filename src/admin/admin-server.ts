import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bindMessage } from '../core/bind-message.ts';
import { GatewayError } from '../core/errors.ts';
import type { KeptDecisions } from '../record/record.ts';

/** Whether the gateway should get traffic, and if not, why: one sentence each. */
export interface Readiness {
  readonly isReady: boolean;
  readonly reasons: readonly string[];
}

export interface ConfigStatus {
  readonly running: { readonly generation: number; readonly hash: string };
  /** The last set that was not taken, until a good one is. */
  readonly refused: { readonly hash: string | undefined; readonly errors: string } | undefined;
  /** Providers whose new options do not work yet, so that the ones before are in use. */
  readonly notReplaced: readonly {
    readonly provider: string;
    readonly reason: string;
    /** ISO 8601: from then on the new options count. */
    readonly until: string;
  }[];
  /** Every certificate that the running set names, the first to end first. */
  readonly certificates: readonly CertificateStatus[];
}

export interface CertificateStatus {
  /** Where the policy names it, such as `gateway.certificates[0]`. */
  readonly place: string;
  readonly file: string;
  /** ISO 8601. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** Whole days, negative once it has expired. */
  readonly daysLeft: number;
}

export interface AdminSources {
  readiness(): Readiness;
  /** Text and its content type. */
  metrics(): { readonly body: string; readonly contentType: string };
  config(): ConfigStatus;
  /** Router connections: endpoint, state, the router's identity, lanes. Undefined without a network. */
  network(): unknown;
  readonly decisions: KeptDecisions;
}

export interface AdminAddress {
  /** Undefined: loopback, because the admin listener asks nobody who they are. */
  readonly address: string | undefined;
  readonly port: number;
}

/** Probes and scrapers are few and send little; more than this is somebody else. */
const MAX_CONNECTIONS = 64;
const MAX_HEADER_BYTES = 8 * 1024;
/** A probe that cannot send its head in this time is not worth a socket. */
const REQUEST_MS = 5_000;
const IDLE_MS = 5_000;

/** Health, readiness, metrics and configuration on a listener of their own, apart from clients. */
export class AdminServer implements AsyncDisposable {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Resolves when the port is bound; rejects with a sentence that names the key when it is not. */
  static async start(address: AdminAddress, sources: AdminSources): Promise<AdminServer> {
    const server = createServer(
      {
        maxHeaderSize: MAX_HEADER_BYTES,
        headersTimeout: REQUEST_MS,
        requestTimeout: REQUEST_MS,
        keepAliveTimeout: IDLE_MS,
        connectionsCheckingInterval: 1000,
      },
      (request, response) => answer(request, response, sources),
    );
    server.maxConnections = MAX_CONNECTIONS;
    await listening(server, address);
    return new AdminServer(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Stops listening and closes what is open; resolves when no socket is left. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function listening(server: Server, { address = '127.0.0.1', port }: AdminAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException): void => {
      const detail = bindMessage({ address, port }, 'gateway.admin.listen', cause);
      reject(new GatewayError('internal', { detail, cause }));
    };
    server.once('error', onError);
    server.listen(port, address, () => {
      server.off('error', onError);
      // An accept that fails (no descriptors left) concerns one probe, not the process.
      server.on('error', ignore);
      resolve();
    });
  });
}

const JSON_TYPE = 'application/json';

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

function answer(request: IncomingMessage, response: ServerResponse, sources: AdminSources): void {
  // No body is wanted; reading it away keeps the connection usable.
  request.resume();
  const { status, contentType, body } = answerTo(request, sources);
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function answerTo(request: IncomingMessage, sources: AdminSources): Answer {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return plain(405, 'GET or HEAD only\n');
  try {
    return answerPath(request.url?.split('?', 1)[0] ?? '', sources);
  } catch (error) {
    // A source that fails must not look healthy, nor end the process.
    return plain(500, `${error instanceof Error ? error.message : String(error)}\n`);
  }
}

function answerPath(path: string, sources: AdminSources): Answer {
  switch (path) {
    case '/healthz':
      return plain(200, 'alive\n');
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
      return plain(404, 'nothing here\n');
  }
}

const DECISION = '/-/decisions/';

function decision(id: string, { decisions }: AdminSources): Answer {
  const body = decisions.find(id);
  if (body !== undefined) return { status: 200, contentType: JSON_TYPE, body: `${body}\n` };
  return plain(
    404,
    'no decision with this id is kept: never made here, not sampled, or too long ago\n',
  );
}

function readiness({ isReady, reasons }: Readiness): Answer {
  return json(isReady ? 200 : 503, { ready: isReady, reasons });
}

function json(status: number, value: unknown): Answer {
  return { status, contentType: JSON_TYPE, body: `${JSON.stringify(value, null, 2)}\n` };
}

function plain(status: number, body: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

function ignore(): void {}
