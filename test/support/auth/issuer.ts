import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import type { CryptoKey, JWK, JWTPayload } from 'jose';
import type { FetchInit } from '../../../src/plugin/contract.ts';

export interface IssuerKey {
  readonly keyId: string;
  readonly algorithm: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

/** How the issuer answers: as it should, with 500, never, or with what `setBody` gave. */
export type IssuerMode = 'ok' | 'failing' | 'hanging';

/** A key pair whose public half is ready for a key set. */
export async function makeIssuerKey(algorithm = 'ES256', keyId = 'k1'): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: keyId, alg: algorithm, use: 'sig' };
  return { keyId, algorithm, privateKey, jwk };
}

/** Signs with a key, whatever the claims. */
export function signWith(
  key: IssuerKey,
  claims: JWTPayload,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: key.algorithm, kid: key.keyId, ...header })
    .sign(key.privateKey);
}

/**
 * A small issuer of tokens on loopback: discovery, key set, rotation and faults, every fetch counted.
 * It has no login; the provider of the demo has.
 */
export class TestIssuer implements AsyncDisposable {
  /** Its `iss`, and where discovery starts. */
  readonly url: string;
  readonly fetches = { discovery: 0, keys: 0 };
  mode: IssuerMode = 'ok';
  /** Overrides or adds members of the metadata. */
  metadata: Readonly<Record<string, unknown>> = {};
  /** Answers the key set's place instead of it. */
  keySetAnswer: ((response: ServerResponse) => void) | undefined;
  /** Which of the two well-known places answers. */
  discovery: 'openid-configuration' | 'oauth-authorization-server' = 'openid-configuration';
  readonly #close: () => Promise<void>;
  #keys: readonly IssuerKey[];

  private constructor(url: string, keys: readonly IssuerKey[], close: () => Promise<void>) {
    this.url = url;
    this.#keys = keys;
    this.#close = close;
  }

  static async start(algorithm = 'ES256', port = 0): Promise<TestIssuer> {
    const keys = [await makeIssuerKey(algorithm)];
    const server = createServer((request, response) => issuer.#answer(request, response));
    await new Promise<void>((resolve) => {
      server.listen(port, '127.0.0.1', resolve);
    });
    const { port: bound } = server.address() as AddressInfo;
    const issuer = new TestIssuer(`http://127.0.0.1:${bound}`, keys, () => {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    });
    return issuer;
  }

  /** The key that signs now. */
  get key(): IssuerKey {
    return this.#keys.at(-1)!;
  }

  /** A token by the current key, valid for five minutes from `nowMs`. */
  sign(
    claims: JWTPayload,
    nowMs: number,
    header: Readonly<Record<string, unknown>> = {},
  ): Promise<string> {
    const iat = Math.floor(nowMs / 1000);
    return signWith(this.key, { iss: this.url, iat, exp: iat + 300, ...claims }, header);
  }

  /** A new key signs from now on; the old ones stay published unless `drop`. */
  async rotate({ drop = false }: { readonly drop?: boolean } = {}): Promise<void> {
    const next = await makeIssuerKey(this.key.algorithm, `k${this.#keys.length + 1}`);
    this.#keys = drop ? [next] : [...this.#keys, next];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const isKeys = request.url === '/keys';
    this.fetches[isKeys ? 'keys' : 'discovery'] += 1;
    if (this.mode === 'hanging') return;
    if (this.mode === 'failing') return void response.writeHead(500).end();
    if (isKeys && this.keySetAnswer !== undefined) return this.keySetAnswer(response);
    if (isKeys) return sendJson(response, { keys: this.#keys.map((key) => key.jwk) });
    if (request.url === `/.well-known/${this.discovery}`) {
      const own = { issuer: this.url, jwks_uri: `${this.url}/keys` };
      return sendJson(response, { ...own, ...this.metadata });
    }
    response.writeHead(404).end();
  }
}

/** A `ctx.fetch` for tests: Node's own, without the egress rules that the gateway's has. */
export function directFetch(input: string | URL, init?: FetchInit): Promise<Response> {
  const { allowPrivate: _allowPrivate, ca: _ca, ...rest } = init ?? {};
  return fetch(input, rest);
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
