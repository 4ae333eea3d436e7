/**
 * A value, or the promise of one where something had to be waited for. The request path takes the
 * value in the same turn when it is there.
 */
export type Maybe<T> = T | Promise<T>;

/** `next` on the value: at once, or when the promise resolves. */
export function andThen<T, U>(value: Maybe<T>, next: (value: T) => Maybe<U>): Maybe<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
