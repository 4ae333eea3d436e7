import type { EndpointRequest } from 'fairlead/plugin';
import type { Seal } from './attempt.ts';
import { LIMITS } from '../limits.ts';
import { readForm, readParameters } from './parameters.ts';
import type { Parameters } from './parameters.ts';

const RULES = {
  known: ['state', 'code', 'iss', 'error', 'error_description', 'session_state'],
  // Only the code flow exists here (A1): a token in a callback is somebody's attempt at another.
  refused: ['id_token', 'access_token', 'token', 'response'],
} as const;
const POSTED = 'posted';

/**
 * What the provider sends the browser back with, in the query or in a form (OAuth 2.0 Form Post Response
 * Mode). The form comes from the provider's site, so no session cookie is with it; it goes on, sealed, in
 * an address of ours, to which the browser brings them all.
 */
export class Answers {
  readonly #seal: Seal;
  readonly #isPosted: boolean;

  constructor(seal: Seal, isPosted: boolean) {
    this.#seal = seal;
    this.#isPosted = isPosted;
  }

  /** From the address. Rejects when the store is down. */
  async read({ url }: EndpointRequest): Promise<Parameters> {
    if (!this.#isPosted) return readParameters(url.search, RULES);
    const rules = { known: [POSTED], limit: LIMITS.postedCharacters };
    const carried = readParameters(url.search, rules);
    if ('fault' in carried) return carried;
    const answer = await this.#seal.open(POSTED, carried.get(POSTED) ?? '');
    return answer === undefined
      ? { fault: 'there is no answer that was posted here' }
      : new Map(answer);
  }

  /** From the form itself. */
  async readForm(request: EndpointRequest): Promise<Parameters> {
    const form = await readForm(request.headers, () => request.body());
    return form === undefined ? { fault: 'the body is not a form' } : readParameters(form, RULES);
  }

  /** The query under which `read` finds it again; undefined when it makes too long an address. */
  async carry(answer: ReadonlyMap<string, string>): Promise<string | undefined> {
    const sealed = await this.#seal.close(POSTED, [...answer]);
    return sealed.length > LIMITS.postedCharacters ? undefined : `?${POSTED}=${sealed}`;
  }
}
