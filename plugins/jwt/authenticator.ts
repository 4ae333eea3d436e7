import type { Authenticator, AuthResult, Call, Challenge } from 'fairlead/plugin';
import type { Context, Identity, RequestView, UnclaimedCredential } from 'fairlead/plugin';
import { KeySet, shown, timeLeft } from 'fairlead/plugin/kit';
import type { Algorithm, SigningKey } from 'fairlead/plugin/kit';
import { compactVerify } from 'jose';
import { readBearer } from './token/bearer.ts';
import { issuerDenial, judgeClaims, otherIssuer } from './token/claims.ts';
import { readCompact } from './token/compact.ts';
import type { Compact } from './token/compact.ts';
import { denial, isDenial } from './token/denial.ts';
import type { Denial } from './token/denial.ts';
import { createKeySource } from './key-source.ts';
import type { Options } from './options.ts';
import { Verdicts, digestOf } from './token/verdicts.ts';

const PASS: AuthResult = { kind: 'pass' };

/** The issuer's keys cannot be had, so nobody can tell whether a token is good: 503, not 401. */
class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
  readonly code = 'jwt.keys_unavailable';
}

interface Candidate {
  readonly token: string;
  readonly digest: string;
  readonly compact: Compact;
  readonly identity: Identity;
}

/** Accepts the bearer tokens of one issuer (RFC 6750 2.1, RFC 7519, RFC 8725, RFC 9068). */
export class JwtAuthenticator implements Authenticator<Options> {
  readonly #options: Options;
  readonly #context: Context;
  readonly #verdicts = new Verdicts();
  readonly #keys: KeySet;
  readonly #realm: string;

  constructor(options: Options, context: Context) {
    this.#options = options;
    this.#context = context;
    this.#realm = `Bearer realm="${context.name}"`;
    this.#keys = new KeySet({
      source: createKeySource(options, context),
      algorithms: options.algorithms,
      context,
      onChange: () => this.#verdicts.clear(),
    });
  }

  /** The first load of keys. Resolves also when it failed: tokens then fault until a later one works. */
  async open(): Promise<void> {
    await this.#keys.refresh();
  }

  authenticate(request: RequestView, call: Call): AuthResult | Promise<AuthResult> {
    const bearer = readBearer(request.headers.get('authorization'));
    if (bearer === undefined) return PASS;
    if (bearer.kind === 'denial') return this.#deny(bearer);
    const digest = digestOf(bearer.token);
    const known = this.#verdicts.get(digest, this.#now());
    if (known === undefined || !this.#keys.isUsable) return this.#judge(bearer.token, digest, call);
    this.#keys.keepFresh();
    return known;
  }

  challenge(): Challenge {
    return { wwwAuthenticate: [this.#realm] };
  }

  /** Tries an issuer that was down again, so that a gateway without requests recovers as well. */
  health(): Promise<{ ok: boolean; detail?: string }> {
    this.#keys.keepFresh();
    const { problem } = this.#keys;
    return Promise.resolve(problem === undefined ? { ok: true } : { ok: false, detail: problem });
  }

  /** Everything that needs no key comes first: most bad tokens cost neither a fetch nor a signature. */
  #judge(token: string, digest: string, call: Call): AuthResult | Promise<AuthResult> {
    const compact = readCompact(token);
    if (isDenial(compact)) return this.#deny(compact);
    const other = otherIssuer(compact, this.#options);
    if (other !== undefined) return this.#leave(issuerDenial(other, this.#options));
    if (!this.#options.algorithms.includes(compact.algorithm as Algorithm)) {
      const allowed = this.#options.algorithms.join(', ');
      const detail = `alg is ${shown(compact.algorithm)}, policy allows ${allowed}`;
      return this.#deny(denial('jwt.algorithm', detail));
    }
    const identity = judgeClaims(compact, this.#options, this.#now());
    if (isDenial(identity)) return this.#deny(identity);
    return this.#verify({ token, digest, compact, identity }, call);
  }

  async #verify(candidate: Candidate, call: Call): Promise<AuthResult> {
    const key = await this.#keyFor(candidate.compact, call);
    if (isDenial(key)) return this.#deny(key);
    try {
      await compactVerify(candidate.token, key.key, {
        algorithms: [candidate.compact.algorithm],
      });
    } catch {
      return this.#deny(denial('jwt.signature', `the signature is not by ${shown(key.keyId)}`));
    }
    return this.#remember(candidate, key);
  }

  /**
   * Waits for new keys less long than the call may last: an unknown `kid` while the issuer hangs is then a denial of
   * that token and not a failure of the provider, which would open its circuit for all.
   */
  async #keyFor({ algorithm, keyId }: Compact, call: Call): Promise<SigningKey | Denial> {
    const limitMs = timeLeft(call, this.#context.clock);
    const key = await this.#keys.findFresh(algorithm, keyId, limitMs);
    if (key === 'unavailable') throw new KeysUnavailable();
    if (key === 'unknown') return denial('jwt.key_unknown', `no ${algorithm} key ${shown(keyId)}`);
    if (key !== 'ambiguous') return key;
    return denial('jwt.key_ambiguous', `several ${algorithm} keys fit kid ${shown(keyId)}`);
  }

  #remember(candidate: Candidate, key: SigningKey): AuthResult {
    const { compact, digest, identity, token } = candidate;
    const result: AuthResult = Object.freeze({ kind: 'identity', identity });
    const nowMs = this.#now();
    // Keys may have changed while the signature was checked: such a verdict is not remembered.
    if (this.#keys.find(compact.algorithm, compact.keyId) === key) {
      const untilMs = identity.expiresAt ?? nowMs;
      this.#verdicts.set(digest, result, { nowMs, untilMs, size: token.length });
    }
    return result;
  }

  #deny(denial: Denial): AuthResult {
    return { kind: 'deny', status: 401, ...this.#answer(denial) };
  }

  /** A token of another issuer is for another provider of the route; when there is none it is refused all the same. */
  #leave(denial: Denial): AuthResult {
    return { kind: 'pass', unclaimed: this.#answer(denial) };
  }

  #answer({ code, detail }: Denial): UnclaimedCredential {
    return {
      reason: detail === undefined ? { code } : { code, detail },
      // RFC 6750 3.1; which rule the token broke is not the client's to know.
      wwwAuthenticate: [`${this.#realm}, error="invalid_token"`],
    };
  }

  #now(): number {
    return this.#context.clock.now();
  }
}
