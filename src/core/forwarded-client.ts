import type { AddressList } from './address-list.ts';
import { fieldValues } from './header-list.ts';
import type { HeaderList } from './header-list.ts';
import { readForwardedHop, readListedHop, splitForwarded, splitList } from './forwarded-hops.ts';

/** Whose word about a client counts, and in which field it stands. */
export interface TrustedProxies {
  readonly from: AddressList;
  readonly field: 'x-forwarded-for' | 'forwarded';
}

/** A chain of proxies has a few; what is longer was made up, and each hop costs a look into the list. */
const MAX_HOPS = 50;

const FORMS = {
  'x-forwarded-for': { split: splitList, read: readListedHop },
  forwarded: { split: splitForwarded, read: readForwardedHop },
} as const;

/**
 * On whose account a request goes that came from `peer`: the first address from the right that no trusted proxy
 * has. The right end was written last, by our neighbour; what stands left of an untrusted hop is that hop's claim
 * and is not read. A hop that is no address ends the walk at the last one that is.
 */
export function forwardedClient(
  peer: string,
  headers: HeaderList,
  trusted: TrustedProxies | undefined,
): string {
  if (trusted === undefined || !trusted.from.has(peer)) return peer;
  const { split, read } = FORMS[trusted.field];
  let client = peer;
  let walked = 0;
  for (const line of fieldValues(headers, trusted.field).toReversed()) {
    for (const member of split(line)) {
      const hop = walked < MAX_HOPS ? read(member) : undefined;
      if (hop === undefined) return client;
      walked += 1;
      client = hop;
      if (!trusted.from.has(client)) return client;
    }
  }
  return client;
}
