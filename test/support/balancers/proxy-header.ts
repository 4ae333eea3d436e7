import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Headers of the PROXY protocol, as a balancer writes them. */

export function version1(address: string, port: number): Buffer {
  const [family, target] = isIP(address) === 4 ? ['TCP4', '192.0.2.2'] : ['TCP6', '2001:db8::2'];
  return Buffer.from(`PROXY ${family} ${address} ${target} ${port} 443\r\n`, 'latin1');
}

export interface Version2Options {
  readonly command?: number;
  readonly family?: number;
  /** Extensions. */
  readonly more?: Uint8Array;
}

export function version2(address: string, port: number, options: Version2Options = {}): Buffer {
  const octets = Buffer.from(ipaddr.parse(hexadecimal(address)).toByteArray());
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(port, 0);
  ports.writeUInt16BE(443, 2);
  const { command = 0x21, family = octets.length === 4 ? 0x11 : 0x21, more = [] } = options;
  const body = Buffer.concat([octets, octets, ports, Uint8Array.from(more)]);
  const head = Buffer.from([
    ...Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'),
    command,
    family,
    0,
    0,
  ]);
  head.writeUInt16BE(body.length, 14);
  return Buffer.concat([head, body]);
}

/** ipaddr.js takes `::192.0.2.1` for `::ffff:192.0.2.1`, so it is given no dots. */
function hexadecimal(address: string): string {
  return isIP(address) === 4 ? address : new URL(`http://[${address}]`).hostname.slice(1, -1);
}
