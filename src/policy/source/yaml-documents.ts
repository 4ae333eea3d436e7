import { Composer, Lexer, Parser } from 'yaml';
import type { Document } from 'yaml';

/** Of one file; R-47. A policy nests ten deep at most. */
export const MAX_DEPTH = 64;
export const MAX_NODES = 100_000;
/** Words, signs, spaces and line ends; a policy of a thousand routes has about 100 000. */
const MAX_TOKENS = 400_000;
/** Faults of one file that are looked for; nobody reads more, and rubbish has one at each character. */
export const MAX_FAULTS = 100;
export const TOO_DEEP = `values nest more than ${MAX_DEPTH} deep`;
export const TOO_MANY = `the file is too large: more than ${MAX_NODES} values, or ${MAX_TOKENS} words and signs`;
/** What the library holds above the collections themselves: the document and the scalar at work. */
const STACK_BESIDES = 2;

export interface Documents {
  /** At most two: a policy file is one, and the second is only told. */
  readonly documents: readonly Document.Parsed[];
  /** Why reading stopped, and where; what comes behind was not looked at. */
  readonly stopped: Stop | undefined;
}

interface Stop {
  readonly code: 'E001' | 'E006';
  readonly reason: string;
  readonly offset: number;
}

/**
 * Reads YAML 1.2 core, and stops where it nests too deep or goes on too long: the library makes a tree of
 * whatever it gets, by recursion, and a mebibyte of "[" would cost it seconds and a gigabyte.
 */
export function readDocuments(text: string): Documents {
  const bounds = new Bounds();
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    intAsBigInt: true,
    prettyErrors: false,
    logLevel: 'silent',
    // It compares each key with all before it; `Converter` asks a Map.
    uniqueKeys: false,
  });
  const documents: Document.Parsed[] = [];
  const { stackTraceLimit } = Error;
  // The library makes an Error of each fault: with a stack each, rubbish would cost ten times as much.
  Error.stackTraceLimit = 0;
  try {
    for (const document of composer.compose(bounds.tokens(text), false, text.length)) {
      documents.push(document);
      if (documents.length === 2) break;
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return { documents, stopped: bounds.stopped };
}

class Bounds {
  stopped: Stop | undefined;

  *tokens(text: string) {
    const parser = new Parser();
    let count = 0;
    let faults = 0;
    for (const lexeme of new Lexer().lex(text)) {
      for (const token of parser.next(lexeme)) {
        if (token.type === 'error' || token.type === 'directive') faults += 1;
        yield token;
      }
      count += 1;
      if (faults > MAX_FAULTS) {
        return this.#stop(
          'E001',
          `not well-formed YAML: more than ${MAX_FAULTS} faults`,
          parser.offset,
        );
      }
      if (parser.stack.length > MAX_DEPTH + STACK_BESIDES) {
        return this.#stop('E006', TOO_DEEP, parser.offset);
      }
      if (count > MAX_TOKENS) {
        return this.#stop('E006', TOO_MANY, parser.offset);
      }
    }
    yield* parser.end();
  }

  #stop(code: Stop['code'], reason: string, offset: number): void {
    this.stopped = { code, reason, offset };
  }
}
