import { parseAddressBlock } from '../../core/address-list.ts';
import { quoted } from '../issues/schema-issues.ts';
import type { Findings } from '../issues/issue.ts';
import { itemsOf, nodeAt, textOf } from '../source/source.ts';
import type { Path } from '../source/source.ts';
import type { WrittenSet } from './written-set.ts';

/** Lists of those whose word about others is taken. */
const TRUSTING: readonly Path[] = [
  ['gateway', 'trustedProxies'],
  ['gateway', 'trustedProxies', 'from'],
  ['gateway', 'listen', 'proxyProtocol', 'from'],
];

/** A block of length 0 is everybody, and then each client says itself who it is (W313). */
export function checkAddresses({ root }: WrittenSet, findings: Findings): void {
  for (const list of TRUSTING) {
    for (const [index, node] of itemsOf(nodeAt(root, list)).entries()) {
      const text = textOf(node) ?? '';
      if (parseAddressBlock(text)?.bits !== 0) continue;
      const message = `${quoted(text)} trusts everybody: any client can say that it is another`;
      const hint = 'name the addresses of your proxies';
      findings.add({ code: 'W313', message, hint, path: [...list, index], at: node.span });
    }
  }
}
