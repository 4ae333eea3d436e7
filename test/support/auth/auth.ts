import type { AuthenticateInput } from '../../../src/evaluate/auth/authenticate.ts';
import type { ClientConnection, InboundRequest } from '../../../src/core/message.ts';
import type { AuthResult, Challenge, Endpoint, Identity } from '../../../src/plugin/contract.ts';
import type { Provider } from '../../../src/plugin/host/kinds/provider.ts';
import type { Guarded, PluginError } from '../../../src/plugin/host/call/guarded.ts';
import type { AuthRequirement } from '../../../src/policy/snapshot/snapshot.ts';
import { rule } from '../policy/policy.ts';

const EMPTY_BODY: InboundRequest['body'] = {
  length: 0,
  consume: (receiver) => receiver.end([]),
  pause: () => {},
  resume: () => {},
  allowSilence: () => {},
  discard: () => {},
};

export const CONNECTION: ClientConnection = {
  id: 'c1',
  remoteAddress: '192.0.2.1',
  remotePort: 50_000,
  peerAddress: '192.0.2.1',
  localPort: 443,
  scheme: 'https',
  tls: {
    serverName: 'app.example.com',
    protocol: 'TLSv1.3',
    cipher: 'TLS_AES_128_GCM_SHA256',
    alpn: 'h2',
  },
};

/** A request as the listener hands it on. */
export function inbound(overrides: Partial<InboundRequest> = {}): InboundRequest {
  return {
    connection: CONNECTION,
    clientAddress: overrides.connection?.remoteAddress ?? CONNECTION.remoteAddress,
    version: '1.1',
    method: 'GET',
    target: '/things?a=b',
    host: 'app.example.com',
    authority: 'app.example.com',
    headers: [],
    body: EMPTY_BODY,
    receivedAtMs: 1000,
    ...overrides,
  };
}

export function identityOf(subject: string, more: Partial<Identity> = {}): AuthResult {
  const claims = { of: subject };
  const identity = { subject, issuer: 'i', method: 'jwt', authenticatedAt: 0, claims, ...more };
  return { kind: 'identity', identity };
}

export interface FakeProvider extends Provider {
  /** How often it was asked for an identity. */
  asked: number;
  /** How often it was asked for a challenge. */
  challenged: number;
}

/** A provider with one answer. A late one answers with a promise. */
export function provider(
  name: string,
  result: AuthResult | PluginError,
  options: {
    readonly challenge?: Challenge | PluginError;
    readonly isLate?: boolean;
    readonly endpoints?: readonly Endpoint[];
  } = {},
): FakeProvider {
  const give = <T>(value: T | PluginError): Guarded<T> =>
    options.isLate === true ? Promise.resolve(value) : value;
  const own: FakeProvider = {
    name,
    asked: 0,
    challenged: 0,
    authenticate: () => {
      own.asked += 1;
      return give(result);
    },
    challenge: () => {
      own.challenged += 1;
      return give<Challenge | undefined>(options.challenge);
    },
    endpoints: () => options.endpoints ?? [],
    serve: () => ({ kind: 'error', reason: { code: 'not.faked' } }),
  };
  return own;
}

export function authInput(
  auth: AuthRequirement['kind'],
  providers: readonly Provider[],
  more: Partial<AuthenticateInput> = {},
): AuthenticateInput {
  const names = providers.map((each) => each.name);
  const { signal } = new AbortController();
  return {
    exchangeId: '01J00000000000000000000000',
    request: inbound(),
    rule: rule({ auth: auth === 'public' ? { kind: auth } : { kind: auth, providers: names } }),
    providers: new Map(providers.map((each) => [each.name, each])),
    publicPort: 443,
    signal: () => signal,
    ...more,
  };
}
