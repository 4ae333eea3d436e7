import type { AddressRule } from '../../policy/snapshot/snapshot.ts';
import type { Difference } from './change.ts';

type List = readonly string[] | undefined;

/** What rules of route and path say of addresses, each compared with the one at the same place. */
export function ruleAddressDifferences(
  before: readonly AddressRule[] | undefined,
  after: readonly AddressRule[] | undefined,
): readonly Difference[] {
  const [old, now] = [byPlace(before), byPlace(after)];
  return [...new Set([...now.keys(), ...old.keys()])].flatMap((place) => {
    const [was, is] = [old.get(place), now.get(place)];
    return [
      ...allowDifferences(was?.allow?.texts, is?.allow?.texts),
      ...denyDifferences(was?.deny?.texts, is?.deny?.texts),
    ];
  });
}

/** Another name of the route is no difference. */
function byPlace(rules: readonly AddressRule[] = []): ReadonlyMap<string, AddressRule> {
  return new Map(rules.map((rule) => [rule.name.replace(/^routes\.[^.[]+/, ''), rule]));
}

/** Undefined lets everybody in. */
export function allowDifferences(before: List, after: List): readonly Difference[] {
  if (before === undefined && after === undefined) return [];
  if (before === undefined) return [closes(`only takes clients of ${after!.join(', ')}`)];
  if (after === undefined) {
    return [opens(`takes clients of any address, before: of ${before.join(', ')}`)];
  }
  return [
    ...added(before, after).map((each) => opens(`takes clients of ${each}`)),
    ...added(after, before).map((each) => closes(`no longer takes clients of ${each}`)),
  ];
}

export function denyDifferences(before: List = [], after: List = []): readonly Difference[] {
  return [
    ...added(after, before).map((each) => opens(`no longer refuses clients of ${each}`)),
    ...added(before, after).map((each) => closes(`refuses clients of ${each}`)),
  ];
}

function added(before: readonly string[], after: readonly string[]): readonly string[] {
  return after.filter((each) => !before.includes(each));
}

function opens(what: string): Difference {
  return { kind: 'opens', what };
}

function closes(what: string): Difference {
  return { kind: 'closes', what };
}
