import { decodeOctets, isCleanText } from './percent.ts';

/** Runs of encoded octets, so that each is read as UTF-8 together. */
const ENCODED_RUN = /(?:%[0-9A-Fa-f]{2})+/g;

/**
 * What applications make of a normalised path, decoded, the most literal reading first: an encoded slash
 * is data or a slash; parameters (`;`, RFC 3986 3.3) stay, go, or end the path; empty segments stay or go;
 * what is encoded twice is decoded once or twice. Undefined: the second decoding is not clean UTF-8.
 */
export function readingsOf(path: string, decoded: string): readonly string[] | undefined {
  const twice = decodeAgain(decoded);
  if (twice === undefined) return undefined;
  const texts = new Set([withoutSlashes(path), decoded, twice]);
  // Servlet containers drop parameters, then decode: an encoded `;` that is left over is data.
  for (const raw of parameterReadings(path)) texts.add(withoutSlashes(raw)).add(decodeOctets(raw)!);
  const readings = new Set<string>();
  for (const text of texts) {
    for (const stripped of parameterReadings(text)) {
      readings.add(stripped);
      readings.add(stripped.replaceAll(/\/{2,}/g, '/'));
    }
  }
  return [...readings];
}

/** Decoded, with every encoded slash still encoded: one segment stays one. */
function withoutSlashes(path: string): string {
  return decodeOctets(path.replaceAll('%2F', '%252F'))!;
}

function decodeAgain(decoded: string): string | undefined {
  let isUtf8 = true;
  const twice = decoded.replace(ENCODED_RUN, (run) => {
    const text = decodeOctets(run);
    isUtf8 &&= text !== undefined;
    return text ?? run;
  });
  return isUtf8 && isCleanText(twice) ? twice : undefined;
}

function parameterReadings(text: string): readonly string[] {
  const first = text.indexOf(';');
  if (first === -1) return [text];
  return [text, text.replaceAll(/;[^/]*/g, ''), text.slice(0, first)];
}
