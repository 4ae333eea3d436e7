import type { ExposeTarget } from './expose-target.ts';

export interface ExposedPolicyOptions {
  readonly target: ExposeTarget;
  readonly host: string;
  /** A port, or `address:port`. */
  readonly listen: string;
  /** Folder with tls.crt and tls.key, as the policy names it. */
  readonly certificates: string;
  readonly login: ExposedLogin | undefined;
  /** The link file, as the policy names it. */
  readonly link: string | undefined;
}

export interface ExposedLogin {
  readonly issuer: string;
  readonly clientId: string;
  /** A reference such as `\${file:secrets/client}`. */
  readonly secret: string;
}

/** A whole policy of one file, with a comment at each line that a newcomer will want to change. */
export function exposedPolicy(options: ExposedPolicyOptions): string {
  const { host, listen, certificates, login, link, target } = options;
  const auth = login === undefined ? 'public' : 'people';
  return aligned(`# yaml-language-server: $schema=policy.schema.json
# The policy of one gateway. All files of this folder count together. Every key: docs/policy-reference.md.
version: 1

gateway:
  listen: { https: ${text(listen)} }          # a port alone listens on all addresses
  certificates: [${text(certificates)}]       # folders with tls.crt and tls.key
  admin: { listen: "127.0.0.1:0" }            # /healthz, /readyz, /metrics; port 0: any free one
  drain: { delay: 0s }                        # 5s where a balancer has to notice that it stops
${link === undefined ? '' : networkYaml(link)}
services:
${serviceYaml(target)}${login === undefined ? '' : loginYaml(login)}
routes:
  app:
    host: ${text(host)}
    service: app
    auth: ${auth}                               # ${login === undefined ? '"public": no login. Add a provider to ask for one' : 'who may come in: the provider above'}
    # limits: { rate: 200/s }                 # all clients together
    # paths:
    #   /public/**: { auth: public }          # what holds for a part of it

tests:                                        # "fairlead test" runs these
${login === undefined ? openTest(host) : loginTests(host)}`);
}

/** Comments behind values begin in one column, however long the values are. */
function aligned(yaml: string): string {
  return yaml.replaceAll(/^(.*\S) {2,}# /gm, (_, value: string) => `${value.padEnd(51)} # `);
}

function networkYaml(link: string): string {
  return `
network:
  link: ${text(link)}                          # as "skupper link generate" prints it
`;
}

function serviceYaml(target: ExposeTarget): string {
  if (target.kind === 'key') {
    return `  app: { address: ${text(target.routingKey)} }         # routing key in the Skupper network\n`;
  }
  return `  app: { via: tcp, host: ${text(target.host)}, port: ${target.port} }   # an application of this machine\n`;
}

function loginYaml({ issuer, clientId, secret }: ExposedLogin): string {
  return `
providers:
  people:                                     # log in in a browser, by OpenID Connect
    plugin: oidc
    issuer: ${text(issuer)}
    client: { id: ${text(clientId)}, secret: ${text(secret)} }
`;
}

function openTest(host: string): string {
  return `  - name: everybody may come in
    request: { url: ${text(`https://${host}/`)} }
    expect: { outcome: allow, route: app }
`;
}

function loginTests(host: string): string {
  const navigation = '{ accept: text/html, sec-fetch-mode: navigate, sec-fetch-dest: document }';
  return `  - name: a browser without a session is sent to the login
    request: { url: ${text(`https://${host}/`)}, headers: ${navigation} }
    expect: { outcome: challenge, status: 302, provider: people }
  - name: somebody who is logged in comes in
    request: { url: ${text(`https://${host}/`)} }
    as: { provider: people, claims: { sub: somebody } }
    expect: { outcome: allow, route: app }
`;
}

/** JSON texts are YAML texts (YAML 1.2, section 1.3). */
function text(value: string): string {
  return JSON.stringify(value);
}
