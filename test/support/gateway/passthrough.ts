import { once } from 'node:events';
import { connect as connectTcp, type AddressInfo, type Socket } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { issue, makeCa } from '../tools/certificates.ts';
import type { RunningRouter } from '../routers/router.ts';

/** An application that does its own TLS and echoes. */
export class SecureApplication implements AsyncDisposable {
  readonly caPem: string;
  readonly #server: Server;

  private constructor(caPem: string, server: Server) {
    this.caPem = caPem;
    this.#server = server;
  }

  static async start(name: string): Promise<SecureApplication> {
    const ca = await makeCa('the application');
    const names = [name, 'secure.tcp.pass.test', '*.wild.pass.test'];
    const { certPem, keyPem } = await issue(ca, { names });
    const options = { cert: certPem, key: keyPem, ALPNProtocols: ['imap'], allowHalfOpen: true };
    const server = createServer(options, (socket) => {
      socket.on('error', () => socket.destroy());
      socket.pipe(socket);
    });
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new SecureApplication(ca.certPem, server);
  }

  get address(): { readonly host: string; readonly port: number } {
    return { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A set with a passthrough route for each kind of service, over lanes and over tcpListeners. */
export function passthroughPolicy(router: RunningRouter): string {
  const viaTcp = (key: string) =>
    `via: tcp, host: 127.0.0.1, port: ${router.tcpPort(key)}, tls: { ca: tcp/ca.crt, cert: tcp/tls.crt, key: tcp/tls.key, serverName: localhost }`;
  return `
services:
  raw: { address: "raw:1" }
  idle: { address: "raw:1", timeout: { idle: 500ms } }
  secure: { address: "secure:1" }
  refused: { address: "refused:1" }
  nobody: { address: "nobody:1" }
  raw-tcp: { ${viaTcp('raw:1')} }
  secure-tcp: { ${viaTcp('secure:1')} }
routes:
  app: { host: [app.example.test, other.example.test, "**.pass.test"], service: refused, auth: public, paths: { /a: { body: 1KiB } } }
  raw: { host: raw.pass.test, service: raw, passthrough: true }
  two: { host: two.pass.test, service: raw, passthrough: true, limits: { connections: 2 } }
  idle: { host: idle.pass.test, service: idle, passthrough: true }
  secure: { host: [secure.pass.test, "*.wild.pass.test"], service: secure, passthrough: true }
  refused: { host: refused.pass.test, service: refused, passthrough: true }
  nobody: { host: nobody.pass.test, service: nobody, passthrough: true }
  raw-tcp: { host: raw.tcp.pass.test, service: raw-tcp, passthrough: true }
  secure-tcp: { host: secure.tcp.pass.test, service: secure-tcp, passthrough: true }
`;
}

/** What `passthroughPolicy` names beside itself. */
export function tcpFiles(router: RunningRouter): Record<string, string> {
  const { ca, cert, key } = router.link;
  return { 'tcp/ca.crt': ca, 'tcp/tls.crt': cert, 'tcp/tls.key': key };
}

/** A TCP connection whose halves end by themselves. */
export async function rawClient(port: number): Promise<Socket> {
  const socket = connectTcp({ host: '127.0.0.1', port, allowHalfOpen: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** The code of the error that the socket ends with, or how else it ended. */
export function failureOf(socket: Socket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.resume();
  socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  socket.once('end', () => resolve('a plain end'));
  socket.once('close', () => resolve('none'));
  return promise;
}
