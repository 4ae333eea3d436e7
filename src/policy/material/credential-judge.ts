import type { KeyObject, X509Certificate } from 'node:crypto';
import type { CertificateTerm } from '../../core/certificate-term.ts';
import type { Term } from './certificate-chain.ts';
import {
  checkPair,
  strangersIn,
  termOfAuthorities,
  termOfChain,
  validityTrouble,
} from './certificate-chain.ts';
import type { PolicyDirectory } from '../source/policy-directory.ts';
import type { Findings } from '../issues/issue.ts';
import type { PemResult } from './pem.ts';
import type { PemTrouble } from './pem-trouble.ts';
import { checkUsable, readCertificates, readPrivateKey } from './pem.ts';
import type { MapNode, Path } from '../source/source.ts';
import { pathText, tokenSpanAt } from '../source/source.ts';

/** PEM that was read, where from, and the place in the policy that complaints go to. */
export interface PemFile {
  readonly pem: string;
  /** An absolute path, or words for a place inside another file. */
  readonly file: string;
  readonly path: Path;
}

export interface Pair {
  readonly chain: readonly X509Certificate[];
  readonly key: KeyObject;
}

/** What is wanted of a leaf beside that its key fits: all of it is told. */
export type JudgeLeaf = (leaf: X509Certificate) => readonly (PemTrouble | undefined)[];

/** Judges certificates and keys alike, wherever the policy names them, and keeps when they end. */
export class CredentialJudge {
  readonly #root: MapNode;
  readonly #directory: PolicyDirectory;
  readonly #findings: Findings;
  readonly #nowMs: number;
  readonly #terms = new Map<string, CertificateTerm>();

  constructor(context: {
    readonly root: MapNode;
    readonly directory: PolicyDirectory;
    readonly findings: Findings;
    readonly nowMs: number;
  }) {
    this.#root = context.root;
    this.#directory = context.directory;
    this.#findings = context.findings;
    this.#nowMs = context.nowMs;
  }

  /** When each certificate that was judged can be used, by its place in the policy. */
  get terms(): readonly CertificateTerm[] {
    return [...this.#terms.values()];
  }

  report(path: Path, trouble: PemTrouble, subject: string, hint?: string): void {
    this.#findings.add({
      code: trouble.code,
      message: `${subject} ${trouble.reason}`,
      hint,
      path,
      at: tokenSpanAt(this.#root, path),
    });
  }

  /** Certificate and key of one side; undefined when they cannot be used together. */
  pair(certificate: PemFile, privateKey: PemFile, judgeLeaf?: JudgeLeaf): Pair | undefined {
    const chain = this.take(readCertificates(certificate.pem), certificate);
    const key = this.take(readPrivateKey(privateKey.pem), privateKey);
    if (chain === undefined || key === undefined) return undefined;
    const wrong = checkPair(chain, key);
    const isPair = this.#check(wrong?.trouble, wrong?.file === 'key' ? privateKey : certificate);
    // What comes first is not the leaf then.
    if (wrong?.file === 'certificate') return undefined;
    const leafTroubles = judgeLeaf?.(chain[0]!) ?? [];
    const isGood = leafTroubles.map((trouble) => this.#check(trouble, certificate)).every(Boolean);
    if (!isPair || !isGood) return undefined;
    if (!this.#check(checkUsable(certificate.pem, privateKey.pem), certificate)) return undefined;
    this.#check(strangersIn(chain), certificate);
    this.#noteTerm(certificate, termOfChain(chain));
    return { chain, key };
  }

  /** Authorities whose certificates are believed; false when the file holds none. */
  trust(authorities: PemFile): boolean {
    const certificates = this.take(readCertificates(authorities.pem), authorities);
    if (certificates !== undefined) this.#noteTerm(authorities, termOfAuthorities(certificates));
    return certificates !== undefined;
  }

  /** The value; undefined once the trouble is reported. */
  take<T>(result: PemResult<T>, from: PemFile): T | undefined {
    if (result.kind === 'ok') return result.value;
    this.#check(result.trouble, from);
    return undefined;
  }

  #noteTerm(from: PemFile, term: Term): void {
    const { file, path } = from;
    const place = isPath(file) ? pathText(path) : `${pathText(path)} ${file}`;
    const noted = { place, file: this.#shown(file), ...term };
    this.#terms.set(place, noted);
    this.#check(validityTrouble(noted, this.#nowMs), from);
  }

  #check(trouble: PemTrouble | undefined, { file, path }: PemFile): boolean {
    if (trouble === undefined) return true;
    const shown = this.#shown(file);
    const command = isPath(file) ? trouble.convert?.(shellWord(shown)) : undefined;
    this.report(path, trouble, shown, command && `convert it: ${command}`);
    return false;
  }

  #shown(file: string): string {
    return isPath(file) ? this.#directory.shown(file) : file;
  }
}

function isPath(file: string): boolean {
  return file.startsWith('/');
}

function shellWord(path: string): string {
  return /^[\w./@%+,:=-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
