import type { ClaimPath } from './claim-path.ts';

/** What a rule does to the fields of one direction. */
export interface FieldRules {
  /** As written, each name once for each of the three. */
  readonly said: readonly SaidField[];
  /** What is taken out of the message that came, folded (`foldFieldName`): `set` and `remove`. */
  readonly removed: ReadonlySet<string>;
  /** What is put in: `set` and `add`. */
  readonly added: readonly AddedField[];
  /** All of `added`, where no value has a placeholder. */
  readonly literals: readonly string[] | undefined;
}

export interface SaidField {
  readonly kind: 'set' | 'add' | 'remove';
  /** Lower case. */
  readonly name: string;
  /** As written, one a line; none for `remove`. */
  readonly texts: readonly string[];
}

export interface AddedField {
  /** Lower case. */
  readonly name: string;
  readonly template: FieldTemplate;
}

/** Literal texts and what stands between them. */
export type FieldTemplate = readonly (string | FieldSource)[];

/** What a placeholder stands for: `{identity.…}`, `{tenant.id}`, `{tenant.tier}`, `{request.id}`, `{request.client.ip}`. */
export type FieldSource = ClaimPath | { readonly kind: 'tier' | 'request-id' | 'client-ip' };
