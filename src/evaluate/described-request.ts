import type { HeaderList } from '../core/header-list.ts';
import type { RequestFacts } from '../core/message.ts';
import { DEFAULT_PORTS } from '../core/origin.ts';

/** A request in words, as an operator describes it. */
export interface RequestDescription {
  readonly url: URL;
  readonly method: string;
  readonly headers: HeaderList;
  readonly clientAddress: string;
  /** Default: no body. */
  readonly bodyBytes?: number;
  readonly nowMs: number;
}

/** The facts that the gates judge, for a request that nobody sent. */
export function describedRequest(description: RequestDescription): RequestFacts {
  const { url, method, headers, clientAddress, bodyBytes = 0, nowMs } = description;
  const isSecure = url.protocol === 'https:';
  return {
    connection: {
      id: 'described',
      remoteAddress: clientAddress,
      remotePort: 0,
      localPort: Number(url.port) || DEFAULT_PORTS[isSecure ? 'https' : 'http'],
      tls: isSecure
        ? { serverName: url.hostname, protocol: 'TLSv1.3', cipher: '', alpn: undefined }
        : undefined,
    },
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
