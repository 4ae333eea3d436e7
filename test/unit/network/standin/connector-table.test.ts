import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type BackendAddress,
  type Connector,
  ConnectorTable,
} from '../../../../src/network/standin/connector-table.ts';

const east = { host: '127.0.0.1', port: 1 };
const west = { host: '127.0.0.1', port: 2 };
const connector: Connector = {
  routingKey: 'app:1',
  behaviour: 'serve',
  backends: [east, west],
};

test('backends that are equally busy get streams in turn', () => {
  const table = new ConnectorTable();

  const chosen = [1, 2, 3, 4].map(() => table.nextBackend(connector));

  assert.deepEqual(chosen, [east, west, east, west]);
});

test('the backend with the fewest streams gets the next, whoever had the last', () => {
  const table = new ConnectorTable();
  const streamsOf = (backend: BackendAddress) => (backend === east ? 1 : 0);

  const chosen = [1, 2, 3, 4].map(() => table.nextBackend(connector, streamsOf));

  assert.deepEqual(chosen, [west, west, west, west]);
});
