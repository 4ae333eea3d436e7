import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** Says which port, and how to choose another. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken';

  constructor(port: number) {
    const another = port < 65_535 ? port + 1 : port - 1;
    const start = process.env['npm_lifecycle_event'] === 'start' ? 'npm start --' : 'fairlead demo';
    super(
      `port ${port} on this machine is taken; choose another one, for example "${start} --port ${another}", ` +
        'or --port 0 for any free one',
    );
  }
}

/** `localhost` may lead a client to either. */
const LOOPBACKS = ['127.0.0.1', '::1'];

/**
 * False when somebody listens on the port at either loopback address: a client that is told `localhost`
 * tries ::1 first, and would get the stranger there although 127.0.0.1 could be bound.
 */
export async function isPortFree(port: number): Promise<boolean> {
  for (const address of LOOPBACKS) {
    if ((await tryPort(port, address)) === 'EADDRINUSE') return false;
  }
  return true;
}

/** Ports nobody listens on now. For parts that must be told one and cannot choose it themselves. */
export async function freePorts<N extends string>(
  ...names: readonly N[]
): Promise<Readonly<Record<N, number>>> {
  const ports = await Promise.all(names.map(() => tryPort(0, '127.0.0.1')));
  return Object.fromEntries(names.map((name, at) => [name, ports[at]])) as Record<N, number>;
}

/** Binds and lets go; gives the port, or the system's code (a machine without IPv6 has no ::1). */
async function tryPort(port: number, host: string): Promise<number | string> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<number | string>();
  server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  server.listen({ port, host, exclusive: true }, () => {
    const bound = (server.address() as AddressInfo).port;
    server.close(() => resolve(bound));
  });
  return promise;
}
