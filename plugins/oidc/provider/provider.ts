import type { Context } from 'fairlead/plugin';
import { DocumentError, shown } from 'fairlead/plugin/kit';
import * as openid from 'openid-client';
import { clientAuth, clientMethod } from './client-auth.ts';
import { LIMITS } from '../limits.ts';
import type { ClientMethod, Options } from '../options.ts';
import { ProviderKeys } from './provider-keys.ts';
import { fetchMetadata, keySource } from './provider-documents.ts';
import { createProviderFetch } from './provider-fetch.ts';
import type { ProviderFetch } from './provider-fetch.ts';

/** What is known of the provider, once it was reached. */
export interface Known {
  readonly configuration: openid.Configuration;
  /** The same, for one request whose answer somebody wants to see as it came. */
  readonly configurationWith: (
    around: (fetch: ProviderFetch) => ProviderFetch,
  ) => openid.Configuration;
  readonly metadata: openid.ServerMetadata;
  readonly keys: ProviderKeys;
  readonly learnedAtMs: number;
}

/**
 * The OpenID provider of the policy: its metadata, fetched when needed and kept fresh, and the
 * back-off while it cannot be reached. Metadata of another issuer is never taken (A12).
 */
export class IdentityProvider {
  readonly #options: Options;
  readonly #context: Context;
  #fetch: ProviderFetch | undefined;
  #known: Known | undefined;
  #problem: string | undefined;
  #asking: Promise<Known | undefined> | undefined;
  #retryMs: number = LIMITS.retryMinMs;
  #notBeforeMs = Number.NEGATIVE_INFINITY;

  constructor(options: Options, context: Context) {
    this.#options = options;
    this.#context = context;
  }

  /** Why the last attempt to learn of the provider failed; undefined when it did not. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Undefined while the provider was never reached; waits for an attempt that is due. Never rejects. */
  known(): Known | Promise<Known | undefined> {
    const known = this.#known;
    if (known === undefined) return this.#ask();
    const age = this.#context.clock.now() - known.learnedAtMs;
    if (age > LIMITS.metadataFreshMs) void this.#ask();
    return known;
  }

  #ask(): Promise<Known | undefined> {
    if (this.#asking !== undefined) return this.#asking;
    const now = this.#context.clock.now();
    if (now < this.#notBeforeMs) return Promise.resolve(this.#known);
    this.#asking = this.#learn().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #learn(): Promise<Known | undefined> {
    try {
      this.#known = await this.#discover();
      this.#problem = undefined;
      this.#retryMs = LIMITS.retryMinMs;
    } catch (thrown) {
      this.#problem = `discovery at ${this.#options.issuer} failed: ${summaryOf(thrown)}`;
      this.#context.log.warn('discovery of the login provider failed', { detail: this.#problem });
      this.#notBeforeMs = this.#context.clock.now() + this.#retryMs;
      this.#retryMs = Math.min(this.#retryMs * 2, LIMITS.retryMaxMs);
    }
    return this.#known;
  }

  async #discover(): Promise<Known> {
    const { issuer, client } = this.#options;
    this.#fetch ??= await createProviderFetch(this.#options, this.#context);
    const metadata = await fetchMetadata(issuer, this.#fetch);
    const method = clientMethod(client, metadata.token_endpoint_auth_methods_supported);
    const fetch = this.#fetch;
    const configurationWith = await this.#configure(metadata, method, fetch);
    return {
      configuration: configurationWith((own) => own),
      configurationWith,
      metadata,
      keys: this.#keysFor(metadata, fetch),
      learnedAtMs: this.#context.clock.now(),
    };
  }

  async #configure(
    metadata: openid.ServerMetadata,
    method: ClientMethod,
    fetch: ProviderFetch,
  ): Promise<Known['configurationWith']> {
    const { algorithms, client, issuer, skew } = this.#options;
    const auth = await clientAuth(client, method);
    return (around) => {
      const configuration = new openid.Configuration(
        // A signed userinfo answer would be taken without a look at its signature; so none is (D).
        {
          ...metadata,
          userinfo_signing_alg_values_supported: [],
        },
        client.id,
        {
          [openid.clockTolerance]: skew / 1000,
          use_mtls_endpoint_aliases: method === 'tls_client_auth',
          // Which algorithms are good is the policy's to say; the signature is checked by ProviderKeys.
          id_token_signed_response_alg: algorithms as unknown as string,
        },
        auth,
      );
      configuration.timeout = LIMITS.requestMs / 1000;
      configuration[openid.customFetch] = around(fetch) as openid.CustomFetch;
      if (issuer.startsWith('http:')) openid.allowInsecureRequests(configuration);
      return configuration;
    };
  }

  /** The same keys as before while their place is the same: fresh metadata is no reason to forget. */
  #keysFor(metadata: openid.ServerMetadata, fetch: ProviderFetch): ProviderKeys {
    const place = metadata.jwks_uri;
    if (place === undefined) {
      throw new DocumentError(`the metadata of ${this.#options.issuer} has no jwks_uri`);
    }
    const isPlainAllowed = this.#options.issuer.startsWith('http:');
    if (!place.startsWith('https:') && !isPlainAllowed) {
      throw new DocumentError(`jwks_uri ${shown(place, 200)} is not https`);
    }
    const before = this.#known?.keys;
    if (before?.place === place) return before;
    const source = keySource(place, fetch);
    const { algorithms } = this.#options;
    return new ProviderKeys({ place, source, algorithms, context: this.#context });
  }
}

/** What was thrown, without texts that may quote an answer. */
export function summaryOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'unknown';
  const fault = faultIn(thrown);
  if (fault !== undefined) return fault.message;
  const { code, cause } = thrown as { readonly code?: unknown; readonly cause?: unknown };
  const parts = [thrown.name, typeof code === 'string' ? code : ''];
  const inner = (cause as { readonly code?: unknown } | undefined)?.code;
  if (typeof inner === 'string' && inner !== code) parts.push(inner);
  if (thrown.constructor === Error) parts.push(thrown.message);
  return parts.filter((part) => part !== '').join(' ');
}

/** The fault of ours that a library may have wrapped. */
export function faultIn(thrown: unknown): DocumentError | undefined {
  for (let at = thrown, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if (at instanceof DocumentError) return at;
  }
  return undefined;
}
