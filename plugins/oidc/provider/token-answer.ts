import type { ProviderFetch } from './provider-fetch.ts';

export interface TokenAnswerParts {
  /** Why the provider said no (RFC 6749 5.2). */
  readonly error?: string;
  readonly refreshToken?: string;
  readonly idToken?: string;
}

/**
 * What a token endpoint answered, as it came: openid-client gives nothing of an answer in which it finds
 * a fault, and a refresh token that is in it replaces the one that was sent (RFC 6749 6).
 */
export class TokenAnswer {
  #response: Response | undefined;

  /** A fetch that keeps its answer for `read`. */
  around(fetch: ProviderFetch): ProviderFetch {
    return async (url, init) => {
      const response = await fetch(url, init);
      this.#response = response.clone();
      return response;
    };
  }

  /** Nothing when there was no answer, or none that can be read. Never rejects. */
  async read(): Promise<TokenAnswerParts> {
    const response = this.#response;
    if (response === undefined) return {};
    try {
      const body = (await response.json()) as Readonly<Record<string, unknown>> | null;
      return response.status === 200 ? tokensOf(body ?? {}) : errorOf(response.status, body ?? {});
    } catch {
      return {};
    }
  }
}

function tokensOf(body: Readonly<Record<string, unknown>>): TokenAnswerParts {
  const { refresh_token: refreshToken, id_token: idToken } = body;
  return {
    ...(isText(refreshToken) && { refreshToken }),
    ...(isText(idToken) && { idToken }),
  };
}

/** A server that failed, or has too much to do, did not look at the token, whatever its body says. */
function errorOf(status: number, { error }: Readonly<Record<string, unknown>>): TokenAnswerParts {
  return status >= 400 && status < 500 && status !== 429 && isText(error) ? { error } : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
