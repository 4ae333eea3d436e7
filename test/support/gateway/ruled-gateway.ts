import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { TestIssuer } from '../auth/issuer.ts';
import { echo, startWebSocketApplication } from '../applications/websocket.ts';
import { startRouter } from '../routers/router.ts';
import { TestGateway } from './gateway.ts';

/** Host of the routes over each way to an application; all have the same rule. */
export const RULED_WAYS = {
  lane: 'app.example.test',
  tcp: 'other.example.test',
  h2: 'a.wild.example.test',
} as const;

/** What every application answers, beside its status. */
const ANSWER =
  'x-powered-by php X-Powered-By perl x_powered_by cgi x-frame-options ALLOWALL x-list theirs server apache x-kept kept content-type text/html trailer x-late'.split(
    ' ',
  );
const LATE = { 'x-powered-by': 'late', 'x-late': 'late', server: 'late' };
const HINTS = { link: '</a.css>; rel=preload', 'x-powered-by': 'hint' };

/** Fields of the last request that reached an application, and its trailers. */
export interface Seen {
  fields: readonly string[];
  trailers: readonly string[];
}

/** A gateway with `headers.request`, `headers.response` and a preset, before applications over every way. */
export async function startRuledGateway() {
  const parts = new AsyncDisposableStack();
  const seen: Seen = { fields: [], trailers: [] };
  const issuer = parts.use(await TestIssuer.start());
  const http1 = parts.use(await startHttp1(seen));
  const http2 = parts.adopt(await startHttp2(seen), (server) => void server.close());
  const router = parts.use(await startRouter({ connectors: { 'app:1': http1.address } }));
  const ports = { http1: http1.address.port, http2: (http2.address() as AddressInfo).port };
  const policy = policyText(ports, issuer.url);
  const gateway = parts.use(await TestGateway.start({ links: [router.link], policy }));
  const tokenWith = (claims: Readonly<Record<string, unknown>>) =>
    issuer.sign({ sub: 'ada', aud: 'a', org: 'acme', plan: 'gold', ...claims }, Date.now());
  return {
    gateway,
    seen,
    /** Of `ada`, in the tenant `acme` and the tier `gold`. */
    token: await tokenWith({}),
    tokenWith,
    /** Of each WebSocket that reached an application. */
    upgrades: http1.headers,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

function startHttp1(seen: Seen) {
  return startWebSocketApplication(echo, (request, response) => {
    seen.fields = request.rawHeaders;
    request.resume().on('end', () => {
      response.writeEarlyHints(HINTS);
      response.writeHead(200, ANSWER);
      response.addTrailers(LATE);
      response.end('ok');
    });
  });
}

async function startHttp2(seen: Seen): Promise<Http2Server> {
  const server = createServer();
  server.on('stream', (stream: ServerHttp2Stream, _fields, _flags, head: string[]) => {
    seen.fields = head;
    stream.on('error', () => {});
    stream.on('trailers', (_trailers, _more, raw: string[]) => (seen.trailers = raw));
    stream.resume();
    stream.on('end', () => answerHttp2(stream));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function answerHttp2(stream: ServerHttp2Stream): void {
  if (stream.destroyed) return;
  stream.additionalHeaders({ ':status': 103, ...HINTS });
  const fields: Record<string, string | string[]> = { ':status': '200' };
  for (let i = 0; i < ANSWER.length; i += 2) {
    const name = ANSWER[i]!.toLowerCase();
    fields[name] = name in fields ? [fields[name] as string, ANSWER[i + 1]!] : ANSWER[i + 1]!;
  }
  stream.respond(fields, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(LATE));
  stream.end('ok');
}

/** Routes of the same rule over each way to the application. */
function policyText(
  ports: { readonly http1: number; readonly http2: number },
  issuer: string,
): string {
  return `
services:
  lane: { address: "app:1" }
  tcp: { via: tcp, host: 127.0.0.1, port: ${ports.http1} }
  h2: { via: tcp, host: 127.0.0.1, port: ${ports.http2}, protocol: h2 }
  nobody: { via: tcp, host: 127.0.0.1, port: 1 }
providers:
  local: { plugin: jwt, issuer: "${issuer}", audience: a, jwks: { allowPrivate: true } }
tenants: { id: identity.claims.org, tier: { from: identity.claims.plan, default: free } }
tiers: { free: { rate: 1000/s }, gold: { rate: 1000/s } }
profiles:
  ruled:
    headers:
      preset: web
      identity: { x-org: tenant.id }
      request:
        set:
          x-user: "user {identity.subject}"
          x-tier: "{tenant.tier}"
          x-missing: "is {identity.claims.missing}"
          x-client: "{request.client.ip}"
          x-request-id: "{request.id}"
          user-agent: fairlead
        add: { x-tag: [one, two] }
        remove: [X-Debug, authorization]
      response:
        set: { x-frame-options: DENY, x-for: "{identity.subject}", x-request-id: "{request.id}" }
        add: { x-list: ours }
        remove: [X-Powered-By, server]
routes:
${Object.entries(RULED_WAYS)
  .map(
    ([service, host]) => `
  ${service}:
    host: ${host}
    service: ${service}
    auth: local
    use: [ruled]
    paths:
      /public/**: { auth: public }
      /plain: { auth: public, headers: null }
      /path:
        headers:
          request: { set: { x-user: "{tenant.id}", user-agent: null }, remove: [x-tag] }
          response: { set: { x-powered-by: us }, remove: [x-frame-options, x-list] }
      /moved: { redirect: { path: /elsewhere } }
      /fixed: { respond: { body: fixed, headers: { x-powered-by: respond, x-kept: kept } } }
      /down: { service: nobody }`,
  )
  .join('')}
`;
}
