import type { Duplex } from 'node:stream';
import { GatewayError } from '../../core/errors.ts';
import { connectTcpListener } from '../../network/tcp-listener.ts';
import type { ServiceVia } from '../../policy/snapshot/snapshot.ts';
import { secureLane } from './lane-tls.ts';
import type { Transport, TransportParts, TransportTarget } from './transport-kind.ts';

type UrlVia = Extract<ServiceVia, { kind: 'url' }>;

/** The application itself, at a host and port; https is the gateway's own TLS with it. */
export const overUrl: Transport<UrlVia> = {
  needsNetwork: false,

  async open(target, parts) {
    const { service, via } = target;
    const socket = await connected(target, parts, { allowHalfOpen: false });
    if (via.tls === undefined) return socket;
    return secureLane(socket, { service, tls: via.tls, clock: parts.clock });
  },

  openUntouched: (target, parts, signal) =>
    connected(target, parts, { signal, allowHalfOpen: true }),

  describe: ({ service, via }) => `${schemeOf(via)}://${service.address}`,

  isPlain: ({ via }) => via.tls === undefined,
};

/** Who accepts no connection here is the application, so it counts against the service. */
async function connected(
  { service, via }: TransportTarget<UrlVia>,
  { clock }: TransportParts,
  options: { readonly allowHalfOpen: boolean; readonly signal?: AbortSignal },
): Promise<Duplex> {
  const { host, port, isInsecure } = via;
  const { connectMs } = service.timeout;
  // What goes through untouched, or in TLS of its own, may go anywhere.
  const isPlainAnywhere = isInsecure || via.tls !== undefined;
  try {
    return await connectTcpListener({
      ...options,
      host,
      port,
      tls: undefined,
      connectMs,
      clock,
      isInsecure: isPlainAnywhere,
      what: `${schemeOf(via)} service`,
    });
  } catch (error) {
    if (!(error instanceof GatewayError) || error.origin !== 'network') throw error;
    const { code, message, retryable } = error;
    throw new GatewayError(code, {
      detail: message,
      retryable,
      origin: 'application',
      cause: error,
    });
  }
}

function schemeOf(via: UrlVia): 'http' | 'https' {
  return via.tls === undefined ? 'http' : 'https';
}
