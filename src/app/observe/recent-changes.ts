import type { LoadedSet } from '../load/load-policy-set.ts';
import { diffPolicies } from '../policy-diff/policy-diff.ts';

type GoodSet = Extract<LoadedSet, { kind: 'ok' }>;

/** What the last reload changed, in words: compared when somebody asks, and once. */
export class RecentChanges {
  #sets: { readonly before: GoodSet; readonly after: GoodSet } | undefined;
  #found: readonly string[] = [];

  note(before: GoodSet, after: GoodSet): void {
    this.#sets = { before, after };
  }

  /** `opens app.example.com/a: asks for no login, before: corp (policies/web.yaml:3:5)`. */
  get list(): readonly string[] {
    if (this.#sets === undefined) return this.#found;
    const [before, after] = [this.#sets.before, this.#sets.after].map(comparable);
    this.#found = diffPolicies(before!, after!).map(
      ({ kind, where, what, position: { file, line, column } }) =>
        `${kind} ${where}: ${what} (${file}:${line}:${column})`,
    );
    this.#sets = undefined;
    return this.#found;
  }
}

function comparable({ snapshot, written }: GoodSet) {
  return { snapshot, written: written() };
}
