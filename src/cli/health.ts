import { request } from 'node:http';
import { adminOf } from './admin-of.ts';
import type { AdminFlags } from './admin-of.ts';

/** A probe that waits longer than this has its answer: not healthy. */
const PROBE_MS = 2000;

/**
 * Asks the admin listener of a gateway on this machine whether it is alive: 0 yes, 1 no, 2 not known where
 * it is. For the health check of a container, which has neither a shell nor curl.
 */
export async function runHealth(flags: AdminFlags): Promise<number> {
  const address = await adminOf(flags);
  return address === undefined ? 2 : ask(address);
}

function ask(address: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const probe = request(`http://${address}/healthz`, { timeout: PROBE_MS }, (response) => {
    response.resume();
    resolve(response.statusCode === 200 ? 0 : 1);
  });
  probe.once('timeout', () => probe.destroy(new Error(`no answer within ${PROBE_MS} ms`)));
  probe.once('error', (error) => {
    console.error(`fairlead: ${address}: ${error.message}`);
    resolve(1);
  });
  probe.end();
  return promise;
}
