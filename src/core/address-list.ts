import { BlockList, isIP, SocketAddress } from 'node:net';

/** One address, or all that begin with the same bits (RFC 4632 3.1). */
export interface AddressBlock {
  /** As it was written. */
  readonly text: string;
  readonly address: string;
  readonly bits: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Blocks of addresses, made once at load. Asking walks the blocks, so the schema allows 1,000 at most. */
export class AddressList {
  readonly blocks: readonly AddressBlock[];
  // Two, because a BlockList takes 10.0.0.1 for ::ffff:10.0.0.1, and so for a part of ::/0.
  readonly #lists = { ipv4: new BlockList(), ipv6: new BlockList() };

  constructor(blocks: readonly AddressBlock[]) {
    this.blocks = blocks;
    for (const { address, bits, family } of blocks) {
      this.#lists[family].addSubnet(address, bits, family);
    }
  }

  /** `address` as `plainAddress` gives it; a zone is not looked at. Any other text is in no list. */
  has(address: string): boolean {
    const zone = address.indexOf('%');
    const bare = zone === -1 ? address : address.slice(0, zone);
    const version = isIP(bare);
    if (version === 0) return false;
    const family = version === 4 ? 'ipv4' : 'ipv6';
    return this.#lists[family].check(bare, family);
  }

  get texts(): readonly string[] {
    return this.blocks.map(({ text }) => text);
  }
}

/**
 * `10.0.0.0/8`, `2001:db8::/32` or one address. Undefined: anything else, also a block with bits set behind its
 * length: whoever writes 10.1.2.3/8 may mean one address or sixteen million.
 */
export function parseAddressBlock(text: string): AddressBlock | undefined {
  const [written, length, more] = text.split('/') as [string, string?, string?];
  const whole = isIP(written) === 4 ? 32 : 128;
  if (more !== undefined || plainAddress(written) === undefined) return undefined;
  if (length !== undefined && !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const bits = length === undefined ? whole : Number(length);
  if (bits > whole) return undefined;
  const block = foldedBlock(written, bits, whole);
  return block !== undefined && isFirst(block) ? { text, ...block } : undefined;
}

/** A block of mapped addresses is one of IPv4; a wider one would be half of each, so it is none. */
function foldedBlock(
  written: string,
  bits: number,
  whole: number,
): Omit<AddressBlock, 'text'> | undefined {
  const address = plainAddress(written)!;
  if (whole === 32 || address.includes(':')) {
    return { address, bits, family: whole === 32 ? 'ipv4' : 'ipv6' };
  }
  return bits < 96 ? undefined : { address, bits: bits - 96, family: 'ipv4' };
}

/** No bit is set behind the length. */
function isFirst({ address, bits, family }: Omit<AddressBlock, 'text'>): boolean {
  const octets = octetsOf(address, family);
  return octets.every((octet, index) => {
    const kept = Math.min(8, Math.max(0, bits - index * 8));
    return (octet & (0xff >> kept)) === 0;
  });
}

function octetsOf(address: string, family: AddressBlock['family']): readonly number[] {
  if (family === 'ipv4') return address.split('.').map(Number);
  const [front = '', back] = address.split('::');
  const [head, tail] = [groupsOf(front), groupsOf(back ?? '')];
  const zeros = Array<number>(16 - head.length - tail.length).fill(0);
  return back === undefined ? head : [...head, ...zeros, ...tail];
}

/** Node prints IPv4 in the last 32 bits of some addresses, such as ::192.0.2.1. */
function groupsOf(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/**
 * The one form of an address: IPv6 as RFC 5952 has it, IPv4 that was mapped into it as IPv4. Undefined for names,
 * brackets, ports and zones.
 */
export function plainAddress(text: string): string | undefined {
  const family = isIP(text);
  if (family === 4) return text;
  if (family === 0 || text.includes('%')) return undefined;
  return foldMapped(new SocketAddress({ address: text, family: 'ipv6' }).address);
}

/** `::ffff:192.0.2.1`, as a dual-stack socket says it, is 192.0.2.1. */
export function foldMapped(address: string): string {
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice(7) : address;
}
