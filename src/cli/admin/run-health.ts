import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { healthOf } from './admin-of.ts';
import type { AdminFlags } from './admin-of.ts';

/** A probe that waits longer than this has its answer: not healthy. */
const PROBE_MS = 2000;

/**
 * Asks the admin listener of a gateway on this machine whether it is alive: 0 yes, 1 no, 2 not known where
 * it is. For the health check of a container, which has neither a shell nor curl.
 */
export async function runHealth(flags: AdminFlags): Promise<number> {
  const url = await healthOf(flags);
  return url === undefined ? 2 : ask(url);
}

function ask(url: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const open = url.startsWith('https:') ? requestTls : request;
  // Nothing is sent that a stranger could use, and the certificate is for other names than this address.
  const options = { timeout: PROBE_MS, rejectUnauthorized: false };
  const probe = open(`${url}/healthz`, options, (response) => {
    response.resume();
    resolve(response.statusCode === 200 ? 0 : 1);
  });
  probe.once('timeout', () => probe.destroy(new Error(`no answer within ${PROBE_MS} ms`)));
  probe.once('error', (error) => {
    console.error(`fairlead: ${new URL(url).host}: ${error.message}`);
    resolve(1);
  });
  probe.end();
  return promise;
}
