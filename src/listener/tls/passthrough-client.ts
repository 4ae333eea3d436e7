import type { PassthroughClient } from '../../core/passthrough.ts';
import { describeConnection, withForeignTls } from '../describe-connection.ts';
import type { Accepted } from '../entrance.ts';

export interface PassthroughHello {
  readonly serverName: string;
  /** Wall time when it was complete. */
  readonly receivedAtMs: number;
}

/**
 * A socket whose ClientHello was read and put back, as one that is not terminated here. The ceilings of
 * `accept.ts` count it until it closes. Undefined when it died meanwhile.
 */
export function passthroughClient(
  accepted: Accepted,
  hello: PassthroughHello,
): PassthroughClient | undefined {
  const described = describeConnection(accepted);
  if (described === undefined) return undefined;
  return {
    connection: withForeignTls(described),
    serverName: hello.serverName,
    receivedAtMs: hello.receivedAtMs,
    stream: accepted.socket,
    reset: () => void accepted.socket.resetAndDestroy(),
  };
}
