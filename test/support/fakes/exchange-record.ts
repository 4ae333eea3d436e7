import { emptyNotes } from '../../../src/core/exchange-notes.ts';
import type { ExchangeRecord } from '../../../src/record/exchange-record.ts';

/** The record of a plain exchange that went well. */
export function recordOf(overrides: Partial<ExchangeRecord> = {}): ExchangeRecord {
  return {
    ...emptyNotes(),
    id: '01J',
    startedAtMs: Date.UTC(2026, 0, 1),
    durationMs: 12.3456,
    status: 200,
    responseBytes: 5,
    isComplete: true,
    method: 'GET',
    host: 'app.example.com',
    urlPath: '/v1/things',
    version: '1.1',
    clientAddress: overrides.connection?.remoteAddress ?? '192.0.2.1',
    connection: {
      id: 'c1',
      remoteAddress: '192.0.2.1',
      remotePort: 50_000,
      peerAddress: '192.0.2.1',
      localPort: 443,
      scheme: 'https',
      tls: { serverName: undefined, protocol: 'TLSv1.3', cipher: 'x', alpn: undefined },
    },
    ...overrides,
  };
}
