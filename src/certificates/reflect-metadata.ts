/**
 * The few functions of the Reflect metadata proposal that @peculiar/x509 (through tsyringe) demands to be
 * there before it loads. Import it ahead of that library. Metadata lives beside its target, by key.
 */
const store = new WeakMap<object, Map<unknown, unknown>>();

function ownMetadata(key: unknown, target: object): unknown {
  return store.get(target)?.get(key);
}

function inheritedMetadata(key: unknown, target: object): unknown {
  for (let holder: object | null = target; holder; holder = Object.getPrototypeOf(holder)) {
    if (store.get(holder)?.has(key)) return ownMetadata(key, holder);
  }
  return undefined;
}

function defineMetadata(key: unknown, value: unknown, target: object): void {
  const entries = store.get(target) ?? new Map<unknown, unknown>();
  store.set(target, entries.set(key, value));
}

Object.assign(Reflect, {
  defineMetadata,
  getMetadata: inheritedMetadata,
  getOwnMetadata: ownMetadata,
  hasMetadata: (key: unknown, target: object) => inheritedMetadata(key, target) !== undefined,
  hasOwnMetadata: (key: unknown, target: object) => ownMetadata(key, target) !== undefined,
  metadata: (key: unknown, value: unknown) => (target: object) => {
    defineMetadata(key, value, target);
  },
});
