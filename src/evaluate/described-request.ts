import { foldMapped } from '../core/address-list.ts';
import { forwardedClient } from '../core/forwarded-client.ts';
import type { TrustedProxies } from '../core/forwarded-client.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { RequestFacts } from '../core/message.ts';
import { DEFAULT_PORTS } from '../core/origin.ts';

/** A request in words, as an operator describes it. */
export interface RequestDescription {
  readonly url: URL;
  readonly method: string;
  readonly headers: HeaderList;
  /** Of the connection. */
  readonly peerAddress: string;
  readonly trustedProxies: TrustedProxies | undefined;
  /** Default: no body. */
  readonly bodyBytes?: number;
  readonly nowMs: number;
}

/** The facts that the gates judge, for a request that nobody sent. */
export function describedRequest(description: RequestDescription): RequestFacts {
  const { url, method, headers, trustedProxies, bodyBytes = 0, nowMs } = description;
  const remoteAddress = foldMapped(description.peerAddress);
  const isSecure = url.protocol === 'https:';
  return {
    connection: {
      id: 'described',
      remoteAddress,
      remotePort: 0,
      peerAddress: remoteAddress,
      localPort: Number(url.port) || DEFAULT_PORTS[isSecure ? 'https' : 'http'],
      scheme: isSecure ? 'https' : 'http',
      tls: isSecure
        ? { serverName: url.hostname, protocol: 'TLSv1.3', cipher: '', alpn: undefined }
        : undefined,
    },
    clientAddress: forwardedClient(remoteAddress, headers, trustedProxies),
    version: '1.1',
    method,
    target: `${url.pathname}${url.search}`,
    host: url.hostname.replace(/\.$/, ''),
    authority: url.host,
    headers: ['host', url.host, ...headers],
    body: { length: bodyBytes },
    receivedAtMs: nowMs,
  };
}
