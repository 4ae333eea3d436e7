import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long an answer takes, so that requests of several clients are under way at once. */
const ANSWER_MS = 5;
/** Below the ports that connections of other processes take for themselves (ip_local_port_range). */
const PORTS = { first: 20_000, count: 10_000 };

/** An HTTP application that can die, so that its port refuses connections, and live again there. */
export class MortalApplication implements AsyncDisposable {
  requests = 0;
  connections = 0;
  #server: Server | undefined;
  #port = 0;

  static async start(): Promise<MortalApplication> {
    const application = new MortalApplication();
    while (!(await application.#listens(randomPort()))) continue;
    return application;
  }

  get address(): { readonly host: string; readonly port: number } {
    return { host: '127.0.0.1', port: this.#port };
  }

  async die(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  async live(): Promise<void> {
    while (!(await this.#listens(this.#port))) await sleep(20);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.die();
  }

  async #listens(port: number): Promise<boolean> {
    const server = createServer({ keepAliveTimeout: 60_000 }, (_request, response) => {
      this.requests += 1;
      response.on('error', () => {});
      setTimeout(() => response.end('answered'), ANSWER_MS);
    });
    server.on('connection', () => (this.connections += 1));
    server.listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      return false;
    }
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    return true;
  }
}

function randomPort(): number {
  return PORTS.first + Math.floor(Math.random() * PORTS.count);
}
