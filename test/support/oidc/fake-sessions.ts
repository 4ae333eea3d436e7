import { randomBytes } from 'node:crypto';
import { COOKIE_PREFIX } from '../../../src/plugin/contract.ts';
import { wellFormed } from '../../../src/session/malformed-identity.ts';
import type { Context, Identity, Json, RequestView } from '../../../src/plugin/contract.ts';

interface Kept {
  readonly provider: string;
  readonly identity: Identity;
  readonly data: Json;
  readonly sid: string | undefined;
}

/**
 * The session service of several replicas, as the contract promises it: an opaque cookie, data beside
 * it, revocation by any of its names. `isLate` makes every look-up a promise.
 */
export class FakeSessions {
  isLate = false;
  isDown = false;
  readonly #kept = new Map<string, Kept>();

  get count(): number {
    return this.#kept.size;
  }

  of(provider: string): Context['sessions'] {
    const cookie = `${provider}.session`;
    return {
      open: async ({ identity, data, replaces, sid }) => {
        this.#check();
        const id = randomBytes(16).toString('base64url');
        const own = { ...wellFormed(identity), session: id };
        if (replaces !== undefined) this.#kept.delete(replaces);
        this.#kept.set(id, { provider, identity: own, data: clone(data), sid });
        return { id, setCookies: [{ name: cookie, value: id }] };
      },
      current: (request) => {
        const found = (): ReturnType<FakeSessions['find']> => this.find(request, provider);
        if (!this.isLate && !this.isDown) return found();
        return new Promise((resolve) => setImmediate(resolve)).then(() => {
          this.#check();
          return found();
        });
      },
      update: async (id, change, identity) => {
        this.#check();
        const before = this.#kept.get(id);
        if (before === undefined) throw new Error('the session has ended');
        const after = { ...before, data: clone(change(before.data)) };
        this.#kept.set(id, {
          ...after,
          identity:
            identity === undefined ? before.identity : { ...wellFormed(identity), session: id },
        });
        return { setCookies: [] };
      },
      revoke: async ({ session, subject, issuer, sid }) => {
        this.#check();
        const ended = [...this.#kept].filter(
          ([id, kept]) =>
            kept.provider === provider &&
            (session === undefined || id === session) &&
            (subject === undefined || kept.identity.subject === subject) &&
            (issuer === undefined || kept.identity.issuer === issuer) &&
            (sid === undefined || kept.sid === sid),
        );
        for (const [id] of ended) this.#kept.delete(id);
        return ended.length;
      },
      clear: () => [{ name: cookie, value: '', maxAgeSeconds: 0 }],
    };
  }

  find(request: RequestView, provider: string) {
    const id = request.cookies.get(`${COOKIE_PREFIX}${provider}.session`) ?? '';
    const kept = this.#kept.get(id);
    if (kept === undefined || kept.provider !== provider) return undefined;
    return { id, identity: kept.identity, data: kept.data };
  }

  /** What the service keeps, in order of opening. */
  all(): readonly { readonly identity: Identity; readonly data: Json }[] {
    return [...this.#kept.values()];
  }

  #check(): void {
    if (this.isDown) throw new Error('the store is down');
  }
}

function clone(data: Json): Json {
  return JSON.parse(JSON.stringify(data)) as Json;
}
