import type { ProviderFetch } from './provider-fetch.ts';

/** The octets of one answer, for whoever reads them otherwise than openid-client does. */
export class RawAnswer {
  #response: Response | undefined;

  /** A fetch that keeps its answer for `text`. */
  around(fetch: ProviderFetch): ProviderFetch {
    return async (url, init) => {
      const response = await fetch(url, init);
      this.#response = response.clone();
      return response;
    };
  }

  async text(): Promise<string> {
    return (await this.#response?.text()) ?? '';
  }
}
