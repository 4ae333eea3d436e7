import { parseAddressBlock } from '../../core/address-list.ts';
import { quoted } from '../issues/schema-issues.ts';
import type { Findings } from '../issues/issue.ts';
import { itemsOf, nodeAt, textOf } from '../source/source.ts';
import type { Path } from '../source/source.ts';
import type { WrittenSet } from './written-set.ts';

const OF_CLIENTS = 'any client can say that it is another';

/** Lists of those whose word about others is taken. */
const TRUSTING: readonly (readonly [list: Path, consequence: string])[] = [
  [['gateway', 'trustedProxies'], OF_CLIENTS],
  [['gateway', 'trustedProxies', 'from'], OF_CLIENTS],
  [['gateway', 'listen', 'proxyProtocol', 'from'], OF_CLIENTS],
  [
    ['gateway', 'listen', 'plain', 'from'],
    'any client can come without TLS and say that it has it',
  ],
];

/** A block of length 0 is everybody, and then each client says itself who it is, or how it came (W313). */
export function checkAddresses({ root }: WrittenSet, findings: Findings): void {
  for (const [list, consequence] of TRUSTING) {
    for (const [index, node] of itemsOf(nodeAt(root, list)).entries()) {
      const text = textOf(node) ?? '';
      if (parseAddressBlock(text)?.bits !== 0) continue;
      const message = `${quoted(text)} trusts everybody: ${consequence}`;
      const hint = 'name the addresses of your proxies';
      findings.add({ code: 'W313', message, hint, path: [...list, index], at: node.span });
    }
  }
}
