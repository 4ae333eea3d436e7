import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import { materialText } from '../../core/material-text.ts';
import { printable } from '../issues/printable.ts';
import { factsOf } from './file-facts.ts';
import type { Facts } from './file-facts.ts';

/** What came of reading one file: its text, or the reason in the words of an operator. */
export type FileText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unread'; readonly reason: string; readonly isTooLarge?: boolean };

/** Certificates, keys and link files are a few KiB; 1 MiB keeps a wrong path from filling memory. */
const MAX_FILE_BYTES = 1024 * 1024;

/** The directory of a set: relative paths start here. */
export class PolicyDirectory {
  readonly path: string;
  readonly #cwd: string;
  readonly #facts = new Map<string, string>();
  readonly #digests = new Map<string, string>();

  constructor(path: string, cwd: string) {
    this.#cwd = resolve(cwd);
    this.path = resolve(cwd, path);
  }

  absolute(path: string): string {
    return resolve(this.path, path);
  }

  /** As the user would write it where the command was run. */
  shown(path: string): string {
    const below = relative(this.#cwd, this.absolute(path));
    if (below === '') return '.';
    // A name is whatever somebody called a file, and goes to terminals and logs.
    return printable(below.startsWith('..') || isAbsolute(below) ? this.absolute(path) : below);
  }

  /** The state of every file and folder that was read for the set, from before it was read. */
  get facts(): Facts {
    return this.#facts;
  }

  /** SHA-256 of everything that was read for the set, policy files apart, by absolute path. */
  get digests(): ReadonlyMap<string, string> {
    return this.#digests;
  }

  /** Notes the state of a file or folder that is about to be read; the first note counts. */
  async note(path: string): Promise<void> {
    const absolute = this.absolute(path);
    if (!this.#facts.has(absolute)) this.#facts.set(absolute, await factsOf(absolute));
  }

  /** `maxBytes`: octets. Default: 1 MiB. */
  async read(path: string, maxBytes = MAX_FILE_BYTES): Promise<FileText> {
    await this.note(path);
    return this.#digested(path, await readWith(this.absolute(path), maxBytes, utf8));
  }

  /** A certificate or key: what is not UTF-8 is judged by whoever wants PEM. */
  async readMaterial(path: string): Promise<FileText> {
    await this.note(path);
    return this.#digested(path, await readWith(this.absolute(path), MAX_FILE_BYTES, materialText));
  }

  /** Any file, an octet a character (latin1). `maxBytes`: octets. */
  async readOctets(path: string, maxBytes: number): Promise<FileText> {
    await this.note(path);
    const octets = await readWith(this.absolute(path), maxBytes, (bytes) =>
      bytes.toString('latin1'),
    );
    return this.#digested(path, octets);
  }

  #digested(path: string, file: FileText): FileText {
    const said = file.kind === 'text' ? file.text : file.reason;
    this.#digests.set(this.absolute(path), createHash('sha256').update(said).digest('hex'));
    return file;
  }

  /** Names in a directory, sorted; undefined when the path is not a directory. */
  async list(path: string): Promise<readonly string[] | undefined> {
    await this.note(path);
    try {
      return (await readdir(this.absolute(path))).sort();
    } catch {
      return undefined;
    }
  }
}

/** Reads at most `maxBytes`, UTF-8 only; a larger or other file is refused with the reason. */
export function readText(path: string, maxBytes: number): Promise<FileText> {
  return readWith(path, maxBytes, utf8);
}

function utf8(octets: Buffer): string {
  if (isUtf16(octets)) throw new UnfitText('is UTF-16 text; save it as UTF-8');
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(octets);
}

class UnfitText extends Error {}

async function readWith(
  path: string,
  maxBytes: number,
  decode: (octets: Buffer) => string,
): Promise<FileText> {
  try {
    const facts = await stat(path);
    if (!facts.isFile())
      return { kind: 'unread', reason: `is ${kindOf(facts)}, not a regular file` };
    const bytes = await readAtMost(path, maxBytes + 1);
    if (bytes.length > maxBytes) {
      return { kind: 'unread', reason: `is larger than ${maxBytes} octets`, isTooLarge: true };
    }
    return { kind: 'text', text: decode(bytes) };
  } catch (error) {
    const reason = error instanceof UnfitText ? error.message : reasonOf(error);
    return { kind: 'unread', reason };
  }
}

function kindOf(facts: Stats): string {
  if (facts.isDirectory()) return 'a folder';
  if (facts.isFIFO()) return 'a pipe';
  if (facts.isSocket()) return 'a socket';
  return 'a device';
}

/** By its byte order mark, or by a NUL in its first character, which no text of UTF-8 has. */
function isUtf16(bytes: Buffer): boolean {
  if (bytes.length < 2) return false;
  const [first, second] = bytes;
  return (
    (first === 0xff && second === 0xfe) ||
    (first === 0xfe && second === 0xff) ||
    (first === 0) !== (second === 0)
  );
}

async function readAtMost(path: string, maxBytes: number): Promise<Buffer> {
  await using file = await open(path, 'r');
  const buffer = Buffer.alloc(maxBytes);
  let length = 0;
  while (length < maxBytes) {
    const { bytesRead } = await file.read(buffer, length, maxBytes - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
  EISDIR: 'is a directory',
  ELOOP: 'is a loop of symbolic links',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'is not UTF-8 text',
};

export function reasonOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return (typeof code === 'string' && REASONS[code]) || `cannot be read (${String(code ?? error)})`;
}
