import { stringifyJson } from 'fairlead/plugin';
import { decodeJwt } from 'jose';
import type { ProviderFetch } from './provider-fetch.ts';

/**
 * openid-client refuses an ID token of several audiences that has no `azp`, as OIDC Core did before its errata
 * set 2. Such a token is shown to it with our audience alone, so that it judges all the rest; signature and
 * claims are read of the token as it came, which is `original`.
 */
export class ShownIdToken {
  readonly #clientId: string;
  #shown: string | undefined;
  #came: string | undefined;

  constructor(clientId: string) {
    this.#clientId = clientId;
  }

  around(fetch: ProviderFetch): ProviderFetch {
    return async (url, init) => {
      const response = await fetch(url, init);
      const body = (await response
        .clone()
        .json()
        .catch(() => null)) as Readonly<Record<string, unknown>> | null;
      const token = body?.['id_token'];
      const shown = typeof token === 'string' ? this.#withOneAudience(token) : undefined;
      if (shown === undefined) return response;
      this.#came = token as string;
      this.#shown = shown;
      const { status, headers } = response;
      return new Response(JSON.stringify({ ...body, id_token: shown }), { status, headers });
    };
  }

  /** The token that came, where openid-client saw another. */
  original(idToken: string): string {
    return idToken === this.#shown ? this.#came! : idToken;
  }

  /** Undefined: there is no need. */
  #withOneAudience(token: string): string | undefined {
    try {
      const claims = decodeJwt(token);
      const { aud, azp } = claims;
      if (!Array.isArray(aud) || azp !== undefined || !aud.includes(this.#clientId))
        return undefined;
      const text = stringifyJson({ ...claims, aud: this.#clientId });
      const [header, , signature] = token.split('.');
      return [header, Buffer.from(text).toString('base64url'), signature].join('.');
    } catch {
      return undefined;
    }
  }
}
