import { stringifyJson } from 'fairlead/plugin';

/** Why a token is not accepted. `detail` is for operators and never holds a credential. */
export interface Denial {
  readonly kind: 'denial';
  readonly code: `jwt.${string}`;
  readonly detail?: string;
}

const MAX_SHOWN = 80;

export function denial(code: Denial['code'], detail?: string): Denial {
  return detail === undefined ? { kind: 'denial', code } : { kind: 'denial', code, detail };
}

/** True for a Denial, whatever else it could have been. */
export function isDenial(value: object): value is Denial {
  return 'kind' in value && value.kind === 'denial';
}

/** A value from a token for an operator's eyes: escaped and short. */
export function shown(value: unknown): string {
  const text = stringifyJson(value) ?? 'nothing';
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}
