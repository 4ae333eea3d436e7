import { constants, createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:tls';
import type { Clock } from '../../core/clock.ts';
import type { TlsPolicy } from '../../core/tls-policy.ts';
import type { CertificateSource } from '../../policy/snapshot/snapshot.ts';

/** H4: a ticket key lives half of the 24 h it may; after that old tickets mean a full handshake. */
const TICKET_KEY_LIFE_MS = 12 * 3_600_000;
const TICKET_KEY_BYTES = 48;
const TICKET_LIFE_SECONDS = 3_600;

const SECURE_OPTIONS =
  constants.SSL_OP_NO_RENEGOTIATION |
  constants.SSL_OP_NO_COMPRESSION |
  constants.SSL_OP_CIPHER_SERVER_PREFERENCE;

/** Called with the tls.Server that a certificate belongs to, to hang listeners on it. */
export type ServerSetup = (server: Server) => void;

interface Entry {
  readonly server: Server;
  ticketKeyBornAtMs: number;
}

/**
 * The certificates by server name: exact first, then a wildcard of one label, then the default. Each
 * has a tls.Server of its own that never listens; it holds the key, and its own ticket key, so that a
 * ticket never crosses from one name's policy to another's. Immutable: a reload makes another.
 */
export class Certificates {
  readonly #byName = new Map<string, Entry>();
  readonly #default: Entry | undefined;
  readonly #clock: Clock;
  readonly #tls: TlsPolicy;

  constructor(
    sources: readonly CertificateSource[],
    defaultSource: CertificateSource | undefined,
    options: { readonly clock: Clock; readonly tls: TlsPolicy; readonly setUp: ServerSetup },
  ) {
    this.#clock = options.clock;
    this.#tls = options.tls;
    const entries = sources.map((source) => this.#register(source, options.setUp));
    const only = entries.length === 1 ? entries[0] : undefined;
    this.#default = defaultSource ? this.#entry(defaultSource, options.setUp) : only;
  }

  /** True when the client and we have a version of HTTP in common, or the client names none. */
  sharesProtocol(offered: readonly string[]): boolean {
    return offered.length === 0 || this.#tls.alpn.some((protocol) => offered.includes(protocol));
  }

  /** Undefined: no certificate for the name, the handshake is to be refused (H6). */
  choose(serverName: string | undefined): Server | undefined {
    const entry = this.#find(serverName) ?? this.#default;
    if (entry) this.#rotateTicketKey(entry);
    return entry?.server;
  }

  #find(serverName: string | undefined): Entry | undefined {
    if (serverName === undefined) return undefined;
    const dot = serverName.indexOf('.');
    return this.#byName.get(serverName) ?? this.#byName.get(`*${serverName.slice(dot)}`);
  }

  #register(source: CertificateSource, setUp: ServerSetup): Entry {
    const entry = this.#entry(source, setUp);
    for (const name of source.names) {
      if (!this.#byName.has(name)) this.#byName.set(name, entry);
    }
    return entry;
  }

  #entry(source: CertificateSource, setUp: ServerSetup): Entry {
    const { min, max, ciphers, groups, alpn } = this.#tls;
    const server = createServer({
      cert: source.certPem,
      key: source.keyPem.reveal(),
      minVersion: min,
      maxVersion: max,
      ciphers: ciphers.join(':'),
      ...(groups !== undefined && { ecdhCurve: groups.join(':') }),
      honorCipherOrder: true,
      secureOptions: SECURE_OPTIONS,
      ALPNProtocols: [...alpn],
      sessionTimeout: TICKET_LIFE_SECONDS,
      sessionIdContext: createHash('sha256').update(source.certPem).digest('hex').slice(0, 32),
      ticketKeys: randomBytes(TICKET_KEY_BYTES),
    });
    server.on('error', () => {});
    setUp(server);
    return { server, ticketKeyBornAtMs: this.#clock.monotonicMs() };
  }

  #rotateTicketKey(entry: Entry): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - entry.ticketKeyBornAtMs < TICKET_KEY_LIFE_MS) return;
    entry.server.setTicketKeys(randomBytes(TICKET_KEY_BYTES));
    entry.ticketKeyBornAtMs = nowMs;
  }
}
