import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Provider } from 'oidc-provider';
import { isAtLoginForm, LoginForm, loginFormUrl } from './login-form.ts';
import type { Person } from './login-form.ts';
import { LoopbackServer } from '../loopback-server.ts';

/** A client of the issuer, and what the tokens that it gets say beside their subject, its id. */
interface IssuerClient {
  readonly id: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

export interface IssuerOptions {
  /** `aud` of the tokens; the resource of RFC 8707. An absolute URI. */
  readonly audience: string;
  readonly clients: readonly IssuerClient[];
  /** People who log in in a browser; what is said of one is what is said of the client of that name. */
  readonly login?: IssuerLogin;
}

export interface IssuerLogin {
  readonly people: readonly Person[];
  /** Where the gateway is, and the name of its provider there: they make the redirect URI. */
  readonly origin: string;
  readonly provider: string;
}

const TOKEN_SECONDS = 86_400;
/** The issuer is on the loopback of this machine. */
const REQUEST_MS = 5_000;

/**
 * A real OpenID provider (oidc-provider, certified) on plain http at the loopback, for the demo and tests.
 * Programs get JWT access tokens (RFC 9068, ES256) by the client credentials grant.
 */
export class Issuer implements AsyncDisposable {
  readonly url: string;
  readonly audience: string;
  /** What the gateway needs to let people log in. */
  readonly loginClient = { id: 'web', secret: randomBytes(24).toString('hex') } as const;
  readonly #server: LoopbackServer;
  readonly #secrets: ReadonlyMap<string, string>;
  #endSilence = (): void => {};

  private constructor(server: LoopbackServer, options: IssuerOptions) {
    this.#server = server;
    this.url = `http://127.0.0.1:${server.port}`;
    this.audience = options.audience;
    this.#secrets = new Map(options.clients.map(({ id }) => [id, randomBytes(24).toString('hex')]));
  }

  static async start(options: IssuerOptions): Promise<Issuer> {
    const issuer = new Issuer(await LoopbackServer.start(), options);
    await issuer.#serve(options);
    return issuer;
  }

  /** A new access token of the client, valid for a day. */
  async token(clientId: string): Promise<string> {
    const secret = this.#secrets.get(clientId) ?? '';
    const response = await fetch(`${this.url}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${clientId}:${secret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: this.audience }),
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    const answer = (await response.json()) as Readonly<Record<string, unknown>>;
    if (typeof answer['access_token'] === 'string') return answer['access_token'];
    throw new Error(
      `the issuer gave no token: ${response.status} ${String(answer['error_description'])}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    this.#endSilence();
  }

  async #serve(options: IssuerOptions): Promise<void> {
    const configuration = {
      ...configurationOf(options, this.#secrets),
      ...(options.login !== undefined && this.#loginConfiguration(options, options.login)),
    };
    this.#endSilence = silenceItsNotices();
    const { Provider } = await import('oidc-provider');
    const provider = new Provider(this.url, configuration);
    const answer = provider.callback();
    const form = new LoginForm(provider, options.login?.people ?? []);
    this.#server.serve((request, response) => {
      if (isAtLoginForm(request.url)) void form.serve(request, response);
      else answer(request, response);
    });
  }

  #loginConfiguration(
    options: IssuerOptions,
    login: IssuerLogin,
  ): Readonly<Record<string, unknown>> {
    const { clients } = configurationOf(options, this.#secrets);
    return {
      clients: [...(clients as readonly unknown[]), loginMetadata(login, this.loginClient)],
      ...peopleConfiguration(options.clients),
    };
  }
}

function configurationOf(
  { audience, clients }: IssuerOptions,
  secrets: ReadonlyMap<string, string>,
): Readonly<Record<string, unknown>> {
  const claims = new Map(clients.map((client) => [client.id, client.claims]));
  const resourceServer = {
    audience,
    scope: '',
    accessTokenFormat: 'jwt',
    accessTokenTTL: TOKEN_SECONDS,
    jwt: { sign: { alg: 'ES256' } },
  };
  return {
    clients: clients.map(({ id }) => clientMetadata(id, secrets.get(id)!)),
    jwks: { keys: [newSigningKey()] },
    ttl: { ClientCredentials: TOKEN_SECONDS },
    cookies: { keys: [randomBytes(24).toString('hex')] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: { enabled: true, getResourceServerInfo: () => resourceServer },
    },
    extraTokenClaims: (_context: unknown, token: { clientId: string }) =>
      claims.get(token.clientId),
  };
}

function clientMetadata(id: string, secret: string): Readonly<Record<string, unknown>> {
  return {
    client_id: id,
    client_secret: secret,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    // There is only an ES256 key, and RS256 is the default.
    id_token_signed_response_alg: 'ES256',
  };
}

function loginMetadata(
  { origin, provider }: IssuerLogin,
  { id, secret }: { readonly id: string; readonly secret: string },
): Readonly<Record<string, unknown>> {
  return {
    client_id: id,
    client_secret: secret,
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [`${origin}/.fairlead/${provider}/callback`],
    post_logout_redirect_uris: [`${origin}/.fairlead/${provider}/logged-out`],
    response_types: ['code'],
    id_token_signed_response_alg: 'ES256',
  };
}

/** What is known of people is in the ID token; nobody is asked for consent. */
function peopleConfiguration(people: readonly IssuerClient[]): Readonly<Record<string, unknown>> {
  const known = new Map(people.map(({ id, claims }) => [id, claims]));
  const names = new Set(people.flatMap(({ claims }) => Object.keys(claims)));
  return {
    claims: { openid: ['sub', ...names], auth_time: null },
    conformIdTokenClaims: false,
    interactions: { url: loginFormUrl },
    findAccount: (_context: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ sub: accountId, ...known.get(accountId) }),
    }),
    loadExistingGrant: grantAll,
  };
}

interface GrantContext {
  readonly oidc: {
    readonly provider: Provider;
    readonly session: { readonly accountId: string };
    readonly client: { readonly clientId: string };
  };
}

async function grantAll({ oidc }: GrantContext): Promise<unknown> {
  const { accountId } = oidc.session;
  const grant = new oidc.provider.Grant({ accountId, clientId: oidc.client.clientId });
  grant.addOIDCScope('openid');
  await grant.save();
  return grant;
}

function newSigningKey(): Readonly<Record<string, unknown>> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = randomBytes(6).toString('hex');
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid };
}

/**
 * oidc-provider warns of a Node that is not LTS yet, of its memory adapter, and, when each is first used, of
 * parts of its configuration that a real provider would replace. All are meant here, and would stand between
 * the lines of the demo. Gives back what ends the silence.
 */
function silenceItsNotices(): () => void {
  const { warn, info } = console;
  const without = (write: typeof info) => {
    return (...parts: unknown[]) => {
      if (!/oidc-provider (WARNING|NOTICE)/.test(String(parts[0]))) write(...parts);
    };
  };
  console.warn = without(warn);
  console.info = without(info);
  return () => {
    console.warn = warn;
    console.info = info;
  };
}
