import { makeIssuerKey, signWith } from '../auth/issuer.ts';
import type { IssuerKey } from '../auth/issuer.ts';

/** Two issuers whose keys stand in the policy; `stranger` is nobody's. */
export const ISSUERS = ['one', 'two', 'stranger'] as const;
type Issuer = (typeof ISSUERS)[number];

export const TOKEN_LIFE_MS = 120_000;

const WHO = {
  plain: { sub: 'u1' },
  'acme-admin': { sub: 'u2', org: 'acme', plan: 'gold', role: 'admin', nickname: 'ada' },
  // No field of a request can hold this nickname.
  'acme-user': { sub: 'u3', org: 'acme', plan: 'free', role: 'user', nickname: 'a\nb' },
  globex: { sub: 'u4', org: 'globex', plan: 'nonesuch', role: ['user', 'admin'] },
} as const;

/** What a generated request may present; `none` and `garbage` are no tokens of anybody. */
export const PRESENTED: readonly string[] = [
  'none',
  'none',
  'garbage',
  ...ISSUERS.flatMap((issuer) => Object.keys(WHO).map((who) => `${issuer} ${who} good`)),
  'one acme-user expired',
  'two globex expired',
  'one plain other-audience',
  'one acme-admin basic',
];

/** Keys and tokens, made once: signing costs more than what is tested. */
export class Tokens {
  readonly #keys: ReadonlyMap<Issuer, IssuerKey>;
  readonly #fields = new Map<string, string | undefined>();

  private constructor(keys: ReadonlyMap<Issuer, IssuerKey>) {
    this.#keys = keys;
  }

  static async make(nowMs: number): Promise<Tokens> {
    const made = ISSUERS.map(async (issuer) => [issuer, await makeIssuerKey('ES256', issuer)]);
    const tokens = new Tokens(new Map((await Promise.all(made)) as [Issuer, IssuerKey][]));
    for (const name of PRESENTED) tokens.#fields.set(name, await tokens.#field(name, nowMs));
    return tokens;
  }

  /** The value of the Authorization field; undefined: none is sent. */
  field(name: string): string | undefined {
    return this.#fields.get(name);
  }

  /** The `providers` of a policy: the first two issuers, with their keys in it. */
  get providers(): object {
    return Object.fromEntries(
      ISSUERS.slice(0, 2).map((name) => [
        name,
        {
          plugin: 'jwt',
          issuer: issuerOf(name),
          audience: 'app',
          jwks: { keys: [this.#keys.get(name)!.jwk] },
        },
      ]),
    );
  }

  async #field(name: string, nowMs: number): Promise<string | undefined> {
    if (name === 'none') return undefined;
    if (name === 'garbage') return 'Bearer not.a.token';
    const [issuer, who, state] = name.split(' ') as [Issuer, keyof typeof WHO, string];
    const now = Math.floor(nowMs / 1000);
    const exp = now + (state === 'expired' ? -3600 : TOKEN_LIFE_MS / 1000);
    const aud = state === 'other-audience' ? 'elsewhere' : 'app';
    const claims = { ...WHO[who], iss: issuerOf(issuer), aud, iat: now - 7200, exp };
    const token = await signWith(this.#keys.get(issuer)!, claims);
    return state === 'basic' ? `Basic ${token}` : `Bearer ${token}`;
  }
}

function issuerOf(name: Issuer): string {
  return `https://${name}.example.test`;
}
