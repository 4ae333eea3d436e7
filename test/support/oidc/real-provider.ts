import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { interactionPolicy } from 'oidc-provider';
import { isAtLoginForm, LoginForm, loginFormUrl } from '../../../demo/login/login-form.ts';
import type { Person } from '../../../demo/login/login-form.ts';
import { LoopbackServer } from '../../../demo/loopback-server.ts';

/** The part of oidc-provider that the tests use; the package brings no types. */
interface Library {
  callback(): (request: IncomingMessage, response: ServerResponse) => void;
  interactionDetails(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<{
    readonly prompt: { readonly name: string };
    readonly params: Readonly<Record<string, unknown>>;
  }>;
  interactionFinished(
    request: IncomingMessage,
    response: ServerResponse,
    result: object,
    options: object,
  ): Promise<void>;
  readonly Grant: new (grant: { accountId: string; clientId: string }) => {
    addOIDCScope(scope: string): void;
    save(): Promise<string>;
  };
  on(event: string, listener: (...details: never[]) => void): void;
}

export interface RealProviderOptions {
  /** Of the application; default APP_ORIGIN. */
  readonly origin?: string;
  readonly redirectUris?: readonly string[];
  readonly par?: boolean;
  /** Members of the client's metadata. */
  readonly client?: Readonly<Record<string, unknown>>;
  /** Claims of the person beside `sub`. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** How the provider reaches its clients, for back-channel logout. */
  readonly fetch?: (url: string, options: RequestInit) => Promise<Response>;
  readonly features?: Readonly<Record<string, unknown>>;
  /** Who may log in at a form; without it, whoever comes is `user` at once. */
  readonly people?: readonly Person[];
  /** Default: any that is free. */
  readonly port?: number;
}

export const APP_ORIGIN = 'https://app.example.com';
export const CLIENT = { id: 'web', secret: 'a-secret-of-the-tests-0123456789' } as const;

/**
 * oidc-provider (certified) on plain http at the loopback: rotation of refresh tokens, back-channel
 * logout, RP-initiated logout, RFC 9207, PAR on request; it can be slow, fail or be away.
 */
export class RealProvider implements AsyncDisposable {
  readonly url: string;
  /** Requests by endpoint, also those that were made to fail. */
  readonly requests: string[] = [];
  /** Who logs in next, and how. */
  user = 'alice';
  acr: string | undefined;
  /** Life of the access tokens to come. */
  accessTokenSeconds = 3600;
  /** Milliseconds before the token endpoint answers. */
  tokenDelayMs = 0;
  /** Answers with that status instead, at the endpoints whose path matches. */
  failing: { readonly path: RegExp; readonly status: number } | undefined;
  readonly #server: LoopbackServer;
  #library: Library | undefined;
  #form: LoginForm | undefined;

  private constructor(server: LoopbackServer) {
    this.#server = server;
    this.url = `http://127.0.0.1:${server.port}`;
  }

  static async start(options: RealProviderOptions = {}): Promise<RealProvider> {
    const provider = new RealProvider(await LoopbackServer.start(options.port));
    provider.#library = await createLibrary(provider, options);
    if (options.people !== undefined) {
      provider.#form = new LoginForm(provider.#library, options.people);
    }
    provider.#server.serve((request, response) => void provider.#answer(request, response));
    return provider;
  }

