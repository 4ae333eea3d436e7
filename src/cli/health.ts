import { request } from 'node:http';
import { isIPv6 } from 'node:net';
import { adminAddress } from '../policy/source/admin-address.ts';

/** A probe that waits longer than this has its answer: not healthy. */
const PROBE_MS = 2000;

export interface HealthFlags {
  /** Of the policy set, whose `gateway.admin.listen` is asked. */
  readonly directory: string;
  /** `address:port`, instead of what the policy says. */
  readonly admin: string | undefined;
}

/**
 * Asks the admin listener of a gateway on this machine whether it is alive: 0 yes, 1 no, 2 not known where
 * it is. For the health check of a container, which has neither a shell nor curl.
 */
export async function runHealth({ directory, admin }: HealthFlags): Promise<number> {
  const address = admin ?? (await addressIn(directory));
  if (address !== undefined) return ask(address);
  console.error(
    `fairlead: ${directory}: no port of an admin listener in gateway.admin.listen; name it with --admin`,
  );
  return 2;
}

async function addressIn(directory: string): Promise<string | undefined> {
  const found = await adminAddress(directory, process.cwd());
  if (found === undefined || found.port === 0) return undefined;
  return `${reachable(found.address)}:${found.port}`;
}

/** A listener on all addresses is asked on the loopback. */
function reachable(address = '127.0.0.1'): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  if (address === '::') return '[::1]';
  return isIPv6(address) ? `[${address}]` : address;
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
