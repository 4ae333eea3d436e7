import { request as httpsRequest } from 'node:https';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Application } from '../applications/application.ts';
import type { Echo } from '../applications/application.ts';
import type { TestGateway } from '../gateway/gateway.ts';
import { TestIssuer } from '../auth/issuer.ts';
import { TestBrowser } from './test-browser.ts';
import { GATEWAY_ORIGIN, GatewaySite, startLoginGateway } from './login-gateway.ts';
import { RealProvider } from './real-provider.ts';

/** Claims of everybody who logs in at the provider of the scene. */
export const CLAIMS = { org: 'acme', groups: ['staff'] };
const PATHS = [
  '/admin/**: { require: { acr: "urn:mfa" } }',
  '/recent/**: { require: { maxAge: 15m } }',
  '/strict: { require: { acr: "urn:mfa", maxAge: 15m } }',
  '/staff/**: { require: { claims: { groups: { any: [staff, admins] } } } }',
  '/owners/**: { require: { claims: { groups: owners } } }',
  '/public/**: { auth: public }',
  `/both: {
    auth: { all: [corp, api] },
    require: { claims: { identity.with.api.scopes: orders } },
    headers: { identity: { x-program: identity.with.api.sub } } }`,
];
/** Whatever a path requires comes on top of the organisation. */
const ROUTE = `auth: [api, corp], require: { claims: { org: acme } },
  headers: { identity: { x-user: identity.subject } },
  paths: { ${PATHS.join(', ')} }`;

/** A gateway whose one route has requirements, a provider for people and an issuer for programs. */
export class RequireScene implements AsyncDisposable {
  readonly application: Application;
  readonly issuer: TestIssuer;
  readonly gateway: TestGateway;
  readonly browser: TestBrowser;
  readonly #parts: AsyncDisposableStack;

  private constructor(
    parts: Pick<RequireScene, 'application' | 'issuer' | 'gateway'>,
    stack: AsyncDisposableStack,
  ) {
    this.application = parts.application;
    this.issuer = parts.issuer;
    this.gateway = parts.gateway;
    this.browser = new TestBrowser(new GatewaySite(parts.gateway), GATEWAY_ORIGIN);
    this.#parts = stack;
  }

  /** `gateway`: members of it, as YAML lines. */
  static async start(
    provider: AsyncDisposable & { readonly url: string },
    gateway = '',
  ): Promise<RequireScene> {
    await using stack = new AsyncDisposableStack();
    stack.use(provider);
    const application = stack.use(await Application.start());
    const issuer = stack.use(await TestIssuer.start());
    const providers = `  api: { plugin: jwt, issuer: "${issuer.url}", audience: web, jwks: { allowPrivate: true } }`;
    const scopes = 'scopes: [openid, profile, offline_access]';
    const options = { provider: scopes, providers, route: ROUTE, gateway };
    const running = stack.use(await startLoginGateway(application, provider, options));
    return new RequireScene({ application, issuer, gateway: running }, stack.move());
  }

  /** Of a program of the organisation. */
  async bearer(claims: object): Promise<string> {
    const own = { sub: 'robot', aud: 'web', org: 'acme' };
    return `Bearer ${await this.issuer.sign({ ...own, ...claims }, Date.now())}`;
  }

  /** The cookies of the browser, for a request that is no page load. */
  get cookie(): string {
    return [...this.browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ');
  }

  /** One request that is no page load, with whatever credential. */
  async call(path: string, headers: Readonly<Record<string, string>>) {
    const response = await this.gateway.request(path, { headers });
    const body = await response.body.text();
    return {
      status: response.statusCode,
      challenge: response.headers['www-authenticate'],
      setCookies: [response.headers['set-cookie'] ?? []].flat(),
      body: JSON.parse(body) as Readonly<Record<string, unknown>>,
    };
  }

  /** What a WebSocket handshake of this origin is answered. */
  async handshake(path: string, headers: Readonly<Record<string, string>>) {
    const host = 'app.example.test';
    const request = httpsRequest({
      host: '127.0.0.1',
      port: this.gateway.port,
      path,
      servername: host,
      ca: this.gateway.caPem,
      headers: {
        host,
        origin: GATEWAY_ORIGIN,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        ...headers,
      },
    });
    request.end();
    const answered = [once(request, 'response'), once(request, 'upgrade')];
    const [response] = (await Promise.race(answered)) as [IncomingMessage];
    request.destroy();
    return { status: response.statusCode, challenge: response.headers['www-authenticate'] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }
}

/** oidc-provider with the claims of the scene; steps up when it is asked to. */
export function realProvider(claims: Readonly<Record<string, unknown>> = CLAIMS) {
  return RealProvider.start({ origin: GATEWAY_ORIGIN, claims });
}

/** What the application was told of the visitor, of a page that came through. */
export function visitorOf(body: string, name = 'x-user'): string | undefined {
  const { headers } = JSON.parse(body) as Echo;
  const at = headers.findIndex((field, i) => i % 2 === 0 && field.toLowerCase() === name);
  return at < 0 ? undefined : headers[at + 1];
}
