import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { bindMessage } from '../core/bind-message.ts';
import { GatewayError } from '../core/errors.ts';

interface AdminAddress {
  /** Undefined: loopback, because nobody is asked who they are unless the policy says so. */
  readonly address: string | undefined;
  readonly port: number;
}

interface AdminListenerOptions {
  readonly at: AdminAddress;
  /** The key of the policy that names the address. */
  readonly key: string;
  readonly handler: RequestListener;
  /** Undefined: plain HTTP. */
  readonly tls?: ServerOptions | undefined;
}

/** Probes and scrapers are few and send little; more than this is somebody else. */
const MAX_CONNECTIONS = 64;
const MAX_HEADER_BYTES = 8 * 1024;
/** A probe that cannot send its request in this time is not worth a socket. */
const REQUEST_MS = 5_000;
const IDLE_MS = 5_000;

const BOUNDS = {
  maxHeaderSize: MAX_HEADER_BYTES,
  headersTimeout: REQUEST_MS,
  requestTimeout: REQUEST_MS,
  keepAliveTimeout: IDLE_MS,
  connectionsCheckingInterval: 1000,
};

export interface AdminListener {
  readonly server: Server;
  readonly port: number;
  /** Stops listening and closes what is open; resolves when no socket is left. */
  close(): Promise<void>;
}

/** Resolves when the port is bound; rejects with a sentence that names the key when it is not. */
export async function startAdminListener(options: AdminListenerOptions): Promise<AdminListener> {
  const { at, key, handler, tls } = options;
  const server: Server =
    tls === undefined
      ? createServer(BOUNDS, handler)
      : createTlsServer({ ...tls, ...BOUNDS, handshakeTimeout: REQUEST_MS }, handler);
  server.maxConnections = MAX_CONNECTIONS;
  await listening(server, at, key);
  return {
    server,
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listening(server: Server, at: AdminAddress, key: string): Promise<void> {
  const { address = '127.0.0.1', port } = at;
  return new Promise((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException): void => {
      const detail = bindMessage({ address, port }, key, cause);
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

function ignore(): void {}
