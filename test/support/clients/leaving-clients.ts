import { setTimeout as passed } from 'node:timers/promises';
import { http2To, rawTo, type Reachable } from './gateway-clients.ts';

/** How long a client that leaves waits for its answer. */
const LEAVES_AFTER_MS = 60;
/** On a busy machine clients would pile up, and what is measured then is their handshakes. */
const AT_ONCE = 8;

export interface LeavingClients extends AsyncDisposable {
  /** Clients that have left. */
  readonly left: number;
}

/** At most so many clients a second that ask for `path`, and leave before there is an answer. */
export function startLeavingClients(
  gateway: Reachable,
  { version, host, path, perSecond }: LeavingOptions,
): LeavingClients {
  const under = new Set<Promise<void>>();
  let left = 0;
  const leave = version === '2' ? leaveOverHttp2 : leaveOverHttp1;
  const timer = setInterval(() => {
    if (under.size >= AT_ONCE) return;
    const client = leave(gateway, host, path).then(
      () => void (left += 1),
      () => {},
    );
    under.add(client);
    void client.then(() => under.delete(client));
  }, 1000 / perSecond);
  return {
    get left() {
      return left;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await Promise.all(under);
    },
  };
}

export interface LeavingOptions {
  readonly version: '1.1' | '2';
  readonly host: string;
  readonly path: string;
  readonly perSecond: number;
}

async function leaveOverHttp1(gateway: Reachable, host: string, path: string): Promise<void> {
  using client = await rawTo(gateway, { servername: host });
  client.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await passed(LEAVES_AFTER_MS);
  client.socket.destroy();
}

async function leaveOverHttp2(gateway: Reachable, host: string, path: string): Promise<void> {
  const session = await http2To(gateway, host);
  const stream = session.request({ ':path': path, ':authority': host });
  stream.on('error', () => {});
  await passed(LEAVES_AFTER_MS);
  session.destroy();
}
