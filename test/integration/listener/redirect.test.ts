import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawClient, startListening } from '../../support/gateway/listening.ts';

test('sends a known host to https with the bound port and the same target', async () => {
  await using gateway = await startListening();
  using client = RawClient.plain(gateway.httpPort);

  client.write('GET /a?b=c HTTP/1.1\r\nHost: A.example.:8080\r\n\r\n');
  const answer = await client.got(/\r\n\r\n/);

  assert.match(answer, /^HTTP\/1\.1 308 /);
  assert.match(answer, new RegExp(`location: https://a\\.example:${gateway.port}/a\\?b=c\r\n`));
  assert.doesNotMatch(answer, /strict-transport-security/i);
  assert.equal(gateway.handler.handled.length, 0);
});

test('leaves the port out when it is 443', async () => {
  await using gateway = await startListening({ config: { publicPort: 443 } });
  using client = RawClient.plain(gateway.httpPort);

  client.write('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n');

  assert.match(await client.got(/\r\n\r\n/), /location: https:\/\/a\.example\/\r\n/i);
});

test('answers an unknown host like a path that does not exist, without a location (J3)', async () => {
  await using gateway = await startListening();
  using client = RawClient.plain(gateway.httpPort);

  client.write('GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n');
  const answer = await client.got(/no_route$/);

  assert.match(answer, /^HTTP\/1\.1 404 /);
  assert.doesNotMatch(answer, /evil|location/i);
});

test('refuses a malformed request and closes', async () => {
  await using gateway = await startListening();
  using client = RawClient.plain(gateway.httpPort);

  client.write('GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n');
  await client.ended();

  assert.deepEqual(client.statuses, [400]);
});
