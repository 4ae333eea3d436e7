/** Why a token is not accepted. `detail` is for operators and never holds a credential. */
export interface Denial {
  readonly kind: 'denial';
  readonly code: `jwt.${string}`;
  readonly detail?: string;
}

export function denial(code: Denial['code'], detail?: string): Denial {
  return detail === undefined ? { kind: 'denial', code } : { kind: 'denial', code, detail };
}

/** True for a Denial, whatever else it could have been. */
export function isDenial(value: object): value is Denial {
  return 'kind' in value && value.kind === 'denial';
}
