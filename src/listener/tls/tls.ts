import type { Server, TLSSocket } from 'node:tls';
import type { ClientConnection, TlsSession } from '../../core/message.ts';
import type { PassthroughHandler } from '../../core/passthrough.ts';
import { Certificates } from './certificates.ts';
import type { ClientHello } from './client-hello.ts';
import { describeConnection, withTls } from '../describe-connection.ts';
import type { ListenerConfig, ListenerContext } from '../context.ts';
import type { Accepted } from '../entrance.ts';
import { endpointsOf, Handshake } from './handshake.ts';
import { HandshakeRate } from './handshake-rate.ts';
import { passthroughClient } from './passthrough-client.ts';

type SecureHandler = (socket: TLSSocket, connection: ClientConnection) => void;

/** Where a connection goes on after its ClientHello, or after its handshake. */
export interface TlsExits {
  readonly onSecure: SecureHandler;
  readonly passthrough: PassthroughHandler;
}

/**
 * Takes accepted sockets through ClientHello and handshake. The hello is read before TLS begins, so the
 * certificate is known by then and no callback runs inside the handshake.
 */
export class TlsFront {
  readonly #context: ListenerContext;
  readonly #exits: TlsExits;
  readonly #handshakes = new Map<string, Handshake>();
  readonly #rate: HandshakeRate;
  #certificates: Certificates;

  constructor(context: ListenerContext, exits: TlsExits) {
    this.#context = context;
    this.#exits = exits;
    this.#rate = new HandshakeRate(context.clock);
    this.#certificates = this.#load(context.config);
  }

  /** Throws when a certificate cannot be used; the call it returns puts the new ones to use. */
  prepareCertificates(config: ListenerConfig): () => void {
    const certificates = this.#load(config);
    return () => {
      this.#certificates = certificates;
    };
  }

  accept(accepted: Accepted): void {
    const { config, onDrop } = this.#context;
    const { handshakes } = config.limits.perClientAddress;
    if (!this.#rate.admit(accepted.address, handshakes)) {
      onDrop('handshake_ceiling', accepted.address);
      return void accepted.socket.destroy();
    }
    const handshake = new Handshake(accepted, this.#context, {
      onHello: (hello) => this.#begin(handshake, hello),
      onClose: () => this.#handshakes.delete(handshake.key),
    });
    this.#handshakes.set(handshake.key, handshake);
  }

  #load(config: ListenerConfig): Certificates {
    return new Certificates(config.certificates, config.defaultCertificate, {
      clock: this.#context.clock,
      tls: config.tls,
      setUp: (server) => this.#listenOn(server),
    });
  }

  #listenOn(server: Server): void {
    server.on('secureConnection', (socket: TLSSocket) => this.#secured(socket));
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
      const reason = error.code === 'ECONNRESET' ? 'handshake_gone' : 'handshake_failed';
      this.#handshakes.get(endpointsOf(socket))?.fail(reason, error.code);
      socket.destroy();
    });
  }

  #begin(handshake: Handshake, hello: ClientHello): void {
    const { serverName } = hello;
    // Before anything of ours is asked of the client: versions, protocols and names are the application's.
    if (serverName !== undefined && this.#context.config.isPassthrough(serverName)) {
      return this.#passThrough(handshake, serverName);
    }
    const server = this.#certificates.choose(serverName);
    if (server === undefined) return handshake.refuse('unknown_server_name');
    if (!this.#certificates.sharesProtocol(hello.protocols))
      return handshake.refuse('no_application_protocol');
    // A client that ends its half within the handshake is gone; one that may answer to HTTP/1.1 is not.
    handshake.socket.allowHalfOpen = false;
    server.emit('connection', handshake.socket);
  }

  #passThrough(handshake: Handshake, serverName: string): void {
    const receivedAtMs = this.#context.clock.now();
    const client = passthroughClient(handshake.accepted, { serverName, receivedAtMs });
    if (client === undefined) return handshake.fail('handshake_gone');
    handshake.succeed();
    this.#exits.passthrough.passThrough(client);
  }

  #secured(socket: TLSSocket): void {
    // from here on the socket is ours, and so are its errors.
    socket.on('error', () => socket.destroy());
    const handshake = this.#handshakes.get(endpointsOf(socket));
    const described = handshake && describeConnection(handshake.accepted);
    // The one TLS negotiated with must be the one the certificate was chosen for, case aside (RFC 6066 3).
    const negotiated = socket.servername ? socket.servername.toLowerCase() : undefined;
    const isSameName = negotiated === handshake?.hello?.serverName;
    if (handshake && !isSameName) handshake.fail('server_name_changed');
    if (!handshake || !described || !isSameName) return void socket.destroy();
    handshake.succeed();
    socket.allowHalfOpen = true;
    this.#exits.onSecure(socket, withTls(described, sessionOf(socket, handshake.hello)));
  }
}

function sessionOf(socket: TLSSocket, hello: ClientHello | undefined): TlsSession {
  return {
    serverName: hello?.serverName,
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName,
    alpn: socket.alpnProtocol || undefined,
  };
}
