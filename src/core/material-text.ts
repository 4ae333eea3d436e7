/**
 * The text of a certificate or key file. What is not UTF-8 comes with one character for each octet, so that
 * whoever wants PEM can still say what the file is instead.
 */
export function materialText(octets: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(octets);
  } catch {
    return Buffer.from(octets).toString('latin1');
  }
}
