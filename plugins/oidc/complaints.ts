import { isLoopbackHost } from 'fairlead/plugin/kit';
import type { Options } from './options.ts';
import { safePath } from './login/return-to.ts';

export interface Complaint {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string;
}

/** What is wrong with options that have the right shape; offline. */
export function complaintsOf(options: Options): readonly Complaint[] {
  return [
    ...issuerComplaints(options),
    ...clientComplaints(options),
    ...scopeComplaints(options),
    ...logoutComplaints(options),
  ];
}

function issuerComplaints({ issuer, allowPrivate }: Options): readonly Complaint[] {
  const fault = issuerFault(issuer, allowPrivate);
  return fault === undefined ? [] : [{ path: ['issuer'], message: `not an issuer: ${fault}` }];
}

/** OIDC Discovery 3: https, no query, no fragment; plain http is for a provider on this machine. */
function issuerFault(issuer: string, allowPrivate: boolean): string | undefined {
  const url = URL.parse(issuer);
  if (url === null) return 'it is not a URL';
  if (url.username !== '' || url.password !== '') return 'it carries a user name';
  if (url.search !== '' || url.hash !== '') return 'it has a query or a fragment';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol !== 'http:' || !isLoopbackHost(url.hostname)) return 'it is not https';
  return allowPrivate ? undefined : 'plain http needs allowPrivate';
}

/** Exactly one way to prove who the client is, with all that it needs (A10). */
function clientComplaints({ client }: Options): readonly Complaint[] {
  const { secret, key, keyId, cert, method } = client;
  const at = (message: string, hint?: string): readonly Complaint[] => [
    { path: ['client'], message, ...(hint !== undefined && { hint }) },
  ];
  if (secret === undefined && key === undefined) {
    return at('the client has no credential', 'set secret, key, or cert and key');
  }
  if (secret !== undefined && key !== undefined) {
    return at('the client has two credentials', 'set secret or key, not both');
  }
  // Mutual TLS shows the certificate, and a secret is no key: \`kid\` is of a signed assertion (RFC 7523 3).
  if (keyId !== undefined && (secret !== undefined || cert !== undefined)) {
    const message = `keyId has no effect with ${secret === undefined ? 'cert' : 'secret'}: it names the key that signs a client assertion`;
    return [{ path: ['client', 'keyId'], message, hint: 'remove it' }];
  }
  if (cert !== undefined && key === undefined) return at('cert needs the key that belongs to it');
  const wanted = secret !== undefined ? /^client_secret_/ : cert ? /^tls_/ : /^private_key_/;
  if (method === undefined || wanted.test(method)) return [];
  return at(`method ${method} does not fit the credential that is given`);
}

function scopeComplaints({ scopes }: Options): readonly Complaint[] {
  if (scopes.includes('openid')) return [];
  return [{ path: ['scopes'], message: 'without openid there is no ID token and no login' }];
}

function logoutComplaints({ postLogout }: Options): readonly Complaint[] {
  if (postLogout === undefined || safePath(postLogout, 'https://app.example') !== undefined) {
    return [];
  }
  return [{ path: ['postLogout'], message: 'wanted a path on the same host, such as /goodbye' }];
}
