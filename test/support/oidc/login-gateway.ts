import type { Application } from '../applications/application.ts';
import { TestGateway } from '../gateway/gateway.ts';
import type { Site } from './test-browser.ts';
import type { AppAnswer, AppRequest } from './harness.ts';
import { CLIENT } from './real-provider.ts';
import type { RealProvider } from './real-provider.ts';
import type { PolicySetOptions } from '../policy/policy-set.ts';

export const GATEWAY_ORIGIN = 'https://app.example.test';

export interface LoginPolicyOptions {
  /** Members of the provider and of `gateway`, as YAML lines. */
  readonly provider?: string;
  readonly gateway?: string;
  /** Of the route; default app.example.test. */
  readonly host?: string;
  /** A second provider `partners` on the route: the same one under another name. */
  readonly hasPartners?: boolean;
  /** Further providers, as YAML lines. */
  readonly providers?: string;
  /** Members of the route beside host and service, in flow style. */
  readonly route?: string;
}

const IDENTITY = 'headers: { identity: { x-user: identity.subject } }';

/** A set whose one route wants a login at the provider. */
export function loginPolicy(
  application: Application,
  { url: issuer }: Pick<RealProvider, 'url'>,
  options: LoginPolicyOptions = {},
): PolicySetOptions {
  const {
    provider = '',
    gateway = '',
    host = 'app.example.test',
    hasPartners = false,
    providers: others = '',
  } = options;
  const { host: address, port } = application.address;
  const names = hasPartners ? ['corp', 'partners'] : ['corp'];
  const { route = `auth: [${names.join(', ')}], ${IDENTITY}` } = options;
  const providers = names.map(
    (name) => `
  ${name}:
    plugin: oidc
    issuer: ${issuer}
    allowPrivate: true
    client: { id: ${CLIENT.id}, secret: "\${file:secrets/oidc-client}" }
    ${provider}`,
  );
  return {
    gateway: `publicPort: 443\n${gateway}`,
    files: { 'secrets/oidc-client': CLIENT.secret },
    policy: `
providers: ${providers.join('')}
${others}
services: { web: { via: tcp, host: "${address}", port: ${port} } }
routes: { web: { host: "${host}", service: web, ${route} } }
`,
  };
}

/** A gateway with the set of `loginPolicy`, in this process. */
export function startLoginGateway(
  application: Application,
  provider: Pick<RealProvider, 'url'>,
  options: LoginPolicyOptions = {},
): Promise<TestGateway> {
  return TestGateway.start(loginPolicy(application, provider, options));
}

/** The gateway as a browser finds it: real TLS, cookies read from the fields. */
export class GatewaySite implements Site {
  readonly #gateway: Pick<TestGateway, 'request'>;
  readonly #host: string;

  constructor(gateway: Pick<TestGateway, 'request'>, host = 'app.example.test') {
    this.#gateway = gateway;
    this.#host = host;
  }

  async handle({ url, method = 'GET', cookies, headers, body }: AppRequest): Promise<AppAnswer> {
    const { href, origin } = new URL(url, GATEWAY_ORIGIN);
    const cookie = [...(cookies ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await this.#gateway.request(href.slice(origin.length), {
      method,
      host: this.#host,
      headers: { accept: 'text/html', ...(cookie !== '' && { cookie }), ...headers },
      ...(body !== undefined && { body }),
    });
    const text = await response.body.text();
    const fields = Object.entries(response.headers).filter(([name]) => name !== 'set-cookie');
    const isEmpty = [204, 304].includes(response.statusCode);
    return {
      response: new Response(isEmpty ? null : text, {
        status: response.statusCode,
        headers: fields.map(([name, value]) => [name, String(value)] as [string, string]),
      }),
      setCookies: [response.headers['set-cookie'] ?? []].flat().map(readCookie),
    };
  }
}

function readCookie(field: string): AppAnswer['setCookies'][number] {
  const [, name = '', value = ''] = /^__Host-fairlead-([^=]*)=([^;]*)/.exec(field) ?? [];
  const age = /; Max-Age=(\d+)/.exec(field)?.[1];
  return {
    name,
    value,
    ...(age !== undefined && { maxAgeSeconds: Number(age) }),
    crossSitePost: field.includes('SameSite=None'),
  };
}