  /** How many requests the token endpoint got. */
  get tokenRequests(): number {
    return this.requests.filter((path) => path === '/token').length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', this.url);
    this.requests.push(pathname);
    if (this.failing?.path.test(pathname) === true) {
      response.writeHead(this.failing.status).end();
      return;
    }
    if (pathname === '/token' && this.tokenDelayMs > 0) {
      await new Promise((resolve) => setTimeout(resolve, this.tokenDelayMs));
      if (response.destroyed) return;
    }
    if (!isAtLoginForm(pathname)) {
      this.#library!.callback()(request, response);
      return;
    }
    if (this.#form !== undefined) return this.#form.serve(request, response);
    await this.#interact(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  }

  /** A person who logs in at once. */
  async #interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const library = this.#library!;
    const { prompt } = await library.interactionDetails(request, response);
    const login = {
      accountId: this.user,
      ...(this.acr !== undefined && { acr: this.acr }),
    };
    const result = prompt.name === 'login' ? { login } : { consent: {} };
    await library.interactionFinished(request, response, result, {
      mergeWithLastSubmission: false,
    });
  }
}

async function createLibrary(owner: RealProvider, options: RealProviderOptions): Promise<Library> {
  const { warn, info } = console;
  console.warn = console.info = () => {};
  try {
    const { Provider, interactionPolicy: parts } = await import('oidc-provider');
    const policy = loginPolicy(parts);
    const configuration = configurationOf(owner, options, policy);
    const library = new Provider(owner.url, configuration) as unknown as Library;
    library.on('server_error', (...details) => {
      const [, error] = details as unknown as [unknown, Error];
      console.error('oidc-provider:', error);
    });
    library.on('backchannel.error', (...details) => {
      const [, error] = details as unknown as [unknown, Error];
      console.error('oidc-provider, back channel:', error);
    });
    return library;
  } finally {
    Object.assign(console, { warn, info });
  }
}

function configurationOf(
  owner: RealProvider,
  options: RealProviderOptions,
  policy: unknown,
): Readonly<Record<string, unknown>> {
  const { origin = APP_ORIGIN } = options;
  const redirectUris = options.redirectUris ?? [`${origin}/.fairlead/corp/callback`];
  return {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: redirectUris,
        post_logout_redirect_uris: [`${origin}/.fairlead/corp/logged-out`],
        ...(options.fetch !== undefined && {
          backchannel_logout_uri: `${origin}/.fairlead/corp/backchannel-logout`,
          backchannel_logout_session_required: true,
        }),
        response_types: ['code'],
        id_token_signed_response_alg: 'ES256',
        ...options.client,
      },
    ],
    jwks: { keys: [newKey()] },
    cookies: { keys: [randomBytes(24).toString('hex')] },
    scopes: ['openid', 'offline_access', 'profile'],
    claims: {
      openid: ['sub', 'sid'],
      profile: Object.keys(options.claims ?? {}),
      acr: null,
      auth_time: null,
    },
    acrValues: ['urn:mfa', 'urn:pwd'],
    conformIdTokenClaims: false,
    rotateRefreshToken: true,
    issueRefreshToken: (_ctx: unknown, client: { grantTypeAllowed(type: string): boolean }) =>
      client.grantTypeAllowed('refresh_token'),
    interactions: { url: loginFormUrl, policy },
    ttl: {
      AccessToken: () => owner.accessTokenSeconds,
      Grant: 86_400,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
    findAccount: (_ctx: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, ...options.claims }),
    }),
    loadExistingGrant: grantAll,
    renderError: (context: { type: string; body: string }, out: object) => {
      context.type = 'json';
      context.body = JSON.stringify(out);
    },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context: { body: string }, form: string) => {
          context.body = `${form}<button form="op.logoutForm" name="logout" value="yes">yes</button>`;
        },
        postLogoutSuccessSource: (context: { body: string }) => {
          context.body = 'logged out';
        },
      },
      revocation: { enabled: true, allowedPolicy: () => true },
      pushedAuthorizationRequests: { enabled: options.par === true },
      ...options.features,
    },
    ...(options.fetch !== undefined && { fetch: options.fetch }),
  };
}

interface PromptContext {
  readonly oidc: {
    readonly acr: string | undefined;
    readonly params: { readonly acr_values?: string };
    readonly result?: { readonly login?: unknown };
  };
}

/** As the library's own, and whoever is remembered with another acr than is asked for logs in anew. */
function loginPolicy({ Check, base }: typeof interactionPolicy): unknown {
  const policy = base();
  const isWeaker = ({ oidc: { acr, params, result } }: PromptContext) =>
    result?.login === undefined &&
    params.acr_values !== undefined &&
    !params.acr_values.split(' ').includes(acr ?? '');
  policy.get('login').checks.add(new Check('acr_values', 'a stronger login is needed', isWeaker));
  return policy;
}

interface GrantContext {
  readonly oidc: {
    readonly provider: Library;
    readonly session: { readonly accountId: string };
    readonly client: { readonly clientId: string };
  };
}

/** Nobody is asked for consent. */
async function grantAll({ oidc }: GrantContext): Promise<unknown> {
  const { accountId } = oidc.session;
  const grant = new oidc.provider.Grant({ accountId, clientId: oidc.client.clientId });
  grant.addOIDCScope('openid offline_access profile');
  await grant.save();
  return grant;
}

function newKey(): Readonly<Record<string, unknown>> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: 'k1' };
}
