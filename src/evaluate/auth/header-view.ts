import type { HeaderList } from '../../core/header-list.ts';
import { fieldPairs, fieldValues, hasField } from '../../core/header-list.ts';

/**
 * A read-only `Headers` over the raw field list: what most plugins ask, one field by name, is answered
 * from the list as it is. A real `Headers` is made only for the rest.
 */
export class HeaderView implements Headers {
  readonly #list: HeaderList;
  #whole: Headers | undefined;

  constructor(list: HeaderList) {
    this.#list = list;
  }

  /** All lines of the field, joined as RFC 9110 5.3 does; cookie crumbs as RFC 9113 8.2.3 does. */
  get(name: string): string | null {
    const lowerName = name.toLowerCase();
    const values = fieldValues(this.#list, lowerName);
    return values.length === 0 ? null : values.join(lowerName === 'cookie' ? '; ' : ', ');
  }

  has(name: string): boolean {
    return hasField(this.#list, name.toLowerCase());
  }

  getSetCookie(): string[] {
    return fieldValues(this.#list, 'set-cookie');
  }

  forEach(
    callback: (value: string, name: string, headers: Headers) => void,
    thisArgument?: unknown,
  ): void {
    for (const [name, value] of this) callback.call(thisArgument, value, name, this);
  }

  entries(): ReturnType<Headers['entries']> {
    return this.#all().entries();
  }

  keys(): ReturnType<Headers['keys']> {
    return this.#all().keys();
  }

  values(): ReturnType<Headers['values']> {
    return this.#all().values();
  }

  [Symbol.iterator](): ReturnType<Headers['entries']> {
    return this.entries();
  }

  append(): never {
    throw immutable();
  }

  set(): never {
    throw immutable();
  }

  delete(): never {
    throw immutable();
  }

  #all(): Headers {
    if (this.#whole !== undefined) return this.#whole;
    this.#whole = new Headers(fieldPairs(this.#list));
    return this.#whole;
  }
}

function immutable(): TypeError {
  return new TypeError('the fields of a request cannot be changed by a plugin');
}
