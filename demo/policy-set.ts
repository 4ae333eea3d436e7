import type { DemoCertificates } from './demo-certificates.ts';
import { linkYaml } from './router/link-file.ts';

export interface PolicySetOptions {
  readonly certificates: DemoCertificates;
  readonly host: string;
  readonly httpsPort: number;
  readonly routerPort: number;
  readonly routingKey: string;
  readonly issuer: string;
  readonly audience: string;
  /** Of the gateway at the issuer, for logins. */
  readonly loginClient: { readonly id: string; readonly secret: string };
}

/** The files of the demo's policy set by name: to be served, read, and copied from. */
export function policySet(options: PolicySetOptions): Readonly<Record<string, string>> {
  const { certificates } = options;
  const { server } = certificates.web;
  const { gateway } = certificates.network;
  return {
    'gateway.yaml': gatewayYaml(options),
    'network.yaml': networkYaml(options),
    'access.yaml': accessYaml(options),
    'routes.yaml': routesYaml(options),
    'certs/gateway/tls.crt': server.certPem,
    'certs/gateway/tls.key': server.keyPem,
    'secrets/oidc-client': options.loginClient.secret,
    'secrets/link.yaml': linkYaml({
      name: 'link-demo',
      host: '127.0.0.1',
      port: options.routerPort,
      ca: certificates.network.ca,
      cert: gateway.certPem,
      key: gateway.keyPem,
    }),
  };
}

const HEAD = `# Written by "fairlead demo" at each start; copy it before you change it.
# All files of this folder together are the policy of one gateway. Names and order of files mean nothing.
version: 1
`;

function gatewayYaml({ httpsPort }: PolicySetOptions): string {
  return `${HEAD}
gateway:
  listen: { https: "127.0.0.1:${httpsPort}" }  # a port alone listens on all addresses
  certificates: [certs/gateway]             # folders with tls.crt and tls.key; the names in them choose
  admin: { listen: "127.0.0.1:0" }          # /healthz, /readyz and /metrics; here on any free port
  drain: { delay: 0s, limit: 5s }           # no balancer has to notice; the defaults are 5s and 30s
`;
}

function networkYaml({ routingKey }: PolicySetOptions): string {
  return `${HEAD}
network:
  link: secrets/link.yaml                   # as "skupper link generate" prints it
  connections: 2                            # AMQP connections to its router

services:
  ${routingKey}: { address: ${routingKey} }               # routing key of a connector in the Skupper network
`;
}

function accessYaml({ issuer, audience, loginClient }: PolicySetOptions): string {
  return `${HEAD}
providers:
  api:                                      # programs show a token of this issuer
    plugin: jwt
    issuer: ${issuer}
    audience: ${audience}
    algorithms: [ES256]
    jwks: { allowPrivate: true }            # the demo's issuer is plain http on this machine; leave it out elsewhere
  corp:                                     # people log in in their browser
    plugin: oidc
    issuer: ${issuer}
    allowPrivate: true                      # as above
    client: { id: ${loginClient.id}, secret: "\${file:secrets/oidc-client}" }

tenants:
  id: identity.claims.org                   # whose limits count; no such claim: 403
  tier: { from: identity.claims.plan, default: free }
  anonymous: { tier: visitor }              # public paths, by client address

tiers:
  visitor: { rate: 50/s, concurrent: 20 }
  free:    { rate: 20/s, burst: 50, concurrent: 20 }  # a person who reloads pages, icons included, stays below
  gold:    { rate: 100/s, concurrent: 50 }
`;
}

function routesYaml({ host, routingKey }: PolicySetOptions): string {
  return `${HEAD}
routes:
  ${routingKey}:
    host: ${host}
    service: ${routingKey}
    auth: [api, corp]                       # everything needs a token or a login …
    headers:
      identity: { x-user: identity.subject, x-tenant: tenant.id }
    paths:
      /public/**: { auth: public }          # … except this
      /burst/**: { limits: { rate: 1/s, burst: 5 } }  # a small limit, to meet it with three commands
`;
}
