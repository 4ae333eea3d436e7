import { createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { UnsecuredJWT } from 'jose';
import { LoopbackServer } from '../../../demo/loopback-server.ts';
import { makeIssuerKey, signWith } from '../auth/issuer.ts';
import type { IssuerKey } from '../auth/issuer.ts';
import { CLIENT } from './real-provider.ts';

type Claims = Record<string, unknown>;

/** What a token request was asked with. */
export interface TokenRequest {
  readonly grant: string;
  readonly authorization: string | undefined;
  readonly form: URLSearchParams;
}

/**
 * A provider that logs everybody in at once and does wrong what a test says: each fault is a function
 * over what an honest answer would be, or an answer of its own.
 */
export class MisbehavingProvider implements AsyncDisposable {
  readonly url: string;
  /** Every key in the published set. */
  keys: readonly IssuerKey[];
  /** The key that signs. */
  signer: IssuerKey;
  /** Whether published keys and token headers have a `kid`. */
  hasKeyIds = true;
  metadata: (honest: Claims) => Claims = (honest) => honest;
  claims: (honest: Claims, grant: string) => Claims = (honest) => honest;
  userinfo: (honest: Claims) => Claims | string = (honest) => honest;
  callback: (honest: URLSearchParams) => URLSearchParams = (honest) => honest;
  /** What comes back to the page after a logout. */
  afterLogout: (honest: URLSearchParams) => URLSearchParams = (honest) => honest;
  /** The ID token from its claims. */
  idToken: (claims: Claims) => string | Promise<string> = (claims) => this.sign(claims);
  /** Answers a path instead; undefined leaves it. */
  override: ((path: string) => ((response: ServerResponse) => void) | undefined) | undefined;
  /** Answers the token request instead. */
  tokenAnswer: ((request: TokenRequest, response: ServerResponse) => void) | undefined;
  readonly tokenRequests: TokenRequest[] = [];
  /** What the logout endpoint was asked with. */
  readonly logouts: URLSearchParams[] = [];
  readonly userinfoRequests: {
    readonly url: string;
    readonly authorization: string | undefined;
  }[] = [];
  readonly requests: string[] = [];
  readonly #server: LoopbackServer;
  /** Nonces by code. */
  readonly #codes = new Map<string, string>();

  private constructor(server: LoopbackServer, key: IssuerKey) {
    this.#server = server;
    this.url = `http://127.0.0.1:${server.port}`;
    this.keys = [key];
    this.signer = key;
  }

  static async start(algorithm = 'RS256'): Promise<MisbehavingProvider> {
    const key = await makeIssuerKey(algorithm);
    const provider = new MisbehavingProvider(await LoopbackServer.start(), key);
    provider.#server.serve((request, response) => {
      provider.#answer(request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
    });
    return provider;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server[Symbol.asyncDispose]();
  }

  sign(claims: Claims, header: Claims = {}, key = this.signer): Promise<string> {
    const own = this.hasKeyIds ? header : { ...header, kid: undefined };
    return signWith(key, claims, own);
  }

  /** Signed with a secret instead: the client's, or whatever is taken for one. */
  signHmac(claims: Claims, secret: string = CLIENT.secret): string {
    const part = (value: object): string =>
      Buffer.from(JSON.stringify(value)).toString('base64url');
    const input = `${part({ alg: 'HS256' })}.${part(claims)}`;
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
  }

  signNot(claims: Claims): string {
    return new UnsecuredJWT(claims).encode();
  }

  /** A new key signs; the old one is published only when `keepsOld`. */
  async rotate(keepsOld: boolean): Promise<void> {
    this.signer = await makeIssuerKey(this.signer.algorithm, `k${Date.now()}-2`);
    this.keys = keepsOld ? [...this.keys, this.signer] : [this.signer];
  }

  /** A logout token as it should be, but for what is given. */
  logoutToken(claims: Claims, header: Claims = { typ: 'logout+jwt' }): Promise<string> {
    const iat = Math.floor(Date.now() / 1000);
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    const jti = crypto.randomUUID();
    const honest = { iss: this.url, aud: CLIENT.id, iat, exp: iat + 120, jti, events };
    return this.sign({ ...honest, ...claims }, header);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    this.requests.push(pathname);
    const instead = this.override?.(pathname);
    if (instead !== undefined) return instead(response);
    switch (pathname) {
      case '/.well-known/openid-configuration':
        return json(response, this.metadata(this.#honestMetadata()));
      case '/keys':
        return json(response, { keys: this.keys.map((key) => this.#published(key)) });
      case '/auth':
        return this.#authorize(searchParams, response);
      case '/end':
        return this.#end(searchParams, response);
      case '/token':
        return this.#token(request, response);
      case '/userinfo':
        return this.#userinfo(request, response);
      default:
        response.writeHead(404).end();
    }
  }

  #honestMetadata(): Claims {
    return {
      issuer: this.url,
      authorization_endpoint: `${this.url}/auth`,
      token_endpoint: `${this.url}/token`,
      userinfo_endpoint: `${this.url}/userinfo`,
      jwks_uri: `${this.url}/keys`,
      end_session_endpoint: `${this.url}/end`,
      response_types_supported: ['code'],
      id_token_signing_alg_values_supported: ['RS256', 'ES256', 'HS256', 'none'],
      userinfo_signing_alg_values_supported: ['RS256'],
    };
  }

  #published(key: IssuerKey): object {
    if (this.hasKeyIds) return key.jwk;
    const { kid: _kid, ...jwk } = key.jwk;
    return jwk;
  }

  #authorize(query: URLSearchParams, response: ServerResponse): void {
    const code = crypto.randomUUID();
    this.#codes.set(code, query.get('nonce') ?? '');
    const honest = new URLSearchParams({ code, state: query.get('state') ?? '' });
    const answer = this.callback(honest);
    if (query.get('response_mode') === 'form_post') {
      return post(response, query.get('redirect_uri') ?? '', answer);
    }
    response.writeHead(302, { location: `${query.get('redirect_uri')}?${answer}` }).end();
  }

  /** Ends nothing, and sends the browser back. */
  #end(query: URLSearchParams, response: ServerResponse): void {
    this.logouts.push(query);
    const state = query.get('state');
    const answer = this.afterLogout(new URLSearchParams(state === null ? {} : { state }));
    const location = `${query.get('post_logout_redirect_uri')}?${answer}`;
    response.writeHead(302, { location }).end();
  }

  async #token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(await textOf(request));
    const grant = form.get('grant_type') ?? '';
    const asked = { grant, authorization: request.headers.authorization, form };
    this.tokenRequests.push(asked);
    if (this.tokenAnswer !== undefined) return this.tokenAnswer(asked, response);
    const nonce = this.#codes.get(form.get('code') ?? '');
    const iat = Math.floor(Date.now() / 1000);
    const honest: Claims = {
      iss: this.url,
      aud: CLIENT.id,
      sub: 'alice',
      iat,
      exp: iat + 3600,
      sid: 's1',
      ...(nonce !== undefined && { nonce }),
    };
    const idToken = await this.idToken(this.claims(honest, grant));
    json(response, {
      access_token: 'an-access-token',
      token_type: 'Bearer',
      expires_in: 300,
      refresh_token: `refresh-${this.tokenRequests.length}`,
      id_token: idToken,
    });
  }

  #userinfo(request: IncomingMessage, response: ServerResponse): void {
    const { authorization } = request.headers;
    this.userinfoRequests.push({ url: request.url ?? '', authorization });
    const answer = this.userinfo({ sub: 'alice', name: 'Alice', groups: ['admins'] });
    if (typeof answer !== 'string') return json(response, answer);
    response.writeHead(200, { 'content-type': 'application/jwt' }).end(answer);
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** A page whose form sends itself (OAuth 2.0 Form Post Response Mode). */
function post(response: ServerResponse, action: string, answer: URLSearchParams): void {
  const fields = [...answer].map(([name, value]) => `<input name="${name}" value="${value}">`);
  const page = `<form method="post" action="${action}">${fields.join('')}</form>`;
  response.writeHead(200, { 'content-type': 'text/html' }).end(page);
}
