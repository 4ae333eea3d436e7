import type { ClientConnection } from '../../core/message.ts';
import { refuse } from '../../core/refusal.ts';
import type { Refusal } from '../../core/refusal.ts';
import { namedReason } from '../../telemetry/names/names.ts';

/** R-13, F13: a connection opened for one name answers for that name only. */
export function checkServerName(connection: ClientConnection, host: string): Refusal | undefined {
  const serverName = connection.tls?.serverName;
  if (serverName === undefined || serverName === host) return undefined;
  const reason = namedReason('http.server_name');
  return refuse('misdirected_request', { closeConnection: true, reason });
}
