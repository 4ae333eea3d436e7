import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

/** A wire that a test can cut: passes connections on to a port of the loopback, both halves apart. */
export class TcpProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  #lastConnectedMs = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(target: number): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    const proxy = new TcpProxy(server);
    server.on('connection', (socket) => proxy.#pass(socket, target));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Open connections. */
  get connections(): number {
    return this.#sockets.size / 2;
  }

  /** How long ago the last connection was made. */
  get ageMs(): number {
    return performance.now() - this.#lastConnectedMs;
  }

  /** Everything open is reset, everything new is reset at once, until `mend`. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #pass(near: Socket, target: number): void {
    if (this.#isCut) return void near.resetAndDestroy();
    this.#lastConnectedMs = performance.now();
    const far = connect({ host: '127.0.0.1', port: target, allowHalfOpen: true, noDelay: true });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.once('close', () => this.#sockets.delete(socket));
      socket.pipe(other);
    }
  }
}
