import { Application, type Echo } from '../applications/application.ts';
import { TestGateway } from './gateway.ts';
import { startRouter } from '../routers/router.ts';

/** Fields of a route with identity headers: guarded on every route, the public one included. */
const POLICY = `
services: { app: { address: "app:1" } }
tenants: { anonymous: { tier: free } }
tiers: { free: { rate: 1000/s } }
providers:
  local: { plugin: jwt, issuer: "https://issuer.example.test", audience: a, jwks: { file: keys.json } }
routes:
  app: { host: app.example.test, service: app, auth: public }
  closed:
    host: other.example.test
    service: app
    auth: local
    headers: { identity: { x-user: identity.subject, x-org: identity.claims.org } }
`;

/** An RSA key of RFC 7517 A.1: public, and nobody here signs with it. */
const KEYS = JSON.stringify({
  keys: [
    {
      kty: 'RSA',
      n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
      e: 'AQAB',
      alg: 'RS256',
      kid: 'one',
    },
  ],
});

export interface GuardedGateway extends AsyncDisposable {
  readonly application: Application;
  readonly gateway: TestGateway;
  /** Forgets what was counted and recorded so far. */
  reset(): void;
}

/** A gateway before an echo application, with identity fields that are guarded on every route. */
export async function startGuardedGateway(): Promise<GuardedGateway> {
  const application = await Application.start();
  const router = await startRouter({ connectors: { 'app:1': application.address } });
  const files = { 'keys.json': KEYS };
  const gateway = await TestGateway.start({ links: [router.link], policy: POLICY, files });
  return {
    application,
    gateway,
    reset() {
      application.requests = 0;
      application.connections = 0;
      gateway.records.length = 0;
    },
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await router[Symbol.asyncDispose]();
      await application[Symbol.asyncDispose]();
    },
  };
}

/** The echo within the octets of a response. */
export function echoOf(received: string): Echo {
  return JSON.parse(received.slice(received.indexOf('{'), received.lastIndexOf('}') + 1)) as Echo;
}

/** Values by lower-case name, in order. */
export function fieldsOf({ headers }: Echo): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!.toLowerCase();
    fields.set(name, [...(fields.get(name) ?? []), headers[i + 1]!]);
  }
  return fields;
}
