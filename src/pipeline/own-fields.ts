import { setCookieField } from '../browser/set-cookie.ts';
import { filterFields, hasField } from '../core/header-list.ts';
import type { HeaderList, MutableHeaderList } from '../core/header-list.ts';
import type { Cookie } from '../plugin/contract.ts';
import type { CorsPolicy } from '../policy/snapshot/snapshot.ts';
import { CORS_FIELDS, corsFields } from '../respond/respond.ts';

/** Fields that every final response of one exchange carries, ours or the application's. */
export class OwnFields {
  readonly #fields: MutableHeaderList = [];
  #ownsCors = false;

  get list(): HeaderList {
    return this.#fields;
  }

  /** The policy says who may use the response from elsewhere, not the application. */
  allowOrigins(cors: CorsPolicy, requestHeaders: HeaderList): void {
    this.#ownsCors = true;
    this.#fields.push(...corsFields(cors, requestHeaders));
  }

  setCookie(cookie: Cookie): void {
    this.#fields.push('set-cookie', setCookieField(cookie));
  }

  /** Our CORS fields, and Cache-Control when we set a cookie, replace the application's. */
  joinedTo(headers: HeaderList): HeaderList {
    if (this.#fields.length === 0) return headers;
    // RFC 9111 7.3: a response that sets one person's cookies must not be kept for another.
    const isPersonal = hasField(this.#fields, 'set-cookie');
    const kept = filterFields(
      headers,
      (name) =>
        !(isPersonal && name === 'cache-control') && !(this.#ownsCors && CORS_FIELDS.has(name)),
    );
    if (isPersonal) kept.push('cache-control', 'no-store');
    return [...kept, ...this.#fields];
  }
}
