import type { FieldTrait } from '../../core/fields/fields.ts';
import { fieldsThatAre } from '../../core/fields/fields.ts';
import type { FieldSet } from '../../core/fields/field-set.ts';

export type FieldDirection = 'request' | 'response';
export type FieldAct = 'set' | 'add' | 'remove';

interface Guard {
  readonly names: FieldSet;
  readonly of: readonly FieldDirection[];
  /** What may not be done to it. */
  readonly acts: readonly FieldAct[];
  /** The rest of a sentence about the header. */
  readonly why: string;
}

const BOTH: readonly FieldDirection[] = ['request', 'response'];
const ALL: readonly FieldAct[] = ['set', 'add', 'remove'];
const PUT: readonly FieldAct[] = ['set', 'add'];

const guard = (traits: readonly FieldTrait[], rest: Omit<Guard, 'names'>): Guard => ({
  names: fieldsThatAre(...traits),
  ...rest,
});

/** Fields that no rule may touch, and why. The first that fits is told. */
const GUARDS: readonly Guard[] = [
  guard(['framing'], { of: BOTH, acts: ALL, why: 'says where a message ends or whom it is for' }),
  guard(['hop'], {
    of: BOTH,
    acts: ALL,
    why: 'is for one connection alone, and ends at the gateway',
  }),
  guard(['replaced'], { of: ['response'], acts: ALL, why: "is the gateway's own word" }),
  guard(['limit'], { of: ['response'], acts: ALL, why: "is the gateway's own word on limits" }),
  guard(['cors'], { of: ['response'], acts: PUT, why: 'lets other sites in' }),
  guard(['vouched'], {
    of: ['request'],
    acts: ALL,
    why: "says who the client is or which way it came: only the gateway's word counts",
  }),
  guard(['fixed'], {
    of: BOTH,
    acts: ALL,
    why: 'belongs to what the message is, and both ends rely on it',
  }),
  guard(['credential'], {
    of: ['request'],
    acts: PUT,
    why: 'proves who the client is, so it comes from the client or a provider; it may be removed',
  }),
  guard(['session'], {
    of: BOTH,
    acts: PUT,
    why: 'carries sessions, so it is not for a rule to write; it may be removed',
  }),
];

/** Where the policy says it instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  'strict-transport-security': 'write "gateway.hsts"',
  location: 'write "redirect"',
  host: 'write "hostHeader" of the service',
};

/** `name`: lower case, folded. Undefined: a rule may do this to it. */
export function whyNotRuled(
  name: string,
  direction: FieldDirection,
  act: FieldAct,
): readonly [why: string, hint: string | undefined] | undefined {
  const found = GUARDS.find(
    ({ names, of, acts }) => of.includes(direction) && acts.includes(act) && names.has(name),
  );
  if (found === undefined) return undefined;
  const instead = name.startsWith('access-control-') ? 'write "cors"' : INSTEAD[name];
  return [found.why, instead];
}
