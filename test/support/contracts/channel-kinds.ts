import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import type { Channel } from '../../../src/core/channel.ts';
import type { RoutingKey } from '../../../src/core/ids.ts';
import { SocketChannel } from '../../../src/core/socket-channel.ts';
import { networkCertificates } from '../routers/network-certificates.ts';
import { startNetwork } from '../routers/network.ts';
import { startRouter } from '../routers/router.ts';
import { waitUntil } from '../tools/wait-until.ts';

/** A channel and the other end of it, whose halves end by themselves. */
export interface OpenedChannel {
  readonly channel: Channel;
  readonly peer: Socket;
}

/** One implementation of `Channel`, and a server at the other end. */
export interface ChannelKind extends AsyncDisposable {
  connect(allowHalfOpen: boolean): Promise<Channel>;
  /** The other end of the channel that was opened last. */
  peer(): Promise<Socket>;
  /** Cuts the other end off, without an end of the stream. */
  reset(peer: Socket): void;
  /** Other ends that are not closed yet. */
  readonly peerCount: number;
}

export async function open(kind: ChannelKind, allowHalfOpen = true): Promise<OpenedChannel> {
  const channel = await kind.connect(allowHalfOpen);
  return { channel, peer: await kind.peer() };
}

type Serve = (peer: Socket) => void;

/** Through the network: the stand-in router, or real ones (test/support/router.ts). */
export async function laneKind(serve?: Serve): Promise<ChannelKind> {
  const peers = new Peers(
    createServer({ allowHalfOpen: true, noDelay: true }),
    'connection',
    serve,
  );
  const port = await peers.listen();
  const backend = { host: '127.0.0.1', port };
  const router = await startRouter({ connectors: { 'channel:1': backend } });
  const running = await startNetwork(router.link);
  return kindOf(peers, {
    connect: (allowHalfOpen) => running.network.open('channel:1' as RoutingKey, { allowHalfOpen }),
    close: async () => {
      await running[Symbol.asyncDispose]();
      await router.stop();
    },
  });
}

export async function plainKind(serve?: Serve): Promise<ChannelKind> {
  const peers = new Peers(
    createServer({ allowHalfOpen: true, noDelay: true }),
    'connection',
    serve,
  );
  const port = await peers.listen();
  return kindOf(peers, {
    connect: async (allowHalfOpen) => {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen });
      await once(socket, 'connect');
      return new SocketChannel(socket);
    },
  });
}

export async function tlsKind(serve?: Serve): Promise<ChannelKind> {
  const { ca, server: credentials } = await networkCertificates();
  const server = createTlsServer({ ...credentials, allowHalfOpen: true, noDelay: true });
  const peers = new Peers(server, 'secureConnection', serve);
  const port = await peers.listen();
  return kindOf(peers, {
    connect: async (allowHalfOpen) => {
      // Node takes `allowHalfOpen` here; its types do not name it.
      const options = { port, host: '127.0.0.1', servername: 'localhost', ca, allowHalfOpen };
      const socket = connectTls(options);
      await once(socket, 'secureConnect');
      return new SocketChannel(socket);
    },
  });
}

interface KindParts {
  readonly connect: (allowHalfOpen: boolean) => Promise<Channel>;
  readonly close?: () => Promise<void>;
}

function kindOf(peers: Peers, { connect, close }: KindParts): ChannelKind {
  return {
    connect: (allowHalfOpen) => {
      peers.expected += 1;
      return connect(allowHalfOpen);
    },
    peer: () => peers.last(),
    reset: (peer) => peers.reset(peer),
    get peerCount() {
      return peers.open;
    },
    [Symbol.asyncDispose]: async () => {
      await close?.();
      await peers.stop();
    },
  };
}

/** The server's ends. Of those that are closed nothing is kept. */
class Peers {
  expected = 0;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  /** Below TLS, by the client's port. */
  readonly #raw = new Map<number, Socket>();
  #accepted = 0;
  #last: Socket | undefined;

  constructor(server: Server, event: string, serve: Serve = () => {}) {
    this.#server = server;
    server.on('connection', (raw: Socket) => {
      const port = raw.remotePort!;
      this.#raw.set(port, raw);
      raw.once('close', () => this.#raw.delete(port));
    });
    server.on('tlsClientError', () => {});
    server.on(event, (peer: Socket) => {
      peer.on('error', () => peer.destroy());
      peer.once('close', () => this.#open.delete(peer));
      this.#open.add(peer);
      this.#accepted += 1;
      this.#last = peer;
      serve(peer);
    });
  }

  get open(): number {
    return this.#open.size;
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  async last(): Promise<Socket> {
    await waitUntil('the other end', () => this.#accepted >= this.expected);
    return this.#last!;
  }

  reset(peer: Socket): void {
    this.#raw.get(peer.remotePort!)!.resetAndDestroy();
  }

  async stop(): Promise<void> {
    for (const peer of this.#open) peer.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
