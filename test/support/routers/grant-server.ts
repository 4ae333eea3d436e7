import { type Server, createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { stringify } from 'yaml';
import { issue, makeCa } from '../tools/certificates.ts';

export interface GrantAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface GrantRequest {
  readonly method: string;
  readonly path: string;
  readonly name: string;
  readonly subject: string;
  readonly body: string;
  readonly tls: string;
}

/** A Skupper grant server as `internal/kube/grants/server.go` is one: TLS 1.3, no client certificate. */
export class GrantServer implements AsyncDisposable {
  readonly requests: GrantRequest[] = [];
  answer: GrantAnswer | 'none' = { status: 404, body: 'No such claim' };
  readonly #server: Server;
  readonly #caPem: string;

  private constructor(server: Server, caPem: string) {
    this.#server = server;
    this.#caPem = caPem;
  }

  static async start(
    maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3',
    names: readonly string[] = ['localhost', '127.0.0.1'],
  ): Promise<GrantServer> {
    const ca = await makeCa('skupper-grant-server-ca');
    const { certPem, keyPem } = await issue(ca, { names });
    const server = createServer({ cert: certPem, key: keyPem, maxVersion });
    const grants = new GrantServer(server, ca.certPem);
    grants.#serve();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return grants;
  }

  get url(): string {
    return `https://localhost:${(this.#server.address() as AddressInfo).port}/3f0c`;
  }

  /** The file that `skupper token issue` would write for it. */
  token(changes: Readonly<Record<string, unknown>> = {}): string {
    return stringify({
      apiVersion: 'skupper.io/v2alpha1',
      kind: 'AccessToken',
      metadata: { name: 'west-8d2f' },
      spec: {
        url: this.url,
        code: 'mJ1xwVz2',
        ca: this.#caPem,
        ...changes,
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(): void {
    this.#server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.requests.push({
          method: request.method ?? '',
          path: request.url ?? '',
          name: String(request.headers['name']),
          subject: String(request.headers['subject']),
          body: Buffer.concat(chunks).toString(),
          tls: String((request.socket as { getProtocol?: () => unknown }).getProtocol?.()),
        });
        if (this.answer === 'none') return;
        const { status, headers, body } = this.answer;
        response.writeHead(status, headers).end(body);
      });
    });
  }
}
