import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { bareHost, isAddress } from '../core/network-addresses.ts';
import type { AdminAuth } from '../policy/snapshot/snapshot.ts';
import { isRead, pathOf, plain } from './admin-answer.ts';
import type { Answer } from './admin-answer.ts';

/** Who may use the admin listener, and under which names. */
export interface AdminAccess {
  /** Undefined: everybody who can connect. */
  readonly auth: AdminAuth | undefined;
  /** Host names beside addresses and localhost. */
  readonly hosts: readonly string[];
}

/**
 * Why a request is not answered; undefined: it is. Browsers of this machine reach the listener too: a page of another
 * site must neither read it under a name of its own (DNS rebinding) nor change anything by a form.
 */
export function guard(request: IncomingMessage, access: AdminAccess): Answer | undefined {
  const host = request.headers.host ?? '';
  if (!isKnownHost(host, access.hosts)) {
    return plain(421, 'this host name is not one of gateway.admin.hosts');
  }
  if (!isAllowed(request, access.auth)) {
    return plain(401, 'this needs what gateway.admin.auth asks for', {
      'www-authenticate': 'Bearer realm="fairlead admin"',
    });
  }
  if (isRead(request)) return undefined;
  if (request.method !== 'POST') return plain(405, 'GET, HEAD or POST only', { allow: ALLOW });
  return guardPost(request, host);
}

const ALLOW = 'GET, HEAD, POST';

function isKnownHost(host: string, hosts: readonly string[]): boolean {
  const name = host.replace(/:\d{1,5}$/, '').toLowerCase();
  return name === 'localhost' || isAddress(bareHost(name)) || hosts.includes(name);
}

/** Whether the process lives is no secret, and a probe has no token. */
function isAllowed(request: IncomingMessage, auth: AdminAuth | undefined): boolean {
  if (auth === undefined || pathOf(request) === '/healthz') return true;
  if (auth.kind === 'clientCa') return (request.socket as Partial<TLSSocket>).authorized === true;
  const sent = /^Bearer ([!-~]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  return sent !== undefined && auth.tokens.some((token) => isSame(token.reveal(), sent));
}

/** Digests have one length, so the time says nothing of the token. */
function isSame(token: string, sent: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(token), digest(sent));
}

/** A form of another site can send neither this type nor its absence of an origin. */
function guardPost({ headers, socket }: IncomingMessage, host: string): Answer | undefined {
  const scheme = (socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http';
  const { origin } = headers;
  if (origin !== undefined && origin !== `${scheme}://${host}`) {
    return plain(403, 'a request of another site');
  }
  const type = headers['content-type']?.split(';', 1)[0]!.trim().toLowerCase();
  if (type !== 'application/json') return plain(415, 'the content type must be application/json');
  return undefined;
}
