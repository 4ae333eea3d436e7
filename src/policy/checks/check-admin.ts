import { isLoopbackHost } from '../../core/network-addresses.ts';
import type { Findings } from '../issues/issue.ts';
import { parseListenAddress } from '../schema/schema.ts';
import type { MapNode, Path, SourceNode } from '../source/source.ts';
import { childOf, nodeAt, tokenSpanAt } from '../source/source.ts';
import type { WrittenSet } from './written-set.ts';

const ADMIN: Path = ['gateway', 'admin'];

/** E220, W320: an admin listener that other machines reach asks who they are, and should hide what they send. */
export function checkAdmin({ root }: WrittenSet, findings: Findings): void {
  const admin = nodeAt(root, ADMIN);
  if (admin?.kind !== 'map') return;
  checkAuth(root, admin, findings);
  const has = (key: string) => childOf(admin, key) !== undefined;
  if (has('metrics') && !has('health')) {
    const message = '"metrics" has no effect here: it adds to "health", and there is none';
    const path = [...ADMIN, 'metrics'];
    findings.add({ code: 'E111', message, path, at: tokenSpanAt(root, path) });
  }
  const open = openAddress(admin);
  if (open === undefined) return;
  const path = [...ADMIN, 'listen'];
  const at = tokenSpanAt(root, path);
  if (!has('auth')) {
    const message = `other machines reach the admin listener on ${open}, and nobody is asked who they are`;
    const hint =
      'add "auth: { tokens: ["${file:secrets/admin-token}"] }" or "auth: { clientCa: … }" to gateway.admin; for probes and scrapers use gateway.admin.health';
    findings.add({ code: 'E220', message, hint, path, at });
  } else if (childOf(childOf(admin, 'auth'), 'tokens') !== undefined && !has('certificate')) {
    const message = `tokens for the admin listener on ${open} are sent in the clear`;
    const hint = 'add "certificate:" to gateway.admin';
    findings.add({ code: 'W320', message, hint, path, at });
  }
}

function checkAuth(root: MapNode, admin: SourceNode, findings: Findings): void {
  const auth = childOf(admin, 'auth');
  if (auth?.kind !== 'map') return;
  const [hasTokens, hasCa] = ['tokens', 'clientCa'].map((key) => auth.entries.has(key));
  const report = (message: string, hint?: string) => {
    const path = [...ADMIN, 'auth'];
    findings.add({ code: 'E220', message, hint, path, at: tokenSpanAt(root, path) });
  };
  if (hasTokens === hasCa) report('"auth" takes one of "tokens" and "clientCa"');
  if (hasCa === true && childOf(admin, 'certificate') === undefined) {
    report('client certificates are sent in TLS', 'add "certificate:" to gateway.admin');
  }
}

/** The address, where it is not of the loopback. */
function openAddress(admin: SourceNode): string | undefined {
  const listen = childOf(admin, 'listen');
  const value = listen?.kind === 'scalar' ? listen.value : undefined;
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const address = parseListenAddress(value)?.address;
  return address === undefined || isLoopbackHost(address) ? undefined : address;
}
