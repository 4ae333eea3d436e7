import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse } from '../../../src/core/refusal.ts';
import { AccessLog } from '../../../src/record/access-log.ts';
import { emptyNotes } from '../../../src/core/exchange-notes.ts';
import { exchangeRecord } from '../../../src/record/exchange-record.ts';
import type { ExchangeRecord } from '../../../src/record/exchange-record.ts';
import { recordOf } from '../../support/fakes/exchange-record.ts';

test('writes one line of JSON per exchange, absent things left out', () => {
  const record = recordOf({ route: 'web', path: '/v1/**', tenant: 'acme', tier: 'gold' });

  assert.deepEqual(JSON.parse(lineOf(record)), {
    kind: 'exchange',
    time: '2026-01-01T00:00:00.000Z',
    id: '01J',
    'http.request.method': 'GET',
    'url.path': '/v1/things',
    'server.address': 'app.example.com',
    'http.response.status_code': 200,
    duration_ms: 12.346,
    'client.address': '192.0.2.1',
    'client.port': 50_000,
    'network.protocol.version': '1.1',
    'tls.protocol.version': 'TLSv1.3',
    'http.request.body.size': 0,
    'http.response.body.size': 5,
    'http.route': '/v1/**',
    route: 'web',
    tenant: 'acme',
    tier: 'gold',
    complete: true,
  });
});

test('writes one line per passthrough connection, of a kind of its own', () => {
  const lines: string[] = [];
  const { connection, startedAtMs } = recordOf({});

  new AccessLog({ write: (line) => void lines.push(line) }).writeConnection({
    id: '01J',
    startedAtMs,
    durationMs: 5,
    connection,
    serverName: 'mail.example.com',
    route: 'mail',
    service: 'mail',
    fromClientBytes: 600,
    toClientBytes: 7,
    refusal: undefined,
    fault: 'upstream_reset',
    faultDetail: 'the router died\n',
  });

  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [
      {
        kind: 'connection',
        time: '2026-01-01T00:00:00.000Z',
        id: '01J',
        'server.address': 'mail.example.com',
        duration_ms: 5,
        'client.address': '192.0.2.1',
        'client.port': 50_000,
        from_client_bytes: 600,
        to_client_bytes: 7,
        route: 'mail',
        service: 'mail',
        fault: 'upstream_reset',
        fault_detail: 'the router died\n',
        complete: false,
      },
    ],
  );
});

test('says why a request was refused', () => {
  const reason = { code: 'jwt.expired', detail: 'expired 5 s ago' };

  const line = lineOf(recordOf({ refusal: refuse('credential_rejected', { reason }) }));

  assert.match(line, /"refusal":"credential_rejected","reason":"jwt.expired"/);
  assert.match(line, /"reason_detail":"expired 5 s ago"/);
});

test('keeps hostile text on one line and free of control characters', () => {
  const hostile = '/a\r\n{"fake":1}\u001b[31m\u009b2J\u2028\u007f';

  const line = lineOf(recordOf({ urlPath: hostile, subject: hostile, method: hostile }));

  assert.doesNotMatch(line.trimEnd(), /\p{Cc}|[\u2028\u2029]/u);
  assert.equal((JSON.parse(line) as Record<string, unknown>)['url.path'], hostile);
});

test('cuts texts from outside', () => {
  const line = lineOf(recordOf({ urlPath: `/${'a'.repeat(100_000)}` }));

  assert.ok(line.length < 4000);
});

test('never writes the query, routed or not', () => {
  const request = {
    connection: recordOf().connection,
    clientAddress: '192.0.2.1',
    version: '1.1',
    method: 'GET',
    target: '/login?token=sesame#x',
    host: 'h',
    receivedAtMs: 0,
  };
  const end = { id: '01J', durationMs: 1, status: 400, responseBytes: 0, isComplete: true };

  const record = exchangeRecord(request, emptyNotes(), end);

  assert.equal(record.urlPath, '/login');
  assert.doesNotMatch(lineOf(record), /sesame/);
});

function lineOf(record: ExchangeRecord): string {
  const lines: string[] = [];
  new AccessLog({ write: (line) => void lines.push(line) }).write(record);
  assert.equal(lines.length, 1);
  assert.ok(lines[0]!.endsWith('\n'));
  return lines[0]!;
}
