import { join } from 'node:path';
import type { CertificateTerm } from '../../core/certificate-term.ts';
import { Secret } from '../../core/secret.ts';
import { CredentialJudge } from './credential-judge.ts';
import type { PemFile } from './credential-judge.ts';
import type { PolicyDirectory } from '../source/policy-directory.ts';
import type { Findings } from '../issues/issue.ts';
import type { PemTrouble } from './pem-trouble.ts';
import { checkStrength, dnsNamesOf, readCertificates, readPrivateKey } from './pem.ts';
import type { CertificateSource, TlsClientCredentials } from '../snapshot/snapshot.ts';
import type { MapNode, Path, SourceNode } from '../source/source.ts';
import { childOf, nodeAt, textOf } from '../source/source.ts';

/**
 * Reads the certificates and keys that a policy names and has them judged: what the gateway will need is in
 * the snapshot, or the set is refused (R-54: a missing file never means "off").
 */
export class Material {
  readonly #root: MapNode;
  readonly #directory: PolicyDirectory;
  readonly #replaced: ReadonlyMap<SourceNode, string>;
  readonly #judge: CredentialJudge;

  constructor(context: {
    readonly root: MapNode;
    readonly directory: PolicyDirectory;
    readonly replaced: ReadonlyMap<SourceNode, string>;
    readonly findings: Findings;
    readonly nowMs: number;
  }) {
    this.#root = context.root;
    this.#directory = context.directory;
    this.#replaced = context.replaced;
    this.#judge = new CredentialJudge(context);
  }

  /** When each certificate that was read can be used, by its place in the policy. */
  get terms(): readonly CertificateTerm[] {
    return this.#judge.terms;
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
    if (isFolder && !(await this.#isFolder(folder, path))) return undefined;
    const certPem = await this.read(certFile, certPath);
    const keyPem = await this.read(keyFile, keyPath);
    if (certPem === undefined || keyPem === undefined) return undefined;
    const pair = this.#judge.pair(
      { pem: certPem, file: certFile, path: certPath },
      { pem: keyPem, file: keyFile, path: keyPath },
      (leaf) => [
        checkStrength(leaf),
        options.needsName ? withoutName(dnsNamesOf(leaf)) : undefined,
      ],
    );
    if (pair === undefined) return undefined;
    const names = dnsNamesOf(pair.chain[0]!);
    return { certFile, keyFile, certPem, keyPem: new Secret(keyPem), names };
  }

  /** `{ ca, cert, key, serverName }` of a client; undefined when something was reported. */
  async clientCredentials(path: Path): Promise<TlsClientCredentials | undefined> {
    const caPem = await this.authorities([...path, 'ca']);
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
      return { caPem, certPem: undefined, keyPem: undefined, serverName };
    }
    const pair = await this.#clientPair(path, certFile, keyFile);
    return pair === undefined ? undefined : { caPem, ...pair, serverName };
  }

  /** Whether certificate and key in memory are fit for a router; complains at `path`. */
  checkCredentials(credentials: TlsClientCredentials, what: string, path: Path): boolean {
    const inside = (pem: string | undefined, key: string): PemFile => {
      return { pem: pem ?? '', file: `${what}: ${key}`, path };
    };
    const isTrusting = this.#judge.trust(inside(credentials.caPem, 'ca.crt'));
    const certificate = inside(credentials.certPem, 'tls.crt');
    const pair = this.#judge.pair(certificate, inside(credentials.keyPem?.reveal(), 'tls.key'));
    return isTrusting && pair !== undefined;
  }

  /** The files of a plugin, by what they hold: read and judged here, used by the plugin. */
  async checkPluginFiles(files: PluginFiles): Promise<void> {
    const { authorities, certificate, privateKey } = files;
    const ca = authorities && (await this.#pluginFile(authorities));
    if (ca !== undefined) this.#judge.trust(ca);
    const cert = certificate && (await this.#pluginFile(certificate));
    const key = privateKey && (await this.#pluginFile(privateKey));
    if (cert !== undefined && key !== undefined) this.#judge.pair(cert, key);
    else if (cert !== undefined) this.#judge.take(readCertificates(cert.pem), cert);
    else if (key !== undefined) this.#judge.take(readPrivateKey(key.pem), key);
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
    const text = await this.#directory.readMaterial(file);
    if (text.kind === 'text') return text.text;
    this.report(path, { code: 'E204', reason: text.reason }, this.#directory.shown(file));
    return undefined;
  }

  report(path: Path, trouble: PemTrouble, subject: string, hint?: string): void {
    this.#judge.report(path, trouble, subject, hint);
  }

  /** Undefined when none are written, or when something was reported. */
  async authorities(path: Path): Promise<string | undefined> {
    const file = this.textAt(path);
    if (file === undefined) return undefined;
    const pem = await this.read(file, path);
    if (pem === undefined) return undefined;
    return this.#judge.trust({ pem, file, path }) ? pem : undefined;
  }

  async #clientPair(path: Path, certFile: string, keyFile: string) {
    const certPath = [...path, 'cert'];
    const keyPath = [...path, 'key'];
    const certPem = await this.read(certFile, certPath);
    const keyPem = await this.read(keyFile, keyPath);
    if (certPem === undefined || keyPem === undefined) return undefined;
    const pair = this.#judge.pair(
      { pem: certPem, file: certFile, path: certPath },
      { pem: keyPem, file: keyFile, path: keyPath },
    );
    return pair === undefined ? undefined : { certPem, keyPem: new Secret(keyPem) };
  }

  async #pluginFile({ path, file }: PluginFile): Promise<PemFile | undefined> {
    const text = await this.#directory.readMaterial(file);
    if (text.kind === 'text') return { pem: text.text, file, path };
    this.report(path, { code: 'E204', reason: text.reason }, this.#directory.shown(file));
    return undefined;
  }

  async #isFolder(folder: string, path: Path): Promise<boolean> {
    if ((await this.#directory.list(folder)) !== undefined) return true;
    const found = await this.#directory.read(folder);
    const reason =
      found.kind === 'text' ? 'is a file, wanted a folder with tls.crt and tls.key' : found.reason;
    this.report(path, { code: 'E204', reason }, this.#directory.shown(folder));
    return false;
  }
}

/** One file that a plugin names in its options. */
export interface PluginFile {
  readonly path: Path;
  /** Absolute. */
  readonly file: string;
}

export interface PluginFiles {
  readonly authorities?: PluginFile | undefined;
  readonly certificate?: PluginFile | undefined;
  readonly privateKey?: PluginFile | undefined;
}

function withoutName(names: readonly string[]): PemTrouble | undefined {
  if (names.length > 0) return undefined;
  return {
    code: 'E208',
    reason: 'names no DNS name in its subjectAltName, so no client could get it',
  };
}
