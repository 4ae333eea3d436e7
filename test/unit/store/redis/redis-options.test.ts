import assert from 'node:assert/strict';
import test from 'node:test';
import { DEADLINES } from '../../../../src/core/deadlines.ts';
import { Secret } from '../../../../src/core/secret.ts';
import { redisOptions } from '../../../../src/store/redis/redis-options.ts';

const SERVER = { caPem: undefined, user: undefined, password: undefined };

test('connecting, pings and silence of Redis have their limits', () => {
  const { socket, pingInterval } = redisOptions({ ...SERVER, url: new Secret('redis://[::1]') });

  assert.equal(socket.connectTimeout, DEADLINES.storeConnectMs);
  assert.equal(socket.socketTimeout, DEADLINES.storeSilenceMs);
  assert.equal(pingInterval, DEADLINES.storePingMs);
  assert.ok(DEADLINES.storePingMs * 2 < DEADLINES.storeSilenceMs);
});

test('Redis is tried again within the limits of reconnecting, for ever', () => {
  const { socket } = redisOptions({ ...SERVER, url: new Secret('redis://[::1]') });

  const pauses = [0, 1, 10, 10_000].map((retries) => socket.reconnectStrategy(retries));

  assert.ok(pauses.every((ms) => ms >= 0 && ms <= DEADLINES.reconnectMaxMs));
  assert.ok(pauses[0]! <= DEADLINES.reconnectMinMs);
});

test('rediss is TLS with the authorities given; redis is not', () => {
  const url = new Secret('rediss://redis.example.com');

  assert.deepEqual(
    [
      redisOptions({ ...SERVER, url, caPem: 'CA' }).socket,
      redisOptions({ ...SERVER, url }).socket,
    ].map((socket) => ({ ...socket, ...NO_WAITS })),
    [
      { tls: true, ca: 'CA', ...NO_WAITS },
      { tls: true, ...NO_WAITS },
    ],
  );
});

const NO_WAITS = { connectTimeout: 0, socketTimeout: 0, reconnectStrategy: undefined };
