import type { Socket } from 'node:net';
import { Backend } from './backend.ts';

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n';

/** What the application does with a request, by its path; everything else is answered. */
const DEEDS: Readonly<Record<string, (socket: Socket) => void>> = {
  '/silent': () => {},
  '/silent/total': () => {},
  '/begun': (socket) => void socket.write(`${HEAD}abc`),
  '/reset': (socket) => socket.resetAndDestroy(),
  '/end': (socket) => void socket.end(),
  '/cut': (socket) => void socket.write(`${HEAD}abc`),
  '/babble': (socket) => void socket.end('SSH-2.0-OpenSSH_9.9\r\n'),
};

export interface OutcomeApplication extends AsyncDisposable {
  readonly address: { readonly host: string; readonly port: number };
  /** `METHOD path` of every request. */
  readonly seen: string[];
  /** Resets the answers to `/cut` that have begun. A reset right behind the octets may overtake them. */
  cut(): void;
}

/** An application that treats its connections badly. `/again` is reset, but on a new connection it is answered. */
export async function startOutcomeApplication(): Promise<OutcomeApplication> {
  const seen: string[] = [];
  const begun = new Set<Socket>();
  const backend = await Backend.start((socket) => {
    let requests = 0;
    socket.on('end', () => socket.end());
    socket.on('data', (chunk: Buffer) => {
      const [method, path] = chunk.toString('latin1').split(' ', 2);
      if (!/^[A-Z]+$/.test(method!)) return;
      requests += 1;
      seen.push(`${method} ${path}`);
      if (path === '/cut') begun.add(socket);
      const deed = path === '/again' && requests > 1 ? DEEDS['/reset'] : DEEDS[path!];
      if (deed === undefined) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      else deed(socket);
    });
  });
  return {
    address: backend.address,
    seen,
    cut() {
      for (const socket of begun) socket.resetAndDestroy();
      begun.clear();
    },
    [Symbol.asyncDispose]: () => backend.stop(),
  };
}
