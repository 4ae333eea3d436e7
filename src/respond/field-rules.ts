import { foldFieldName } from '../core/fields/fold-field-name.ts';
import { filterFields } from '../core/header-list.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { FieldRules } from '../policy/snapshot/snapshot.ts';

/** The fields of a response as its rule wants them: without what it names, and with what `evaluate` made of the rest. */
export function ruledFields(
  headers: HeaderList,
  rules: FieldRules | undefined,
  added: HeaderList,
): HeaderList {
  if (rules === undefined) return headers;
  return [...unruledFields(headers, rules), ...added];
}

/** Without what the rule sets or removes: where nothing may be put in, as in trailers and interim responses. */
export function unruledFields(headers: HeaderList, rules: FieldRules | undefined): HeaderList {
  if (rules === undefined || rules.removed.size === 0) return headers;
  return filterFields(headers, (name) => !rules.removed.has(foldFieldName(name)));
}
