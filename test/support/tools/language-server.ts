import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  StreamMessageReader,
  StreamMessageWriter,
  createMessageConnection,
} from 'vscode-jsonrpc/node';
import type { MessageConnection } from 'vscode-jsonrpc/node';

const ROOT = join(import.meta.dirname, '../../..');
const PROGRAM = join(ROOT, 'node_modules/yaml-language-server/bin/yaml-language-server');

/** What editors ask it for their users. Nothing is fetched: a schema is what the file names. */
const SETTINGS: Readonly<Record<string, unknown>> = {
  yaml: {
    validate: true,
    hover: true,
    completion: true,
    schemaStore: { enable: false },
    schemas: {},
  },
};

export interface Diagnostic {
  readonly message: string;
  readonly range: { readonly start: Place };
}

export interface Place {
  readonly line: number;
  readonly character: number;
}

/**
 * yaml-language-server as editors run it: a process of its own, over its standard streams (LSP 3.17). Dispose ends it.
 */
export class LanguageServer implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #connection: MessageConnection;
  readonly #diagnostics = new Map<string, PromiseWithResolvers<readonly Diagnostic[]>>();
  #opened = 0;

  static async start(): Promise<LanguageServer> {
    const server = new LanguageServer();
    const rootUri = pathToFileURL(ROOT).href;
    const capabilities = { workspace: { configuration: true }, textDocument: {} };
    const { processId } = { processId: process.pid };
    await server.#ask('initialize', { processId, rootUri, capabilities });
    await server.#connection.sendNotification('initialized', {});
    return server;
  }

  private constructor() {
    this.#process = spawn(process.execPath, [PROGRAM, '--stdio'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const { stdout, stdin } = this.#process;
    const [reader, writer] = [new StreamMessageReader(stdout!), new StreamMessageWriter(stdin!)];
    this.#connection = createMessageConnection(reader, writer);
    this.#connection.onRequest('workspace/configuration', ({ items }: ConfigurationQuestion) =>
      items.map(({ section = '' }) => SETTINGS[section] ?? null),
    );
    this.#connection.onRequest('client/registerCapability', () => null);
    this.#connection.onNotification('textDocument/publishDiagnostics', (told: Published) =>
      this.#diagnosticsOf(told.uri).resolve(told.diagnostics),
    );
    this.#connection.listen();
  }

  /**
   * Opens a text as if it were in the folder of a file (what the file itself has is not read), and resolves with the
   * address of the document and the first diagnostics of it.
   */
  async open(
    beside: string,
    text: string,
  ): Promise<{ readonly uri: string; readonly diagnostics: readonly Diagnostic[] }> {
    this.#opened += 1;
    const uri = new URL(`opened-${this.#opened}.yaml`, pathToFileURL(beside)).href;
    const textDocument = { uri, languageId: 'yaml', version: 1, text };
    const { promise } = this.#diagnosticsOf(uri);
    await this.#connection.sendNotification('textDocument/didOpen', { textDocument });
    return { uri, diagnostics: await bounded('its diagnostics', promise) };
  }

  /** Labels of what the editor would offer there. */
  async complete(uri: string, position: Place): Promise<readonly string[]> {
    const params = { textDocument: { uri }, position };
    const { items } = await this.#ask<{ items: { label: string }[] }>(
      'textDocument/completion',
      params,
    );
    return items.map(({ label }) => label);
  }

  /** Markdown that the editor would show there; undefined: nothing. */
  async hover(uri: string, position: Place): Promise<string | undefined> {
    const params = { textDocument: { uri }, position };
    const shown = await this.#ask<{ contents: { value: string } } | null>(
      'textDocument/hover',
      params,
    );
    return shown?.contents.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, 'close');
    await this.#ask('shutdown').catch(() => undefined);
    await this.#connection.sendNotification('exit').catch(() => undefined);
    await bounded('its end', ended).catch(() => this.#process.kill('SIGKILL'));
    await ended;
    this.#connection.dispose();
  }

  #ask<T>(method: string, params?: object): Promise<T> {
    const answer = params
      ? this.#connection.sendRequest<T>(method, params)
      : this.#connection.sendRequest<T>(method);
    return bounded(method, answer);
  }

  #diagnosticsOf(uri: string): PromiseWithResolvers<readonly Diagnostic[]> {
    const known = this.#diagnostics.get(uri) ?? Promise.withResolvers();
    this.#diagnostics.set(uri, known);
    return known;
  }
}

interface ConfigurationQuestion {
  readonly items: readonly { readonly section?: string }[];
}

interface Published {
  readonly uri: string;
  readonly diagnostics: readonly Diagnostic[];
}

const LIMIT_MS = 20_000;

/** So that a server that hangs fails its test, and ends with it. */
async function bounded<T>(what: string, answer: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = new Error(`yaml-language-server: waited ${LIMIT_MS} ms in vain for ${what}`);
  const timer = setTimeout(() => reject(late), LIMIT_MS);
  return Promise.race([answer, promise]).finally(() => clearTimeout(timer));
}
