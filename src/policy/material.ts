import { join } from 'node:path';
import { Secret } from '../core/secret.ts';
import type { PolicyDirectory } from './files.ts';
import type { Findings } from './issue.ts';
import type { PemResult, PemTrouble } from './pem.ts';
import {
  checkPair,
  checkStrength,
  checkUsable,
  dnsNamesOf,
  readCertificates,
  readPrivateKey,
} from './pem.ts';
import type { CertificateSource, TlsClientCredentials } from './snapshot.ts';
import type { MapNode, Path, SourceNode } from './source.ts';
import { childOf, nodeAt, textOf, tokenSpanAt } from './source.ts';

/**
 * Reads the certificates and keys that a policy names and checks them: what the gateway will need is in
 * the snapshot, or the set is refused (R-54: a missing file never means "off").
 */
export class Material {
  readonly #root: MapNode;
  readonly #directory: PolicyDirectory;
  readonly #replaced: ReadonlyMap<SourceNode, string>;
  readonly #findings: Findings;

  constructor(context: {
    readonly root: MapNode;
    readonly directory: PolicyDirectory;
    readonly replaced: ReadonlyMap<SourceNode, string>;
    readonly findings: Findings;
  }) {
    this.#root = context.root;
    this.#directory = context.directory;
    this.#replaced = context.replaced;
    this.#findings = context.findings;
  }

  /** A server certificate, from a folder or a pair; undefined when something was reported. */
  async serverCertificate(
    path: Path,
    options: { readonly needsName: boolean },
  ): Promise<CertificateSource | undefined> {
    const folder = this.textAt(path);
    const isFolder = folder !== undefined;
    const certFile = isFolder ? join(folder, 'tls.crt') : this.textAt([...path, 'cert']);
    const keyFile = isFolder ? join(folder, 'tls.key') : this.textAt([...path, 'key']);
    if (certFile === undefined || keyFile === undefined) return undefined;
    const certPath = isFolder ? path : [...path, 'cert'];
    const keyPath = isFolder ? path : [...path, 'key'];
    if (isFolder && (await this.#directory.list(folder)) === undefined) {
      this.report(path, { code: 'E204', reason: 'is not a folder' }, this.#directory.shown(folder));
      return undefined;
    }
    const certPem = await this.read(certFile, certPath);
    const keyPem = await this.read(keyFile, keyPath);
    if (certPem === undefined || keyPem === undefined) return undefined;
    const chain = this.#take(readCertificates(certPem), certFile, certPath);
    const key = this.#take(readPrivateKey(keyPem), keyFile, keyPath);
    if (chain === undefined || key === undefined) return undefined;
    const leaf = chain[0]!;
    const names = dnsNamesOf(leaf);
    const isGood = [
      this.#check(checkPair(leaf, key), keyFile, keyPath),
      this.#check(checkStrength(leaf), certFile, certPath),
      this.#check(options.needsName ? withoutName(names) : undefined, certFile, certPath),
    ].every(Boolean);
    if (!isGood) return undefined;
    if (!this.#check(checkUsable(certPem, keyPem), certFile, certPath)) return undefined;
    return { certFile, keyFile, certPem, keyPem: new Secret(keyPem), names };
  }

  /** `{ ca, cert, key, serverName }` of a client; undefined when something was reported. */
  async clientCredentials(path: Path): Promise<TlsClientCredentials | undefined> {
    const caPem = await this.#authorities([...path, 'ca']);
    const certFile = this.textAt([...path, 'cert']);
    const keyFile = this.textAt([...path, 'key']);
    if ((certFile === undefined) !== (keyFile === undefined)) {
      const [has, lacks] = certFile === undefined ? ['key', 'cert'] : ['cert', 'key'];
      this.report(
        [...path, has],
        { code: 'E103', reason: `needs "${lacks}" beside it` },
        `"${has}"`,
      );
      return undefined;
    }
    const serverName = this.textAt([...path, 'serverName']);
    if (certFile === undefined || keyFile === undefined) {
      if (caPem === undefined) return undefined;
      return { caPem, certPem: undefined, keyPem: undefined, serverName };
    }
    const pair = await this.#clientPair(path, certFile, keyFile);
    return pair === undefined || caPem === undefined ? undefined : { caPem, ...pair, serverName };
  }

  /** Whether certificate and key in memory are fit for a router; complains at `path`. */
  checkCredentials(credentials: TlsClientCredentials, what: string, path: Path): boolean {
    const authorities = this.#take(readCertificates(credentials.caPem), `${what}: ca.crt`, path);
    const chain = this.#take(readCertificates(credentials.certPem ?? ''), `${what}: tls.crt`, path);
    const key = this.#take(
      readPrivateKey(credentials.keyPem?.reveal() ?? ''),
      `${what}: tls.key`,
      path,
    );
    if (authorities === undefined || chain === undefined || key === undefined) return false;
    if (!this.#check(checkPair(chain[0]!, key), `${what}: tls.key`, path)) return false;
    const keyPem = credentials.keyPem?.reveal() ?? '';
    return this.#check(checkUsable(credentials.certPem ?? '', keyPem), `${what}: tls.crt`, path);
  }

  /** The text at a place, after references and with absolute paths. */
  textAt(path: Path): string | undefined {
    const node = nodeAt(this.#root, path);
    return node === undefined ? undefined : (this.#replaced.get(node) ?? textOf(node));
  }

  has(path: Path): boolean {
    return childOf(nodeAt(this.#root, path.slice(0, -1)), path.at(-1)!) !== undefined;
  }

  async read(file: string, path: Path): Promise<string | undefined> {
    const text = await this.#directory.read(file);
    if (text.kind === 'text') return text.text;
    this.report(path, { code: 'E204', reason: text.reason }, this.#directory.shown(file));
    return undefined;
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

  async #authorities(path: Path): Promise<string | undefined> {
    const file = this.textAt(path);
    if (file === undefined) return undefined;
    const pem = await this.read(file, path);
    if (pem === undefined) return undefined;
    return this.#take(readCertificates(pem), file, path) === undefined ? undefined : pem;
  }

  async #clientPair(path: Path, certFile: string, keyFile: string) {
    const certPath = [...path, 'cert'];
    const keyPath = [...path, 'key'];
    const certPem = await this.read(certFile, certPath);
    const keyPem = await this.read(keyFile, keyPath);
    if (certPem === undefined || keyPem === undefined) return undefined;
    const chain = this.#take(readCertificates(certPem), certFile, certPath);
    const key = this.#take(readPrivateKey(keyPem), keyFile, keyPath);
    if (chain === undefined || key === undefined) return undefined;
    if (!this.#check(checkPair(chain[0]!, key), keyFile, keyPath)) return undefined;
    if (!this.#check(checkUsable(certPem, keyPem), certFile, certPath)) return undefined;
    return { certPem, keyPem: new Secret(keyPem) };
  }

  #take<T>(result: PemResult<T>, file: string, path: Path): T | undefined {
    if (result.kind === 'ok') return result.value;
    this.#check(result.trouble, file, path);
    return undefined;
  }

  #check(trouble: PemTrouble | undefined, file: string, path: Path): boolean {
    if (trouble === undefined) return true;
    this.report(path, trouble, file.startsWith('/') ? this.#directory.shown(file) : file);
    return false;
  }
}

function withoutName(names: readonly string[]): PemTrouble | undefined {
  if (names.length > 0) return undefined;
  return {
    code: 'E208',
    reason: 'names no DNS name in its subjectAltName, so no client could get it',
  };
}
