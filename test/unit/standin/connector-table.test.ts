import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type BackendAddress,
  type Connector,
  ConnectorTable,
} from '../../../standin/connector-table.ts';

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

const near = { host: '127.0.0.1', port: 3, cost: 1 };
const far = { host: '127.0.0.1', port: 4, cost: 3 };

test('of sites the one with the lowest sum of streams and cost gets the next', () => {
  const table = new ConnectorTable();
  const load = new Map<BackendAddress, number>();
  const chosen: string[] = [];

  for (let i = 0; i < 6; i += 1) {
    const backend = table.nextBackend(
      { ...connector, backends: [near, far] },
      (it) => load.get(it) ?? 0,
    );
    load.set(backend, (load.get(backend) ?? 0) + 1);
    chosen.push(backend === near ? 'near' : 'far');
  }

  assert.deepEqual(chosen, ['near', 'near', 'near', 'far', 'near', 'far']);
});

test('of sites that are equal the first gets the next, each time', () => {
  const table = new ConnectorTable();
  const sites = [near, { ...near, port: 5 }];

  const chosen = [1, 2, 3].map(() => table.nextBackend({ ...connector, backends: sites }));

  assert.deepEqual(chosen, [near, near, near]);
});
