/**
 * Freezes plain objects, arrays, maps and sets to the leaves. Instances of classes are left as they are:
 * a plugin's options may hold a URL or a key. Returns its argument.
 */
export function deepFreeze<T>(value: T): T {
  freeze(value, new Set());
  return value;
}

function freeze(value: unknown, seen: Set<unknown>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Map) {
    for (const [key, inner] of value) {
      freeze(key, seen);
      freeze(inner, seen);
    }
    sealCollection(value, ['set', 'delete', 'clear']);
  } else if (value instanceof Set) {
    for (const inner of value) freeze(inner, seen);
    sealCollection(value, ['add', 'delete', 'clear']);
  } else if (Array.isArray(value) || isPlain(value)) {
    for (const inner of Object.values(value)) freeze(inner, seen);
    Object.freeze(value);
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Object.freeze does not reach the entries of a collection, so its changing methods are taken away. */
function sealCollection(collection: object, methods: readonly string[]): void {
  for (const method of methods) Object.defineProperty(collection, method, { value: refuseChange });
  Object.freeze(collection);
}

function refuseChange(): never {
  throw new TypeError('a frozen collection cannot be changed');
}
