import { fieldValues } from '../../core/header-list.ts';
import type { HeaderList } from '../../core/header-list.ts';
import type { ClientConnection } from '../../core/message.ts';

/** The connection of one request, with the scheme that the balancer says its client used. */
export function connectionAsTold(
  connection: ClientConnection,
  headers: HeaderList,
): ClientConnection {
  const { toldSecure } = connection;
  return toldSecure !== undefined && isToldSecure(headers) ? toldSecure : connection;
}

/**
 * One X-Forwarded-Proto with one scheme of TLS. A missing field, another scheme, a list or a second line is no
 * word to rely on, and counts as http, which leads to a redirect and never to an application.
 */
function isToldSecure(headers: HeaderList): boolean {
  const values = fieldValues(headers, 'x-forwarded-proto');
  // Some proxies write wss for a WebSocket.
  return values.length === 1 && /^(https|wss)$/i.test(values[0]!.trim());
}
