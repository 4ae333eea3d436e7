import type { EffectiveRule, Said } from '../rules/effective-rule.ts';
import { RULE_FIELDS } from '../schema/schema.ts';
import type { Origin, SourcePosition } from '../snapshot/snapshot.ts';
import type { Path } from '../source/source.ts';
import { writtenText } from '../source/written-text.ts';

/** Where each value of a rule was written; a field that no level says has none. */
export function originsOf(
  { fields }: EffectiveRule,
  positionOf: (path: Path) => SourcePosition,
): readonly Origin[] {
  return RULE_FIELDS.flatMap((field) => {
    const { said, reset } = fields.get(field.name) ?? NOTHING;
    const decided = said.length === 0 && reset !== undefined ? [reset] : said;
    return decided.map((each) => ({
      field: field.joining === 'names' ? namedField(field.name, each) : field.name,
      level: each.level,
      profile: each.level === 'profile' ? String(each.path[1]) : undefined,
      text: writtenText(each.node),
      position: positionOf(each.path),
    }));
  });
}

const NOTHING = { said: [], reset: undefined };

/** `headers.identity.x-org`, or the mapping itself where a `null` stands for it; of a list the list. */
function namedField(name: string, { path, node }: Said): string {
  const step = path.at(-1);
  const isWhole = (node.kind === 'scalar' && node.value === null) || typeof step === 'number';
  return isWhole ? name : `${name}.${step}`;
}
