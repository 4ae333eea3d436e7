import { isIPv6 } from 'node:net';
import { adminAddress } from '../policy/source/admin-address.ts';

export interface AdminFlags {
  /** Of the policy set, whose `gateway.admin.listen` is asked. */
  readonly directory: string;
  /** `address:port`, instead of what the policy says. */
  readonly admin: string | undefined;
}

/** `address:port` of the admin listener of a gateway on this machine. Undefined, and said so: not known. */
export async function adminOf({ directory, admin }: AdminFlags): Promise<string | undefined> {
  const address = admin ?? (await addressIn(directory));
  if (address === undefined) {
    console.error(
      `fairlead: ${directory}: no port of an admin listener in gateway.admin.listen; name it with --admin`,
    );
  }
  return address;
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
