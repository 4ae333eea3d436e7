import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** What `echoRequest` answers. */
export interface Echo {
  readonly method: string;
  readonly url: string;
  /** As received: name, value, name, value … */
  readonly headers: readonly string[];
  readonly body: string;
}

/** An HTTP application on the loopback that counts what reaches it. */
export class Application implements AsyncDisposable {
  connections = 0;
  requests = 0;
  readonly #server: Server;

  private constructor(handler: Handler) {
    this.#server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 });
    this.#server.on('connection', () => (this.connections += 1));
    this.#server.on('request', (request, response) => {
      this.requests += 1;
      request.on('error', () => {});
      response.on('error', () => {});
      handler(request, response);
    });
  }

  static async start(handler: Handler = echoRequest): Promise<Application> {
    const application = new Application(handler);
    await new Promise<void>((resolve) => application.#server.listen(0, '127.0.0.1', resolve));
    return application;
  }

  get address(): { readonly host: string; readonly port: number } {
    const { port } = this.#server.address() as AddressInfo;
    return { host: '127.0.0.1', port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** Answers with the request it got, as JSON. */
export function echoRequest(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const echo: Echo = {
      method: request.method!,
      url: request.url!,
      headers: request.rawHeaders,
      body: Buffer.concat(chunks).toString('latin1'),
    };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(echo));
  });
}
