import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { waitUntil } from '../tools/wait-until.ts';

/** A TCP application on the loopback whose connections a test holds in its hands. */
export class Backend {
  readonly connections: Socket[] = [];
  readonly #server: Server;
  #isStopped = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** `serve` gets each connection; halves end by themselves. */
  static async start(serve: (socket: Socket) => void = () => undefined): Promise<Backend> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    const backend = new Backend(server);
    server.on('connection', (socket) => {
      socket.on('error', () => socket.destroy());
      // It waited in the kernel as the others were destroyed, and the server would wait for its end.
      if (backend.#isStopped) return void socket.destroy();
      backend.connections.push(socket);
      serve(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return backend;
  }

  get address(): { readonly host: string; readonly port: number } {
    const { port } = this.#server.address() as AddressInfo;
    return { host: '127.0.0.1', port };
  }

  /** The n-th connection, once it is there. */
  async connection(n = 1): Promise<Socket> {
    await waitUntil(`backend connection ${n}`, () => this.connections.length >= n);
    return this.connections[n - 1]!;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const socket of this.connections) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** A port on which nobody listens: bound once, then closed. */
export async function closedPort(): Promise<number> {
  const backend = await Backend.start();
  const { port } = backend.address;
  await backend.stop();
  return port;
}

/** Sends back what it gets, and its FIN after the client's. */
export function echo(socket: Socket): void {
  socket.pipe(socket);
}

/** Collects what arrives; unlike `buffer` of stream/consumers it leaves the other half alone. */
export function collect(socket: Readable): { readonly octets: () => Buffer; isEnded: boolean } {
  const chunks: Buffer[] = [];
  const collected = { octets: () => Buffer.concat(chunks), isEnded: false };
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('end', () => {
    collected.isEnded = true;
  });
  return collected;
}
