import { isIPv6 } from 'node:net';
import { adminAddress } from '../../policy/source/admin-address.ts';
import type { ListenAddress } from '../../policy/snapshot/snapshot.ts';

export interface AdminFlags {
  /** Of the policy set, whose `gateway.admin` is read. */
  readonly directory: string;
  /** `address:port` or a URL, instead of what the policy says. */
  readonly admin: string | undefined;
  /** File with a token of `gateway.admin.auth`. */
  readonly tokenFile?: string | undefined;
}

/** URL of the admin listener of a gateway on this machine. Undefined, and said so: not known. */
export async function adminOf({ directory, admin }: AdminFlags): Promise<string | undefined> {
  if (admin !== undefined) return urlOf(admin);
  const places = await adminAddress(directory, process.cwd());
  const url = places && reachable(places.listen, places.isTls ? 'https' : 'http');
  if (url === undefined) complain(directory, 'gateway.admin.listen');
  return url;
}

/** URL of the listener that says whether the gateway is alive: `gateway.admin.health` where there is one. */
export async function healthOf({ directory, admin }: AdminFlags): Promise<string | undefined> {
  if (admin !== undefined) return urlOf(admin);
  const places = await adminAddress(directory, process.cwd());
  const scheme = places?.health === undefined && places?.isTls === true ? 'https' : 'http';
  const url = places && reachable(places.health ?? places.listen, scheme);
  if (url === undefined) complain(directory, 'gateway.admin.listen');
  return url;
}

function complain(directory: string, key: string): void {
  console.error(
    `fairlead: ${directory}: no port of an admin listener in ${key}; name it with --admin`,
  );
}

/** Undefined, and said so: it is no address. */
function urlOf(admin: string): string | undefined {
  const text = /^https?:\/\//.test(admin) ? admin : `http://${admin}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.pathname === '/' && url.search === '' && url.hash === '') return url.origin;
  console.error(
    `fairlead: --admin ${admin} is no address; it is written as 127.0.0.1:9090, [::1]:9090 or https://fairlead.example.com:9090`,
  );
  return undefined;
}

/** A listener on all addresses is asked on the loopback; undefined: the port is chosen by the system. */
function reachable({ address = '127.0.0.1', port }: ListenAddress, scheme: string) {
  if (port === 0) return undefined;
  return `${scheme}://${hostOf(address)}:${port}`;
}

function hostOf(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  if (address === '::') return '[::1]';
  return isIPv6(address) ? `[${address}]` : address;
}
